#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "support/check.h"

namespace retina::test {

/// A buffer as it left the element, copied.
struct Received {
  base::Bytes bytes;
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  unsigned flags = 0;
  std::string caps;

  bool has(GstBufferFlags flag) const { return (flags & static_cast<unsigned>(flag)) != 0; }
};

/// How a run ended.
struct Outcome {
  enum class Kind { kEos, kError, kTimeout } kind = Kind::kTimeout;
  GQuark domain = 0;
  int code = 0;
  std::string text;
  std::string debug;
  unsigned rtsp_status = 0;
  std::string rtsp_reason;
};

/// `retinasrc ! FILTER ! fakesink`, with everything that goes through kept for the test to look at.Unless
/// told otherwise, doesn't reconnect, and takes times as exactly as the camera's clock has them. The pipeline
/// is stopped by the destructor, which fails the test if that takes longer than a few seconds.
class ElementRunner {
 public:
  /// `properties`: as gst-launch takes them; `filter`: caps, or "" for none.
  explicit ElementRunner(const std::string& properties, const std::string& filter = "");
  ~ElementRunner();
  ElementRunner(const ElementRunner&) = delete;
  ElementRunner& operator=(const ElementRunner&) = delete;

  GstElement* source() const { return source_; }
  void set(const char* property, const std::string& text) {
    gst_util_set_object_arg(G_OBJECT(source_), property, text.c_str());
  }

  GstStateChangeReturn start() { return gst_element_set_state(pipeline_, GST_STATE_PLAYING); }
  /// To NULL; returns how long that took.
  GstClockTime stop();

  /// Waits for EOS or an error. Warnings and other messages on the way are kept.
  Outcome wait(GstClockTime limit = 15 * GST_SECOND);
  Outcome run() {
    start();
    return wait();
  }
  /// Waits until so many buffers have come; false if EOS, an error or 15 s came first.
  bool wait_for_buffers(std::size_t count);

  std::vector<Received> received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// "open", "connect" …, in order, with the type: "start open".
  const std::vector<std::string>& progress() const { return progress_; }
  std::uint64_t stat(const char* name) const;
  /// How the media came: "tcp", "udp" or "udp-mcast".
  std::string transport() const;

 private:
  static GstPadProbeReturn on_buffer(GstPad* pad, GstPadProbeInfo* info, gpointer self);
  void handle(GstMessage* message, Outcome& outcome);

  GstElement* pipeline_ = nullptr;  // owned
  GstElement* source_ = nullptr;    // of pipeline_
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::vector<std::string> warnings_;
  std::vector<std::string> progress_;
};

}  // namespace retina::test
