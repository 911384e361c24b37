#include "support/h264_stream.h"

#include "base/base64.h"

namespace retina::test {
namespace {

/// splitmix32: the same bytes everywhere.
std::uint32_t next_random(std::uint32_t& state) {
  state += 0x9E3779B9U;
  std::uint32_t z = state;
  z = (z ^ (z >> 16)) * 0x85EBCA6BU;
  z = (z ^ (z >> 13)) * 0xC2B2AE35U;
  return z ^ (z >> 16);
}

bool is_parameter_set(const base::Bytes& nal) {
  return (nal[0] & 0x1F) == 7 || (nal[0] & 0x1F) == 8;
}

}  // namespace

base::Bytes sample_sps() {
  return *base::decode_base64("Z0LAHtkDxWhAAAADAEAAAAwDxYuS");
}
base::Bytes sample_pps() {
  return *base::decode_base64("aMuMsg==");
}

base::Bytes sample_slice(bool idr, std::size_t size, std::uint32_t seed) {
  // first_mb_in_slice 0, slice_type 7 (I) or 5 (P), and there pic_parameter_set_id 0.
  const std::uint8_t begin = idr ? 0x88 : 0x9A;
  base::Bytes nal{static_cast<std::uint8_t>(idr ? 0x65 : 0x41), begin};
  while (nal.size() < size)
    nal.push_back(static_cast<std::uint8_t>(next_random(seed) % 255 + 1));
  return nal;
}

std::vector<AccessUnit> sample_stream(std::size_t pictures, std::size_t size, std::size_t gop) {
  std::vector<AccessUnit> stream;
  std::uint32_t random = 1;
  for (std::size_t i = 0; i < pictures; ++i) {
    AccessUnit unit;
    unit.timestamp = static_cast<std::uint32_t>(i) * 3600;
    unit.key_frame = i % gop == 0;
    std::size_t bytes = size * 3 / 4 + next_random(random) % (size / 2 + 1);
    if (unit.key_frame) {
      bytes = size * 6;
      unit.nals = {sample_sps(), sample_pps()};
    }
    if (i % 3 == 1) unit.nals.push_back({0x06, 0x05, 0x01, 0xAA, 0x80});
    unit.nals.push_back(sample_slice(unit.key_frame, bytes, next_random(random)));
    if (i % 4 == 2) {
      base::Bytes second = sample_slice(unit.key_frame, bytes / 2 + 8, next_random(random));
      second[1] = 0x48;  // not the first macroblock
      unit.nals.push_back(std::move(second));
    }
    stream.push_back(std::move(unit));
  }
  return stream;
}

base::Bytes framed(const AccessUnit& unit, bool length_prefixed, bool with_parameter_sets) {
  base::Bytes bytes;
  for (const base::Bytes& nal : unit.nals) {
    if (is_parameter_set(nal) && !with_parameter_sets) continue;
    std::uint8_t prefix[4];
    base::store_be32(prefix, length_prefixed ? static_cast<std::uint32_t>(nal.size()) : 1U);
    bytes.insert(bytes.end(), prefix, prefix + 4);
    bytes.insert(bytes.end(), nal.begin(), nal.end());
  }
  return bytes;
}

}  // namespace retina::test
