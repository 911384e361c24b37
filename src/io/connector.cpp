#include <gio/gio.h>
#include <glib-unix.h>

#include <algorithm>

#include "io/connector.h"
#include "io/tcp_connection.h"

namespace retina::io {
namespace {

template <class T>
struct Unref {
  void operator()(T* object) const { g_object_unref(object); }
};
template <class T>
using ObjectRef = std::unique_ptr<T, Unref<T>>;

/// A main context of our own, the thread's default while it lives: GIO's callbacks run inside wait() only.
class PrivateContext {
 public:
  PrivateContext() : context_(g_main_context_new()) { g_main_context_push_thread_default(context_); }
  ~PrivateContext() {
    g_main_context_pop_thread_default(context_);
    g_main_context_unref(context_);
  }
  PrivateContext(const PrivateContext&) = delete;
  PrivateContext& operator=(const PrivateContext&) = delete;

  /// Adds a source, and drops the caller's reference.
  void attach(GSource* source) {
    g_source_attach(source, context_);
    g_source_unref(source);
  }
  void iterate() { g_main_context_iteration(context_, TRUE); }

 private:
  GMainContext* context_;
};

/// What the callbacks of one attempt share.
struct Attempt {
  ObjectRef<GCancellable> cancellable{g_cancellable_new()};
  GSocketConnection* connection = nullptr;  // owned until taken
  GError* error = nullptr;                  // owned
  bool done = false;
  bool woken = false;
  bool timed_out = false;

  void cancel(bool& reason) {
    reason = true;
    g_cancellable_cancel(cancellable.get());
  }
};

void on_connected(GObject* client, GAsyncResult* result, gpointer user_data) {
  auto& attempt = *static_cast<Attempt*>(user_data);
  attempt.connection = g_socket_client_connect_finish(G_SOCKET_CLIENT(client), result, &attempt.error);
  attempt.done = true;
}

gboolean on_woken(gint, GIOCondition, gpointer user_data) {
  auto& attempt = *static_cast<Attempt*>(user_data);
  attempt.cancel(attempt.woken);
  return G_SOURCE_REMOVE;
}

gboolean on_timeout(gpointer user_data) {
  auto& attempt = *static_cast<Attempt*>(user_data);
  attempt.cancel(attempt.timed_out);
  return G_SOURCE_REMOVE;
}

ConnectError::Kind kind_of(const GError& error) {
  if (error.domain == G_RESOLVER_ERROR) return ConnectError::Kind::kNameNotFound;
  if (error.domain != G_IO_ERROR) return ConnectError::Kind::kOther;
  switch (error.code) {
    case G_IO_ERROR_CONNECTION_REFUSED:
      return ConnectError::Kind::kRefused;
    case G_IO_ERROR_HOST_NOT_FOUND:
      return ConnectError::Kind::kNameNotFound;
    case G_IO_ERROR_HOST_UNREACHABLE:
    case G_IO_ERROR_NETWORK_UNREACHABLE:
      return ConnectError::Kind::kUnreachable;
    case G_IO_ERROR_TIMED_OUT:
      return ConnectError::Kind::kTimeout;
    default:
      return ConnectError::Kind::kOther;
  }
}

ConnectError outcome_error(Attempt& attempt) {
  ConnectError error;
  if (attempt.error != nullptr) {
    error = {kind_of(*attempt.error), attempt.error->message};
    g_clear_error(&attempt.error);
  }
  if (attempt.timed_out) error = {ConnectError::Kind::kTimeout, "no answer"};
  if (attempt.woken) error = {ConnectError::Kind::kWoken, "interrupted"};
  return error;
}

}  // namespace

base::Result<std::unique_ptr<Connection>, ConnectError> TcpConnector::connect(const std::string& host,
                                                                              std::uint16_t port,
                                                                              base::Duration timeout,
                                                                              const Wakeup& wakeup) {
  PrivateContext context;
  Attempt attempt;

  const ObjectRef<GSocketClient> client(g_socket_client_new());
  g_socket_client_set_enable_proxy(client.get(), FALSE);
  const ObjectRef<GSocketConnectable> address(g_network_address_new(host.c_str(), port));

  GSource* wake_source = g_unix_fd_source_new(wakeup.fd(), G_IO_IN);
  g_source_set_callback(wake_source, G_SOURCE_FUNC(on_woken), &attempt, nullptr);
  GSource* timeout_source = g_timeout_source_new(static_cast<guint>(
      std::min<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(timeout).count(), G_MAXUINT)));
  g_source_set_callback(timeout_source, on_timeout, &attempt, nullptr);
  context.attach(g_source_ref(wake_source));
  context.attach(g_source_ref(timeout_source));

  g_socket_client_connect_async(client.get(), address.get(), attempt.cancellable.get(), on_connected,
                                &attempt);
  while (!attempt.done)
    context.iterate();

  for (GSource* source : {wake_source, timeout_source}) {
    g_source_destroy(source);
    g_source_unref(source);
  }
  if (attempt.connection != nullptr) {
    return std::unique_ptr<Connection>(std::make_unique<TcpConnection>(attempt.connection));
  }
  return base::Unexpected<ConnectError>(outcome_error(attempt));
}

}  // namespace retina::io
