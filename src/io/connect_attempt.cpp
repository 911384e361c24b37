#include "io/connect_attempt.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "io/certificate_request.h"
#include "io/tcp_connection.h"
#include "io/tls_connection.h"
#include "io/tls_errors.h"

namespace retina::io {
namespace {

/// From cancelling a handshake on.
constexpr guint kGraceMs = 50;

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
    case G_IO_ERROR_PROXY_FAILED:
    case G_IO_ERROR_PROXY_AUTH_FAILED:
    case G_IO_ERROR_PROXY_NEED_AUTH:
    case G_IO_ERROR_PROXY_NOT_ALLOWED:
      return ConnectError::Kind::kProxy;
    case G_IO_ERROR_TIMED_OUT:
      return ConnectError::Kind::kTimeout;
    default:
      return ConnectError::Kind::kOther;
  }
}

}  // namespace

struct ConnectAttempt::Shared {
  ObjectRef<GCancellable> cancellable{g_cancellable_new()};
  ObjectRef<GSocketConnection> socket;
  std::unique_ptr<RecordStream> records;
  ObjectRef<GTlsConnection> tls;
  TlsSettings settings;
  ObjectRef<GTlsInteraction> request;  // null: the user's stands in its place
  GTlsCertificateFlags refused = static_cast<GTlsCertificateFlags>(0);
  GError* error = nullptr;
  bool done = false;
  bool woken = false;
  bool timed_out = false;
  bool in_tls = false;
  bool abandoned = false;

  ~Shared() { g_clear_error(&error); }

  using Handle = std::shared_ptr<Shared>;
  static gpointer handle(const Handle& shared) { return new Handle(shared); }
  static void drop(gpointer handle) { delete static_cast<Handle*>(handle); }
  static Handle take(gpointer handle) {
    Handle shared = *static_cast<Handle*>(handle);
    drop(handle);
    return shared;
  }

  void cancel(bool& reason) {
    reason = true;
    g_cancellable_cancel(cancellable.get());
  }

  static void on_connected(GObject* client, GAsyncResult* result, gpointer data) {
    const Handle shared = take(data);
    auto* socket_client = static_cast<GSocketClient*>(static_cast<void*>(client));
    shared->socket =
        ObjectRef<GSocketConnection>(g_socket_client_connect_finish(socket_client, result, &shared->error));
    shared->done = true;
  }

  static void on_handshake(GObject* tls, GAsyncResult* result, gpointer data) {
    const Handle shared = take(data);
    g_tls_connection_handshake_finish(static_cast<GTlsConnection*>(static_cast<void*>(tls)), result,
                                      &shared->error);
    shared->done = true;
  }

  static gboolean on_certificate(GTlsConnection* tls, GTlsCertificate* certificate,
                                 GTlsCertificateFlags errors, gpointer data) {
    Shared& shared = **static_cast<Handle*>(data);
    const auto faults = static_cast<GTlsCertificateFlags>(errors & shared.settings.validation);
    if (faults == 0) return TRUE;
    if (shared.settings.accept && shared.settings.accept(tls, certificate, errors)) return TRUE;
    shared.refused = faults;
    return FALSE;
  }

  static gboolean on_woken(gint, GIOCondition, gpointer data) {
    auto& shared = *static_cast<Shared*>(data);
    shared.cancel(shared.woken);
    return G_SOURCE_REMOVE;
  }

  static gboolean on_timeout(gpointer data) {
    auto& shared = *static_cast<Shared*>(data);
    shared.cancel(shared.timed_out);
    return G_SOURCE_REMOVE;
  }

  static gboolean on_grace_over(gpointer data) {
    static_cast<Shared*>(data)->abandoned = true;
    return G_SOURCE_REMOVE;
  }
};

ConnectAttempt::ConnectAttempt(const std::string& host, std::uint16_t port, base::Duration timeout,
                               const Wakeup& wakeup)
    : host_(host),
      context_(g_main_context_new()),
      wake_source_(g_unix_fd_source_new(wakeup.fd(), G_IO_IN)),
      timeout_source_(g_timeout_source_new(static_cast<guint>(
          std::min<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(timeout).count(), G_MAXUINT)))),
      address_(g_network_address_new(host.c_str(), port)),
      shared_(std::make_shared<Shared>()) {
  g_main_context_push_thread_default(context_);
  g_source_set_callback(wake_source_, G_SOURCE_FUNC(Shared::on_woken), shared_.get(), nullptr);
  g_source_set_callback(timeout_source_, Shared::on_timeout, shared_.get(), nullptr);
  g_source_attach(wake_source_, context_);
  g_source_attach(timeout_source_, context_);
}

ConnectAttempt::~ConnectAttempt() {
  for (GSource* source : {wake_source_, timeout_source_}) {
    g_source_destroy(source);
    g_source_unref(source);
  }
  g_main_context_pop_thread_default(context_);
  g_main_context_unref(context_);
}

