#pragma once

#include <gst/base/gstpushsrc.h>

#include <memory>
#include <optional>

#include "base/guarded.h"
#include "client/client.h"
#include "frame_pool.h"
#include "report.h"
#include "settings.h"
#include "signals.h"
#include "stream_format.h"
#include "timestamps.h"

namespace retina::gst {

/// The C++ body of a retinasrc: the element's life, and the way from a client's events to buffers.
///
/// Threads: create() runs on the streaming thread; start(), stop(), unlock(), unlock_stop() are called by
/// GstBaseSrc around it; properties and queries come from any thread. Lock order: settings_ and client_ are
/// leaves, never held together, never while calling into GStreamer.
class Source {
 public:
  explicit Source(GstPushSrc* element);

  // GstBaseSrc's virtual functions.
  gboolean start();
  gboolean stop();
  gboolean unlock();
  gboolean unlock_stop();
  gboolean query(GstQuery* query);
  gboolean is_seekable() { return FALSE; }
  GstCaps* get_caps(GstCaps* filter);
  gboolean negotiate() { return TRUE; }  // caps come with the first frame that tells them
  GstFlowReturn create(GstBuffer** buffer);

  void set_property(guint id, const GValue* value, GParamSpec* spec);
  void get_property(guint id, GValue* value, GParamSpec* spec);
  Settings settings() { return *settings_.lock(); }
  Signals& signals() { return signals_; }
  void set_location(const char* location) { settings_.lock()->location = location; }

 private:
  GstElement* element() const { return GST_ELEMENT(element_); }
  GstPad* pad() const { return GST_BASE_SRC_PAD(element_); }
  std::shared_ptr<client::Client> client() { return *client_.lock(); }

  void on_requesting(const client::Requesting& event);
  bool on_described();
  std::optional<std::size_t> choose_media(const sdp::Description& description);
  GstFlowReturn on_ended(const client::Ended& event);
  GstFlowReturn on_frame(client::FrameReady& ready, GstBuffer** buffer);
  GstFlowReturn set_caps();
  void push_tags();
  GstClockTime running_time_of(base::TimePoint arrival);
  GstFlowReturn fail(const client::Failure& failure);

  GstPushSrc* element_;  // holds us
  base::Guarded<Settings> settings_;
  DebugLog log_;
  base::MonotonicClock clock_;
  io::TcpConnector connector_;
  FramePool pool_;
  Signals signals_;
  /// Stays after stop(), for the statistics.
  base::Guarded<std::shared_ptr<client::Client>> client_;

  // Of the running session; streaming thread only.
  Settings used_;
  std::optional<sdp::Media> media_;
  std::unique_ptr<StreamFormat> format_;
  std::shared_ptr<const codec::ParameterSets> parameters_;
  std::optional<Timestamps> timestamps_;
  GstClockTime frame_duration_ = GST_CLOCK_TIME_NONE;  // nominal, of the caps
  bool opening_ = false;  // the progress message "open" has started and not ended
  bool caps_set_ = false;
  bool tags_pushed_ = false;
  bool discontinuity_ = false;  // a frame before the next one was left out
  bool waiting_noted_ = false;
  GstFlowReturn last_flow_ = GST_FLOW_OK;
};

}  // namespace retina::gst
