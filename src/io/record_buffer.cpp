#include "io/record_buffer.h"

#include <algorithm>
#include <cstring>

namespace retina::io {
namespace {

constexpr std::size_t kHeaderBytes = 5;
/// RFC 5246 s6.2.3; RFC 8446 s5.2 has less. Longer ones are refused by the library: they aren't waited for.
constexpr std::size_t kMaxPayloadBytes = (std::size_t{1} << 14) + 2048;

}  // namespace

/// Size of the record that stands in front, if it is there to its end; else 0.
std::size_t RecordBuffer::whole_record() const {
  const base::ByteView bytes = arena_.readable();
  if (bytes.size() < kHeaderBytes) return 0;
  const std::size_t payload = std::size_t{bytes[3]} << 8 | bytes[4];
  if (foreign_ || payload > kMaxPayloadBytes) return bytes.size();
  const std::size_t size = kHeaderBytes + payload;
  return bytes.size() >= size ? size : 0;
}

void RecordBuffer::commit(std::size_t count) {
  arena_.commit(count);
  if (begun_ || count == 0) return;
  begun_ = true;
  const std::uint8_t type = arena_.readable()[0];
  foreign_ = type < 20 || type > 24;
}

std::size_t RecordBuffer::take(std::span<std::uint8_t> to) {
  if (record_left_ == 0) record_left_ = whole_record();
  const std::size_t count = std::min(to.size(), record_left_);
  if (count == 0) return 0;
  std::memcpy(to.data(), arena_.readable().data(), count);
  arena_.consume(count);
  record_left_ -= count;
  return count;
}

}  // namespace retina::io
