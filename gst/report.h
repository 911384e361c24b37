#pragma once

#include <gst/gst.h>

#include <string>

#include "base/log.h"
#include "client/failure.h"

GST_DEBUG_CATEGORY_EXTERN(retina_debug);

namespace retina::gst {

/// Before the first log; any number of times.
void init_debug_category();

/// Diagnostics of the client, in the element's debug category.
class DebugLog final : public base::Log {
 public:
  explicit DebugLog(GstElement* element) : element_(element) {}
  bool enabled(base::LogLevel level) const override;
  void write(base::LogLevel level, std::string_view text) override;

 private:
  GstElement* element_;  // owns us
};

/// Posts the failure as the element's error: domain and code by its kind, and the RTSP status in the details
/// (`rtsp-status-code`, `rtsp-status-reason`). The one place where a session's failure becomes a GStreamer
/// error.
void post_failure(GstElement* element, const client::Failure& failure);

/// Posts a tolerated fault of the camera as a warning.
void post_note(GstElement* element, const std::string& text);

/// Posts a progress message; `code` is open, connect, request or close, as rtspsrc's.
void post_progress(GstElement* element, GstProgressType type, const char* code, const std::string& text);

}  // namespace retina::gst
