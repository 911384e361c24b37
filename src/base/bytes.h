#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace retina::base {

/// Borrowed bytes: whose they are is said where a view is stored.
using ByteView = std::span<const std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

inline std::string_view as_text(ByteView bytes) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

inline ByteView as_bytes(std::string_view text) {
  return {static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), text.size()};
}

inline std::uint16_t load_be16(const std::uint8_t* bytes) {
  return static_cast<std::uint16_t>((bytes[0] << 8) | bytes[1]);
}

inline std::uint32_t load_be32(const std::uint8_t* bytes) {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) |
         std::uint32_t{bytes[3]};
}

inline void store_be16(std::uint8_t* bytes, std::uint16_t value) {
  bytes[0] = static_cast<std::uint8_t>(value >> 8);
  bytes[1] = static_cast<std::uint8_t>(value);
}

inline void store_be32(std::uint8_t* bytes, std::uint32_t value) {
  bytes[0] = static_cast<std::uint8_t>(value >> 24);
  bytes[1] = static_cast<std::uint8_t>(value >> 16);
  bytes[2] = static_cast<std::uint8_t>(value >> 8);
  bytes[3] = static_cast<std::uint8_t>(value);
}

inline void append_be32(Bytes& bytes, std::uint32_t value) {
  bytes.resize(bytes.size() + 4);
  store_be32(bytes.data() + bytes.size() - 4, value);
}

/// The one bounds-checked cursor over wire data, big-endian. It never reads past the view it was made from:
/// a read that would, returns kTruncated with the offset and leaves the cursor where it was.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return bytes_.size() - offset_; }
  ByteView rest() const { return bytes_.subspan(offset_); }

  Result<std::uint8_t> u8(const char* what) {
    if (remaining() < 1) return fail(ErrorCode::kTruncated, offset_, what);
    return bytes_[offset_++];
  }

  Result<std::uint16_t> u16(const char* what) {
    if (remaining() < 2) return fail(ErrorCode::kTruncated, offset_, what);
    const std::uint16_t value = load_be16(bytes_.data() + offset_);
    offset_ += 2;
    return value;
  }

  Result<std::uint32_t> u32(const char* what) {
    if (remaining() < 4) return fail(ErrorCode::kTruncated, offset_, what);
    const std::uint32_t value = load_be32(bytes_.data() + offset_);
    offset_ += 4;
    return value;
  }

  Result<std::uint64_t> u64(const char* what) {
    if (remaining() < 8) return fail(ErrorCode::kTruncated, offset_, what);
    const std::uint64_t high = load_be32(bytes_.data() + offset_);
    const std::uint64_t low = load_be32(bytes_.data() + offset_ + 4);
    offset_ += 8;
    return (high << 32) | low;
  }

  Result<ByteView> bytes(std::size_t count, const char* what) {
    if (remaining() < count) return fail(ErrorCode::kTruncated, offset_, what);
    const ByteView taken = bytes_.subspan(offset_, count);
    offset_ += count;
    return taken;
  }

 private:
  ByteView bytes_;  // the caller's bytes, for the cursor's life
  std::size_t offset_ = 0;
};

}  // namespace retina::base
