#pragma once

#include <cstdint>

namespace retina::base {

/// Numbers that look random, from a seed: so tests are repeatable. For what needs to differ between peers,
/// not for secrets. SplitMix64 (Steele, Lea and Flood, 2014). Thread-bound.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31);
  }
  std::uint32_t next_32() { return static_cast<std::uint32_t>(next() >> 32); }
  /// From 0 up to, but without, 1.
  double next_fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace retina::base
