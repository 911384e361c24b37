#include "support/udp_sender.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/ascii.h"

namespace retina::test {

namespace {

sockaddr* as_address(sockaddr_storage& storage) {
  return static_cast<sockaddr*>(static_cast<void*>(&storage));
}

/// The port's place is the same in both families.
in_port_t& port_of(sockaddr_storage& storage) {
  return static_cast<sockaddr_in*>(static_cast<void*>(&storage))->sin_port;
}

/// A datagram socket on a free port of the connection's own address, connected to `port` of its peer.
Descriptor connect_datagrams(int connection, std::uint16_t port) {
  sockaddr_storage local{};
  sockaddr_storage remote{};
  socklen_t local_size = sizeof local;
  socklen_t remote_size = sizeof remote;
  if (getsockname(connection, as_address(local), &local_size) != 0 ||
      getpeername(connection, as_address(remote), &remote_size) != 0) {
    return Descriptor();
  }
  port_of(local) = 0;
  port_of(remote) = htons(port);
  Descriptor socket(::socket(local.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (bind(socket.get(), as_address(local), local_size) != 0 ||
      connect(socket.get(), as_address(remote), remote_size) != 0) {
    return Descriptor();
  }
  return socket;
}

/// The same, connected to a port of a group.
Descriptor connect_group(int connection, const std::string& group, std::uint16_t port) {
  sockaddr_in local{};
  socklen_t local_size = sizeof local;
  getsockname(connection, static_cast<sockaddr*>(static_cast<void*>(&local)), &local_size);
  local.sin_port = 0;
  sockaddr_in remote{};
  remote.sin_family = AF_INET;
  remote.sin_port = htons(port);
  inet_pton(AF_INET, group.c_str(), &remote.sin_addr);
  Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_IF, &local.sin_addr, sizeof local.sin_addr) != 0 ||
      bind(socket.get(), static_cast<sockaddr*>(static_cast<void*>(&local)), sizeof local) != 0 ||
      connect(socket.get(), static_cast<sockaddr*>(static_cast<void*>(&remote)), sizeof remote) != 0) {
    return Descriptor();
  }
  return socket;
}

std::string local_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket, as_address(address), &size);
  return std::to_string(ntohs(port_of(address)));
}

}  // namespace

static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));

UdpSender::UdpSender(int connection, const std::string& client_port) {
  const base::SplitPair ports = base::split_once(client_port, '-');
  const auto rtp = base::parse_number<std::uint16_t>(ports.head);
  const auto rtcp = base::parse_number<std::uint16_t>(ports.tail.value_or(""));
  if (!rtp) return;
  rtp_ = connect_datagrams(connection, *rtp);
  rtcp_ = connect_datagrams(connection, rtcp.value_or(static_cast<std::uint16_t>(*rtp + 1)));
}

UdpSender UdpSender::to_group(int connection, const std::string& group, std::uint16_t port) {
  UdpSender sender;
  sender.rtp_ = connect_group(connection, group, port);
  sender.rtcp_ = connect_group(connection, group, static_cast<std::uint16_t>(port + 1));
  return sender;
}

std::string UdpSender::server_port() const {
  return local_port(rtp_.get()) + "-" + local_port(rtcp_.get());
}

void UdpSender::send(bool rtcp, base::ByteView packet) const {
  ::send(rtcp ? rtcp_.get() : rtp_.get(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace retina::test
