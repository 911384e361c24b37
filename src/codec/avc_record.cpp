#include "codec/avc_record.h"

#include <algorithm>

#include "codec/bit_reader.h"

namespace retina::codec {
namespace {

constexpr std::size_t kMaxSps = 31;
constexpr std::size_t kMaxPps = 255;
constexpr std::size_t kMaxSpsExtensions = 255;

void append_sets(base::Bytes& record, const std::vector<base::Bytes>& sets, std::size_t most,
                 std::uint8_t reserved) {
  const std::size_t count = std::min(sets.size(), most);
  record.push_back(static_cast<std::uint8_t>(reserved | count));
  for (std::size_t i = 0; i < count; ++i) {
    std::uint8_t length[2];
    base::store_be16(length, static_cast<std::uint16_t>(sets[i].size()));
    record.insert(record.end(), length, length + 2);
    record.insert(record.end(), sets[i].begin(), sets[i].end());
  }
}

/// Those whose SPS has the chroma format (ITU-T H.264 s7.3.2.1.1): all but Baseline, Main and Extended.
bool has_chroma_fields(std::uint8_t profile) {
  constexpr std::uint8_t kProfiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135, 144};
  return std::find(std::begin(kProfiles), std::end(kProfiles), profile) != std::end(kProfiles);
}

/// The fields after level_idc.
void append_chroma_fields(base::Bytes& record, const ParameterSets& parameters) {
  const base::Bytes& sps = parameters.sps.front();
  BitReader reader(base::ByteView(sps).subspan(4));
  const auto id = reader.exp_golomb();
  const auto chroma_format = reader.exp_golomb();
  if (!id || !chroma_format || *chroma_format > 3) return;
  if (*chroma_format == 3 && !reader.bits(1)) return;
  const auto luma = reader.exp_golomb();
  const auto chroma = reader.exp_golomb();
  if (!luma || !chroma || *luma > 6 || *chroma > 6) return;
  record.push_back(static_cast<std::uint8_t>(0xFC | *chroma_format));
  record.push_back(static_cast<std::uint8_t>(0xF8 | *luma));
  record.push_back(static_cast<std::uint8_t>(0xF8 | *chroma));
  append_sets(record, parameters.sps_extensions, kMaxSpsExtensions, 0);
}

}  // namespace

base::Bytes avc_record(const ParameterSets& parameters) {
  if (parameters.sps.empty() || parameters.sps.front().size() < 4) return {};
  const base::Bytes& sps = parameters.sps.front();
  base::Bytes record{1, sps[1], sps[2], sps[3], 0xFC | 3};
  append_sets(record, parameters.sps, kMaxSps, 0xE0);
  append_sets(record, parameters.pps, kMaxPps, 0);
  if (has_chroma_fields(sps[1])) append_chroma_fields(record, parameters);
  return record;
}

}  // namespace retina::codec
