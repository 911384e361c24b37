#include "codec/h264_parameters.h"

#include "codec/bit_reader.h"
#include "codec/nal.h"

namespace retina::codec {
namespace {

/// s7.3.2.1.1: after profile, constraints and level. s7.3.2.2: first of all.
std::uint32_t id_of(base::ByteView nal, bool sps) {
  const std::size_t skip = sps ? 4 : 1;
  if (nal.size() <= skip) return 0;
  const auto id = BitReader(nal.subspan(skip)).exp_golomb();
  const std::uint32_t largest = sps ? H264Parameters::kMaxSpsId : H264Parameters::kMaxPpsId;
  return id && *id <= largest ? *id : 0;
}

}  // namespace

bool H264Parameters::learn(base::ByteView nal) {
  while (nal.size() > 1 && nal.back() == 0)
    nal = nal.first(nal.size() - 1);
  if (nal.size() < 2 || nal.size() > kMaxBytes || !nal::is_parameter_set(nal::type(nal[0]))) return false;
  const bool sps = nal::type(nal[0]) == nal::kSps;
  if (sps && nal.size() < 4) return false;
  base::Bytes& stored = (sps ? sps_ : pps_)[id_of(nal, sps)];
  if (std::equal(stored.begin(), stored.end(), nal.begin(), nal.end())) return true;
  stored.assign(nal.begin(), nal.end());
  changed_ = true;
  return true;
}

std::shared_ptr<const ParameterSets> H264Parameters::snapshot() {
  if (sps_.empty() || pps_.empty()) return nullptr;
  if (std::exchange(changed_, false)) {
    ParameterSets sets;
    for (const auto& [id, nal] : sps_)
      sets.sps.push_back(nal);
    for (const auto& [id, nal] : pps_)
      sets.pps.push_back(nal);
    snapshot_ = std::make_shared<const ParameterSets>(std::move(sets));
  }
  return snapshot_;
}

}  // namespace retina::codec
