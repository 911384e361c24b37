#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace retina::rtp {

/// Which identifiers the SDP gives the times of RFC 6051 (a=extmap:ID urn:ietf:params:rtp-hdrext:ntp-64, and
/// ntp-56); 0: none.
struct ExtensionIds {
  std::uint8_t ntp_64 = 0;
  std::uint8_t ntp_56 = 0;

  bool operator==(const ExtensionIds&) const = default;
};

/// The capture time that a packet carries.
struct ExtensionTime {
  std::uint64_t ntp = 0;
  bool shortened = false;  ///< ntp-56: the uppermost 8 bits are missing
  /// Of the ONVIF extension; false otherwise.
  bool clean_point = false;    ///< C: the access unit is a synchronisation point
  bool end = false;            ///< E: the last one of a contiguous section
  bool discontinuity = false;  ///< D: does not join the one before it

  bool operator==(const ExtensionTime&) const = default;
};

/// Of a header extension of this profile and these bytes: ONVIF Streaming Specification s6.3 (0xABAC), or RFC
/// 6051 within RFC 8285 s4.2 (one-byte headers, 0xBEDE) and s4.3 (two-byte headers, 0x1000 to 0x100F). What
/// is malformed, or something else, has no time.
std::optional<ExtensionTime> parse_extension_time(std::uint16_t profile, base::ByteView bytes,
                                                  ExtensionIds ids);

}  // namespace retina::rtp
