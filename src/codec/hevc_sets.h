#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace retina::codec {

/// profile_tier_level() of the whole stream (ITU-T H.265 s7.3.3), in the form in which hvcC has it.
struct HevcProfile {
  std::uint8_t space = 0;
  bool high_tier = false;
  std::uint8_t profile = 0;
  std::uint32_t compatibility = 0;  ///< flag j is bit 31 - j
  std::uint64_t constraints = 0;    ///< 48 bits
  std::uint8_t level = 0;           ///< 30 times the level
};

/// What of an SPS (s7.3.2.2) is needed to describe the stream.
struct HevcSps {
  std::uint32_t vps_id = 0;
  std::uint32_t max_sub_layers = 1;  ///< 1 to 8
  bool temporal_id_nesting = false;
  HevcProfile profile;
  std::uint32_t id = 0;

  /// Whether the SPS could be read up to its bit depths; otherwise the size is 0, and the rest the most
  /// usual.
  bool has_sample_format = false;
  std::uint32_t width = 0;  ///< in samples, of what is to be shown
  std::uint32_t height = 0;
  std::uint32_t chroma_format = 1;    ///< chroma_format_idc: 4:2:0
  std::uint32_t luma_bits_over8 = 0;  ///< bit_depth_luma_minus8
  std::uint32_t chroma_bits_over8 = 0;

  /// Of the VUI; 0 where there is none, and where it couldn't be read.
  std::uint32_t min_spatial_segmentation = 0;
};

/// `nal` has its header, and is of layer 0. Nullopt: it can't even be read up to its level. What can't be
/// read behind that is left as it is above. Extensions, and whatever stands behind the VUI, are not looked
/// at.
std::optional<HevcSps> read_hevc_sps(base::ByteView nal);

/// What of a PPS (s7.3.2.3) is needed.
struct HevcPps {
  std::uint32_t id = 0;
  std::uint32_t sps_id = 0;

  /// Whether the PPS could be read up to the flags behind.
  bool has_tools = false;
  bool tiles = false;         ///< tiles_enabled_flag
  bool entropy_sync = false;  ///< entropy_coding_sync_enabled_flag: wavefronts
};

/// Nullopt: it can't even be read up to its ids.
std::optional<HevcPps> read_hevc_pps(base::ByteView nal);

}  // namespace retina::codec
