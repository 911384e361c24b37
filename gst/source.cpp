#include "source.h"

#include <gst/pbutils/codec-utils.h>
#include <gst/pbutils/descriptions.h>

#include <chrono>

#include "base/ascii.h"
#include "rtp/timeline.h"
#include "stats.h"

namespace retina::gst {
namespace {

/// Of on_frame(): the frame can't go downstream; take the next one.
constexpr GstFlowReturn kFrameDropped = GST_FLOW_CUSTOM_SUCCESS;

/// An hour: nobody waits longer for a pipeline to stop.
constexpr std::uint64_t kLongestTeardownNs = 3600 * GST_SECOND;

/// The lower the better; nullopt: not asked for.
std::optional<int> rank_of(sdp::MediaKind kind, MediaChoice wanted) {
  switch (kind) {
    case sdp::MediaKind::kVideo:
    case sdp::MediaKind::kImage:  // JPEG, for some
      if (wanted == MediaChoice::kAny || wanted == MediaChoice::kVideo) return 0;
      break;
    case sdp::MediaKind::kAudio:
      if (wanted == MediaChoice::kAny || wanted == MediaChoice::kAudio) return 1;
      break;
    case sdp::MediaKind::kApplication:
      if (wanted == MediaChoice::kAny || wanted == MediaChoice::kApplication) return 2;
      break;
    default:
      if (wanted == MediaChoice::kAny) return 3;
      break;
  }
  return std::nullopt;
}

const char* codec_tag(const sdp::Media& media) {
  if (media.kind == sdp::MediaKind::kVideo || media.kind == sdp::MediaKind::kImage)
    return GST_TAG_VIDEO_CODEC;
  return media.kind == sdp::MediaKind::kAudio ? GST_TAG_AUDIO_CODEC : nullptr;
}

}  // namespace

Source::Source(GstPushSrc* element)
    : element_(element), log_(GST_ELEMENT(element)), signals_(GST_ELEMENT(element)) {
  gst_base_src_set_live(GST_BASE_SRC(element), TRUE);
  gst_base_src_set_format(GST_BASE_SRC(element), GST_FORMAT_TIME);
}

// --- life ---

gboolean Source::start() {
  used_ = settings();
  client::Options options = used_.client_options();
  options.hooks = signals_.hooks();
  auto created = client::Client::create(std::move(options), log_, clock_, connector_);
  if (!created) {
    post_failure(element(), created.error());
    return FALSE;
  }
  *client_.lock() = std::move(created).value();
  signals_.open(client());
  media_.reset();
  format_.reset();
  parameters_.reset();
  timestamps_.reset();
  opening_ = caps_set_ = tags_pushed_ = discontinuity_ = waiting_noted_ = false;
  last_flow_ = GST_FLOW_OK;
  return TRUE;
}

gboolean Source::stop() {
  post_progress(element(), GST_PROGRESS_TYPE_START, "close", "Closing the session");
  if (opening_) post_progress(element(), GST_PROGRESS_TYPE_CANCELED, "open", "Stopped while opening");
  opening_ = false;
  signals_.close();
  if (const auto running = client()) {
    running->close(std::chrono::nanoseconds(std::min(used_.teardown_timeout_ns, kLongestTeardownNs)));
  }
  post_progress(element(), GST_PROGRESS_TYPE_COMPLETE, "close", "Closed the session");
  return TRUE;
}

gboolean Source::unlock() {
  if (const auto running = client()) running->interrupt();
  return TRUE;
}

gboolean Source::unlock_stop() {
  if (const auto running = client()) running->resume();
  return TRUE;
}

// --- streaming ---

GstFlowReturn Source::create(GstBuffer** buffer) {
  if (last_flow_ != GST_FLOW_OK) return last_flow_;
  const auto running = client();
  if (caps_set_ && !tags_pushed_) push_tags();
  for (;;) {
    auto event = running->next();
    if (!event) return GST_FLOW_FLUSHING;
    if (auto* ready = std::get_if<client::FrameReady>(&*event)) {
      const GstFlowReturn flow = on_frame(*ready, buffer);
      if (flow != kFrameDropped) return flow;
    } else if (auto* ended = std::get_if<client::Ended>(&*event)) {
      return on_ended(*ended);
    } else if (auto* response = std::get_if<client::UserResponse>(&*event)) {
      signals_.on_response(*response);
    } else if (auto* note = std::get_if<client::Note>(&*event)) {
      post_note(element(), note->text);
    } else if (auto* requesting = std::get_if<client::Requesting>(&*event)) {
      on_requesting(*requesting);
    } else if (std::holds_alternative<client::ConnectionNeeded>(*event)) {
      if (!std::exchange(opening_, true))
        post_progress(element(), GST_PROGRESS_TYPE_START, "open", "Opening the session");
      post_progress(element(), GST_PROGRESS_TYPE_CONTINUE, "connect", "Connecting");
    } else if (std::holds_alternative<client::Described>(*event)) {
      if (!on_described()) return last_flow_;
    } else if (std::holds_alternative<client::Playing>(*event)) {
      post_progress(element(), GST_PROGRESS_TYPE_COMPLETE, "request", "Playing");
      post_progress(element(), GST_PROGRESS_TYPE_COMPLETE, "open", "Opened the session");
      opening_ = false;
    }
  }
}

void Source::on_requesting(const client::Requesting& event) {
  const auto type = event.what == "OPTIONS" ? GST_PROGRESS_TYPE_START : GST_PROGRESS_TYPE_CONTINUE;
  post_progress(element(), type, "request", "Sending " + event.what);
}

GstFlowReturn Source::fail(const client::Failure& failure) {
  signals_.close();
  if (std::exchange(opening_, false)) post_progress(element(), GST_PROGRESS_TYPE_ERROR, "open", failure.text);
  post_failure(element(), failure);
  return last_flow_ = GST_FLOW_ERROR;
}

GstFlowReturn Source::on_ended(const client::Ended& event) {
  if (event.failure) return fail(*event.failure);
  signals_.close();
  return last_flow_ = GST_FLOW_EOS;
}

std::optional<std::size_t> Source::choose_media(const sdp::Description& description) {
  const auto rank = [this](const sdp::Media& media, std::size_t index) -> std::optional<int> {
    if (used_.stream_index >= 0) {
      return index == static_cast<std::size_t>(used_.stream_index) ? std::optional(0) : std::nullopt;
    }
    return rank_of(media.kind, used_.media);
  };
  std::string offered;
  std::optional<std::size_t> chosen;
  int best = 0;
  for (std::size_t i = 0; i < description.media.size(); ++i) {
    const sdp::Media& media = description.media[i];
    const std::string why_not = client::obstacle(media);
    const auto ranked = rank(media, i);
    if (ranked && why_not.empty() && (!chosen || *ranked < best)) {
      chosen = i;
      best = *ranked;
    }
    offered += " " + std::to_string(i) + ": " +
               base::printable(media.kind_text + " " + media.encoding_name, 60) +
               (why_not.empty() ? "" : " (" + why_not + ")") + ";";
  }
  if (!chosen) {
    fail({client::Failure::Kind::kNotFound,
          "The camera has no stream as asked for (media, stream-index). It offers:" + offered, 0, ""});
  }
  return chosen;
}

bool Source::on_described() {
  const auto running = client();
  const auto index = choose_media(running->description());
  if (!index) return false;
  media_ = running->description().media[*index];

  const CapsRef peer(gst_pad_peer_query_caps(pad(), nullptr));
  format_ = negotiate_format(*media_, running->description().attributes, peer.get());
  if (!format_) {
    GST_ELEMENT_ERROR(element_, STREAM, WRONG_TYPE,
                      ("The element after this one takes neither %s nor RTP packets.",
                       base::printable(media_->encoding_name, 40).c_str()),
                      ("peer caps %" GST_PTR_FORMAT, static_cast<void*>(peer.get())));
    last_flow_ = GST_FLOW_NOT_NEGOTIATED;
    return false;
  }
  timestamps_.emplace(media_->clock_rate_hz);
  client::Choice choice;
  choice.media_index = *index;
  choice.format = format_->frame_format(used_.parameter_sets);
  choice.format.pass_incomplete = used_.pass_incomplete;
  choice.wait_for_keyframe = used_.wait_for_keyframe;
  choice.allocator = &pool_;
  running->choose({choice});
  return true;
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
  // Asking the clock costs more than all the rest of this function: only where a mapping begins.
  const GstClockTime base_time = gst_element_get_base_time(element());
  const bool needs_arrival = ready.clock_jumped || !timestamps_->continues(base_time);
  const GstClockTime arrival = needs_arrival ? running_time_of(frame.arrival) : 0;
  const std::size_t size = frame.size_bytes;
  GstBuffer* made = FramePool::wrap(frame.memory.take(), size);
  GST_BUFFER_PTS(made) = timestamps_->place(frame.timestamp, ready.clock_jumped, arrival, base_time);
  GST_BUFFER_DURATION(made) =
      frame.duration > 0
          ? static_cast<GstClockTime>(rtp::to_duration(frame.duration, media_->clock_rate_hz).count())
          : frame_duration_;
  GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_MARKER);
  if (!frame.key_frame) GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_DELTA_UNIT);
  if (frame.disposable) GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_DROPPABLE);
  if (frame.corrupted) GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_CORRUPTED);
  if (std::exchange(discontinuity_, false) || frame.discontinuity)
    GST_BUFFER_FLAG_SET(made, GST_BUFFER_FLAG_DISCONT);
  *buffer = made;
  return GST_FLOW_OK;
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
  // A muxer needs the duration of the last frame, which no other one follows.
  gint numerator = 0;
  gint denominator = 0;
  const bool has_rate = gst_structure_get_fraction(gst_caps_get_structure(caps.get(), 0), "framerate",
                                                   &numerator, &denominator) &&
                        numerator > 0;
  frame_duration_ =
      has_rate ? gst_util_uint64_scale_int(GST_SECOND, denominator, numerator) : GST_CLOCK_TIME_NONE;
  return GST_FLOW_OK;
}

