#include "support/scripted_camera.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace retina::test {

namespace {

sockaddr_storage loopback(IpFamily family, std::uint16_t port) {
  sockaddr_storage storage{};
  if (family == IpFamily::k6) {
    auto* address = static_cast<sockaddr_in6*>(static_cast<void*>(&storage));
    *address = {};
    address->sin6_family = AF_INET6;
    address->sin6_addr = in6addr_loopback;
    address->sin6_port = htons(port);
  } else {
    auto* address = static_cast<sockaddr_in*>(static_cast<void*>(&storage));
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address->sin_port = htons(port);
  }
  return storage;
}

struct Listener {
  Descriptor socket;
  std::uint16_t port;
};

Listener listen_on_loopback(IpFamily family, int backlog) {
  sockaddr_storage storage = loopback(family, 0);
  auto* address = static_cast<sockaddr*>(static_cast<void*>(&storage));
  socklen_t size = family == IpFamily::k6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  Descriptor socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (bind(socket.get(), address, size) != 0 || listen(socket.get(), backlog) != 0 ||
      getsockname(socket.get(), address, &size) != 0) {
    throw std::runtime_error("no port on the loopback interface");
  }
  const auto* ip4 = static_cast<const sockaddr_in*>(static_cast<const void*>(&storage));
  return {std::move(socket), ntohs(ip4->sin_port)};  // sin6_port is at the same place
}

std::size_t count_method(const std::vector<RtspRequest>& requests, const std::string& method) {
  return static_cast<std::size_t>(
      std::count_if(requests.begin(), requests.end(),
                    [&](const RtspRequest& request) { return request.method == method; }));
}

}  // namespace

Behaviour serving(StandardCamera camera) {
  auto shared = std::make_shared<const StandardCamera>(std::move(camera));
  return [shared, state = make_camera_state()](Peer& peer) { serve(*shared, *state, peer); };
}

Behaviour playing(Script script) {
  return [script = std::move(script)](Peer& peer) { play(script, peer); };
}

ScriptedCamera::ScriptedCamera(std::vector<Behaviour> behaviours, IpFamily family)
    : behaviours_(std::move(behaviours)), family_(family), stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (behaviours_.empty() || stop_.get() < 0) throw std::runtime_error("a camera without behaviour");
  Listener listener = listen_on_loopback(family, 64);
  listener_ = std::move(listener.socket);
  port_ = listener.port;
  acceptor_ = std::thread([this] { accept_connections(); });
}

ScriptedCamera::~ScriptedCamera() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_.get(), &one, sizeof one);
  acceptor_.join();
  for (std::thread& connection : connections_)
    connection.join();
}

void ScriptedCamera::accept_connections() {
  for (std::size_t index = 0;; ++index) {
    std::array<pollfd, 2> fds{pollfd{stop_.get(), POLLIN, 0}, pollfd{listener_.get(), POLLIN, 0}};
    poll(fds.data(), fds.size(), -1);
    if (fds[0].revents != 0) return;
    Descriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket.get() < 0) {
      --index;  // the client has left already
      continue;
    }
    auto peer = std::make_unique<Peer>(std::move(socket), stop_.get(), index, records_);
    records_.write([](Records::Snapshot& seen) { ++seen.opened; });
    const Behaviour& behaviour = behaviours_[std::min(index, behaviours_.size() - 1)];
    connections_.emplace_back([&behaviour, peer = std::move(peer)]() mutable {
      behaviour(*peer);
      peer.reset();
    });
  }
}

std::string ScriptedCamera::url(const std::string& path) const {
  return (family_ == IpFamily::k6 ? "rtsp://[::1]:" : "rtsp://127.0.0.1:") + std::to_string(port_) + path;
}

std::string ScriptedCamera::methods() const {
  std::string methods;
  for (const RtspRequest& request : requests())
    methods += request.method + " ";
  return methods;
}

std::size_t ScriptedCamera::count(const std::string& method) const {
  return count_method(requests(), method);
}

std::string ScriptedCamera::problems() const {
  std::string problems;
  for (const std::string& problem : records_.snapshot().problems)
    problems += problem + "\n";
  return problems;
}

bool ScriptedCamera::wait_for_requests(std::size_t n) const {
  return records_.wait_until([&](const Records::Snapshot& seen) { return seen.requests.size() >= n; });
}

bool ScriptedCamera::wait_for(const std::string& method, std::size_t times) const {
  return records_.wait_until(
      [&](const Records::Snapshot& seen) { return count_method(seen.requests, method) >= times; });
}

bool ScriptedCamera::wait_for_connections(std::size_t n) const {
  return records_.wait_until([&](const Records::Snapshot& seen) { return seen.opened >= n; });
}

bool ScriptedCamera::wait_for_closed(std::size_t n) const {
  return records_.wait_until([&](const Records::Snapshot& seen) { return seen.closed >= n; });
}

bool ScriptedCamera::wait_for_client_packets(std::size_t n) const {
  return records_.wait_until([&](const Records::Snapshot& seen) { return seen.client_packets.size() >= n; });
}

/// Linux completes connections while the queue holds no more than the backlog, so that one more than it fits;
/// a few more attempts make sure of it.
HangingListener::HangingListener() {
  Listener listener = listen_on_loopback(IpFamily::k4, 0);
  listener_ = std::move(listener.socket);
  port_ = listener.port;
  const sockaddr_storage storage = loopback(IpFamily::k4, port_);
  const auto* address = static_cast<const sockaddr*>(static_cast<const void*>(&storage));
  constexpr int kAttempts = 3;
  for (int i = 0; i < kAttempts; ++i) {
    queue_.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // On the loopback interface, the handshake is over when connect() returns, or never will be.
    connect(queue_.back().get(), address, sizeof(sockaddr_in));
  }
}

std::string HangingListener::url(const std::string& path) const {
  return "rtsp://127.0.0.1:" + std::to_string(port_) + path;
}

}  // namespace retina::test
