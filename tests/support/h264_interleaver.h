#pragma once

#include <cstdint>
#include <vector>

#include "support/h264_packetizer.h"

/// Packets of the interleaved mode (RFC 6184, packetization-mode 2).
namespace retina::test {

/// s5.7.1: NAL units of one time, numbered on from `number`.
base::Bytes stap_b(std::uint16_t number, const std::vector<base::Bytes>& nals);

/// s5.7.2: NAL units of several times.
struct TimedUnit {
  base::Bytes nal;
  std::uint8_t difference = 0;  ///< of its decoding order number from the packet's
  std::uint32_t offset = 0;     ///< of its time from the packet's timestamp
};
base::Bytes mtap16(std::uint16_t number, const std::vector<TimedUnit>& units);
base::Bytes mtap24(std::uint16_t number, const std::vector<TimedUnit>& units);

/// s5.8: an FU-B, and FU-As after it; at least two packets of at most `most` bytes (at least 6).
std::vector<H264Payload> fragments_b(std::uint16_t number, const base::Bytes& nal, std::size_t most);

/// One NAL unit on its way: what it takes to be put into a packet of any kind.
struct NumberedUnit {
  base::Bytes nal;
  std::uint16_t number = 0;
  std::uint32_t timestamp = 0;
};
/// The stream's NAL units in decoding order, numbered on from `first`.
std::vector<NumberedUnit> numbered(const std::vector<AccessUnit>& stream, std::uint16_t first);

/// A packet's payload, with its timestamp.
struct TimedPayload {
  base::Bytes bytes;
  std::uint32_t timestamp = 0;
  bool marker = false;
};
/// Packets of the units in the order given: neighbours together where they fit into `most` bytes, in an MTAP
/// where their times or numbers ask for it, and FU-Bs for those that don't fit. A packet has the marker when
/// a unit of the last packet of its timestamp is in it, as s5.1 says.
std::vector<TimedPayload> packetize_interleaved(const std::vector<NumberedUnit>& units, std::size_t most);

}  // namespace retina::test
