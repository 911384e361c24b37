#pragma once

#include <gst/rtsp/gstrtspmessage.h>
#include <gst/sdp/gstsdpmessage.h>

#include <functional>
#include <string>

#include "gst/element_runner.h"

namespace retina::test {

using SdpHandler = std::function<void(GstSDPMessage*)>;
using BeforeSendHandler = std::function<bool(GstRTSPMessage*)>;
using RequestHandler = std::function<void(GstRTSPMessage* request, GstRTSPMessage* response)>;

// Each connects a handler, which must outlive the element: declare it before the runner.

inline void on_sdp(GstElement* element, SdpHandler& handler) {
  using Callback = void (*)(GstElement*, GstSDPMessage*, gpointer);
  const Callback call = [](GstElement*, GstSDPMessage* message, gpointer data) {
    (*static_cast<SdpHandler*>(data))(message);
  };
  g_signal_connect(element, "on-sdp", G_CALLBACK(call), &handler);
}

inline void before_send(GstElement* element, BeforeSendHandler& handler) {
  using Callback = gboolean (*)(GstElement*, GstRTSPMessage*, gpointer);
  const Callback call = [](GstElement*, GstRTSPMessage* message, gpointer data) -> gboolean {
    return (*static_cast<BeforeSendHandler*>(data))(message) ? TRUE : FALSE;
  };
  g_signal_connect(element, "before-send", G_CALLBACK(call), &handler);
}

inline void handle_request(GstElement* element, RequestHandler& handler) {
  using Callback = void (*)(GstElement*, GstRTSPMessage*, GstRTSPMessage*, gpointer);
  const Callback call = [](GstElement*, GstRTSPMessage* request, GstRTSPMessage* response, gpointer data) {
    (*static_cast<RequestHandler*>(data))(request, response);
  };
  g_signal_connect(element, "handle-request", G_CALLBACK(call), &handler);
}

inline std::string method_of(GstRTSPMessage* message) {
  GstRTSPMethod method{};
  const gchar* uri = nullptr;
  GstRTSPVersion version{};
  ck_assert_int_eq(gst_rtsp_message_parse_request(message, &method, &uri, &version), GST_RTSP_OK);
  const gchar* name = gst_rtsp_method_as_text(method);
  return name != nullptr ? name : "";
}

inline std::string header_of(GstRTSPMessage* message, const char* name) {
  gchar* value = nullptr;
  const bool found = gst_rtsp_message_get_header_by_name(message, name, &value, 0) == GST_RTSP_OK;
  return found ? value : "";
}

/// A promise as an application has it.
class Promise {
 public:
  Promise() : promise_(gst_promise_new()) {}
  ~Promise() { gst_promise_unref(promise_); }
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;

  GstPromise* get() const { return promise_; }
  GstPromiseResult wait() const { return gst_promise_wait(promise_); }
  const GstStructure* reply() const {
    ck_assert_int_eq(wait(), GST_PROMISE_RESULT_REPLIED);
    const GstStructure* reply = gst_promise_get_reply(promise_);
    ck_assert(reply != nullptr);
    return reply;
  }
  std::string name() const { return gst_structure_get_name(reply()); }
  int number(const char* field) const {
    gint value = 0;
    ck_assert_msg(gst_structure_get_int(reply(), field, &value), "no %s", field);
    return value;
  }
  std::string text(const char* field) const {
    const gchar* value = gst_structure_get_string(reply(), field);
    ck_assert_msg(value != nullptr, "no %s", field);
    return value;
  }

 private:
  GstPromise* promise_;
};

/// The action set-parameter of the runner's source; whether it was issued.
inline gboolean set(ElementRunner& runner, const char* name, const char* value, const Promise& promise,
                    const char* type = nullptr) {
  gboolean issued = FALSE;
  g_signal_emit_by_name(runner.source(), "set-parameter", name, value, type, promise.get(), &issued);
  return issued;
}

}  // namespace retina::test
