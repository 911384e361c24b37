#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "codec/h264_syntax.h"

/// H.265 parameter sets, bit by bit (ITU-T H.265 s7.3.2).
namespace retina::test {

struct HevcSubLayer {
  bool has_profile = false;
  bool has_level = false;
};

/// Which sets of reference pictures the SPS has.
enum class HevcReferences {
  kNone,
  kExplicit,   ///< one before; one before and after
  kPredicted,  ///< and three that are predicted from the one before them
};

struct HevcSyntax {
  std::uint32_t vps_id = 0;
  std::uint32_t sps_id = 0;
  std::uint32_t pps_id = 0;

  unsigned profile_space = 0;
  bool high_tier = false;
  unsigned profile = 1;
  std::uint32_t compatibility = 0x60000000;
  std::uint64_t constraints = 0xB00000000000;
  unsigned level = 93;
  unsigned max_sub_layers = 1;
  bool temporal_id_nesting = true;
  std::vector<HevcSubLayer> sub_layers;  ///< all below the highest; absent ones have neither

  unsigned chroma_format = 1;
  std::uint32_t width = 640;
  std::uint32_t height = 368;
  std::uint32_t crop_bottom = 0;  ///< in chroma samples
  unsigned luma_bits = 8;
  unsigned chroma_bits = 8;

  bool ordering_of_all = false;
  bool scaling_lists = false;
  bool pcm = false;
  HevcReferences references = HevcReferences::kNone;
  bool long_term = false;

  bool vui = false;
  bool everything_in_vui = false;  ///< shape 4:3, colours, windows, HRD …
  std::uint32_t time_scale = 0;    ///< with num_units_in_tick 1; 0: no timing
  std::uint32_t min_spatial_segmentation = 0;
  bool extensions = false;  ///< in SPS and PPS: all flags set, and garbage behind

