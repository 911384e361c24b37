#include "client/coalescer.h"

#include <algorithm>

namespace retina::client {
namespace {

/// Under so many bytes (about one packet) a wait saves nothing.
constexpr std::size_t kWorthWaiting = 1500;

}  // namespace

std::size_t Coalescer::History::smallest() const {
  return *std::min_element(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(filled()));
}

std::size_t Coalescer::History::largest() const {
  return *std::max_element(sizes.begin(), sizes.end());
}

base::Duration Coalescer::History::quickest() const {
  return *std::min_element(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(filled()));
}

base::Duration Coalescer::slack(base::Duration span) const {
  return std::min(budget_ / 2, span / 8);
}

std::optional<Coalescer::Wait> Coalescer::plan(const Gathered& gathered, base::TimePoint now) const {
  if (budget_ <= base::Duration::zero() || gathered.bytes == 0) return std::nullopt;
  const History& history = histories_[gathered.key_frame ? 1 : 0];
  if (!history.known()) return std::nullopt;

  const base::Duration span = history.quickest();
  const base::TimePoint expected_end = gathered.first_arrival + span;
  const std::size_t sure = history.smallest() - history.smallest() / 16;
  const bool sure_of_more = gathered.bytes + kWorthWaiting < sure;
  const std::size_t target = sure_of_more ? sure : history.largest();
  const base::TimePoint deadline = expected_end + (sure_of_more ? budget_ / 2 : slack(span));
  // A frame that is late is read packet by packet: a camera that stalls in the middle must not cost a timer.
  if (deadline <= now || gathered.bytes >= target) return std::nullopt;
  return Wait{std::max(target - gathered.bytes, kWorthWaiting), deadline};
}

void Coalescer::on_frame(const Gathered& whole, base::TimePoint last_arrival, bool timed_out) {
  History& history = histories_[whole.key_frame ? 1 : 0];
  base::Duration span = std::max(last_arrival - whole.first_arrival, base::Duration::zero());
  if (timed_out && history.known()) {
    // The true end lies before the deadline: creep towards it, or the slack would stretch the span frame by
    // frame.
    const base::Duration quickest = history.quickest();
    span = std::max(std::min(quickest, span) - slack(quickest) / 16, base::Duration::zero());
  }
  const std::size_t slot = history.count++ % History::kFrames;
  history.sizes[slot] = whole.bytes;
  history.spans[slot] = span;
}

}  // namespace retina::client
