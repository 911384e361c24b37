#include "codec/obu_writer.h"

#include <cstring>

#include "codec/obu.h"

namespace retina::codec {

bool ObuWriter::begin(std::uint8_t header, std::optional<std::uint8_t> extension,
                      std::optional<std::size_t> payload_size) {
  std::uint8_t bytes[2 + obu::kMaxLeb128Bytes] = {};
  std::size_t size = 0;
  bytes[size++] = header | obu::kSizeBit;
  if (extension) bytes[size++] = *extension;
  unit_offset_ = writer_.size();
  size_offset_ = unit_offset_ + size;
  size += payload_size ? obu::leb128_size(static_cast<std::uint32_t>(*payload_size)) : expected_size_bytes_;
  payload_offset_ = unit_offset_ + size;
  return writer_.append(base::ByteView(bytes, size));
}

bool ObuWriter::end() {
  const std::size_t payload_size = writer_.size() - payload_offset_;
  const std::size_t reserved = payload_offset_ - size_offset_;
  const std::size_t needed = obu::leb128_size(static_cast<std::uint32_t>(payload_size));
  if (needed > reserved) {
    constexpr std::uint8_t kRoom[obu::kMaxLeb128Bytes] = {};
    if (!writer_.append(base::ByteView(kRoom, needed - reserved))) return false;
  }
  std::uint8_t* field = writer_.written().data() + size_offset_;
  if (needed != reserved) {
    std::memmove(field + needed, field + reserved, payload_size);
    payload_offset_ = size_offset_ + needed;
    writer_.truncate(payload_offset_ + payload_size);
    expected_size_bytes_ = needed;
  }
  obu::store_leb128(field, static_cast<std::uint32_t>(payload_size), needed);
  return true;
}

}  // namespace retina::codec
