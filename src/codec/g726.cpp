#include "codec/g726.h"

#include <cassert>

namespace retina::codec {

void g726_to_aal2(base::ByteView payload, unsigned codeword_bits, std::uint8_t* out) {
  assert(codeword_bits >= 2 && codeword_bits <= 5);
  // Both hold less than one codeword and one octet together: below 16 bits.
  std::uint32_t in_bits = 0;  // next codeword lowest
  unsigned in_count = 0;
  std::uint32_t out_bits = 0;  // latest codeword lowest
  unsigned out_count = 0;
  const std::uint32_t mask = (1U << codeword_bits) - 1;
  for (const std::uint8_t octet : payload) {
    in_bits |= std::uint32_t{octet} << in_count;
    in_count += 8;
    while (in_count >= codeword_bits) {
      out_bits = (out_bits << codeword_bits) | (in_bits & mask);
      out_count += codeword_bits;
      in_bits >>= codeword_bits;
      in_count -= codeword_bits;
      if (out_count < 8) continue;
      out_count -= 8;
      *out++ = static_cast<std::uint8_t>((out_bits >> out_count) & 0xFF);
      out_bits &= (1U << out_count) - 1;
    }
  }
}

}  // namespace retina::codec
