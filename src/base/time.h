#pragma once

#include <chrono>
#include <optional>

namespace retina::base {

using Duration = std::chrono::nanoseconds;

/// Monotonic time. Time enters everything below `client` as a parameter of this type.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// The first of two moments that may never come.
inline std::optional<TimePoint> sooner(const std::optional<TimePoint>& one,
                                       const std::optional<TimePoint>& other) {
  if (!one || !other) return one ? one : other;
  return *one < *other ? one : other;
}

/// Where the pump reads the time; tests pass a fake. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
};

class MonotonicClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace retina::base
