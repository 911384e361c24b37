#include "interop/servers/tap.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace retina::test {
namespace {

struct Address {
  sockaddr_in ip4{};
  socklen_t size = sizeof(sockaddr_in);
  sockaddr* generic() { return static_cast<sockaddr*>(static_cast<void*>(&ip4)); }
};

Address loopback(std::uint16_t port) {
  Address address;
  address.ip4.sin_family = AF_INET;
  address.ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.ip4.sin_port = htons(port);
  return address;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Passes on what there is; false at the end of the connection.
bool forward(int from, int to, RtspReader& reader, Records& records) {
  std::array<char, 65536> buffer;
  const ssize_t got = recv(from, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
  // Kept before it is passed on: what a side has answered to is always there to look at.
  reader.append(bytes);
  while (auto message = reader.next()) {
    records.write([&](Records::Snapshot& seen) { seen.requests.push_back(std::move(*message)); });
  }
  reader.take_packets();
  return send_all(to, bytes);
}

}  // namespace

Tap::Tap(std::uint16_t server_port)
    : server_port_(server_port),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(eventfd(0, EFD_CLOEXEC)) {
  Address address = loopback(0);
  if (bind(listener_.get(), address.generic(), address.size) != 0 || listen(listener_.get(), 8) != 0 ||
      getsockname(listener_.get(), address.generic(), &address.size) != 0) {
    throw std::runtime_error("no port on the loopback interface");
  }
  port_ = ntohs(address.ip4.sin_port);
  thread_ = std::thread([this] { run(); });
}

Tap::~Tap() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void Tap::run() {
  for (;;) {
    std::array<pollfd, 2> fds{pollfd{stop_.get(), POLLIN, 0}, pollfd{listener_.get(), POLLIN, 0}};
    poll(fds.data(), fds.size(), -1);
    if (fds[0].revents != 0) return;
    const Descriptor client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const Descriptor server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    Address address = loopback(server_port_);
    if (client.get() >= 0 && connect(server.get(), address.generic(), address.size) == 0)
      pass(client, server);
    client_.write([](Records::Snapshot& seen) { ++seen.closed; });
  }
}

void Tap::pass(const Descriptor& client, const Descriptor& server) {
  RtspReader asked;
  RtspReader answered;
  bool open = true;
  while (open) {
    std::array<pollfd, 3> fds{pollfd{stop_.get(), POLLIN, 0}, pollfd{client.get(), POLLIN, 0},
                              pollfd{server.get(), POLLIN, 0}};
    poll(fds.data(), fds.size(), -1);
    if (fds[0].revents != 0) return;
    if (fds[1].revents != 0) open = forward(client.get(), server.get(), asked, client_);
    if (open && fds[2].revents != 0) open = forward(server.get(), client.get(), answered, server_);
  }
}

std::string Tap::url(const std::string& path, const std::string& credentials) const {
  return "rtsp://" + credentials + (credentials.empty() ? "" : "@") + "127.0.0.1:" + std::to_string(port_) +
         path;
}

std::string Tap::dialogue() const {
  // The responses last: each is of a request that is in the list then.
  const auto answers = responses();
  std::size_t answered = 0;
  std::string text;
  for (const RtspRequest& request : requests()) {
    text += request.method;
    // In order, with other connections' behind: a CSeq alone may come twice.
    for (std::size_t i = answered; i < answers.size(); ++i) {
      if (answers[i].header_or_empty("CSeq") != request.header_or_empty("CSeq")) continue;
      text += " " + answers[i].url;
      answered = i + 1;
      break;
    }
    text += " ";
  }
  return text;
}

std::size_t Tap::count(const std::string& method) const {
  const auto asked = requests();
  return static_cast<std::size_t>(std::count_if(
      asked.begin(), asked.end(), [&](const RtspRequest& request) { return request.method == method; }));
}

bool Tap::wait_for_closed(std::size_t n) const {
  return client_.wait_until([n](const Records::Snapshot& seen) { return seen.closed >= n; });
}

}  // namespace retina::test
