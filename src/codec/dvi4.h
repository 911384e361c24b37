#pragma once

#include <cstddef>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

/// DVI4 (RFC 3551 s4.5.1): IMA ADPCM in blocks of a form that only RTP has. The header holds the value before
/// the first sample, not the first sample, and the first of an octet's two samples is the higher one. So a
/// block has an even number of samples where a WAVE block has an odd one: it can't be rewritten as one
/// (audio/x-adpcm, layout=dvi), and is decoded here.
namespace retina::codec {

inline constexpr std::size_t kDvi4HeaderBytes = 4;

/// How many bytes of sound a block of `size_bytes` makes: 16-bit samples, two from each octet behind the
/// header.
constexpr std::size_t dvi4_decoded_bytes(std::size_t size_bytes) {
  return size_bytes <= kDvi4HeaderBytes ? 0 : (size_bytes - kDvi4HeaderBytes) * 4;
}

/// Decodes a whole block to little-endian samples; `samples` has dvi4_decoded_bytes() bytes.
/// Errors: kTruncated, kMalformed.
base::Result<void> decode_dvi4(base::ByteView block, std::span<std::uint8_t> samples);

}  // namespace retina::codec
