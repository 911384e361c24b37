#pragma once

#include <cstdint>

#include "base/time.h"

namespace retina::gst {

/// How far a pipeline's clock is ahead of the monotonic one, in nanoseconds. They may be the same clock, or
/// one may belong to a sound card and drift. Looked at seldom, since reading a clock can be a system call;
/// between the looks it moves gently. Thread-bound.
class ClockOffset {
 public:
  static constexpr base::Duration kInterval = std::chrono::seconds(1);

  /// It is time for another look. `now` may be a little in the past.
  bool due(base::TimePoint now) const { return !known_ || now - looked_ >= kInterval; }

  /// The pipeline's clock showed `shown` ns at some moment between `before` and `after`. `fresh`: it may have
  /// been set, or be another one; what was known counts no more.
  void look(base::TimePoint before, base::TimePoint after, std::int64_t shown, bool fresh);

  std::int64_t at(base::TimePoint time) const;

 private:
  bool known_ = false;
  base::TimePoint looked_{};
  std::int64_t offset_ = 0;  // when looked
  double slope_ = 0;         // since then, for two intervals
};

}  // namespace retina::gst
