#include "codec/obu.h"

namespace retina::codec::obu {

using base::ErrorCode;
using base::fail;

base::Result<std::uint32_t> read_leb128(base::ByteReader& reader, const char* what) {
  const std::size_t start = reader.offset();
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kMaxLeb128Bytes; ++i) {
    TRY(const std::uint8_t byte, reader.u8(what));
    value |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if ((byte & 0x80) != 0) continue;
    if (value > 0xFFFFFFFF) break;
    return static_cast<std::uint32_t>(value);
  }
  return fail(ErrorCode::kMalformed, start, what);
}

base::Result<Unit> read_unit(base::ByteReader& reader) {
  const base::ByteView start = reader.rest();
  const std::size_t offset = reader.offset();
  Unit unit;
  TRY(unit.header, reader.u8("OBU header"));
  if ((unit.header & kForbiddenBit) != 0)
    return fail(ErrorCode::kMalformed, offset, "OBU with its forbidden bit set");
  if ((unit.header & kExtensionBit) != 0) {
    TRY(unit.extension, reader.u8("OBU extension"));
  }
  std::size_t size = reader.remaining();
  if ((unit.header & kSizeBit) != 0) {
    TRY(size, read_leb128(reader, "OBU size"));
  }
  TRY(unit.payload, reader.bytes(size, "OBU"));
  unit.whole = start.first(reader.offset() - offset);
  return unit;
}

HeaderGatherer::State HeaderGatherer::state() const {
  if (size_ == 0) return State::kIncomplete;
  if ((bytes_[0] & kForbiddenBit) != 0) return State::kMalformed;
  if (size_ < size_offset()) return State::kIncomplete;
  if ((bytes_[0] & kSizeBit) == 0) return State::kComplete;
  if (size_ == size_offset()) return State::kIncomplete;
  const bool size_goes_on = (bytes_[size_ - 1] & 0x80) != 0;
  if (size_goes_on && size_ - size_offset() < kMaxLeb128Bytes) return State::kIncomplete;
  return payload_size() ? State::kComplete : State::kMalformed;
}

HeaderGatherer::State HeaderGatherer::take(base::ByteView& bytes) {
  State now = state();
  while (now == State::kIncomplete && !bytes.empty()) {
    bytes_[size_++] = bytes[0];
    bytes = bytes.subspan(1);
    now = state();
  }
  return now;
}

std::optional<std::uint8_t> HeaderGatherer::extension() const {
  if ((bytes_[0] & kExtensionBit) == 0) return std::nullopt;
  return bytes_[1];
}

std::optional<std::uint32_t> HeaderGatherer::payload_size() const {
  if ((bytes_[0] & kSizeBit) == 0) return std::nullopt;
  base::ByteReader reader(base::ByteView(bytes_).first(size_).subspan(size_offset()));
  const auto size = read_leb128(reader, "OBU size");
  return size ? std::optional(*size) : std::nullopt;
}

FrameStart read_frame_start(std::uint8_t first, bool reduced_still_picture) {
  if (reduced_still_picture) return {false, true, true};
  FrameStart start;
  start.shows_existing = (first & 0x80) != 0;
  if (start.shows_existing) {
    start.shown = true;
    return start;
  }
  start.key_frame = (first & 0x60) == 0;  // frame_type 0
  start.shown = (first & 0x10) != 0;
  return start;
}

bool is_reduced_still_picture(base::ByteView payload) {
  return !payload.empty() && (payload[0] & 0x08) != 0;  // behind seq_profile and still_picture
}

}  // namespace retina::codec::obu
