#include "io/read_arena.h"

#include <cassert>
#include <cstring>

namespace retina::io {

std::span<std::uint8_t> ReadArena::prepare(std::size_t room_bytes) {
  const std::size_t unread = end_ - begin_;
  if (unread + room_bytes > capacity_) {
    // Not zeroed: pages that no read reaches are never touched.
    auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(unread + room_bytes);
    if (unread > 0) std::memcpy(larger.get(), bytes_.get() + begin_, unread);
    bytes_ = std::move(larger);
    capacity_ = unread + room_bytes;
  } else if (begin_ > 0 && unread > 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, unread);
  }
  begin_ = 0;
  end_ = unread;
  return {bytes_.get() + end_, room_bytes};
}

void ReadArena::consume(std::size_t count) {
  assert(count <= end_ - begin_);
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

}  // namespace retina::io
