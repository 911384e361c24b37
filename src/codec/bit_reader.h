#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace retina::codec {

/// Reads the bits of a NAL unit's payload, leaving out emulation prevention bytes (ITU-T H.264 s7.3.1). Past
/// the end every read is nullopt.
class BitReader {
 public:
  /// `payload`: the NAL unit after its header; borrowed.
  explicit BitReader(base::ByteView payload) : payload_(payload) {}

  std::optional<std::uint32_t> bits(unsigned count) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i) {
      const auto bit = next();
      if (!bit) return std::nullopt;
      value = (value << 1) | *bit;
    }
    return value;
  }

  /// ue(v), s9.1. Nullopt also for more than 31 leading zeros.
  std::optional<std::uint32_t> exp_golomb() {
    unsigned zeros = 0;
    for (;;) {
      const auto bit = next();
      if (!bit || zeros > 31) return std::nullopt;
      if (*bit == 1) break;
      ++zeros;
    }
    const auto rest = bits(zeros);
    if (!rest) return std::nullopt;
    return static_cast<std::uint32_t>((std::uint64_t{1} << zeros) - 1 + *rest);
  }

 private:
  std::optional<std::uint32_t> next() {
    if (bit_ == 0) {
      // 00 00 03: the 03 is not part of the data.
      if (zeros_ >= 2 && at_ < payload_.size() && payload_[at_] == 3) {
        ++at_;
        zeros_ = 0;
      }
      if (at_ >= payload_.size()) return std::nullopt;
      zeros_ = payload_[at_] == 0 ? zeros_ + 1 : 0;
    }
    const std::uint32_t bit = (payload_[at_] >> (7 - bit_)) & 1U;
    if (++bit_ == 8) {
      bit_ = 0;
      ++at_;
    }
    return bit;
  }

  base::ByteView payload_;
  std::size_t at_ = 0;
  unsigned bit_ = 0;
  unsigned zeros_ = 0;  // zero bytes before the current one
};

}  // namespace retina::codec
