#pragma once

#include <gio/gio.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace retina::test {

/// TLS for a camera that has none: takes TLS connections on a loopback port of its own, and passes on what is
/// in them. One thread accepts, and each connection has two.
class TlsFront {
 public:
  struct Options {
    std::string certificate;            ///< PEM file with the key
    std::string client_authority{};     ///< of the certificates that clients have to show; "": none
    std::size_t largest_piece = 65536;  ///< bytes from the camera that are sent as one
  };

  TlsFront(std::uint16_t camera_port, Options options);
  ~TlsFront();
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& host = "127.0.0.1") const {
    return "rtsps://" + host + ":" + std::to_string(port_) + "/stream";
  }

 private:
  struct Passage;

  void accept();

  const std::uint16_t camera_port_;
  const Options options_;
  std::uint16_t port_ = 0;
  GSocketListener* listener_;
  GCancellable* stop_;
  GTlsCertificate* certificate_;
  std::vector<std::unique_ptr<Passage>> passages_;  // of the acceptor, until it is joined
  std::thread acceptor_;
};

}  // namespace retina::test
