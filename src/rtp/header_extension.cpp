#include "rtp/header_extension.h"

namespace retina::rtp {
namespace {

constexpr std::uint16_t kOnvifProfile = 0xABAC;
constexpr std::uint16_t kOneByteProfile = 0xBEDE;
constexpr std::uint16_t kTwoByteProfile = 0x1000;  // the low 4 bits are the application's

std::uint64_t load_be64(const std::uint8_t* bytes) {
  return (std::uint64_t{base::load_be32(bytes)} << 32) | base::load_be32(bytes + 4);
}

/// Two words of NTP; then C, E, D and T, and the low byte of the replay's CSeq.
std::optional<ExtensionTime> parse_onvif(base::ByteView bytes) {
  if (bytes.size() < 12) return std::nullopt;
  ExtensionTime time;
  time.ntp = load_be64(bytes.data());
  time.clean_point = (bytes[8] & 0x80) != 0;
  time.end = (bytes[8] & 0x40) != 0;
  time.discontinuity = (bytes[8] & 0x20) != 0;
  return time;
}

std::optional<ExtensionTime> parse_element(unsigned id, base::ByteView data, ExtensionIds ids) {
  ExtensionTime time;
  if (id == ids.ntp_64 && data.size() == 8) {
    time.ntp = load_be64(data.data());
    return time;
  }
  if (id == ids.ntp_56 && data.size() == 7) {
    for (const std::uint8_t byte : data)
      time.ntp = time.ntp << 8 | byte;
    time.shortened = true;
    return time;
  }
  return std::nullopt;
}

/// `two_byte`: the id and the length have a byte each; else 4 bits each, the length less one.
std::optional<ExtensionTime> parse_elements(base::ByteView bytes, bool two_byte, ExtensionIds ids) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::uint8_t first = bytes[at++];
    if (first == 0) continue;  // padding
    unsigned id = first;
    std::size_t length = 0;
    if (two_byte) {
      if (at >= bytes.size()) return std::nullopt;
      length = bytes[at++];
    } else {
      id = first >> 4;
      if (id == 15) return std::nullopt;  // RFC 8285 s4.2: nothing after it is to be read
      length = (first & 0x0FU) + 1U;
    }
    if (length > bytes.size() - at) return std::nullopt;
    // An identifier of 0 is padding, so it never names an element, and 0 in `ids` matches none.
    if (id != 0) {
      if (auto time = parse_element(id, bytes.subspan(at, length), ids)) return time;
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ExtensionTime> parse_extension_time(std::uint16_t profile, base::ByteView bytes,
                                                  ExtensionIds ids) {
  if (profile == kOnvifProfile) return parse_onvif(bytes);
  if (ids == ExtensionIds{}) return std::nullopt;
  if (profile == kOneByteProfile) return parse_elements(bytes, false, ids);
  if ((profile & 0xFFF0) == kTwoByteProfile) return parse_elements(bytes, true, ids);
  return std::nullopt;
}

}  // namespace retina::rtp
