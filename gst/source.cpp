#include "source.h"

#include <gst/pbutils/codec-utils.h>
#include <gst/pbutils/descriptions.h>
#include <gst/video/video-event.h>

#include "base/ascii.h"
#include "media_choice.h"
#include "reorder_depth.h"
#include "rtp/timeline.h"

namespace retina::gst {
namespace {

/// Of on_frame(): the frame can't go downstream; take the next one.
constexpr GstFlowReturn kFrameDropped = GST_FLOW_CUSTOM_SUCCESS;

bool is_video(const sdp::Media& media) {
  return media.kind == sdp::MediaKind::kVideo || media.kind == sdp::MediaKind::kImage;
}

const char* codec_tag(const sdp::Media& media) {
  if (is_video(media)) return GST_TAG_VIDEO_CODEC;
  return media.kind == sdp::MediaKind::kAudio ? GST_TAG_AUDIO_CODEC : nullptr;
}

}  // namespace

Source::Source(GstPushSrc* element) : element_(element), signals_(GST_ELEMENT(element)) {
  gst_base_src_set_live(GST_BASE_SRC(element), TRUE);
  gst_base_src_set_format(GST_BASE_SRC(element), GST_FORMAT_TIME);
}

// --- life ---

gboolean Source::start() {
  reset();
  if (shared_) return TRUE;
  const auto camera = std::make_shared<Camera>(element(), signals_, *this);
  if (!camera->open(settings())) return FALSE;
  *camera_.lock() = camera;
  return TRUE;
}

void Source::reset() {
  parameters_.reset();
  caps_set_ = tags_pushed_ = discontinuity_ = waiting_noted_ = false;
  last_flow_ = GST_FLOW_OK;
  latest_time_ = latest_interval_ = GST_CLOCK_TIME_NONE;
  progress_.reset();
  ending_ = false;
  if (shared_) return;  // join() and negotiate_stream() have been there
  timestamps_.reset();
  media_.reset();
  format_.reset();
}

gboolean Source::stop() {
  over_ = false;
  if (!shared_) camera()->close();
  return TRUE;
}

gboolean Source::unlock() {
  if (const auto running = camera()) running->interrupt(number_);
  return TRUE;
}

gboolean Source::unlock_stop() {
  if (const auto running = camera()) running->resume(number_);
  return TRUE;
}

GstStateChangeReturn Source::change_state(GstStateChange transition) {
  const auto running = shared_ ? nullptr : camera();
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING && running) running->play();
  const auto result = parent_class()->change_state(element(), transition);
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED && running) running->pause();
  return result;
}

gboolean Source::send_event(GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_EOS) return parent_class()->send_event(element(), event);
  gst_event_unref(event);
  if (GST_STATE(element()) < GST_STATE_PAUSED) return FALSE;
  end();
  return TRUE;
}

void Source::join(std::shared_ptr<Camera> camera, std::size_t number, std::size_t media_index) {
  description_ = camera->description();
  media_ = description_.media[media_index];
  *settings_.lock() = camera->settings();
  *camera_.lock() = std::move(camera);
  number_ = number;
  shared_ = true;
}

void Source::set_collection(GstStreamCollection* collection) {
  collection_.lock()->reset(GST_STREAM_COLLECTION(gst_object_ref(collection)));
  collection_pending_ = true;
}

void Source::set_latency(std::uint32_t latency_ms) {
  settings_.lock()->latency_ms = latency_ms;
}

void Source::end_at(std::shared_ptr<CommonEnd> end) {
  *end_.lock() = std::move(end);
  ending_ = true;
}

void Source::end() {
  over_ = true;
  unlock();
}

// --- the stream ---

std::vector<client::Choice> Source::choose(const sdp::Description& description) {
  const auto index = best_stream(description, camera()->settings());
  if (!index) {
    camera()->refuse(no_such_stream(description));
    return {};
  }
  description_ = description;
  media_ = description.media[*index];
  const auto choice = negotiate_stream(description, *index);
  return choice ? std::vector{*choice} : std::vector<client::Choice>();
}

