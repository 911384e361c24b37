#pragma once

#include <cstddef>

namespace retina::io {

/// The most, in bytes, that reading at full speed gains from: a quarter of the second level of this machine's
/// CPU cache, which what was read, the frames and the kernel's own buffers share; at least 256 KiB, and no
/// limit where the cache isn't known. Reads above it save hardly a system call, and every byte of them is
/// fetched again.
std::size_t cached_read_bytes();

/// How much room the next read gets. A read that fills its room leaves bytes behind and costs one more system
/// call, so the room doubles; after kShrinkAfter reads in a row that used under a quarter of it, it halves: a
/// smaller arena stays in the CPU's cache.
class ReadSizer {
 public:
  static constexpr int kShrinkAfter = 64;

  /// Both bounds in bytes, at least 1; `maximum` is raised to `minimum`.
  ReadSizer(std::size_t minimum, std::size_t maximum);

  std::size_t room() const { return room_; }
  void on_read(std::size_t room_given, std::size_t bytes_read);

 private:
  std::size_t minimum_;
  std::size_t maximum_;
  std::size_t room_;
  int small_reads_ = 0;
};

}  // namespace retina::io
