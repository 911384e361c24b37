#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

/// RTP and RTCP (RFC 3550) as a receiver needs them: packets, order, the media clock, sender reports.
namespace retina::rtp {

/// One RTP packet. The views see the bytes that it was parsed from.
struct Packet {
  bool marker = false;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  base::ByteView payload;               ///< without padding; may be empty
  std::uint16_t extension_profile = 0;  ///< the 16 bits that name the header extension; 0 without one
  base::ByteView extension;             ///< its data, whole 32-bit words, without the 4-byte header
};

constexpr std::size_t kFixedHeaderBytes = 12;
constexpr std::uint8_t kVersion = 2;

/// A packet of nothing but the fixed header and the payload, as nearly every one of a camera is: P, X and CC
/// are 0.
inline bool is_plain(base::ByteView bytes) {
  return bytes.size() >= kFixedHeaderBytes && bytes[0] == kVersion << 6;
}

/// The packets that parse_packet() doesn't handle inline: with padding, extension or CSRCs, or malformed.
base::Result<Packet> parse_unusual_packet(base::ByteView bytes);

/// The first twelve bytes of a header, which must be there; `payload` is what follows them.
inline Packet read_fixed_header(base::ByteView bytes) {
  Packet packet;
  packet.marker = (bytes[1] & 0x80) != 0;
  packet.payload_type = bytes[1] & 0x7F;
  packet.sequence = base::load_be16(bytes.data() + 2);
  packet.timestamp = base::load_be32(bytes.data() + 4);
  packet.ssrc = base::load_be32(bytes.data() + 8);
  packet.payload = bytes.subspan(kFixedHeaderBytes);
  return packet;
}

/// RFC 3550 s5.1. `bytes` is one whole packet. Errors: kTruncated when the header, the CSRCs, the extension
/// or the padding are longer than the packet; kMalformed for another version, and for padding that counts 0
/// bytes.
inline base::Result<Packet> parse_packet(base::ByteView bytes) {
  if (is_plain(bytes)) return read_fixed_header(bytes);
  return parse_unusual_packet(bytes);
}

/// RTCP that came where RTP was expected (RFC 5761 s4). Of the types that RFC 5761 reserves (192 to 223) only
/// those that peers send: 200 SR to 204 APP, 205 RTPFB, 206 PSFB, 207 XR; the others could as well be RTP of
/// the payload types 64 to 95 with a marker. A first length that is longer than `bytes` tells RTP too.
inline bool is_rtcp(base::ByteView bytes) {
  if (bytes.size() < 4 || bytes[0] >> 6 != kVersion || bytes[1] < 200 || bytes[1] > 207) return false;
  return (std::size_t{base::load_be16(bytes.data() + 2)} + 1) * 4 <= bytes.size();
}

}  // namespace retina::rtp
