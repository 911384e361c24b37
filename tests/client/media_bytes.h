#pragma once

#include <cstdint>
#include <string>

#include "client/session_driver.h"

/// Media as a camera sends it: RTP packets with H.264 in them, written by hand.
namespace retina::test {

inline std::string be16(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xFF), static_cast<char>(value & 0xFF)};
}
inline std::string be32(std::uint32_t value) {
  return be16(value >> 16) + be16(value & 0xFFFF);
}

struct RtpOptions {
  bool marker = true;
  unsigned payload_type = 96;
  std::uint32_t ssrc = 0xCAFE;
};

inline std::string rtp_packet(unsigned sequence, std::uint32_t timestamp, const std::string& payload,
                              RtpOptions options = {}) {
  std::string packet = "\x80";
  packet += static_cast<char>((options.marker ? 0x80U : 0U) | options.payload_type);
  return packet + be16(sequence) + be32(timestamp) + be32(options.ssrc) + payload;
}

/// The first P slice of a picture (NAL type 1, referenced), whose content tells it from others.
inline std::string slice(char content) {
  return std::string("\x41\x88") + std::string(20, content);
}

/// '$', channel, length, packet: RFC 2326 s10.12.
inline std::string on_channel(unsigned channel, const std::string& packet) {
  return "$" + std::string(1, static_cast<char>(channel)) + be16(static_cast<unsigned>(packet.size())) +
         packet;
}

/// The frames that have come, by the content of their slices: "abc".
inline std::string take_frames(SessionDriver& camera) {
  const std::string before = std::string("\0\0\0\1", 4) + "\x41\x88";
  std::string contents;
  while (auto ready = camera.take<client::FrameReady>()) {
    const std::string bytes{base::as_text(ready->frame.bytes())};
    const bool whole = bytes.size() == before.size() + 20 && bytes.starts_with(before) &&
                       bytes.substr(before.size()) == std::string(20, bytes.back());
    contents += whole ? bytes.back() : '?';
  }
  return contents;
}

}  // namespace retina::test