std::optional<client::Choice> Source::negotiate_stream(const sdp::Description& description,
                                                       std::size_t media_index) {
  const CapsRef peer(gst_pad_peer_query_caps(pad(), nullptr));
  format_ = negotiate_format(*media_, description.attributes, peer.get());
  if (!format_) {
    GST_ELEMENT_ERROR(element_, STREAM, WRONG_TYPE,
                      ("The element after this one takes neither %s nor RTP packets.",
                       base::printable(media_->encoding_name, 40).c_str()),
                      ("peer caps %" GST_PTR_FORMAT, static_cast<void*>(peer.get())));
    return std::nullopt;
  }
  // The camera may be another one after an outage.
  caps_set_ = tags_pushed_ = false;
  const auto running = camera();
  const Settings& used = running->settings();
  if (timestamps_) {
    timestamps_->set_clock_rate(media_->clock_rate_hz);  // once more, after a redirect or an outage
  } else {
    timestamps_.emplace(used.timestamp_mode, media_->clock_rate_hz);
  }
  add_reference_times_ = used.add_reference_timestamp_meta;
  client::Choice choice;
  choice.media_index = media_index;
  choice.format = format_->frame_format(used.parameter_sets);
  choice.format.pass_incomplete = used.pass_incomplete;
  choice.wait_for_keyframe = used.wait_for_keyframe;
  choice.allocator = &running->pool();
  return choice;
}

// --- streaming ---

GstFlowReturn Source::create(GstBuffer** buffer) {
  if (last_flow_ != GST_FLOW_OK) return last_flow_;
  if (over_) return stopped(GST_FLOW_EOS);
  const auto running = camera();
  if (caps_set_ && !tags_pushed_) push_tags();
  if (caps_set_ && collection_pending_.load(std::memory_order_relaxed)) push_collection();
  if (const GstFlowReturn flow = shared_ ? GST_FLOW_OK : running->describe(); flow != GST_FLOW_OK)
    return stopped(flow);
  for (;;) {
    client::FrameReady ready;
    GstFlowReturn flow = running->next(number_, ready);
    if (flow != GST_FLOW_OK) return stopped(flow);
    flow = on_frame(ready, buffer);
    if (flow == GST_FLOW_OK) return pass(buffer);
    if (flow != kFrameDropped) return flow;
  }
}

/// Unless it has ended before.
GstFlowReturn Source::pass(GstBuffer** buffer) {
  const GstClockTime pts = GST_BUFFER_PTS(*buffer);
  const GstClockTime duration = GST_BUFFER_DURATION(*buffer);
  if (ending_.load(std::memory_order_relaxed)) {
    const auto end = *end_.lock();
    if (end->ends_before(progress_, pts, duration)) {
      gst_clear_buffer(buffer);
      return stopped(GST_FLOW_EOS);
    }
  }
  progress_.on_frame(pts, duration);
  return GST_FLOW_OK;
}

GstFlowReturn Source::stopped(GstFlowReturn flow) {
  if (flow == GST_FLOW_FLUSHING && over_) flow = GST_FLOW_EOS;
  if (flow == GST_FLOW_FLUSHING) return flow;
  if (ending_) (*end_.lock())->on_end(progress_);
  // Of a session that several share, the error is posted once, by the one that they belong to.
  return last_flow_ = shared_ ? GST_FLOW_EOS : flow;
}

GstFlowReturn Source::on_frame(client::FrameReady& ready, GstBuffer** buffer) {
  codec::Frame& frame = ready.frame;
  if (frame.parameters) {
    parameters_ = frame.parameters;
    caps_set_ = false;
  }
  if (!caps_set_) {
    const GstFlowReturn flow = set_caps();
    if (flow != GST_FLOW_OK) {
      discontinuity_ = true;
      return flow;
    }
  }
  const std::size_t size = frame.size_bytes;
  GstBuffer* made = FramePool::wrap(frame.memory.take(), size);
  stamp(ready, made);
  GST_BUFFER_DURATION(made) = duration_of(frame, made);
  GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_MARKER);
  if (!frame.key_frame) GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_DELTA_UNIT);
  if (frame.disposable) GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_DROPPABLE);
  if (frame.corrupted) GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_CORRUPTED);
  if (std::exchange(discontinuity_, false) || frame.discontinuity)
    GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_DISCONT);
  *buffer = made;
  return GST_FLOW_OK;
}

