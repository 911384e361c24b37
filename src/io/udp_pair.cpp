#include "io/udp_pair.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace retina::io {
namespace {

#ifndef UDP_GRO
constexpr int UDP_GRO = 104;  // linux/udp.h; older C libraries lack it
#endif

/// So many pairs are tried: a range that is all taken must not cost seconds.
constexpr int kMaxTries = 1000;

UdpSocket bind_socket(const Address& address) {
  UdpSocket socket(::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.fd() < 0) return {};
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

void UdpSocket::send(base::ByteView datagram) const {
  for (const Address& peer : peers_) {
    if (peer.port() == 0) continue;
    const sockaddr* to = connected_ ? nullptr : peer.raw();
    const socklen_t size = connected_ ? 0 : peer.raw_size();
    // What fails first may be the ICMP error that an earlier datagram has brought.
    for (int tries = 0; tries < 2; ++tries) {
      if (::sendto(fd_, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to, size) >= 0) return;
    }
    return;
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

}  // namespace retina::io
