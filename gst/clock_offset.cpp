#include "clock_offset.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace retina::gst {
namespace {

/// Off by more, the clock was set.
constexpr std::int64_t kJumpNs = 20'000'000;
/// Less than this, and than the time that a look takes, isn't a difference.
constexpr std::int64_t kNoiseNs = 2'000;
/// A difference is made up for in about so many nanoseconds, at 0.5 % at most.
constexpr double kTimeConstantNs = 4e9;
constexpr double kMaxSlope = 0.005;

}  // namespace

void ClockOffset::look(base::TimePoint before, base::TimePoint after, std::int64_t shown, bool fresh) {
  const base::Duration took = after - before;
  const base::TimePoint middle = before + took / 2;
  const std::int64_t seen = shown - middle.time_since_epoch().count();
  const std::int64_t expected = at(middle);
  const std::int64_t off = seen - expected;
  const bool jump = !known_ || fresh || std::llabs(off) > kJumpNs + took.count();
  const bool noise = std::llabs(off) <= kNoiseNs + took.count() / 2;
  known_ = true;
  looked_ = middle;
  offset_ = jump ? seen : expected;
  slope_ = jump || noise ? 0 : std::clamp(static_cast<double>(off) / kTimeConstantNs, -kMaxSlope, kMaxSlope);
}

std::int64_t ClockOffset::at(base::TimePoint time) const {
  if (slope_ == 0) return offset_;
  const auto since = static_cast<double>(std::min(time - looked_, 2 * kInterval).count());
  return offset_ + std::llround(slope_ * std::max(since, 0.0));
}

}  // namespace retina::gst
