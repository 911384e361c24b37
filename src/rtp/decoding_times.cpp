#include "rtp/decoding_times.h"

#include <algorithm>

namespace retina::rtp {

void DecodingTimes::expect(int depth, std::int64_t interval) {
  depth_ = std::clamp(depth, 0, kMaxDepth);
  interval_ = std::max<std::int64_t>(interval, 1);
}

std::optional<std::int64_t> DecodingTimes::place(std::int64_t timestamp) {
  const bool first = count_ == 0;
  const auto used = highest_.begin() + static_cast<std::ptrdiff_t>(count_);
  const auto at = std::find_if(highest_.begin(), used, [=](std::int64_t t) { return t <= timestamp; });
  depth_ = std::max(depth_, static_cast<int>(std::min<std::ptrdiff_t>(at - highest_.begin(), kMaxDepth)));
  if (at != highest_.end()) {
    count_ = std::min(count_ + 1, highest_.size());
    std::copy_backward(at, highest_.begin() + static_cast<std::ptrdiff_t>(count_) - 1,
                       highest_.begin() + static_cast<std::ptrdiff_t>(count_));
    *at = timestamp;
  }
  if (depth_ == 0) {
    latest_ = timestamp;
    return std::nullopt;
  }
  const auto depth = static_cast<std::size_t>(depth_);
  // Fewer frames than the depth: those that would have been shown before the first one.
  std::int64_t decoding =
      count_ > depth ? highest_[depth]
                     : highest_[count_ - 1] - static_cast<std::int64_t>(depth + 1 - count_) * interval_;
  // A depth that was learnt only now.
  if (!first) decoding = std::max(decoding, latest_ + 1);
  decoding = std::min(decoding, timestamp);
  latest_ = decoding;
  return decoding;
}

}  // namespace retina::rtp
