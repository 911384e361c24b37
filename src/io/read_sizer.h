#pragma once

#include <cstddef>

namespace retina::io {

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
