#include "codec/h265_parameters.h"

#include <algorithm>

#include "codec/hevc_nal.h"
#include "codec/hevc_sets.h"

namespace retina::codec {
namespace {

/// The smallest that a set can be: the header and one byte of content; for an SPS up to its level.
constexpr std::size_t kMinBytes = 3;
constexpr std::size_t kMinSpsBytes = 15;

std::uint32_t id_of(base::ByteView nal, unsigned type) {
  // s7.3.2.1: the first four bits.
  if (type == hevc::kVps) return nal[2] >> 4;
  if (type == hevc::kSps) {
    const auto sps = read_hevc_sps(nal);
    return sps && sps->id <= H265Parameters::kMaxSpsId ? sps->id : 0;
  }
  const auto pps = read_hevc_pps(nal);
  return pps && pps->id <= H265Parameters::kMaxPpsId ? pps->id : 0;
}

std::vector<base::Bytes> in_order(const std::map<std::uint32_t, base::Bytes>& sets) {
  std::vector<base::Bytes> nals;
  for (const auto& [id, nal] : sets)
    nals.push_back(nal);
  return nals;
}

}  // namespace

bool H265Parameters::learn(base::ByteView nal) {
  while (nal.size() > 1 && nal.back() == 0)
    nal = nal.first(nal.size() - 1);
  if (nal.size() < kMinBytes || nal.size() > kMaxBytes) return false;
  const hevc::NalHeader header{nal[0], nal[1]};
  const unsigned type = header.type();
  if (!header.is_valid() || header.layer() != 0 || !hevc::is_parameter_set(type)) return false;
  if (type == hevc::kSps && nal.size() < kMinSpsBytes) return false;
  Sets& sets = type == hevc::kVps ? vps_ : type == hevc::kSps ? sps_ : pps_;
  base::Bytes& stored = sets[id_of(nal, type)];
  if (std::equal(stored.begin(), stored.end(), nal.begin(), nal.end())) return true;
  stored.assign(nal.begin(), nal.end());
  changed_ = true;
  if (type == hevc::kSps) find_highest_temporal_id();
  return true;
}

void H265Parameters::find_highest_temporal_id() {
  highest_temporal_id_.reset();
  for (const auto& [id, nal] : sps_) {
    const unsigned max_sub_layers_minus1 = (nal[2] >> 1) & 7;  // s7.3.2.2.1: behind the id of the VPS
    highest_temporal_id_ = std::max(highest_temporal_id_.value_or(0), max_sub_layers_minus1);
  }
}

std::shared_ptr<const ParameterSets> H265Parameters::snapshot() {
  if (sps_.empty() || pps_.empty()) return nullptr;
  if (std::exchange(changed_, false)) {
    ParameterSets sets;
    sets.vps = in_order(vps_);
    sets.sps = in_order(sps_);
    sets.pps = in_order(pps_);
    snapshot_ = std::make_shared<const ParameterSets>(std::move(sets));
  }
  return snapshot_;
}

}  // namespace retina::codec
