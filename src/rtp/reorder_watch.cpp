#include "rtp/reorder_watch.h"

#include <algorithm>
#include <limits>

namespace retina::rtp {

/// Between the neighbours of the timestamp there is clearly more room than between the closest two frames.
bool ReorderWatch::fills_hole(std::int64_t timestamp) const {
  std::array<std::int64_t, kWindow> sorted = latest_;
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(count_);
  std::sort(sorted.begin(), end);
  const auto above = std::upper_bound(sorted.begin(), end, timestamp);
  if (above == end || above == sorted.begin() || end - above > kMaxAhead) return false;
  if (*(above - 1) == timestamp) return false;
  if (frames_ < kFirstFrames) return true;
  std::int64_t closest = std::numeric_limits<std::int64_t>::max();
  for (auto it = sorted.begin() + 1; it < end; ++it)
    closest = std::min(closest, *it - *(it - 1));
  return *above - *(above - 1) > closest + closest / 2;
}

ReorderWatch::Verdict ReorderWatch::judge(std::int64_t timestamp) {
  if (count_ == 0 || timestamp > highest_) {
    highest_ = timestamp;
    behind_ = 0;
    return Verdict::kAhead;
  }
  if (!possible_ || ++behind_ > kWindow || !fills_hole(timestamp)) return Verdict::kFault;
  if (!reorders_) reorders_ = frames_ < kLearningFrames || ++holes_ >= kConvincing;
  return reorders_ ? Verdict::kFilling : Verdict::kFault;
}

ReorderWatch::Verdict ReorderWatch::place(std::int64_t timestamp) {
  const Verdict verdict = judge(timestamp);
  latest_[next_ % kWindow] = timestamp;
  next_ = (next_ + 1) % kWindow;
  count_ = std::min(count_ + 1, kWindow);
  frames_ = std::min(frames_ + 1, kLearningFrames);
  return verdict;
}

}  // namespace retina::rtp
