#include "codec/dvi4.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

namespace retina::codec {
namespace {

/// IMA, Recommended Practices for Enhancing Digital Audio Compatibility in Multimedia Systems, s6.
constexpr std::array<int, 89> kSteps = {
    7,    8,     9,     10,    11,    12,    13,    14,    16,    17,    19,    21,    23,    25,   28,
    31,   34,    37,    41,    45,    50,    55,    60,    66,    73,    80,    88,    97,    107,  118,
    130,  143,   157,   173,   190,   209,   230,   253,   279,   307,   337,   371,   408,   449,  494,
    544,  598,   658,   724,   796,   876,   963,   1060,  1166,  1282,  1411,  1552,  1707,  1878, 2066,
    2272, 2499,  2749,  3024,  3327,  3660,  4026,  4428,  4871,  5358,  5894,  6484,  7132,  7845, 8630,
    9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767};
constexpr std::array<int, 8> kIndexChange = {-1, -1, -1, -1, 2, 4, 6, 8};
constexpr int kLastIndex = static_cast<int>(kSteps.size()) - 1;

class Decoder {
 public:
  Decoder(int predicted, int index) : predicted_(predicted), index_(index) {}

  int next(unsigned code) {
    const int step = kSteps[static_cast<std::size_t>(index_)];
    int difference = step >> 3;
    if ((code & 4) != 0) difference += step;
    if ((code & 2) != 0) difference += step >> 1;
    if ((code & 1) != 0) difference += step >> 2;
    if ((code & 8) != 0) difference = -difference;
    predicted_ = std::clamp(predicted_ + difference, -32768, 32767);
    index_ = std::clamp(index_ + kIndexChange[code & 7], 0, kLastIndex);
    return predicted_;
  }

 private:
  int predicted_;
  int index_;
};

}  // namespace

base::Result<void> decode_dvi4(base::ByteView block, std::span<std::uint8_t> samples) {
  assert(samples.size() == dvi4_decoded_bytes(block.size()));
  if (block.size() < kDvi4HeaderBytes)
    return base::fail(base::ErrorCode::kTruncated, block.size(), "DVI4 header");
  if (block[2] > kLastIndex) return base::fail(base::ErrorCode::kMalformed, 2, "DVI4 step index");
  Decoder decoder(static_cast<std::int16_t>(base::load_be16(block.data())), block[2]);
  std::uint8_t* out = samples.data();
  for (const std::uint8_t octet : block.subspan(kDvi4HeaderBytes)) {
    for (const unsigned shift : {4U, 0U}) {
      const int sample = decoder.next((std::uint32_t{octet} >> shift) & 15U);
      *out++ = static_cast<std::uint8_t>(sample & 0xFF);
      *out++ = static_cast<std::uint8_t>((sample >> 8) & 0xFF);
    }
  }
  return {};
}

}  // namespace retina::codec