void Source::push_tags() {
  tags_pushed_ = true;
  const sdp::Description& description = client()->description();
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
  add_text(GST_TAG_TITLE, description.session_name);
  add_text(GST_TAG_APPLICATION_NAME, description.tool);
  gst_pad_push_event(pad(), gst_event_new_tag(tags));
}

GstClockTime Source::running_time_of(base::TimePoint arrival) {
  const ClockRef clock(gst_element_get_clock(element()));
  if (!clock) return 0;
  const GstClockTime now = gst_clock_get_time(clock.get());
  const GstClockTime base_time = gst_element_get_base_time(element());
  const auto age = static_cast<GstClockTime>(std::max<std::int64_t>((clock_.now() - arrival).count(), 0));
  return now > base_time + age ? now - base_time - age : 0;
}

// --- queries and properties ---

GstCaps* Source::get_caps(GstCaps* filter) {
  // Before the session is open this decides which pad of a muxer is asked for.
  const Settings now = settings();
  CapsRef caps = stream_caps(now.stream_index >= 0 ? std::nullopt : std::optional(now.media));
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

void Source::set_property(guint id, const GValue* value, GParamSpec* spec) {
  const Settings before = settings();
  if (!gst::set_property(*settings_.lock(), id, value)) G_OBJECT_WARN_INVALID_PROPERTY_ID(element_, id, spec);
  if (settings().latency_ms != before.latency_ms) {
    gst_element_post_message(element(), gst_message_new_latency(GST_OBJECT(element_)));
  }
}

void Source::get_property(guint id, GValue* value, GParamSpec* spec) {
  if (id == stats_property_id()) {
    const auto latest = client();
    static const client::Statistics nothing;
    g_value_take_boxed(value, stats_structure(latest ? latest->statistics() : nothing));
  } else if (!gst::get_property(settings(), id, value)) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(element_, id, spec);
  }
}

}  // namespace retina::gst
