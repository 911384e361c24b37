#include "rtp/packet.h"

namespace retina::rtp {
namespace {

using base::ErrorCode;
using base::fail;

/// RFC 3550 s5.3.1: 16 bits that name it, 16 bits that count its 32-bit words.
base::Result<void> read_extension(base::ByteReader& reader, Packet& packet) {
  TRY(packet.extension_profile, reader.u16("RTP extension header"));
  TRY(const std::uint16_t words, reader.u16("RTP extension header"));
  TRY(packet.extension, reader.bytes(std::size_t{words} * 4, "RTP extension"));
  return {};
}

/// RFC 3550 s5.1, padding: the last byte counts how many to ignore, itself included.
base::Result<base::ByteView> without_padding(base::ByteView payload, std::size_t packet_bytes) {
  if (payload.empty()) return fail(ErrorCode::kTruncated, packet_bytes, "RTP padding");
  const std::size_t padding = payload.back();
  if (padding == 0) return fail(ErrorCode::kMalformed, packet_bytes - 1, "RTP padding of 0 bytes");
  if (padding > payload.size()) return fail(ErrorCode::kTruncated, packet_bytes - 1, "RTP padding");
  return payload.first(payload.size() - padding);
}

}  // namespace

base::Result<Packet> parse_unusual_packet(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  TRY(const base::ByteView fixed, reader.bytes(kFixedHeaderBytes, "RTP header"));
  if (fixed[0] >> 6 != kVersion) return fail(ErrorCode::kMalformed, 0, "RTP version");
  const bool has_padding = (fixed[0] & 0x20) != 0;
  const bool has_extension = (fixed[0] & 0x10) != 0;
  const std::size_t csrc_count = fixed[0] & 0x0F;

  Packet packet = read_fixed_header(bytes);
  CHECK_OK(reader.bytes(csrc_count * 4, "RTP CSRC list"));
  if (has_extension) CHECK_OK(read_extension(reader, packet));
  packet.payload = reader.rest();
  if (has_padding) {
    TRY(packet.payload, without_padding(reader.rest(), bytes.size()));
  }
  return packet;
}

}  // namespace retina::rtp
