#include "codec/adts.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

constexpr unsigned kReservedIndex = 13;

/// A rate that stands written out, as an index after all; kReservedIndex: there is none for it.
unsigned rate_index(const AudioSpecificConfig& config) {
  if (config.rate_index < kReservedIndex) return config.rate_index;
  unsigned index = 0;
  while (index < kReservedIndex && rate_of_index(index) != config.core_rate_hz)
    ++index;
  return index;
}

}  // namespace

const char* why_not_adts(const AudioSpecificConfig& config) {
  if (config.object_type < kAacMain || config.object_type > kAacLtp)
    return "audio object type that ADTS can't express";
  if (rate_index(config) == kReservedIndex) return "sampling rate that ADTS can't express";
  if (config.channel_configuration < 1 || config.channel_configuration > 7)
    return "channel configuration that ADTS can't express";
  if (config.samples_per_frame != 1024) return "frame length that ADTS can't express";
  return nullptr;
}

base::Result<std::array<std::uint8_t, kAdtsHeaderBytes>> adts_header(const AudioSpecificConfig& config,
                                                                     std::size_t payload_bytes) {
  if (const char* reason = why_not_adts(config)) return fail(ErrorCode::kUnsupported, 0, reason);
  if (payload_bytes > kMaxAdtsFrameBytes - kAdtsHeaderBytes)
    return fail(ErrorCode::kTooLarge, 0, "AAC frame too large for ADTS");
  const std::size_t size = payload_bytes + kAdtsHeaderBytes;
  const unsigned channels = config.channel_configuration;
  return std::array<std::uint8_t, kAdtsHeaderBytes>{
      0xFF,
      0xF1,  // the rest of the sync word, MPEG-4, layer 0, no checksum
      static_cast<std::uint8_t>(((config.object_type - 1) << 6) | (rate_index(config) << 2) |
                                (channels >> 2)),
      static_cast<std::uint8_t>(((channels & 3) << 6) | (size >> 11)),
      static_cast<std::uint8_t>(size >> 3),
      static_cast<std::uint8_t>(((size & 7) << 5) | 0x1F),  // buffer fullness 0x7FF: variable rate
      0xFC,                                                 // and its end; one raw data block
  };
}

base::Result<AdtsHeader> parse_adts_header(base::ByteView bytes) {
  if (bytes.size() < kAdtsHeaderBytes) return fail(ErrorCode::kTruncated, bytes.size(), "ADTS header");
  // 12 bits sync word; ID, which says MPEG-2 or 4, is of no consequence; the layer is 0.
  if (bytes[0] != 0xFF || (bytes[1] & 0xF6) != 0xF0)
    return fail(ErrorCode::kMalformed, 0, "sync word of an ADTS header");
  AdtsHeader header;
  header.header_bytes = (bytes[1] & 1) != 0 ? kAdtsHeaderBytes : kAdtsHeaderBytes + 2;
  header.object_type = (bytes[2] >> 6) + 1U;
  header.rate_index = (bytes[2] >> 2) & 15U;
  header.channel_configuration = ((bytes[2] & 1U) << 2) | (bytes[3] >> 6);
  header.frame_bytes = (std::size_t{bytes[3] & 3U} << 11) | (std::size_t{bytes[4]} << 3) | (bytes[5] >> 5);
  if (header.rate_index >= kReservedIndex)
    return fail(ErrorCode::kMalformed, 2, "sampling rate of an ADTS header");
  if (header.frame_bytes <= header.header_bytes)
    return fail(ErrorCode::kMalformed, 3, "frame length of an ADTS header");
  if ((bytes[6] & 3) != 0)
    return fail(ErrorCode::kUnsupported, 6, "several raw data blocks in an ADTS frame");
  return header;
}

bool is_adts(base::ByteView bytes) {
  if (bytes.empty()) return false;
  while (!bytes.empty()) {
    const auto header = parse_adts_header(bytes);
    if (!header || header->frame_bytes > bytes.size()) return false;
    bytes = bytes.subspan(header->frame_bytes);
  }
  return true;
}

}  // namespace retina::codec