/// A muxer needs it for the last frame, which no other one follows, and a demuxer leaves out what has none.
/// Video whose frame rate isn't known is given what was between the latest two frames.
GstClockTime Source::duration_of(const codec::Frame& frame, const GstBuffer* made) {
  if (frame.duration > 0)
    return static_cast<GstClockTime>(rtp::to_duration(frame.duration, media_->clock_rate_hz).count());
  if (GST_CLOCK_TIME_IS_VALID(frame_duration_) || !is_video(*media_)) return frame_duration_;
  const GstClockTime time = GST_BUFFER_DTS_OR_PTS(made);
  if (GST_CLOCK_TIME_IS_VALID(latest_time_) && time > latest_time_ && !frame.discontinuity)
    latest_interval_ = time - latest_time_;
  latest_time_ = time;
  return latest_interval_;
}

void Source::stamp(client::FrameReady& ready, GstBuffer* buffer) {
  const codec::Frame& frame = ready.frame;
  // Asking the clock costs more than all the rest of this: seldom.
  const GstClockTime base_time = gst_element_get_base_time(element());
  if (timestamps_->needs_clock(frame.arrival, base_time)) look_at_clock(frame.arrival, base_time);
  const Timestamps::Stamp stamp = timestamps_->place(frame.timestamp, ready.times, frame.arrival);
  GST_BUFFER_PTS(buffer) = stamp.pts;
  GST_BUFFER_DTS(buffer) = stamp.dts;
  if (add_reference_times_) reference_times_.add_to(buffer, ready.times.wall, frame.arrival);
  clock_statistics_.set(ready.drift, ready.jitter);
}

GstFlowReturn Source::set_caps() {
  const CapsRef caps = format_->caps(parameters_.get());
  if (!caps) {
    if (!std::exchange(waiting_noted_, true)) {
      post_note(
          element(),
          "The parameters of the stream (SPS and PPS, say) are neither in the SDP nor yet in the stream; "
          "frames wait for them.");
    }
    return kFrameDropped;
  }
  if (!gst_base_src_set_caps(GST_BASE_SRC(element_), caps.get())) {
    // Flushing passes; a refusal doesn't.
    if (GST_PAD_IS_FLUSHING(pad())) return GST_FLOW_FLUSHING;
    return last_flow_ = GST_FLOW_NOT_NEGOTIATED;
  }
  caps_set_ = true;
  gint numerator = 0;
  gint denominator = 0;
  const bool has_rate = gst_structure_get_fraction(gst_caps_get_structure(caps.get(), 0), "framerate",
                                                   &numerator, &denominator) &&
                        numerator > 0;
  frame_duration_ =
      has_rate ? gst_util_uint64_scale_int(GST_SECOND, denominator, numerator) : GST_CLOCK_TIME_NONE;
  expect_reordering();
  push_collection();
  return GST_FLOW_OK;
}

/// Before the first buffer: decodebin3 links a stream once it knows which others there are, and not sooner.
void Source::push_collection() {
  if (!collection_pending_.exchange(false)) return;
  CollectionRef collection;
  collection.reset(GST_STREAM_COLLECTION(gst_object_ref(collection_.lock()->get())));
  gst_pad_push_event(pad(), gst_event_new_stream_collection(collection.get()));
}

