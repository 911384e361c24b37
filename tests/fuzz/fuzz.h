#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"

/// What a fuzz target (fuzz_<name>.cpp) is made of: one property of the input's bytes, which must hold for
/// all of them. It may be called any number of times and keeps nothing between the calls. libFuzzer drives it
/// in a fuzzing build; otherwise replay.cpp does, with the corpus and what can be made of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace retina::fuzz {

[[noreturn]] inline void violated(const char* property, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: property violated: %s\n", file, line, property);
  std::abort();
}

/// `inner` is a part of `outer`: the first thing to be true of every view that a parser returns.
inline bool is_within(base::ByteView inner, base::ByteView outer) {
  if (inner.empty()) return true;
  return inner.data() >= outer.data() && inner.data() + inner.size() <= outer.data() + outer.size();
}

}  // namespace retina::fuzz

/// The property, in a fuzz target.
#define FUZZ_REQUIRE(...)                                                           \
  do {                                                                              \
    if (!(__VA_ARGS__)) ::retina::fuzz::violated(#__VA_ARGS__, __FILE__, __LINE__); \
  } while (false)
