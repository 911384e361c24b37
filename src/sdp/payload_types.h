#pragma once

#include <cstdint>
#include <string_view>

#include "sdp/description.h"

namespace retina::sdp {

/// What a payload type means.
struct Encoding {
  std::string_view name;
  std::uint32_t clock_rate_hz = 0;
  std::uint16_t channels = 0;  ///< audio only
};

/// RFC 3551 s6, tables 4 and 5: what `payload_type` means without an rtpmap in a section of that kind;
/// nullptr: nothing (dynamic, unassigned, or of another kind).
const Encoding* static_encoding(std::uint8_t payload_type, MediaKind kind);

/// The clock rate that an encoding always has, or has where nothing else is said; 0: none is known.
std::uint32_t default_clock_rate(std::string_view encoding_name);

/// Encodings that serve another one of the same section: never what someone wants to see.
bool is_auxiliary(std::string_view encoding_name);

}  // namespace retina::sdp
