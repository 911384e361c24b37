#include "io/udp_pair.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "io/multicast.h"

namespace retina::io {
namespace {

#ifndef UDP_GRO
constexpr int UDP_GRO = 104;  // linux/udp.h; older C libraries lack it
#endif

/// So many pairs are tried: a range that is all taken must not cost seconds.
constexpr int kMaxTries = 1000;

/// `shared`: others may be bound to the same address.
UdpSocket bind_socket(const Address& address, bool shared = false) {
  UdpSocket socket(::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.fd() < 0) return {};
  const int on = 1;
  if (shared) ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.fd(), address.raw(), address.raw_size()) != 0) return {};
  return socket;
}

/// What isn't supported is done without.
int set_up(const UdpSocket& socket, const UdpSettings& settings) {
  const int on = 1;
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  if (settings.gro) ::setsockopt(socket.fd(), IPPROTO_UDP, UDP_GRO, &on, sizeof on);
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &settings.buffer_bytes, sizeof settings.buffer_bytes);
  int doubled = 0;
  socklen_t size = sizeof doubled;
  ::getsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &doubled, &size);
  return doubled / 2;  // socket(7): the kernel doubles what it was told, for its bookkeeping
}

}  // namespace

// --- UdpSocket ---

UdpSocket::UdpSocket(UdpSocket&& other) noexcept {
  *this = std::move(other);
}

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(peers_, other.peers_);
  std::swap(group_, other.group_);
  std::swap(connected_, other.connected_);
  std::swap(drops_, other.drops_);
  return *this;
}

UdpSocket::~UdpSocket() {
  if (fd_ >= 0) ::close(fd_);
}

void UdpSocket::set_peers(std::vector<Address> peers, bool exact_port) {
  peers_ = std::move(peers);
  connected_ = exact_port && peers_.size() == 1 && peers_.front().port() != 0 &&
               ::connect(fd_, peers_.front().raw(), peers_.front().raw_size()) == 0;
}

void UdpSocket::set_group(const Address& group, std::vector<Address> sources) {
  group_ = group;
  peers_ = std::move(sources);
}

bool UdpSocket::wants(const Address& sender) const {
  if (group_ && peers_.empty()) return true;
  return std::any_of(peers_.begin(), peers_.end(),
                     [&sender](const Address& peer) { return sender.same_host(peer); });
}

void UdpSocket::send(base::ByteView datagram) const {
  const auto has_port = [](const Address& peer) { return peer.port() != 0; };
  const auto peer = std::find_if(peers_.begin(), peers_.end(), has_port);
  if (!group_ && peer == peers_.end()) return;
  const Address& to = group_ ? *group_ : *peer;
  const sockaddr* const raw = connected_ ? nullptr : to.raw();
  const socklen_t size = connected_ ? 0 : to.raw_size();
  // What fails first may be the ICMP error that an earlier datagram has brought.
  for (int tries = 0; tries < 2; ++tries) {
    if (::sendto(fd_, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL, raw, size) >= 0) return;
  }
}

std::uint32_t UdpSocket::count_drops(std::uint32_t total) {
  return total - std::exchange(drops_, total);
}

// --- UdpPair ---

UdpPair::UdpPair(UdpSocket rtp, UdpSocket rtcp, std::uint16_t rtp_port, int buffer_bytes)
    : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)), rtp_port_(rtp_port), buffer_bytes_(buffer_bytes) {}

base::Result<UdpPair, std::string> UdpPair::open(const Address& local, const UdpSettings& settings) {
  const PortRange range = settings.ports;
  std::uint32_t next = range.any() ? 0 : range.first + (range.first & 1U);
  for (int tries = 0; tries < kMaxTries; ++tries, next += range.any() ? 0 : 2) {
    if (!range.any() && next + 1 > range.last) break;
    UdpSocket rtp = bind_socket(local.with_port(static_cast<std::uint16_t>(next)));
    const int failed = errno;
    if (rtp.fd() < 0) {
      if (failed == EADDRINUSE) continue;
      // A port under 1024, no descriptor left, an address that is gone: the next pair fares no better.
      return base::Unexpected<std::string>("A UDP socket can't be bound to " + local.with_port(0).text() +
                                           " (" + std::generic_category().message(failed) + ").");
    }
    const auto bound = Address::local_of(rtp.fd());
    if (!bound || bound->port() % 2 != 0) continue;
    UdpSocket rtcp = bind_socket(bound->with_port(static_cast<std::uint16_t>(bound->port() + 1)));
    if (rtcp.fd() < 0) continue;
    set_up(rtcp, settings);
    const int buffer_bytes = set_up(rtp, settings);
    return UdpPair(std::move(rtp), std::move(rtcp), bound->port(), buffer_bytes);
  }
  return base::Unexpected<std::string>("No pair of UDP ports is free" +
                                       (range.any() ? std::string()
                                                    : " from " + std::to_string(range.first) + " to " +
                                                          std::to_string(range.last) + ": widen port-range") +
                                       ".");
}

base::Result<UdpPair, std::string> UdpPair::join(const UdpGroup& group, const Address& local,
                                                 const UdpSettings& settings) {
  const auto interface = multicast_interface(settings.multicast_interface, local);
  if (!interface) return base::Unexpected(interface.error());
  std::array<UdpSocket, 2> sockets;
  for (const bool rtcp : {false, true}) {
    const Address address = group.address.with_port(rtcp ? group.rtcp_port : group.address.port());
    UdpSocket socket = bind_socket(address, true);
    if (socket.fd() < 0) {
      return base::Unexpected<std::string>("A UDP socket can't be bound to the multicast group " +
                                           address.text() + " (" + std::generic_category().message(errno) +
                                           ").");
    }
    if (const int failed = join_group(socket.fd(), address, group.sources, *interface); failed != 0) {
      return base::Unexpected<std::string>("The multicast group " + address.text() + " can't be joined (" +
                                           std::generic_category().message(failed) +
                                           "). Name the network's interface with multicast-iface.");
    }
    send_to_group(socket.fd(), address.family(), group.ttl, *interface);
    socket.set_group(address, group.sources);
    sockets[rtcp ? 1 : 0] = std::move(socket);
  }
  set_up(sockets[1], settings);
  const int buffer_bytes = set_up(sockets[0], settings);
  return UdpPair(std::move(sockets[0]), std::move(sockets[1]), group.address.port(), buffer_bytes);
}

}  // namespace retina::io
