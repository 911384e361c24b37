#include "codec/h264_parameters.h"

#include "codec/bit_reader.h"
#include "codec/nal.h"

namespace retina::codec {
namespace {

/// s7.3.2.1.1: after profile, constraints and level. s7.3.2.1.2, s7.3.2.2: first of all.
std::uint32_t id_of(base::ByteView nal, std::size_t skip, std::uint32_t largest) {
  if (nal.size() <= skip) return 0;
  const auto id = BitReader(nal.subspan(skip)).exp_golomb();
  return id && *id <= largest ? *id : 0;
}

std::vector<base::Bytes> in_order(const std::map<std::uint32_t, base::Bytes>& sets) {
  std::vector<base::Bytes> nals;
  for (const auto& [id, nal] : sets)
    nals.push_back(nal);
  return nals;
}

}  // namespace

bool H264Parameters::learn(base::ByteView nal) {
  while (nal.size() > 1 && nal.back() == 0)
    nal = nal.first(nal.size() - 1);
  if (nal.size() < 2 || nal.size() > kMaxBytes || !nal::is_parameter_set(nal::type(nal[0]))) return false;
  const unsigned type = nal::type(nal[0]);
  if (type == nal::kSps && nal.size() < 4) return false;
  const bool pps = type == nal::kPps;
  if (bytes_in_all_ + nal.size() > kMaxBytesInAll) {
    for (Sets* all : {&sps_, &sps_extensions_, &pps_})
      all->clear();
    bytes_in_all_ = 0;
  }
  Sets& sets = pps ? pps_ : type == nal::kSps ? sps_ : sps_extensions_;
  base::Bytes& stored = sets[id_of(nal, type == nal::kSps ? 4 : 1, pps ? kMaxPpsId : kMaxSpsId)];
  if (std::equal(stored.begin(), stored.end(), nal.begin(), nal.end())) return true;
  bytes_in_all_ += nal.size() - stored.size();
  stored.assign(nal.begin(), nal.end());
  changed_ = true;
  return true;
}

std::shared_ptr<const ParameterSets> H264Parameters::snapshot() {
  if (sps_.empty() || pps_.empty()) return snapshot_;
  if (std::exchange(changed_, false)) {
    ParameterSets sets;
    sets.sps = in_order(sps_);
    sets.sps_extensions = in_order(sps_extensions_);
    sets.pps = in_order(pps_);
    snapshot_ = std::make_shared<const ParameterSets>(std::move(sets));
  }
  return snapshot_;
}

}  // namespace retina::codec