bool ConnectAttempt::connect(const std::string& socks_uri) {
  const ObjectRef<GSocketClient> client(g_socket_client_new());
  g_socket_client_set_enable_proxy(client.get(), socks_uri.empty() ? FALSE : TRUE);
  if (!socks_uri.empty()) {
    const ObjectRef<GProxyResolver> resolver(g_simple_proxy_resolver_new(socks_uri.c_str(), nullptr));
    g_socket_client_set_proxy_resolver(client.get(), resolver.get());
  }
  g_socket_client_connect_async(client.get(), address_.get(), shared_->cancellable.get(),
                                Shared::on_connected, Shared::handle(shared_));
  while (!shared_->done)
    g_main_context_iteration(context_, TRUE);
  return bool(shared_->socket);
}

bool ConnectAttempt::adopt(const Connection& connected) {
  const int fd = ::fcntl(connected.fd(), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return false;
  const ObjectRef<GSocket> socket(g_socket_new_from_fd(fd, &shared_->error));
  if (!socket) {
    ::close(fd);
    return false;
  }
  shared_->socket = ObjectRef<GSocketConnection>(g_socket_connection_factory_create_connection(socket.get()));
  return true;
}

bool ConnectAttempt::shake_hands(const TlsSettings& settings) {
  Shared& shared = *shared_;
  shared.in_tls = true;
  shared.done = false;
  shared.settings = settings;
  // Small, and each of them waited for.
  const int fd = g_socket_get_fd(g_socket_connection_get_socket(shared.socket.get()));
  TcpConnection::set_no_delay(fd);
  shared.records = std::make_unique<RecordStream>(shared.socket.get());
  GIOStream* made = g_tls_client_connection_new(shared.records->stream(), address_.get(), &shared.error);
  if (made == nullptr) return false;
  shared.tls = ObjectRef<GTlsConnection>(static_cast<GTlsConnection*>(static_cast<void*>(made)));
  GTlsConnection* tls = shared.tls.get();
  if (settings.database) g_tls_connection_set_database(tls, settings.database.get());
  if (!settings.interaction) shared.request = make_certificate_request();
  g_tls_connection_set_interaction(tls, (settings.interaction ? settings.interaction : shared.request).get());
  // Cameras close without a word; what RTSP has left unfinished shows in RTSP.
  g_tls_connection_set_require_close_notify(tls, FALSE);
  const gulong certificate = g_signal_connect_data(
      tls, "accept-certificate", G_CALLBACK(Shared::on_certificate), Shared::handle(shared_),
      [](gpointer data, GClosure*) { Shared::drop(data); }, static_cast<GConnectFlags>(0));
  g_tls_connection_handshake_async(tls, G_PRIORITY_DEFAULT, shared.cancellable.get(), Shared::on_handshake,
                                   Shared::handle(shared_));
  const bool done = run();
  if (!done) return false;
  g_signal_handler_disconnect(tls, certificate);
  return shared.error == nullptr;
}

/// False: cancelled, and GIO doesn't come back.
bool ConnectAttempt::run() {
  GSource* grace = nullptr;
  while (!shared_->done && !shared_->abandoned) {
    g_main_context_iteration(context_, TRUE);
    if (grace != nullptr || g_cancellable_is_cancelled(shared_->cancellable.get()) == FALSE) continue;
    grace = g_timeout_source_new(kGraceMs);
    g_source_set_callback(grace, Shared::on_grace_over, shared_.get(), nullptr);
    g_source_attach(grace, context_);
  }
  if (grace != nullptr) {
    g_source_destroy(grace);
    g_source_unref(grace);
  }
  return shared_->done;
}

ConnectError ConnectAttempt::error() const {
  using Kind = ConnectError::Kind;
  const Shared& shared = *shared_;
  if (shared.woken) return {Kind::kWoken, "interrupted"};
  if (shared.timed_out) return {Kind::kTimeout, shared.in_tls ? "no end of the TLS handshake" : "no answer"};
  if (shared.refused != 0) return {Kind::kCertificate, words_for_certificate(shared.refused, host_)};
  if (shared.error == nullptr) return {};
  if (shared.in_tls && shared.records->is_foreign()) return {Kind::kTls, words_for_no_tls()};
  if (shared.request && certificate_was_requested(shared.request.get()))
    return {Kind::kTls, words_for_missing_certificate()};
  if (shared.in_tls) return {Kind::kTls, words_for_tls(*shared.error)};
  const Kind kind = kind_of(*shared.error);
  std::string text = shared.error->message;
  // Of SOCKS, which GIO speaks; its words end with a full stop or without.
  if (kind == Kind::kProxy) text = "it says no (" + text + "). Check proxy, proxy-id and proxy-pw";
  return {kind, std::move(text)};
}

std::unique_ptr<Connection> ConnectAttempt::take_plain() {
  return std::make_unique<TcpConnection>(std::move(shared_->socket));
}

std::unique_ptr<Connection> ConnectAttempt::take_tls() {
  const bool missed = shared_->request && certificate_was_requested(shared_->request.get());
  return std::make_unique<TlsConnection>(std::move(shared_->socket), std::move(*shared_->records),
                                         std::move(shared_->tls), missed);
}

}  // namespace retina::io
