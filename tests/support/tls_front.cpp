#include "support/tls_front.h"

#include <stdexcept>

namespace retina::test {
namespace {

template <class T>
T* as(gpointer object) {
  return static_cast<T*>(object);
}

/// Until `from` ends (true), `to` takes no more (false), or a stop.
bool pass(GIOStream* from, GIOStream* to, std::size_t largest_piece, GCancellable* stop) {
  std::vector<std::uint8_t> piece(largest_piece);
  for (;;) {
    const gssize got =
        g_input_stream_read(g_io_stream_get_input_stream(from), piece.data(), piece.size(), stop, nullptr);
    if (got <= 0) return true;
    if (g_output_stream_write_all(g_io_stream_get_output_stream(to), piece.data(), static_cast<gsize>(got),
                                  nullptr, stop, nullptr) == FALSE)
      return false;
  }
}

gboolean accept_certificate(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags errors, gpointer) {
  return errors == 0 ? TRUE : FALSE;
}

}  // namespace

struct TlsFront::Passage {
  GSocketConnection* client;
  GIOStream* tls = nullptr;
  GIOStream* camera = nullptr;
  std::thread thread;

  explicit Passage(GSocketConnection* connection) : client(connection) {}
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;
  ~Passage() {
    if (thread.joinable()) thread.join();
    for (GIOStream* stream : {tls, camera, as<GIOStream>(client)}) {
      if (stream != nullptr) g_object_unref(stream);
    }
  }

  bool open(const TlsFront& front) {
    tls = g_tls_server_connection_new(as<GIOStream>(client), front.certificate_, nullptr);
    if (tls == nullptr) return false;
    auto* connection = as<GTlsConnection>(tls);
    g_tls_connection_set_require_close_notify(connection, FALSE);
    if (!front.options_.client_authority.empty()) {
      GTlsDatabase* database = g_tls_file_database_new(front.options_.client_authority.c_str(), nullptr);
      g_tls_connection_set_database(connection, database);
      g_object_unref(database);
      g_object_set(tls, "authentication-mode", G_TLS_AUTHENTICATION_REQUIRED, nullptr);
      g_signal_connect(tls, "accept-certificate", G_CALLBACK(accept_certificate), nullptr);
    }
    if (g_tls_connection_handshake(connection, front.stop_, nullptr) == FALSE) return false;
    GSocketClient* dialler = g_socket_client_new();
    camera = as<GIOStream>(
        g_socket_client_connect_to_host(dialler, "127.0.0.1", front.camera_port_, front.stop_, nullptr));
    g_object_unref(dialler);
    return camera != nullptr;
  }

  void run(const TlsFront& front) {
    if (open(front)) {
      const std::size_t largest = front.options_.largest_piece;
      std::thread answers([&] {
        // A client that has gone may have left its last words, which still are on their way to the camera.
        if (pass(camera, tls, largest, front.stop_)) shut();
      });
      pass(tls, camera, largest, front.stop_);
      shut();
      answers.join();
    }
    g_io_stream_close(tls != nullptr ? tls : as<GIOStream>(client), front.stop_, nullptr);
  }

  /// Ends both directions, for whoever waits for either.
  void shut() const {
    g_socket_shutdown(g_socket_connection_get_socket(client), TRUE, TRUE, nullptr);
    g_socket_shutdown(g_socket_connection_get_socket(as<GSocketConnection>(camera)), TRUE, TRUE, nullptr);
  }
};

TlsFront::TlsFront(std::uint16_t camera_port, Options options)
    : camera_port_(camera_port),
      options_(std::move(options)),
      listener_(g_socket_listener_new()),
      stop_(g_cancellable_new()),
      certificate_(g_tls_certificate_new_from_file(options_.certificate.c_str(), nullptr)) {
  GInetAddress* loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
  GSocketAddress* any = g_inet_socket_address_new(loopback, 0);
  GSocketAddress* bound = nullptr;
  const gboolean listens = g_socket_listener_add_address(listener_, any, G_SOCKET_TYPE_STREAM,
                                                         G_SOCKET_PROTOCOL_TCP, nullptr, &bound, nullptr);
  g_object_unref(any);
  g_object_unref(loopback);
  if (listens == FALSE || certificate_ == nullptr) throw std::runtime_error("no port, or no certificate");
  port_ = g_inet_socket_address_get_port(as<GInetSocketAddress>(bound));
  g_object_unref(bound);
  acceptor_ = std::thread([this] { accept(); });
}

TlsFront::~TlsFront() {
  g_cancellable_cancel(stop_);
  acceptor_.join();
  passages_.clear();
  g_object_unref(certificate_);
  g_object_unref(stop_);
  g_object_unref(listener_);
}

void TlsFront::accept() {
  while (GSocketConnection* client = g_socket_listener_accept(listener_, nullptr, stop_, nullptr)) {
    passages_.push_back(std::make_unique<Passage>(client));
    Passage& passage = *passages_.back();
    passage.thread = std::thread([this, &passage] { passage.run(*this); });
  }
}

}  // namespace retina::test
