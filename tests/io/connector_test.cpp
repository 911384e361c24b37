#include "io/connector.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "support/check.h"

namespace {

using namespace retina;
using io::ConnectError;
using io::Transfer;
using std::chrono::seconds;

/// A listening socket on a loopback address, with a port of the kernel's choice.
class Listener {
 public:
  explicit Listener(int family = AF_INET, int backlog = 8)
      : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage address{};
    socklen_t length = 0;
    if (family == AF_INET) {
      auto* v4 = static_cast<sockaddr_in*>(static_cast<void*>(&address));
      v4->sin_family = AF_INET;
      v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      length = sizeof *v4;
    } else {
      auto* v6 = static_cast<sockaddr_in6*>(static_cast<void*>(&address));
      v6->sin6_family = AF_INET6;
      v6->sin6_addr = in6addr_loopback;
      length = sizeof *v6;
    }
    usable_ = ::bind(fd_, static_cast<sockaddr*>(static_cast<void*>(&address)), length) == 0 &&
              ::listen(fd_, backlog) == 0;
    length = sizeof address;
    ::getsockname(fd_, static_cast<sockaddr*>(static_cast<void*>(&address)), &length);
    port_ = ntohs(
        static_cast<sockaddr_in*>(static_cast<void*>(&address))->sin_port);  // same place in both families
  }
  ~Listener() { ::close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  bool usable() const { return usable_; }
  std::uint16_t port() const { return port_; }
  int accept() const { return ::accept(fd_, nullptr, nullptr); }

 private:
  int fd_;
  bool usable_ = false;
  std::uint16_t port_ = 0;
};

LAW(a_connection_carries_bytes_both_ways_and_ends_in_order) {
  const Listener listener;
  const io::Wakeup wakeup;
  auto connection = io::TcpConnector().connect("127.0.0.1", listener.port(), seconds(10), wakeup);
  ck_assert(connection.has_value());
  const int peer = listener.accept();

  ck_assert(connection.value()->write(base::as_bytes("ping")).bytes == 4);
  char got[8];
  ck_assert_int_eq(::read(peer, got, sizeof got), 4);

  std::uint8_t room[8];
  ck_assert(connection.value()->read(room).status == Transfer::Status::kWouldBlock);
  ck_assert_int_eq(::write(peer, "pong!", 5), 5);
  const auto now = base::MonotonicClock().now();
  ck_assert(connection.value()->wait(false, now + seconds(10), now, wakeup) == io::WaitOutcome::kReady);
  ck_assert_uint_eq(connection.value()->read(room).bytes, 5);
  ck_assert_int_eq(::memcmp(room, "pong!", 5), 0);

  ::close(peer);
  ck_assert(connection.value()->wait(false, now + seconds(10), now, wakeup) == io::WaitOutcome::kReady);
  ck_assert(connection.value()->read(room).status == Transfer::Status::kClosed);
  ASSERT_TEXT(connection.value()->peer(), "127.0.0.1:" + std::to_string(listener.port()));
}

LAW(below_the_low_water_mark_a_wait_goes_on_and_at_it_ends) {
  const Listener listener;
  const io::Wakeup wakeup;
  auto connection = io::TcpConnector().connect("127.0.0.1", listener.port(), seconds(10), wakeup);
  const int peer = listener.accept();
  connection.value()->set_low_water(5);
  ck_assert_int_eq(::write(peer, "four", 4), 4);
  const auto now = base::MonotonicClock().now();
  ck_assert(connection.value()->wait(false, now, now, wakeup) == io::WaitOutcome::kTimeout);
  ck_assert_int_eq(::write(peer, "5", 1), 1);
  ck_assert(connection.value()->wait(false, now + seconds(10), now, wakeup) == io::WaitOutcome::kReady);
  ::close(peer);
}

LAW(ipv6_and_names_are_connected_to) {
  const Listener listener(AF_INET6);
  if (!listener.usable()) return;  // a host without IPv6
  const io::Wakeup wakeup;
  ck_assert(io::TcpConnector().connect("::1", listener.port(), seconds(10), wakeup).has_value());
  // "localhost" is ::1 and 127.0.0.1; nobody listens on the second.
  ck_assert(io::TcpConnector().connect("localhost", listener.port(), seconds(10), wakeup).has_value());
}

LAW(a_closed_port_is_refused) {
  std::uint16_t port = 0;
  { port = Listener().port(); }
  const io::Wakeup wakeup;
  const auto connection = io::TcpConnector().connect("127.0.0.1", port, seconds(10), wakeup);
  ck_assert(!connection && connection.error().kind == ConnectError::Kind::kRefused);
}

LAW(an_unknown_name_is_told_from_other_faults) {
  const io::Wakeup wakeup;
  const auto connection = io::TcpConnector().connect("no-such-camera.invalid", 554, seconds(10), wakeup);
  ck_assert(!connection && connection.error().kind == ConnectError::Kind::kNameNotFound);
}

/// A listener whose queue is full: the kernel drops further SYNs, so connecting hangs.
class FullListener {
 public:
  FullListener() : listener_(AF_INET, 0) {
    for (int& fd : fillers_) {
      fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(listener_.port());
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      ::connect(fd, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address);
    }
  }
  ~FullListener() {
    for (const int fd : fillers_)
      ::close(fd);
  }
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;
  std::uint16_t port() const { return listener_.port(); }

 private:
  Listener listener_;
  int fillers_[4];
};

LAW(connecting_ends_at_its_timeout) {
  const FullListener listener;
  const io::Wakeup wakeup;
  const auto connection =
      io::TcpConnector().connect("127.0.0.1", listener.port(), std::chrono::milliseconds(50), wakeup);
  ck_assert(!connection && connection.error().kind == ConnectError::Kind::kTimeout);
}

LAW(connecting_ends_when_woken) {
  const FullListener listener;
  io::Wakeup wakeup;
  std::thread waker([&wakeup] { wakeup.signal(); });
  const auto connection = io::TcpConnector().connect("127.0.0.1", listener.port(), seconds(60), wakeup);
  waker.join();
  ck_assert(!connection && connection.error().kind == ConnectError::Kind::kWoken);
}

LAW(a_wait_ends_when_woken_until_the_wakeup_is_cleared) {
  const Listener listener;
  io::Wakeup wakeup;
  auto connection = io::TcpConnector().connect("127.0.0.1", listener.port(), seconds(10), wakeup);
  const auto now = base::MonotonicClock().now();
  std::thread waker([&wakeup] { wakeup.signal(); });
  ck_assert(connection.value()->wait(false, std::nullopt, now, wakeup) == io::WaitOutcome::kWoken);
  waker.join();
  ck_assert(connection.value()->wait(false, std::nullopt, now, wakeup) == io::WaitOutcome::kWoken);
  wakeup.clear();
  ck_assert(connection.value()->wait(false, now, now, wakeup) == io::WaitOutcome::kTimeout);
}

}  // namespace

int main() {
  return retina::test::run_laws("connector");
}
