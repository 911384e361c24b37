#include "signals.h"

#include <gst/rtsp/gstrtspmessage.h>
#include <gst/sdp/gstsdpmessage.h>

#include <string_view>

#include "base/bytes.h"
#include "rtsp_messages.h"

namespace retina::gst {
namespace {

constexpr const char* kOnSdp = "on-sdp";
constexpr const char* kBeforeSend = "before-send";
constexpr const char* kHandleRequest = "handle-request";
constexpr const char* kAcceptCertificate = "accept-certificate";

/// As long as handlers say TRUE; what the last one has said is the result.
gboolean stop_at_false(GSignalInvocationHint*, GValue* result, const GValue* returned, gpointer) {
  g_value_set_boolean(result, g_value_get_boolean(returned));
  return g_value_get_boolean(returned);
}

/// The class's own handler runs last: send it.
gboolean send_it(GstElement*, GstRTSPMessage*) {
  return TRUE;
}

/// Handlers get the message itself, not a copy, so that what they change counts.
GType in_place(GType type) {
  return type | G_SIGNAL_TYPE_STATIC_SCOPE;
}

/// As a header or a body would be cut by them (RFC 2326 s10.8: one parameter a line).
bool is_parameter_name(const gchar* name) {
  if (name == nullptr || *name == '\0') return false;
  for (const gchar* c = name; *c != '\0'; ++c) {
    if (g_ascii_isspace(*c) || g_ascii_iscntrl(*c)) return false;
  }
  return true;
}

/// What the camera wrote needn't be UTF-8; a string in a GstStructure must be.
void set_text(GstStructure* structure, const char* field, const std::string& text) {
  gchar* valid = g_utf8_make_valid(text.c_str(), -1);
  gst_structure_set(structure, field, G_TYPE_STRING, valid, nullptr);
  g_free(valid);
}

GstStructure* reply_of(bool is_set, GstRTSPResult result, int code, const std::string& reason,
                       const std::string& body) {
  GstStructure* reply =
      gst_structure_new(is_set ? "set-parameter-reply" : "get-parameter-reply", "rtsp-result", G_TYPE_INT,
                        static_cast<gint>(result), "rtsp-code", G_TYPE_INT, static_cast<gint>(code), nullptr);
  set_text(reply, "rtsp-reason", reason);
  if (!is_set) set_text(reply, "body", body);
  return reply;
}

/// Where the client has its own answer to a request of the camera's, this is its status too.
rtsp::Response first_response(GstRTSPMethod method) {
  constexpr int kKnown = GST_RTSP_OPTIONS | GST_RTSP_GET_PARAMETER | GST_RTSP_SET_PARAMETER |
                         GST_RTSP_ANNOUNCE | GST_RTSP_REDIRECT | GST_RTSP_TEARDOWN;
  if ((method & kKnown) != 0) return {GST_RTSP_STS_OK, "OK", {}, {}};
  return {GST_RTSP_STS_NOT_IMPLEMENTED, "Not Implemented", {}, {}};
}

std::string text_of(const GstSDPMessage& message) {
  const std::unique_ptr<gchar, decltype(&g_free)> text(gst_sdp_message_as_text(&message), g_free);
  return text ? std::string(text.get()) : std::string();
}

bool same(const rtsp::Response& a, const rtsp::Response& b) {
  return rtsp::serialise(a) == rtsp::serialise(b);
}

}  // namespace

// --- signals ---

client::Hooks Signals::hooks() {
  client::Hooks hooks;
  hooks.on_sdp = [this](std::string_view text) { return emit_sdp(text); };
  hooks.before_send = [this](rtsp::Request& request) { return emit_before_send(request); };
  hooks.handle_request = [this](const rtsp::Request& request) { return emit_handle_request(request); };
  return hooks;
}

std::function<bool(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags)> Signals::certificate_hook() {
  return [this](GTlsConnection* connection, GTlsCertificate* certificate, GTlsCertificateFlags faults) {
    gboolean accepted = FALSE;
    g_signal_emit_by_name(element_, kAcceptCertificate, connection, certificate, faults, &accepted);
    return accepted != FALSE;
  };
}

bool Signals::has_handler(const char* signal) const {
  const guint id = g_signal_lookup(signal, G_OBJECT_TYPE(element_));
  return g_signal_has_handler_pending(element_, id, 0, FALSE) != FALSE;
}

std::optional<std::string> Signals::emit_sdp(std::string_view text) {
  if (!has_handler(kOnSdp)) return std::nullopt;
  GstSDPMessage* message = nullptr;
  gst_sdp_message_new(&message);
  const base::ByteView bytes = base::as_bytes(text);
  gst_sdp_message_parse_buffer(bytes.data(), static_cast<guint>(bytes.size()), message);
  const std::string before = text_of(*message);
  g_signal_emit_by_name(element_, kOnSdp, message);
  std::string after = text_of(*message);
  gst_sdp_message_free(message);
  if (after == before) return std::nullopt;
  return after;
}

bool Signals::emit_before_send(rtsp::Request& request) {
  if (!has_handler(kBeforeSend)) return true;
  const RtspMessageRef message = to_gst(request);
  gboolean send = TRUE;
  g_signal_emit_by_name(element_, kBeforeSend, message.get(), &send);
  if (send == FALSE) return false;
  if (auto altered = request_of(*message)) request = std::move(*altered);
  return true;
}

std::optional<rtsp::Response> Signals::emit_handle_request(const rtsp::Request& request) {
  if (!has_handler(kHandleRequest)) return std::nullopt;
  const RtspMessageRef message = to_gst(request);
  const RtspMessageRef answer =
      to_gst(first_response(gst_rtsp_find_method(request.method.c_str())), *message);
  const auto before = response_of(*answer);
  g_signal_emit_by_name(element_, kHandleRequest, message.get(), answer.get());
  auto after = response_of(*answer);
  // Handlers that only look on leave the answer to the client.
  if (!before || !after || same(*before, *after)) return std::nullopt;
  // A handler that fills in the answer and leaves its status alone means it to be one.
  if (after->status == GST_RTSP_STS_NOT_IMPLEMENTED && after->reason == before->reason) {
    after->status = GST_RTSP_STS_OK;
    after->reason = "OK";
  }
  return after;
}

// --- actions ---

void Signals::open(std::shared_ptr<client::LastingClient> client) {
  state_.lock()->client = std::move(client);
}

void Signals::close() {
  std::map<std::uint64_t, Pending> orphans;
  std::shared_ptr<client::LastingClient> client;
  {
    auto state = state_.lock();
    orphans.swap(state->pending);
    client.swap(state->client);
  }
  for (const auto& [id, pending] : orphans) {
    gst_promise_reply(pending.promise.get(),
                      reply_of(pending.is_set, GST_RTSP_EINTR, 0, "The session has ended.", ""));
  }
}

void Signals::on_response(const client::UserResponse& response) {
  Pending pending;
  {
    auto state = state_.lock();
    const auto found = state->pending.find(response.id);
    if (found == state->pending.end()) return;
    pending = std::move(found->second);
    state->pending.erase(found);
  }
  GstStructure* reply = nullptr;
  if (const auto& answer = response.response) {
    const auto status = static_cast<GstRTSPStatusCode>(answer->status);
    const std::string reason = answer->reason.empty() ? gst_rtsp_status_as_text(status) : answer->reason;
    reply = reply_of(pending.is_set, GST_RTSP_OK, answer->status, reason, answer->body);
  } else {
    reply = reply_of(pending.is_set, GST_RTSP_ERROR, 0, response.failure, "");
  }
  gst_promise_reply(pending.promise.get(), reply);
}

Signals::Pending Signals::pending_of(bool is_set, GstPromise* promise) {
  Pending pending;
  pending.is_set = is_set;
  pending.promise.reset(gst_promise_ref(promise));
  return pending;
}

gboolean Signals::refuse(const Pending& pending, const char* why) {
  gst_promise_reply(pending.promise.get(), reply_of(pending.is_set, GST_RTSP_EINVAL, 0, why, ""));
  return FALSE;
}

gboolean Signals::get_parameter(const gchar* name, const gchar* content_type, GstPromise* promise) {
  const gchar* names[] = {name, nullptr};
  if (name != nullptr) return get_parameters(names, content_type, promise);
  return promise != nullptr ? refuse(pending_of(false, promise), "No parameter is named.") : FALSE;
}

gboolean Signals::get_parameters(const gchar* const* names, const gchar* content_type, GstPromise* promise) {
  if (promise == nullptr) return FALSE;
  Pending pending = pending_of(false, promise);
  if (names == nullptr) return refuse(pending, "No parameters are named.");
  std::string body;
  for (; *names != nullptr; ++names) {
    if (!is_parameter_name(*names)) return refuse(pending, "The name is no parameter's.");
    body += std::string(*names) + ":\r\n";
  }
  return submit(std::move(pending), content_type, std::move(body));
}

gboolean Signals::set_parameter(const gchar* name, const gchar* value, const gchar* content_type,
                                GstPromise* promise) {
  if (promise == nullptr) return FALSE;
  Pending pending = pending_of(true, promise);
  if (!is_parameter_name(name)) return refuse(pending, "The name is no parameter's.");
  if (value == nullptr) return refuse(pending, "There is no value to set.");
  return submit(std::move(pending), content_type, std::string(name) + ": " + value + "\r\n");
}

gboolean Signals::submit(Pending pending, const gchar* content_type, std::string body) {
  client::UserRequest request;
  request.method = pending.is_set ? "SET_PARAMETER" : "GET_PARAMETER";
  request.headers.add("Content-Type", content_type != nullptr ? content_type : "text/parameters");
  request.body = std::move(body);
  std::shared_ptr<client::LastingClient> client;
  {
    auto state = state_.lock();
    client = state->client;
    if (client) {
      request.id = state->next_id++;
      state->pending.emplace(request.id, std::move(pending));
    }
  }
  if (!client) return refuse(pending, "There is no session.");
  client->submit(std::move(request));
  return TRUE;
}

// --- the class ---

void install_signals(GType type, const ActionHandlers& handlers) {
  constexpr auto last = G_SIGNAL_RUN_LAST;
  constexpr auto action = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
  g_signal_new(kOnSdp, type, last, 0, nullptr, nullptr, nullptr, G_TYPE_NONE, 1,
               in_place(GST_TYPE_SDP_MESSAGE));
  g_signal_new_class_handler(kBeforeSend, type, last, G_CALLBACK(send_it), stop_at_false, nullptr, nullptr,
                             G_TYPE_BOOLEAN, 1, in_place(GST_TYPE_RTSP_MESSAGE));
  g_signal_new(kHandleRequest, type, last, 0, nullptr, nullptr, nullptr, G_TYPE_NONE, 2,
               in_place(GST_TYPE_RTSP_MESSAGE), in_place(GST_TYPE_RTSP_MESSAGE));
  const auto refuse =
      +[](GstElement*, GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags) -> gboolean { return FALSE; };
  g_signal_new_class_handler(kAcceptCertificate, type, last, G_CALLBACK(refuse),
                             g_signal_accumulator_true_handled, nullptr, nullptr, G_TYPE_BOOLEAN, 3,
                             G_TYPE_TLS_CONNECTION, G_TYPE_TLS_CERTIFICATE, G_TYPE_TLS_CERTIFICATE_FLAGS);
  g_signal_new_class_handler("get-parameter", type, action, handlers.get_parameter, nullptr, nullptr, nullptr,
                             G_TYPE_BOOLEAN, 3, G_TYPE_STRING, G_TYPE_STRING, GST_TYPE_PROMISE);
  g_signal_new_class_handler("get-parameters", type, action, handlers.get_parameters, nullptr, nullptr,
                             nullptr, G_TYPE_BOOLEAN, 3, G_TYPE_STRV, G_TYPE_STRING, GST_TYPE_PROMISE);
  g_signal_new_class_handler("set-parameter", type, action, handlers.set_parameter, nullptr, nullptr, nullptr,
                             G_TYPE_BOOLEAN, 4, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
                             GST_TYPE_PROMISE);
}

}  // namespace retina::gst
