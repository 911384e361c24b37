#pragma once

#include <array>
#include <string_view>

namespace retina::client {

/// How media comes from the camera.
enum class Transport {
  kTcp,       ///< interleaved in the control connection (RFC 2326 s10.12)
  kUdp,       ///< unicast, to ports of ours
  kMulticast  ///< to a group of addresses that we join
};
inline constexpr std::array kAllTransports = {Transport::kTcp, Transport::kUdp, Transport::kMulticast};

constexpr bool is_datagrams(Transport transport) {
  return transport != Transport::kTcp;
}

/// As people know them, and as `protocols` and `stats` call them.
constexpr const char* name_of(Transport transport) {
  return transport == Transport::kTcp ? "TCP" : transport == Transport::kUdp ? "UDP" : "multicast";
}
constexpr const char* nick_of(Transport transport) {
  return transport == Transport::kTcp ? "tcp" : transport == Transport::kUdp ? "udp" : "udp-mcast";
}

/// A set of them.
struct Transports {
  bool tcp = true;
  bool udp = true;
  bool multicast = true;

  static constexpr Transports none() { return {false, false, false}; }
  constexpr bool any() const { return tcp || udp || multicast; }
  constexpr bool has(Transport transport) const {
    return transport == Transport::kTcp ? tcp : transport == Transport::kUdp ? udp : multicast;
  }
  constexpr void add(Transport transport) {
    (transport == Transport::kTcp ? tcp : transport == Transport::kUdp ? udp : multicast) = true;
  }
};

/// What is left of `allowed` by a URL's scheme: rtspt is TCP only, rtspu is UDP only, and what is tunnelled
/// through HTTP is TCP. Media of UDP isn't encrypted: over TLS only rtspsu has it.
constexpr Transports narrowed(Transports allowed, std::string_view scheme) {
  for (const std::string_view tcp_only : {"rtspt", "rtsph", "rtsps", "rtspst", "rtspsh"}) {
    if (scheme == tcp_only) allowed.udp = allowed.multicast = false;
  }
  if (scheme == "rtspu" || scheme == "rtspsu") allowed.tcp = allowed.multicast = false;
  return allowed;
}

}  // namespace retina::client
