#include "io/tcp_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace retina::io {
namespace {

Transfer transfer_of(ssize_t result) {
  if (result > 0) return {Transfer::Status::kDone, static_cast<std::size_t>(result), 0};
  if (result == 0) return {Transfer::Status::kClosed, 0, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {};
  return {Transfer::Status::kFailed, 0, errno};
}

std::string text_of(GSocketAddress* address) {
  if (address == nullptr) return "unknown";
  gchar* text = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
  std::string copy(text);
  g_free(text);
  g_object_unref(address);
  return copy;
}

timespec timespec_of(base::Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((duration - seconds).count())};
}

}  // namespace

TcpConnection::TcpConnection(ObjectRef<GSocketConnection> connection)
    : connection_(std::move(connection)),
      fd_(g_socket_get_fd(g_socket_connection_get_socket(connection_.get()))) {
  g_socket_set_blocking(g_socket_connection_get_socket(connection_.get()), FALSE);
  set_no_delay(fd_);
}

void TcpConnection::set_no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Transfer TcpConnection::read(std::span<std::uint8_t> room) {
  return transfer_of(::recv(fd_, room.data(), room.size(), MSG_DONTWAIT));
}

Transfer TcpConnection::write(base::ByteView bytes) {
  return transfer_of(::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

void TcpConnection::set_low_water(std::size_t bytes) {
  if (bytes == low_water_) return;
  const int value = static_cast<int>(std::min<std::size_t>(bytes, INT_MAX));
  if (::setsockopt(fd_, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof value) == 0) low_water_ = bytes;
}

void TcpConnection::set_write_timeout(base::Duration timeout) {
#ifdef TCP_USER_TIMEOUT
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  const auto value = static_cast<unsigned>(std::clamp<std::int64_t>(milliseconds, 1, INT_MAX));
  ::setsockopt(fd_, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value);
#else
  static_cast<void>(timeout);
#endif
}

WaitOutcome TcpConnection::wait_with(bool want_write, std::optional<base::TimePoint> deadline,
                                     base::TimePoint now, const Wakeup& wakeup, std::span<Watched> others) {
  std::array<pollfd, 2 + kMaxWatched> fds;
  fds[0] = {fd_, static_cast<short>(want_write ? POLLIN | POLLOUT : POLLIN), 0};
  fds[1] = {wakeup.fd(), POLLIN, 0};
  others = others.first(std::min(others.size(), kMaxWatched));
  for (std::size_t i = 0; i < others.size(); ++i)
    fds[2 + i] = {others[i].fd, others[i].for_writing ? short{POLLOUT} : short{POLLIN}, 0};
  timespec timeout{};
  if (deadline) timeout = timespec_of(std::max(base::Duration::zero(), *deadline - now));
  const int ready = ::ppoll(fds.data(), 2 + others.size(), deadline ? &timeout : nullptr, nullptr);
  for (std::size_t i = 0; i < others.size(); ++i)
    others[i].readable = ready > 0 && fds[2 + i].revents != 0;
  if (fds[1].revents != 0 && ready > 0) return WaitOutcome::kWoken;
  if (ready == 0) return WaitOutcome::kTimeout;
  // EINTR counts as ready: the read that follows says kWouldBlock.
  return ready < 0 || fds[0].revents != 0 ? WaitOutcome::kReady : WaitOutcome::kOthersReady;
}

std::string TcpConnection::peer() const {
  return text_of(g_socket_connection_get_remote_address(connection_.get(), nullptr));
}

std::string TcpConnection::local() const {
  return text_of(g_socket_connection_get_local_address(connection_.get(), nullptr));
}

}  // namespace retina::io
