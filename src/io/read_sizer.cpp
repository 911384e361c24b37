#include "io/read_sizer.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

namespace retina::io {

std::size_t cached_read_bytes() {
  constexpr std::size_t kLeast = 256 * 1024;
#ifdef _SC_LEVEL2_CACHE_SIZE  // glibc's
  const long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
#else
  const long cache = 0;
#endif
  if (cache <= 0) return std::numeric_limits<std::size_t>::max();
  return std::max(static_cast<std::size_t>(cache) / 4, kLeast);
}

ReadSizer::ReadSizer(std::size_t minimum, std::size_t maximum)
    : minimum_(std::max<std::size_t>(minimum, 1)), maximum_(std::max(maximum, minimum_)), room_(minimum_) {}

void ReadSizer::on_read(std::size_t room_given, std::size_t bytes_read) {
  if (bytes_read >= room_given) {
    room_ = std::min(maximum_, room_ > maximum_ / 2 ? maximum_ : room_ * 2);
    small_reads_ = 0;
  } else if (bytes_read >= room_ / 4) {
    small_reads_ = 0;
  } else if (++small_reads_ >= kShrinkAfter) {
    room_ = std::max(minimum_, room_ / 2);
    small_reads_ = 0;
  }
}

}  // namespace retina::io
