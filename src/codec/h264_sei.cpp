#include "codec/h264_sei.h"

#include <algorithm>

#include "codec/bit_reader.h"

namespace retina::codec {
namespace {

constexpr std::uint32_t kRecoveryPoint = 6;

/// Walks the bytes of a raw byte sequence payload, leaving out emulation prevention (s7.3.1).
class RbspBytes {
 public:
  explicit RbspBytes(base::ByteView payload) : payload_(payload) {}

  std::optional<std::uint8_t> next() {
    if (zeros_ >= 2 && at_ < payload_.size() && payload_[at_] == 3) {
      ++at_;
      zeros_ = 0;
    }
    if (at_ >= payload_.size()) return std::nullopt;
    const std::uint8_t byte = payload_[at_++];
    zeros_ = byte == 0 ? zeros_ + 1 : 0;
    return byte;
  }

  /// s7.3.2.3.1: a number in bytes of 255 and a last one below.
  std::optional<std::uint32_t> number() {
    std::uint32_t value = 0;
    for (;;) {
      const auto byte = next();
      if (!byte) return std::nullopt;
      value += *byte;
      if (*byte != 0xFF) return value;
    }
  }

  base::ByteView rest() const { return payload_.subspan(at_); }

 private:
  base::ByteView payload_;
  std::size_t at_ = 0;
  unsigned zeros_ = 0;
};

}  // namespace

std::optional<std::uint32_t> recovery_point(base::ByteView nal) {
  if (nal.size() < 3) return std::nullopt;
  RbspBytes bytes(nal.subspan(1, std::min(nal.size() - 1, kMaxSeiBytes)));
  for (;;) {
    const auto type = bytes.number();
    const auto size = type ? bytes.number() : std::nullopt;
    // Behind the last message stand the trailing bits, 0x80, which look like a type without a size.
    if (!size) return std::nullopt;
    if (*type == kRecoveryPoint) return BitReader(bytes.rest()).exp_golomb();
    for (std::uint32_t i = 0; i < *size; ++i) {
      if (!bytes.next()) return std::nullopt;
    }
  }
}

}  // namespace retina::codec
