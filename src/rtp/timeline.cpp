#include "rtp/timeline.h"

#include "rtp/sequence.h"

namespace retina::rtp {

base::Duration to_duration(std::int64_t ticks, std::uint32_t clock_rate_hz) {
  if (clock_rate_hz == 0) return base::Duration::zero();
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  // Leaves room for the part below a second.
  constexpr std::int64_t kMaxSeconds = base::Duration::max().count() / kNanoseconds - 1;
  const auto rate = static_cast<std::int64_t>(clock_rate_hz);
  const std::int64_t seconds = ticks / rate;
  if (seconds > kMaxSeconds) return base::Duration::max();
  if (seconds < -kMaxSeconds) return base::Duration::min();
  // The remainder is below 2^32, so that the product is below 2^62.
  return base::Duration(seconds * kNanoseconds + ticks % rate * kNanoseconds / rate);
}

Timeline::Placed Timeline::place_other(std::uint32_t rtp_timestamp) {
  if (!latest_) {
    latest_ = rtp_timestamp;
    return {*latest_, false};
  }
  const std::int64_t delta = timestamp_delta(static_cast<std::uint32_t>(*latest_), rtp_timestamp);
  latest_ = extend_timestamp(*latest_, rtp_timestamp);
  const auto rate = static_cast<std::int64_t>(clock_rate_hz_);
  return {*latest_, delta > kMaxForwardSeconds * rate || delta < -kMaxBackwardSeconds * rate};
}

std::int64_t Timeline::peek(std::uint32_t rtp_timestamp) const {
  return extend_timestamp(latest_.value_or(rtp_timestamp), rtp_timestamp);
}

}  // namespace retina::rtp
