#pragma once

#include <malloc.h>

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RETINA_FUZZ_WITH_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define RETINA_FUZZ_WITH_ASAN
#endif
#ifdef RETINA_FUZZ_WITH_ASAN
// Of sanitizer/allocator_interface.h, which g++ doesn't come with.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace retina::fuzz {

/// Bytes of heap that are in use now, by the whole process.
inline std::size_t allocated_bytes() {
#ifdef RETINA_FUZZ_WITH_ASAN
  return __sanitizer_get_current_allocated_bytes();
#else
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

}  // namespace retina::fuzz
