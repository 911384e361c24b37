#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace retina::io {

/// The contiguous buffer that a connection is read into and parsed in place.
///
/// Between reads only the start of one unfinished interleaved packet is left in it, so every read moves those
/// few bytes to the front and then has the whole rest: a read never gets little room, memory stays small
/// enough for the CPU's cache, and a parser never sees a packet in two parts. (A ring would cut packets at
/// its end.)
class ReadArena {
 public:
  /// Room for one read of at least `room_bytes`. Grows when needed; views from readable() become invalid.
  std::span<std::uint8_t> prepare(std::size_t room_bytes);
  /// The read brought `count` bytes into what prepare() returned.
  void commit(std::size_t count) { end_ += count; }

  base::ByteView readable() const { return {bytes_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t count);
  void clear() { begin_ = end_ = 0; }

  std::size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace retina::io
