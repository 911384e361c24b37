#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sdp/description.h"

namespace retina::codec {

/// How several Opus streams make the channels of one sound (RFC 7845 s5.1.1), as WebRTC's `multiopus` says it
/// in its fmtp: num_streams, coupled_streams, channel_mapping.
struct OpusStreams {
  unsigned streams = 0;
  unsigned coupled = 0;               ///< of these, so many are stereo
  std::vector<std::uint8_t> mapping;  ///< for each channel, which decoded one it is; 255: silence
};

/// Nullopt: it isn't told, or makes no sense.
std::optional<OpusStreams> opus_streams(const sdp::Media& media);

}  // namespace retina::codec
