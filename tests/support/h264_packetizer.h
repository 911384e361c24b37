#pragma once

#include <cstdint>
#include <vector>

#include "support/h264_stream.h"

namespace retina::test {

/// A payload of one RTP packet.
struct H264Payload {
  base::Bytes bytes;
  bool marker = false;
};

/// RFC 6184, packetization-mode 1: each NAL unit in a packet of its own, in FU-A fragments when it is larger
/// than `most` bytes (at least 4); small neighbours together in a STAP-A if `aggregate`.
std::vector<H264Payload> packetize(const AccessUnit& unit, std::size_t most, bool aggregate = true);

/// Whole RTP packets of a stream, numbered on from `sequence`.
struct RtpNumbers {
  std::uint8_t payload_type = 96;
  std::uint32_t ssrc = 0xCAFE;
  std::uint16_t sequence = 0;
};
std::vector<base::Bytes> rtp_packets(const AccessUnit& unit, std::size_t most, RtpNumbers& numbers);

}  // namespace retina::test
