#pragma once

#include <gst/base/gstpushsrc.h>

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "base/counter.h"
#include "base/guarded.h"
#include "camera.h"
#include "common_end.h"
#include "reference_times.h"
#include "settings.h"
#include "signals.h"
#include "stats.h"
#include "stream_format.h"
#include "timestamps.h"

namespace retina::gst {

/// The C++ body of a retinasrc: one stream, from a camera's frames to buffers. The camera is its own, or that
/// of a retinabin, which several share.
///
/// Threads: create() runs on the streaming thread; start(), stop(), unlock(), unlock_stop() are called by
/// GstBaseSrc around it; properties, queries and events come from any thread. Lock order: settings_ and
/// camera_ are leaves, never held together, never while calling into GStreamer.
class Source final : public Camera::Chooser {
 public:
  explicit Source(GstPushSrc* element);

  // GstBaseSrc's and GstElement's virtual functions.
  gboolean start();
  gboolean stop();
  gboolean unlock();
  gboolean unlock_stop();
  GstStateChangeReturn change_state(GstStateChange transition);
  gboolean send_event(GstEvent* event);
  gboolean query(GstQuery* query);
  gboolean event(GstEvent* event);
  gboolean is_seekable() { return FALSE; }
  GstCaps* get_caps(GstCaps* filter);
  gboolean negotiate() { return TRUE; }  // caps come with the first frame that tells them
  GstFlowReturn create(GstBuffer** buffer);

  void set_property(guint id, const GValue* value, GParamSpec* spec);
  void get_property(guint id, GValue* value, GParamSpec* spec);
  const ClockStatistics& clock_statistics() const { return clock_statistics_; }
  Settings settings() { return *settings_.lock(); }
  Signals& signals() { return signals_; }
  void set_location(const char* location) { settings_.lock()->location = location; }

  /// Makes it one of the sources of a retinabin, for good, before it is started: `number` is its stream's
  /// among the camera's choices, `media_index` the one in the description.
  void join(std::shared_ptr<Camera> camera, std::size_t number, std::size_t media_index);
  /// All streams that go with this one; told downstream. Any thread.
  void set_collection(GstStreamCollection* collection);
  void set_latency(std::uint32_t latency_ms);
  /// Where the stream is. Any thread.
  const Progress& progress() const { return progress_; }
  /// From now on the stream ends where that says. Any thread.
  void end_at(std::shared_ptr<CommonEnd> end);
  /// The stream ends now. Any thread; waits for nothing, while GstBaseSrc's own way of taking an EOS event
  /// waits for the streaming thread, which a sink that is paused may hold, and a state change waits for that.
  void end();
  /// The form of the frames that the element downstream takes. Nullopt: it takes none, which has been posted.
  std::optional<client::Choice> negotiate_stream(const sdp::Description& description,
                                                 std::size_t media_index);

 private:
  GstElement* element() const { return GST_ELEMENT(element_); }
  GstPad* pad() const { return GST_BASE_SRC_PAD(element_); }
  std::shared_ptr<Camera> camera() { return *camera_.lock(); }
  static GstElementClass* parent_class() { return GST_ELEMENT_CLASS(g_type_class_peek(GST_TYPE_PUSH_SRC)); }

  std::vector<client::Choice> choose(const sdp::Description& description) override;
  void reset();
  GstFlowReturn on_frame(client::FrameReady& ready, GstBuffer** buffer);
  GstFlowReturn set_caps();
  GstFlowReturn pass(GstBuffer** buffer);
  GstFlowReturn stopped(GstFlowReturn flow);
  void push_tags();
  void push_collection();
  void stamp(client::FrameReady& ready, GstBuffer* buffer);
  GstClockTime duration_of(const codec::Frame& frame, const GstBuffer* made);
  void expect_reordering();
  void look_at_clock(base::TimePoint arrival, GstClockTime base_time);

  GstPushSrc* element_;  // holds us
  base::Guarded<Settings> settings_;
  base::MonotonicClock clock_;
  ReferenceTimes reference_times_;
  ClockStatistics clock_statistics_;
  Signals signals_;
  /// Stays after stop(), for the statistics.
  base::Guarded<std::shared_ptr<Camera>> camera_;
  base::Guarded<CollectionRef> collection_;
  std::atomic<bool> collection_pending_ = false;
  Progress progress_;
  base::Guarded<std::shared_ptr<CommonEnd>> end_;
  std::atomic<bool> ending_ = false;  // there is an end_
  std::atomic<bool> over_ = false;    // end()
  bool shared_ = false;
  std::size_t number_ = 0;  // of the stream, in the camera

  // Of the running session; streaming thread only, and whoever starts it.
  sdp::Description description_;     // a copy: the camera's changes with its sessions
  std::optional<sdp::Media> media_;  // the stream's of it
  std::unique_ptr<StreamFormat> format_;
  std::shared_ptr<const codec::ParameterSets> parameters_;
  std::optional<Timestamps> timestamps_;
  bool add_reference_times_ = true;
  GstClockTime frame_duration_ = GST_CLOCK_TIME_NONE;  // nominal, of the caps
  GstClockTime latest_time_ = GST_CLOCK_TIME_NONE;     // DTS or PTS of the latest frame without a nominal one
  GstClockTime latest_interval_ = GST_CLOCK_TIME_NONE;  // before it
  bool caps_set_ = false;
  bool tags_pushed_ = false;
  bool discontinuity_ = false;  // a frame before the next one was left out
  bool waiting_noted_ = false;
  GstFlowReturn last_flow_ = GST_FLOW_OK;
};

}  // namespace retina::gst
