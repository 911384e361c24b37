#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace retina::io {

/// The local ports that pairs of UDP sockets are taken from. 0 to 0: whichever the system gives.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;

  bool any() const { return first == 0; }
};

/// "5000-5100", or "" and "0-0" for any. Nullopt when it can't be read, or holds no even port with its odd
/// successor.
std::optional<PortRange> parse_port_range(std::string_view text);

}  // namespace retina::io
