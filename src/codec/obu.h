#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

/// Open bitstream units of AV1 (AV1 Bitstream & Decoding Process Specification, called AV1 below).
namespace retina::codec::obu {

/// AV1 s6.2.2. Those that aren't here are reserved.
enum class Type : std::uint8_t {
  kSequenceHeader = 1,
  kTemporalDelimiter = 2,
  kFrameHeader = 3,
  kTileGroup = 4,
  kMetadata = 5,
  kFrame = 6,
  kRedundantFrameHeader = 7,
  kTileList = 8,
  kPadding = 15
};

constexpr std::uint8_t kForbiddenBit = 0x80;
constexpr std::uint8_t kExtensionBit = 0x04;
constexpr std::uint8_t kSizeBit = 0x02;

constexpr Type type(std::uint8_t header) {
  return static_cast<Type>((header >> 3) & 15);
}

/// An OBU with a part of a picture in it.
constexpr bool is_frame_data(Type type) {
  return type == Type::kFrameHeader || type == Type::kTileGroup || type == Type::kFrame;
}

/// Little-endian groups of seven bits (AV1 s4.10.5). Eight bytes at the most, and below 2^32.
constexpr std::size_t kMaxLeb128Bytes = 8;

/// How many bytes the shortest form of `value` has.
constexpr std::size_t leb128_size(std::uint32_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7)
    ++size;
  return size;
}

/// Writes `value` in `size` bytes, which must be enough.
inline void store_leb128(std::uint8_t* bytes, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i + 1 < size; ++i, value >>= 7)
    bytes[i] = static_cast<std::uint8_t>(value | 0x80);
  bytes[size - 1] = static_cast<std::uint8_t>(value);
}

/// Errors: kTruncated; kMalformed above eight bytes or 2^32 - 1.
base::Result<std::uint32_t> read_leb128(base::ByteReader& reader, const char* what);

/// One OBU of a low-overhead bitstream (AV1 s5.2).
struct Unit {
  std::uint8_t header = 0;
  std::optional<std::uint8_t> extension;
  base::ByteView payload;  ///< a part of what was read
  base::ByteView whole;    ///< with header and size
};

/// Takes the next OBU off the front. One without a size field reaches to the end. Errors: kTruncated;
/// kMalformed with the forbidden bit.
base::Result<Unit> read_unit(base::ByteReader& reader);

/// The header of an OBU that comes in pieces: everything up to its payload.
class HeaderGatherer {
 public:
  enum class State {
    kIncomplete,  ///< all that was offered has been taken
    kComplete,    ///< what is left in `bytes` follows the header
    kMalformed    ///< the forbidden bit is set, or the size is above 2^32 - 1
  };

  void clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }

  /// Takes the header's bytes off the front of `bytes`.
  State take(base::ByteView& bytes);

  /// When complete:
  std::uint8_t header() const { return bytes_[0]; }
  std::optional<std::uint8_t> extension() const;
  /// Of the payload; nullopt where the header has no size.
  std::optional<std::uint32_t> payload_size() const;

 private:
  State state() const;
  std::size_t size_offset() const { return (bytes_[0] & kExtensionBit) != 0 ? 2 : 1; }

  std::array<std::uint8_t, 2 + kMaxLeb128Bytes> bytes_{};
  std::size_t size_ = 0;
};

/// What the first bits of a frame header say (AV1 s5.9.2).
struct FrameStart {
  bool shows_existing = false;
  bool key_frame = false;
  bool shown = false;
};

/// `first`: the first byte of the payload of a frame header or frame OBU. `reduced_still_picture`: see
/// is_reduced_still_picture().
FrameStart read_frame_start(std::uint8_t first, bool reduced_still_picture);

/// `payload`: of a sequence header OBU (AV1 s5.5.1).
bool is_reduced_still_picture(base::ByteView payload);

}  // namespace retina::codec::obu
