#include "codec/opus_duration.h"

namespace retina::codec {
namespace {

constexpr std::uint32_t kMaxSamples = 5760;  // RFC 6716 s3.4, R5

/// RFC 6716 s3.1, table 2.
std::uint32_t samples_per_frame(unsigned configuration) {
  constexpr std::uint32_t kSilk[] = {480, 960, 1920, 2880};
  constexpr std::uint32_t kCelt[] = {120, 240, 480, 960};
  if (configuration < 12) return kSilk[configuration % 4];
  if (configuration < 16) return kSilk[configuration % 2];  // hybrid: 10 or 20 ms
  return kCelt[configuration % 4];
}

}  // namespace

base::Result<std::uint32_t> opus_duration(base::ByteView packet) {
  if (packet.empty()) return base::fail(base::ErrorCode::kTruncated, 0, "Opus packet");
  const std::uint32_t samples = samples_per_frame(packet[0] >> 3U);
  const unsigned code = packet[0] & 3U;
  if (code == 0) return samples;
  if (code < 3) return samples * 2;
  if (packet.size() < 2) return base::fail(base::ErrorCode::kTruncated, 1, "Opus frame count");
  const std::uint32_t frames = packet[1] & 0x3FU;
  if (frames == 0 || frames * samples > kMaxSamples)
    return base::fail(base::ErrorCode::kMalformed, 1, "Opus frame count");
  return frames * samples;
}

}  // namespace retina::codec