void Source::push_tags() {
  tags_pushed_ = true;
  GstTagList* tags = gst_tag_list_new_empty();
  const CapsRef caps(gst_pad_get_current_caps(pad()));
  if (caps && codec_tag(*media_) != nullptr)
    gst_pb_utils_add_codec_description_to_tag_list(tags, codec_tag(*media_), caps.get());
  if (media_->bandwidth_kbps && *media_->bandwidth_kbps > 0) {
    gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, GST_TAG_NOMINAL_BITRATE, *media_->bandwidth_kbps * 1000U,
                     nullptr);
  }
  const auto add_text = [tags](const char* tag, const std::string& text) {
    if (text.empty() || text == "-" || !g_utf8_validate(text.c_str(), -1, nullptr)) return;
    if (base::may_hold_userinfo(text)) return;
    gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, tag, text.c_str(), nullptr);
  };
  add_text(GST_TAG_TITLE, description_.session_name);
  add_text(GST_TAG_APPLICATION_NAME, description_.tool);
  gst_pad_push_event(pad(), gst_event_new_tag(tags));
}

/// Pictures that are not decoded in the order in which they are shown need DTS.
void Source::expect_reordering() {
  const bool has_duration = GST_CLOCK_TIME_IS_VALID(frame_duration_);
  const GstClockTime interval = has_duration ? frame_duration_ : 40 * GST_MSECOND;
  timestamps_->expect_reordering(
      reorder_depth(*media_, parameters_.get()),
      static_cast<std::int64_t>(gst_util_uint64_scale(interval, media_->clock_rate_hz, GST_SECOND)));
}

void Source::look_at_clock(base::TimePoint arrival, GstClockTime base_time) {
  const ClockRef clock(gst_element_get_clock(element()));
  Timestamps::ClockReading reading;
  reading.clock = clock.get();
  reading.before = clock_.now();
  if (clock) reading.shown = gst_clock_get_time(clock.get());
  reading.after = clock_.now();
  timestamps_->on_clock(reading, arrival, base_time);
}

// --- queries and properties ---

GstCaps* Source::get_caps(GstCaps* filter) {
  // Before the session is open this decides which pad of a muxer is asked for.
  const Settings now = settings();
  CapsRef caps = shared_ ? offered_caps(*media_, description_.attributes)
                         : stream_caps(now.stream_index >= 0 ? std::nullopt : std::optional(now.media));
  if (filter == nullptr) return caps.release();
  return gst_caps_intersect_full(filter, caps.get(), GST_CAPS_INTERSECT_FIRST);
}

gboolean Source::query(GstQuery* query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY) {
    gst_query_set_latency(query, TRUE, settings().latency_ms * GST_MSECOND, GST_CLOCK_TIME_NONE);
    return TRUE;
  }
  return GST_BASE_SRC_CLASS(g_type_class_peek(GST_TYPE_PUSH_SRC))->query(GST_BASE_SRC(element_), query);
}

gboolean Source::event(GstEvent* event) {
  if (gst_video_event_is_force_key_unit(event)) {
    const auto running = camera();
    return running && running->request_key_frame(number_);
  }
  return GST_BASE_SRC_CLASS(g_type_class_peek(GST_TYPE_PUSH_SRC))->event(GST_BASE_SRC(element_), event);
}

void Source::set_property(guint id, const GValue* value, GParamSpec* spec) {
  const Settings before = settings();
  if (!gst::set_property(*settings_.lock(), id, value)) G_OBJECT_WARN_INVALID_PROPERTY_ID(element_, id, spec);
  if (settings().latency_ms != before.latency_ms) {
    gst_element_post_message(element(), gst_message_new_latency(GST_OBJECT(element_)));
  }
}

void Source::get_property(guint id, GValue* value, GParamSpec* spec) {
  if (id == stats_property_id()) {
    const auto latest = camera();
    static const client::Statistics nothing;
    GstStructure* stats = stats_structure(latest ? latest->statistics() : nothing);
    add_clock_statistics(stats, clock_statistics_);
    g_value_take_boxed(value, stats);
  } else if (!gst::get_property(settings(), id, value)) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(element_, id, spec);
  }
}

}  // namespace retina::gst
