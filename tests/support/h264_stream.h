#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace retina::test {

/// One picture: its NAL units in decoding order, without start codes.
struct AccessUnit {
  std::vector<base::Bytes> nals;
  std::uint32_t timestamp = 0;  ///< RTP, 90 kHz
  bool key_frame = false;
};

/// Constrained Baseline, level 3, 240x160, and the PPS that goes with it: real parsers accept them.
base::Bytes sample_sps();
base::Bytes sample_pps();

/// A slice of `size` bytes (at least 8) with its NAL header: the first slice of a picture, then bytes that
/// depend on `seed` alone, none of them zero, so that no start code is emulated.
base::Bytes sample_slice(bool idr, std::size_t size, std::uint32_t seed);

/// A deterministic stream: every `gop`th picture is IDR, with SPS and PPS before it and six times as large;
/// the others have `size` bytes +-25 %. Some have two slices, some an SEI. 3600 ticks apart.
std::vector<AccessUnit> sample_stream(std::size_t pictures, std::size_t size, std::size_t gop = 10);

/// The access unit as a frame should hold it: every NAL unit behind its length or a start code; SPS and PPS
/// left out unless `with_parameter_sets`.
base::Bytes framed(const AccessUnit& unit, bool length_prefixed, bool with_parameter_sets);

}  // namespace retina::test
