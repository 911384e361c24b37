#include "report.h"

GST_DEBUG_CATEGORY(retina_debug);

namespace retina::gst {
namespace {

GstDebugLevel debug_level(base::LogLevel level) {
  switch (level) {
    case base::LogLevel::kError:
      return GST_LEVEL_ERROR;
    case base::LogLevel::kWarning:
      return GST_LEVEL_WARNING;
    case base::LogLevel::kInfo:
      return GST_LEVEL_INFO;
    case base::LogLevel::kDebug:
      return GST_LEVEL_DEBUG;
    case base::LogLevel::kTrace:
      break;
  }
  return GST_LEVEL_TRACE;
}

GstResourceError code_of(client::Failure::Kind kind) {
  using Kind = client::Failure::Kind;
  switch (kind) {
    case Kind::kSettings:
      return GST_RESOURCE_ERROR_SETTINGS;
    case Kind::kNotFound:
      return GST_RESOURCE_ERROR_NOT_FOUND;
    case Kind::kNotAuthorized:
      return GST_RESOURCE_ERROR_NOT_AUTHORIZED;
    case Kind::kConnect:
    case Kind::kUnsupported:
    case Kind::kProtocol:
      return GST_RESOURCE_ERROR_OPEN_READ;
    case Kind::kTimeout:
    case Kind::kRead:
    case Kind::kClosed:
      break;
  }
  return GST_RESOURCE_ERROR_READ;
}

}  // namespace

void init_debug_category() {
  GST_DEBUG_CATEGORY_INIT(retina_debug, "retina", 0, "RTSP sources with large adaptive reads");
}

bool DebugLog::enabled(base::LogLevel level) const {
  return debug_level(level) <= gst_debug_category_get_threshold(retina_debug);
}

void DebugLog::write(base::LogLevel level, std::string_view text) {
  gst_debug_log(retina_debug, debug_level(level), __FILE__, "client", __LINE__, G_OBJECT(element_), "%.*s",
                static_cast<int>(text.size()), text.data());
}

void post_failure(GstElement* element, const client::Failure& failure) {
  GstStructure* details = nullptr;
  if (failure.status != 0) {
    details =
        gst_structure_new("details", "rtsp-status-code", G_TYPE_UINT, static_cast<guint>(failure.status),
                          "rtsp-status-reason", G_TYPE_STRING, failure.reason.c_str(), nullptr);
  } else {
    details = gst_structure_new_empty("details");
  }
  gst_element_message_full_with_details(element, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, code_of(failure.kind),
                                        g_strdup(failure.text.c_str()), nullptr, __FILE__, "post_failure",
                                        __LINE__, details);
}

void post_note(GstElement* element, const std::string& text) {
  GST_ELEMENT_WARNING(element, STREAM, FORMAT, ("%s", text.c_str()), (nullptr));
}

void post_progress(GstElement* element, GstProgressType type, const char* code, const std::string& text) {
  gst_element_post_message(element, gst_message_new_progress(GST_OBJECT(element), type, code, text.c_str()));
}

}  // namespace retina::gst
