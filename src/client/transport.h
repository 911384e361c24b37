#pragma once

#include <string_view>

namespace retina::client {

/// How media comes from the camera.
enum class Transport {
  kTcp,  ///< interleaved in the control connection (RFC 2326 s10.12)
  kUdp   ///< unicast, to ports of ours
};

/// Those that are allowed. They are tried in the order of Transport.
struct Transports {
  bool tcp = true;
  bool udp = true;

  bool any() const { return tcp || udp; }
};

/// What is left of `allowed` by a URL's scheme: rtspt is TCP only, rtspu is UDP only. Media of UDP isn't
/// encrypted: over TLS only rtspsu has it.
constexpr Transports narrowed(Transports allowed, std::string_view scheme) {
  if (scheme == "rtspt" || scheme == "rtsps" || scheme == "rtspst") allowed.udp = false;
  if (scheme == "rtspu" || scheme == "rtspsu") allowed.tcp = false;
  return allowed;
}

}  // namespace retina::client
