#include "support/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace retina::test {

namespace {

base::TimePoint now() {
  return base::MonotonicClock().now();
}

/// Rounded up, so that a wait never ends before its deadline and never spins.
int poll_timeout(base::TimePoint deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 3'600'000));
}

std::string describe_local_address(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* address = static_cast<sockaddr*>(static_cast<void*>(&storage));
  if (getsockname(fd, address, &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET6) {
    const auto* ip6 = static_cast<const sockaddr_in6*>(static_cast<const void*>(&storage));
    inet_ntop(AF_INET6, &ip6->sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(ip6->sin6_port));
  }
  const auto* ip4 = static_cast<const sockaddr_in*>(static_cast<const void*>(&storage));
  inet_ntop(AF_INET, &ip4->sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(ip4->sin_port));
}

}  // namespace

void Descriptor::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::vector<std::string_view> Delivery::pieces(std::string_view bytes) const {
  std::vector<std::string_view> pieces;
  if (byte_by_byte) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      pieces.push_back(bytes.substr(i, 1));
    return pieces;
  }
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    if (cut <= from || cut >= bytes.size()) continue;
    pieces.push_back(bytes.substr(from, cut - from));
    from = cut;
  }
  pieces.push_back(bytes.substr(from));
  return pieces;
}

Peer::Peer(Descriptor socket, int stop, std::size_t index, Records& records)
    : socket_(std::move(socket)),
      stop_(stop),
      index_(index),
      records_(records),
      local_address_(describe_local_address(socket_.get())) {
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Peer::~Peer() {
  socket_.close();
  records_.write([](Records::Snapshot& seen) { ++seen.closed; });
}

void Peer::problem(const std::string& text) {
  records_.write([&](Records::Snapshot& seen) {
    seen.problems.push_back("connection " + std::to_string(index_) + ": " + text);
  });
}

bool Peer::read_available() {
  std::array<char, 16384> chunk;
  const ssize_t count = recv(socket_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (count <= 0) {
    client_closed_ = true;
    return false;
  }
  reader_.append({chunk.data(), static_cast<std::size_t>(count)});
  return true;
}

bool Peer::flush() {
  while (!unsent_.empty()) {
    const ssize_t count = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) client_closed_ = true;
      return errno == EAGAIN;
    }
    unsent_.erase(0, static_cast<std::size_t>(count));
  }
  return true;
}

Peer::Event Peer::wait(base::TimePoint deadline) {
  for (;;) {
    if (parse()) return Event::kRequest;
    if (client_closed_ || socket_.get() < 0) return Event::kClosed;
    const bool sending = has_unsent();
    std::array<pollfd, 2> fds{pollfd{stop_, POLLIN, 0}, pollfd{socket_.get(), POLLIN, 0}};
    if (sending) fds[1].events |= POLLOUT;
    if (poll(fds.data(), fds.size(), poll_timeout(deadline)) < 0 && errno != EINTR) return Event::kClosed;
    if (fds[0].revents != 0) return Event::kStopped;
    if ((fds[1].revents & ~POLLOUT) != 0) read_available();
    if ((fds[1].revents & POLLOUT) != 0 && flush() && !has_unsent()) return Event::kWritable;
    if (fds[1].revents == 0 && now() >= deadline) return Event::kDeadline;
  }
}

bool Peer::parse() {
  if (!ready_) ready_ = reader_.next();
  std::vector<base::Bytes> packets = reader_.take_packets();
  if (!packets.empty()) {
    records_.write([&](Records::Snapshot& seen) {
      for (base::Bytes& packet : packets) {
        if (seen.client_packets.size() < Records::kMaxPackets)
          seen.client_packets.push_back(std::move(packet));
      }
    });
  }
  return ready_.has_value();
}

std::optional<RtspRequest> Peer::take_request() {
  if (!parse()) return std::nullopt;
  ready_->connection = index_;
  records_.write([&](Records::Snapshot& seen) { seen.requests.push_back(*ready_); });
  return std::exchange(ready_, std::nullopt);
}

bool Peer::send(std::string_view bytes, const Delivery& delivery) {
  const base::TimePoint deadline = now() + kPatience;
  for (const std::string_view piece : delivery.pieces(bytes)) {
    unsent_ += piece;
    while (flush() && has_unsent()) {
      std::array<pollfd, 2> fds{pollfd{stop_, POLLIN, 0}, pollfd{socket_.get(), POLLOUT, 0}};
      poll(fds.data(), fds.size(), poll_timeout(deadline));
      if (fds[0].revents != 0 || now() >= deadline) return false;
    }
    if (client_closed_ || (delivery.pause > base::Duration{0} && !pause(delivery.pause))) return false;
  }
  return true;
}

void Peer::offer(base::ByteView bytes) {
  unsent_ += base::as_text(bytes);
  flush();
}

bool Peer::pause(base::Duration duration) {
  pollfd stop{stop_, POLLIN, 0};
  const base::TimePoint until = now() + duration;
  while (now() < until && stop.revents == 0)
    poll(&stop, 1, poll_timeout(until));
  return stop.revents == 0;
}

bool Peer::stall() {
  for (;;) {
    const Event event = wait(now() + std::chrono::hours(1));
    take_request();
    if (event == Event::kClosed) return true;
    if (event == Event::kStopped) return false;
  }
}

void Peer::stop_reading() {
  const int small = 4096;
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  std::array<pollfd, 2> fds{pollfd{stop_, POLLIN, 0}, pollfd{socket_.get(), POLLRDHUP, 0}};
  while (poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) {
  }
}

void Peer::close() {
  socket_.close();
}

void Peer::reset() {
  const linger no_linger{1, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &no_linger, sizeof no_linger);
  socket_.close();
}

void Peer::half_close() {
  shutdown(socket_.get(), SHUT_WR);
}

}  // namespace retina::test
