#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace retina::codec {

/// The one bounds-checked cursor over the bits of MPEG-4 audio structures, most significant bit first,
/// without the emulation prevention that BitReader undoes. A read past the end is nullopt, and leaves the
/// cursor where it was.
class BitCursor {
 public:
  explicit BitCursor(base::ByteView bytes) : bytes_(bytes) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() * 8 - position_; }

  /// At most 32 bits; none is 0.
  std::optional<std::uint32_t> bits(std::size_t count) {
    if (count > 32 || count > remaining()) return std::nullopt;
    std::uint64_t value = 0;
    std::size_t wanted = count;
    while (wanted > 0) {
      const std::size_t free = 8 - position_ % 8;
      const std::size_t taken = std::min(free, wanted);
      const std::uint32_t part = (bytes_[position_ / 8] >> (free - taken)) & ((1U << taken) - 1);
      value = (value << taken) | part;
      position_ += taken;
      wanted -= taken;
    }
    return static_cast<std::uint32_t>(value);
  }

  /// One bit; nullopt past the end.
  std::optional<bool> flag() {
    const auto bit = bits(1);
    if (!bit) return std::nullopt;
    return *bit != 0;
  }

  bool skip(std::size_t count) {
    if (count > remaining()) return false;
    position_ += count;
    return true;
  }

 private:
  base::ByteView bytes_;  // the caller's, for the cursor's life
  std::size_t position_ = 0;
};

/// Copies bytes that begin at any bit; `bit` + 8 x size of `out` must not exceed the size of `from` in bits.
inline void copy_bits(base::ByteView from, std::size_t bit, std::span<std::uint8_t> out) {
  const std::size_t shift = bit % 8;
  const base::ByteView source = from.subspan(bit / 8);
  if (shift == 0) {
    std::copy_n(source.begin(), out.size(), out.begin());
    return;
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>((source[i] << shift) | (source[i + 1] >> (8 - shift)));
}

}  // namespace retina::codec