  bool tiles = false;
  bool entropy_sync = false;
};

inline void write_profile(BitWriter& bits, const HevcSyntax& syntax) {
  bits.u(2, syntax.profile_space).u(1, syntax.high_tier).u(5, syntax.profile).u(32, syntax.compatibility);
  bits.u(16, static_cast<std::uint32_t>(syntax.constraints >> 32));
  bits.u(32, static_cast<std::uint32_t>(syntax.constraints)).u(8, syntax.level);
  std::vector<HevcSubLayer> layers = syntax.sub_layers;
  layers.resize(syntax.max_sub_layers - 1);
  for (const HevcSubLayer& layer : layers)
    bits.u(1, layer.has_profile).u(1, layer.has_level);
  for (std::size_t i = layers.size(); !layers.empty() && i < 8; ++i)
    bits.u(2, 0);
  for (const HevcSubLayer& layer : layers) {
    if (layer.has_profile) bits.u(32, 0x21600000).u(32, 0xB0000000).u(24, 0);
    if (layer.has_level) bits.u(8, 60);
  }
}

inline base::Bytes make_hevc_vps(const HevcSyntax& syntax) {
  BitWriter bits;
  bits.u(4, syntax.vps_id).u(2, 3).u(6, 0).u(3, syntax.max_sub_layers - 1).u(1, syntax.temporal_id_nesting);
  bits.u(16, 0xFFFF);
  write_profile(bits, syntax);
  bits.u(1, 0).ue(4).ue(2).ue(0);
  bits.u(6, 0).ue(0);
  bits.u(1, syntax.time_scale != 0);
  if (syntax.time_scale != 0) bits.u(32, 1).u(32, syntax.time_scale).u(1, 0).ue(0);
  bits.u(1, 0);
  return bits.nal({0x40, 0x01});
}

inline void write_scaling_lists(BitWriter& bits) {
  for (unsigned size = 0; size < 4; ++size) {
    for (unsigned matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
      if (matrix > 0) {  // as the one before
        bits.u(1, 0).ue(1);
        continue;
      }
      bits.u(1, 1);
      if (size > 1) bits.se(3);
      for (unsigned i = 0; i < (size == 0 ? 16U : 64U); ++i)
        bits.se(i % 2 == 0 ? 2 : -2);
    }
  }
}

inline void write_references(BitWriter& bits, HevcReferences references) {
  if (references == HevcReferences::kNone) {
    bits.ue(0);
    return;
  }
  const bool predicted = references == HevcReferences::kPredicted;
  bits.ue(predicted ? 5 : 2);
  bits.ue(1).ue(0).ue(0).u(1, 1);                                      // -1
  bits.u(1, 0).ue(2).ue(1).ue(0).u(1, 1).ue(1).u(1, 1).ue(0).u(1, 1);  // -1 -3 +1
  if (!predicted) return;
  // From three pictures, moved by -1: -2 and -4, the +1 becomes 0 and falls out, and -1 itself.
  bits.u(1, 1).u(1, 1).ue(0).u(1, 1).u(1, 1).u(1, 1).u(1, 1);
  // From three, moved by +2: +1, 0 falls out, -2 isn't used now, and +2 not at all.
  bits.u(1, 1).u(1, 0).ue(1).u(1, 1).u(1, 1).u(1, 0).u(1, 1).u(1, 0).u(1, 0);
  // From what that leaves (-2, +1): both, and -1.
  bits.u(1, 1).u(1, 1).ue(0).u(1, 1).u(1, 1).u(1, 1);
}

inline void write_hrd(BitWriter& bits, unsigned max_sub_layers) {
  bits.u(1, 1).u(1, 1).u(1, 1);
  bits.u(8, 0).u(5, 3).u(1, 0).u(5, 4);
  bits.u(4, 1).u(4, 2).u(4, 3).u(5, 20).u(5, 20).u(5, 20);
  for (unsigned i = 0; i < max_sub_layers; ++i) {
    const bool fixed = i % 2 == 0;
    bits.u(1, fixed);
    if (!fixed) bits.u(1, 0);
    if (fixed) bits.ue(0);
    if (!fixed) bits.u(1, 0);
    bits.ue(1);  // two buffers
    for (int buffer = 0; buffer < 2 * 2; ++buffer)
      bits.ue(1000).ue(2000).ue(30).ue(40).u(1, 1);
  }
}

inline void write_vui(BitWriter& bits, const HevcSyntax& syntax) {
  const bool all = syntax.everything_in_vui;
  bits.u(1, all);
  if (all) bits.u(8, 255).u(16, 4).u(16, 3);
  bits.u(1, all);
  if (all) bits.u(1, 1);
  bits.u(1, all);
  if (all) bits.u(3, 5).u(1, 1).u(1, 1).u(8, 1).u(8, 1).u(8, 1);
  bits.u(1, all);
  if (all) bits.ue(1).ue(1);
  bits.u(3, 0);
  bits.u(1, all);
  if (all) bits.ue(0).ue(0).ue(0).ue(0);
  bits.u(1, syntax.time_scale != 0);
  if (syntax.time_scale != 0) {
    bits.u(32, 1).u(32, syntax.time_scale).u(1, all);
    if (all) bits.ue(0);
    bits.u(1, all);
    if (all) write_hrd(bits, syntax.max_sub_layers);
  }
  bits.u(1, syntax.min_spatial_segmentation != 0);
  if (syntax.min_spatial_segmentation != 0)
    bits.u(1, 0).u(1, 1).u(1, 1).ue(syntax.min_spatial_segmentation).ue(2).ue(1).ue(15).ue(15);
}

inline base::Bytes make_hevc_sps(const HevcSyntax& syntax) {
  BitWriter bits;
  bits.u(4, syntax.vps_id).u(3, syntax.max_sub_layers - 1).u(1, syntax.temporal_id_nesting);
  write_profile(bits, syntax);
  bits.ue(syntax.sps_id).ue(syntax.chroma_format);
  if (syntax.chroma_format == 3) bits.u(1, 0);
  bits.ue(syntax.width).ue(syntax.height).u(1, syntax.crop_bottom != 0);
  if (syntax.crop_bottom != 0) bits.ue(0).ue(0).ue(0).ue(syntax.crop_bottom);
  bits.ue(syntax.luma_bits - 8).ue(syntax.chroma_bits - 8);
  bits.ue(4);  // 8 bits of picture order count
  bits.u(1, syntax.ordering_of_all);
  for (unsigned i = syntax.ordering_of_all ? 0 : syntax.max_sub_layers - 1; i < syntax.max_sub_layers; ++i)
    bits.ue(4).ue(2).ue(0);
  bits.ue(0).ue(3).ue(0).ue(3).ue(1).ue(1);
  bits.u(1, syntax.scaling_lists);
  if (syntax.scaling_lists) {
    bits.u(1, 1);
    write_scaling_lists(bits);
  }
  bits.u(1, 1).u(1, 1).u(1, syntax.pcm);
  if (syntax.pcm) bits.u(4, 7).u(4, 7).ue(0).ue(1).u(1, 1);
  write_references(bits, syntax.references);
  bits.u(1, syntax.long_term);
  if (syntax.long_term) bits.ue(2).u(8, 17).u(1, 1).u(8, 200).u(1, 0);
  bits.u(1, 1).u(1, 1);
  bits.u(1, syntax.vui);
  if (syntax.vui) write_vui(bits, syntax);
  bits.u(1, syntax.extensions);
  if (syntax.extensions) bits.u(8, 0xFF).u(32, 0xDEADBEEF);
  return bits.nal({0x42, 0x01});
}

inline base::Bytes make_hevc_pps(const HevcSyntax& syntax) {
  BitWriter bits;
  bits.ue(syntax.pps_id).ue(syntax.sps_id);
  bits.u(1, 0).u(1, 0).u(3, 0).u(1, 1).u(1, 0).ue(0).ue(0).se(-3).u(1, 0).u(1, 0);
  bits.u(1, 1).ue(1).se(1).se(-1).u(1, 0).u(1, 1).u(1, 0).u(1, 0);
  bits.u(1, syntax.tiles).u(1, syntax.entropy_sync);
  if (syntax.tiles) bits.ue(1).ue(0).u(1, 1).u(1, 1);
  bits.u(1, 1).u(1, 0).u(1, 0).u(1, 0).ue(0).u(1, 0);
  bits.u(1, syntax.extensions);
  if (syntax.extensions) bits.u(8, 0xFF).u(32, 0xDEADBEEF);
  return bits.nal({0x44, 0x01});
}

}  // namespace retina::test
