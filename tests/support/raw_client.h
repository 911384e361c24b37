#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>

#include "support/peer.h"

namespace retina::test {

/// A socket that says what it is told and reads what comes, to test servers with. Reading ends after
/// kPatience.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    connected_ =
        connect(socket_.get(), static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address) == 0;
  }

  bool connected() const { return connected_; }
  int fd() const { return socket_.get(); }
  void close() { socket_.close(); }

  bool send(std::string_view bytes) const {
    return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  /// Exactly `size` bytes; fewer if the peer closed, or nothing came for kPatience.
  std::string read(std::size_t size) {
    while (buffer_.size() < size && read_some() > 0) {
    }
    return take(std::min(size, buffer_.size()));
  }

  /// Up to and with `end`; without it, what came until the peer closed.
  std::string read_until(std::string_view end) {
    std::size_t at;
    while ((at = buffer_.find(end)) == std::string::npos && read_some() > 0) {
    }
    return take(at == std::string::npos ? buffer_.size() : at + end.size());
  }

  /// A request with CSeq and these header lines, and the reply's header.
  std::string ask(const std::string& method, const std::string& url, const std::string& headers = {}) {
    ++cseq_;
    send(method + " " + url + " RTSP/1.0\r\nCSeq: " + std::to_string(cseq_) + "\r\n" + headers + "\r\n");
    return read_until("\r\n\r\n");
  }

  /// What recv() says at the end of the stream: 0 after FIN, -1 with errno after RST. Data before it is
  /// dropped.
  ssize_t read_to_end() {
    ssize_t result;
    while ((result = read_some()) > 0) {
    }
    return result;
  }

 private:
  ssize_t read_some() {
    pollfd waiting{socket_.get(), POLLIN, 0};
    const int patience = static_cast<int>(std::chrono::milliseconds(kPatience).count());
    if (poll(&waiting, 1, patience) != 1) return -1;
    std::array<char, 4096> chunk;
    const ssize_t count = recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (count > 0) buffer_.append(chunk.data(), static_cast<std::size_t>(count));
    return count;
  }

  std::string take(std::size_t size) {
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return taken;
  }

  Descriptor socket_;
  std::string buffer_;
  unsigned cseq_ = 0;
  bool connected_ = false;
};

}  // namespace retina::test
