#include "codec/hevc_record.h"

#include <algorithm>
#include <optional>

#include "codec/hevc_nal.h"
#include "codec/hevc_sets.h"

namespace retina::codec {
namespace {

/// parallelismType.
enum Parallelism : std::uint8_t { kMixedOrUnknown = 0, kSlices = 1, kTiles = 2, kEntropySync = 3 };

/// A profile that all of the sequences have: of `a` what is also in `b` (s8.3.3.1.3).
HevcProfile joined(const HevcProfile& a, const HevcProfile& b) {
  HevcProfile both = a;
  both.profile = std::max(a.profile, b.profile);
  both.compatibility &= b.compatibility;
  both.constraints &= b.constraints;
  if (a.high_tier == b.high_tier) {
    both.level = std::max(a.level, b.level);
  } else {
    both.high_tier = true;
    both.level = a.high_tier ? a.level : b.level;
  }
  return both;
}

/// What the record says of all SPS together.
std::optional<HevcSps> summary(const std::vector<base::Bytes>& sets) {
  std::optional<HevcSps> all;
  for (const base::Bytes& nal : sets) {
    const auto sps = read_hevc_sps(nal);
    if (!sps) continue;
    if (!all) {
      all = sps;
      continue;
    }
    all->profile = joined(all->profile, sps->profile);
    all->max_sub_layers = std::max(all->max_sub_layers, sps->max_sub_layers);
    all->temporal_id_nesting = all->temporal_id_nesting && sps->temporal_id_nesting;
    all->min_spatial_segmentation = std::min(all->min_spatial_segmentation, sps->min_spatial_segmentation);
  }
  return all;
}

Parallelism parallelism_of(const HevcPps& pps) {
  if (!pps.has_tools || (pps.tiles && pps.entropy_sync)) return kMixedOrUnknown;
  if (pps.tiles) return kTiles;
  return pps.entropy_sync ? kEntropySync : kSlices;
}

/// What all PPS have in common. Without a segmentation there is nothing to be told of its kind.
Parallelism parallelism(const std::vector<base::Bytes>& sets, std::uint32_t segmentation) {
  if (segmentation == 0) return kMixedOrUnknown;
  std::optional<Parallelism> common;
  for (const base::Bytes& nal : sets) {
    const auto pps = read_hevc_pps(nal);
    const Parallelism kind = pps ? parallelism_of(*pps) : kMixedOrUnknown;
    if (common && *common != kind) return kMixedOrUnknown;
    common = kind;
  }
  return common.value_or(kMixedOrUnknown);
}

class Record {
 public:
  void u8(std::uint64_t value) { bytes_.push_back(static_cast<std::uint8_t>(value)); }
  void big_endian(std::uint64_t value, unsigned count) {
    while (count-- > 0)
      u8(value >> (8 * count));
  }
  void array(unsigned type, const std::vector<base::Bytes>& sets, HevcRecordUse use) {
    if (sets.empty()) return;
    u8((use == HevcRecordUse::kComplete ? 0x80U : 0U) | type);
    big_endian(sets.size(), 2);
    for (const base::Bytes& nal : sets) {
      big_endian(nal.size(), 2);
      bytes_.insert(bytes_.end(), nal.begin(), nal.end());
    }
  }
  base::Bytes take() { return std::move(bytes_); }

 private:
  base::Bytes bytes_;
};

}  // namespace

base::Bytes hevc_record(const ParameterSets& parameters, HevcRecordUse use) {
  const auto sps = summary(parameters.sps);
  if (!sps) return {};
  const HevcProfile& profile = sps->profile;
  Record record;
  record.u8(1);  // configurationVersion
  record.u8((unsigned{profile.space} << 6) | (profile.high_tier ? 0x20U : 0U) | profile.profile);
  record.big_endian(profile.compatibility, 4);
  record.big_endian(profile.constraints, 6);
  record.u8(profile.level);
  record.big_endian(0xF000U | sps->min_spatial_segmentation, 2);
  record.u8(0xFCU | parallelism(parameters.pps, sps->min_spatial_segmentation));
  record.u8(0xFCU | sps->chroma_format);
  // Three bits each: 16-bit video can't be told.
  record.u8(0xF8U | std::min(sps->luma_bits_over8, 7U));
  record.u8(0xF8U | std::min(sps->chroma_bits_over8, 7U));
  record.big_endian(0, 2);  // avgFrameRate: unspecified
  constexpr std::uint32_t kLengthSizeMinusOne = 3;
  record.u8((std::min(sps->max_sub_layers, 7U) << 3) | (sps->temporal_id_nesting ? 4U : 0U) |
            kLengthSizeMinusOne);

  unsigned arrays = 0;
  for (const auto* sets : {&parameters.vps, &parameters.sps, &parameters.pps})
    arrays += sets->empty() ? 0 : 1;
  record.u8(arrays);
  record.array(hevc::kVps, parameters.vps, use);
  record.array(hevc::kSps, parameters.sps, use);
  record.array(hevc::kPps, parameters.pps, use);
  return record.take();
}

}  // namespace retina::codec
