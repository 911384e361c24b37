#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace retina::test {

/// One H.265 picture: its NAL units in decoding order, without start codes.
struct HevcUnit {
  std::vector<base::Bytes> nals;
  std::uint32_t timestamp = 0;  ///< RTP, 90 kHz
  bool key_frame = false;
};

/// A payload of one RTP packet.
struct HevcPayload {
  base::Bytes bytes;
  bool marker = false;
};

/// A NAL unit of `size` bytes (at least 4): its header, then for a slice first_slice_segment_in_pic_flag, and
/// bytes that depend on `seed` alone, none of them zero, so that no start code is emulated.
struct NalShape {
  unsigned type = 1;
  std::size_t size = 100;
  std::uint32_t seed = 1;
  bool first_slice = true;
  unsigned temporal_id = 0;
  unsigned layer = 0;
};
base::Bytes hevc_nal(const NalShape& shape);

/// A deterministic stream: every `gop`th picture is an IDR picture and six times as large; the others have
/// `size` bytes +-25 %. Some have two slices, some SEI before or behind them. 3600 ticks apart.
std::vector<HevcUnit> hevc_stream(std::size_t pictures, std::size_t size, std::size_t gop = 10);

/// The NAL units as a frame holds them: behind their lengths, or start codes.
base::Bytes hevc_framed(const std::vector<base::Bytes>& nals, bool length_prefixed);

/// RFC 7798: each NAL unit in a packet of its own, in fragments when it is larger than `most` bytes (at least
/// 8); small neighbours together in an aggregation packet if `aggregate`. With decoding order numbers where
/// `don` is given: that of the first NAL unit, and each further one has the next.
std::vector<HevcPayload> packetize(const HevcUnit& unit, std::size_t most, bool aggregate = true,
                                   std::optional<std::uint16_t> don = {});

/// One NAL unit in fragments of at most `most` bytes, two at least.
std::vector<base::Bytes> hevc_fragments(const base::Bytes& nal, std::size_t most,
                                        std::optional<std::uint16_t> don = {});
base::Bytes hevc_aggregate(const std::vector<base::Bytes>& nals, std::optional<std::uint16_t> don = {});
/// A PACI around a payload, with an extension of `extension_bytes`.
base::Bytes hevc_paci(const base::Bytes& payload, std::size_t extension_bytes);

}  // namespace retina::test
