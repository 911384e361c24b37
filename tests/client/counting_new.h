#pragma once

// Replaces the global operator new and operator delete of a program by ones that count. For the one source
// file of a test program: these functions can't be inline.

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace retina::test {

/// Of all that operator new has given out, as malloc_usable_size() tells it.
inline std::size_t live_bytes = 0;
/// The most of it since it was last set.
inline std::size_t peak_bytes = 0;

inline void* count_new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  live_bytes += malloc_usable_size(memory);
  peak_bytes = std::max(peak_bytes, live_bytes);
  return memory;
}

inline void count_delete(void* memory) {
  if (memory == nullptr) return;
  live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace retina::test

void* operator new(std::size_t size) {
  return retina::test::count_new(size);
}
void* operator new[](std::size_t size) {
  return retina::test::count_new(size);
}
void operator delete(void* memory) noexcept {
  retina::test::count_delete(memory);
}
void operator delete[](void* memory) noexcept {
  retina::test::count_delete(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  retina::test::count_delete(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  retina::test::count_delete(memory);
}
