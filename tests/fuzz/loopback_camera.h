#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "fuzz/fuzz.h"

namespace retina::fuzz {

/// The camera's side of real connections, one after the other, on a port of the loopback interface. Nothing
/// waits longer than it is told to. Connections are reset when they are left, so that none lingers.
class LoopbackCamera {
 public:
  LoopbackCamera() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    // The interface of sockets.
    auto* any = static_cast<sockaddr*>(static_cast<void*>(&address));
    FUZZ_REQUIRE(::bind(listener_, any, size) == 0 && ::listen(listener_, 16) == 0);
    FUZZ_REQUIRE(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~LoopbackCamera() {
    leave();
    ::close(listener_);
  }
  LoopbackCamera(const LoopbackCamera&) = delete;
  LoopbackCamera& operator=(const LoopbackCamera&) = delete;

  std::uint16_t port() const { return port_; }
  bool connected() const { return connection_ >= 0; }
  /// Bytes that the client has said, over all connections.
  unsigned long words() const { return words_; }
  /// CSeq of the client's latest request.
  unsigned long cseq() const { return cseq_; }

  /// What the client says within so long: true if it has said something, or closed.
  bool hear(int milliseconds) {
    if (!connected()) {
      if (!ready(listener_, POLLIN, milliseconds)) return false;
      connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      cseq_ = 0;
      heard_.clear();
      return connected();
    }
    if (!ready(connection_, POLLIN, milliseconds)) return false;
    std::array<char, 8192> room;
    const ssize_t count = ::recv(connection_, room.data(), room.size(), 0);
    if (count <= 0) {
      leave();
    } else {
      listen_to(std::string_view(room.data(), static_cast<std::size_t>(count)));
    }
    return true;
  }

  void say(base::ByteView bytes) {
    while (connected() && !bytes.empty()) {
      const ssize_t count = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count > 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(count));
      } else if (errno != EAGAIN || !ready(connection_, POLLOUT, 20)) {
        return leave();
      }
    }
  }

  /// The client hears what was said before.
  void hang_up() {
    if (connected()) ::shutdown(connection_, SHUT_WR);
  }

  void leave() {
    if (!connected()) return;
    const linger none{1, 0};
    ::setsockopt(connection_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    ::close(connection_);
    connection_ = -1;
  }

 private:
  static bool ready(int fd, short events, int milliseconds) {
    pollfd waiting{fd, events, 0};
    return ::poll(&waiting, 1, milliseconds) == 1;
  }

  void listen_to(std::string_view words) {
    heard_ += words;
    words_ += words.size();
    const std::size_t at = heard_.rfind("CSeq: ");
    if (at != std::string::npos) cseq_ = std::strtoul(heard_.c_str() + at + 6, nullptr, 10);
    if (heard_.size() > 16384) heard_.erase(0, heard_.size() - 100);
  }

  int listener_;
  int connection_ = -1;
  std::uint16_t port_ = 0;
  unsigned long cseq_ = 0;
  unsigned long words_ = 0;
  std::string heard_;
};

}  // namespace retina::fuzz
