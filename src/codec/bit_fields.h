#pragma once

#include <cstdint>
#include <optional>

#include "codec/bit_reader.h"

namespace retina::codec {

/// A BitReader whose first failure lasts: the fields of a structure are read one after the other, and whether
/// all of them were there is asked in the end. After a failure every field is 0.
class BitFields {
 public:
  /// `payload`: a NAL unit after its header; borrowed.
  explicit BitFields(base::ByteView payload) : reader_(payload) {}

  /// At most 32.
  std::uint32_t bits(unsigned count) { return keep(reader_.bits(count)); }
  bool flag() { return bits(1) != 0; }
  void skip(unsigned count) {
    for (; count > 0 && valid_; --count)
      bits(1);
  }
  /// ue(v).
  std::uint32_t golomb() { return keep(reader_.exp_golomb()); }
  /// ue(v) of which more than `largest` is a failure.
  std::uint32_t golomb(std::uint32_t largest) {
    const std::uint32_t value = golomb();
    if (value <= largest) return value;
    valid_ = false;
    return 0;
  }
  /// So many of ue(v) or se(v), whose values don't matter.
  void skip_golombs(unsigned count) {
    for (; count > 0 && valid_; --count)
      golomb();
  }

  bool valid() const { return valid_; }

 private:
  std::uint32_t keep(std::optional<std::uint32_t> value) {
    valid_ = valid_ && value.has_value();
    return valid_ ? *value : 0;
  }

  BitReader reader_;
  bool valid_ = true;
};

}  // namespace retina::codec
