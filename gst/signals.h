#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/guarded.h"
#include "client/lasting_client.h"
#include "client/user_requests.h"

namespace retina::gst {

/// The signals `on-sdp`, `before-send`, `handle-request` and `accept-certificate`, and the actions
/// `get-parameter`, `get-parameters` and `set-parameter`: names, signatures and meaning are rtspsrc's
/// (gst-plugins-good).
///
/// Threads: signals are emitted by the thread that drives the client, with nothing locked, so that handlers
/// may do with the element what they like but stop it from there. Actions may be emitted from any thread.
/// Every promise gets its reply: the camera's answer, or why there is none, at the latest when the session
/// is closed. Promises are replied with nothing locked.
class Signals {
 public:
  explicit Signals(GstElement* element) : element_(element) {}

  /// What the client calls; it must not outlive this object. Signals nobody listens to cost nothing.
  client::Hooks hooks();
  /// For TLS connections, likewise.
  std::function<bool(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags)> certificate_hook();

  /// Actions go to this client from now on.
  void open(std::shared_ptr<client::LastingClient> client);
  /// The client has an answer to a request of an action.
  void on_response(const client::UserResponse& response);
  /// No more answers come: what still waits for one is told so, and further actions are refused.
  void close();

  // The actions. False: invalid arguments, or nothing is open; the promise has its reply all the same.
  gboolean get_parameter(const gchar* name, const gchar* content_type, GstPromise* promise);
  gboolean get_parameters(const gchar* const* names, const gchar* content_type, GstPromise* promise);
  gboolean set_parameter(const gchar* name, const gchar* value, const gchar* content_type,
                         GstPromise* promise);

 private:
  struct UnrefPromise {
    void operator()(GstPromise* promise) const { gst_promise_unref(promise); }
  };
  struct Pending {
    bool is_set = false;  // SET_PARAMETER, else GET_PARAMETER
    std::unique_ptr<GstPromise, UnrefPromise> promise;
  };
  struct State {
    std::shared_ptr<client::LastingClient> client;  // null: closed
    std::uint64_t next_id = 1;
    std::map<std::uint64_t, Pending> pending;
  };

  bool has_handler(const char* signal) const;
  std::optional<std::string> emit_sdp(std::string_view text);
  bool emit_before_send(rtsp::Request& request);
  std::optional<rtsp::Response> emit_handle_request(const rtsp::Request& request);
  gboolean submit(Pending pending, const gchar* content_type, std::string body);
  static gboolean refuse(const Pending& pending, const char* why);
  static Pending pending_of(bool is_set, GstPromise* promise);

  GstElement* element_;         // owns us
  base::Guarded<State> state_;  // a leaf: nothing is called while it is held
};

/// The class handlers of the actions, for install_signals().
struct ActionHandlers {
  GCallback get_parameter;
  GCallback get_parameters;
  GCallback set_parameter;
};

/// Installs the signals and actions on an element's class.
void install_signals(GType type, const ActionHandlers& handlers);

/// Joins the actions to an element's Signals; `signals_of` is `Signals& (gpointer instance)`. An exception
/// (out of memory) becomes FALSE instead of crossing the C frames above.
template <auto signals_of>
struct Actions {
  template <class Action>
  static gboolean guarded(Action action) {
    try {
      return action();
    } catch (const std::exception&) {
      return FALSE;
    }
  }
  static gboolean get_parameter(gpointer instance, const gchar* name, const gchar* content_type,
                                GstPromise* promise) {
    return guarded([&] { return signals_of(instance).get_parameter(name, content_type, promise); });
  }
  static gboolean get_parameters(gpointer instance, const gchar* const* names, const gchar* content_type,
                                 GstPromise* promise) {
    return guarded([&] { return signals_of(instance).get_parameters(names, content_type, promise); });
  }
  static gboolean set_parameter(gpointer instance, const gchar* name, const gchar* value,
                                const gchar* content_type, GstPromise* promise) {
    return guarded([&] { return signals_of(instance).set_parameter(name, value, content_type, promise); });
  }
  static ActionHandlers handlers() {
    return {G_CALLBACK(get_parameter), G_CALLBACK(get_parameters), G_CALLBACK(set_parameter)};
  }
};

}  // namespace retina::gst
