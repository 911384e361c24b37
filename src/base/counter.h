#pragma once

#include <atomic>
#include <cstdint>

namespace retina::base {

/// A statistic that one thread writes and any thread reads. Costs the writer what a plain integer costs.
class Counter {
 public:
  Counter() = default;
  Counter(const Counter& other) : value_(other.get()) {}
  Counter& operator=(const Counter& other) {
    set(other.get());
    return *this;
  }

  void add(std::uint64_t amount = 1) { set(get() + amount); }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace retina::base
