#pragma once

#include <atomic>

#include "base/time.h"

namespace retina::test {

/// Time that passes only when a test says so. Starts at an hour, so that subtracting stays positive.
/// Thread-safe.
class FakeClock final : public base::Clock {
 public:
  base::TimePoint now() const override { return base::TimePoint(base::Duration(ticks_.load())); }

  void advance(base::Duration by) { ticks_.fetch_add(by.count()); }

  /// To `then`; a test never turns time back.
  void advance_to(base::TimePoint then) {
    if (then > now()) advance(then - now());
  }

 private:
  std::atomic<base::Duration::rep> ticks_{base::Duration(std::chrono::hours(1)).count()};
};

}  // namespace retina::test
