#include "rtsp_messages.h"

#include "base/ascii.h"
#include "base/bytes.h"

namespace retina::gst {
namespace {

void add_headers(GstRTSPMessage* message, const rtsp::Headers& headers) {
  for (const auto& field : headers)
    gst_rtsp_message_add_header_by_name(message, field.name.c_str(), field.value.c_str());
}

void set_body(GstRTSPMessage* message, const std::string& body) {
  if (body.empty()) return;
  const base::ByteView bytes = base::as_bytes(body);
  gst_rtsp_message_set_body(message, bytes.data(), static_cast<guint>(bytes.size()));
}

/// Every header: the library has no other way to list them than as text.
rtsp::Headers headers_of(GstRTSPMessage& message) {
  GString* text = g_string_new(nullptr);
  gst_rtsp_message_append_headers(&message, text);
  std::string_view rest(text->str, text->len);
  rtsp::Headers headers;
  while (!rest.empty()) {
    const base::SplitPair field = base::split_once(base::take_until(rest, '\n'), ':');
    if (field.tail) headers.add(std::string(base::trim(field.head)), std::string(base::trim(*field.tail)));
  }
  g_string_free(text, TRUE);
  return headers;
}

std::string body_of(GstRTSPMessage& message) {
  if (gst_rtsp_message_has_body_buffer(&message)) {
    GstBuffer* buffer = nullptr;
    gst_rtsp_message_get_body_buffer(&message, &buffer);
    std::string body(gst_buffer_get_size(buffer), '\0');
    gst_buffer_extract(buffer, 0, body.data(), body.size());
    return body;
  }
  guint8* data = nullptr;
  guint size = 0;
  if (gst_rtsp_message_get_body(&message, &data, &size) != GST_RTSP_OK || data == nullptr) return {};
  return std::string(base::as_text(base::ByteView(data, size)));
}

}  // namespace

RtspMessageRef to_gst(const rtsp::Request& request) {
  GstRTSPMessage* message = nullptr;
  gst_rtsp_message_new_request(&message, gst_rtsp_find_method(request.method.c_str()), request.uri.c_str());
  add_headers(message, request.headers);
  set_body(message, request.body);
  return RtspMessageRef(message);
}

RtspMessageRef to_gst(const rtsp::Response& response, const GstRTSPMessage& request) {
  GstRTSPMessage* message = nullptr;
  const auto status = static_cast<GstRTSPStatusCode>(response.status);
  gst_rtsp_message_new_response(&message, status, response.reason.c_str(), &request);
  add_headers(message, response.headers);
  set_body(message, response.body);
  return RtspMessageRef(message);
}

std::optional<rtsp::Request> request_of(GstRTSPMessage& message) {
  GstRTSPMethod method{};
  const gchar* uri = nullptr;
  GstRTSPVersion version{};
  if (gst_rtsp_message_parse_request(&message, &method, &uri, &version) != GST_RTSP_OK) return std::nullopt;
  const gchar* name = gst_rtsp_method_as_text(method);
  if (name == nullptr || uri == nullptr) return std::nullopt;
  return rtsp::Request{name, uri, headers_of(message), body_of(message)};
}

std::optional<rtsp::Response> response_of(GstRTSPMessage& message) {
  GstRTSPStatusCode status{};
  const gchar* reason = nullptr;
  GstRTSPVersion version{};
  if (gst_rtsp_message_parse_response(&message, &status, &reason, &version) != GST_RTSP_OK)
    return std::nullopt;
  return rtsp::Response{static_cast<int>(status), reason != nullptr ? reason : "", headers_of(message),
                        body_of(message)};
}

}  // namespace retina::gst
