#include "client/coalescer.h"

#include <algorithm>

namespace retina::client {
namespace {

/// Under so many bytes (about one packet) a wait saves nothing.
constexpr std::size_t kWorthWaiting = 1500;

/// From here on whole frames are waited for together: 2 Gbit/s with the default budget, when no camera does.
constexpr std::size_t kWorthBatching = std::size_t{64} * 1024;

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
  const auto rest = plan_rest(gathered, now);
  const std::size_t together = batch(now);
  if (together < kWorthBatching) return rest;
  return Wait{std::max(together, rest ? rest->bytes : 0), now + budget_ / 4};
}

std::optional<Coalescer::Wait> Coalescer::plan_rest(const Gathered& gathered, base::TimePoint now) const {
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

std::size_t Coalescer::batch(base::TimePoint now) const {
  // Once the flow stops, so does the waiting: a timer that fires for nothing, a few times at most.
  if (now - flow_.latest > budget_) return 0;
  return static_cast<std::size_t>(flow_.bytes_per_ns * static_cast<double>((budget_ / 8).count()));
}

/// Over at least the budget at once, so that one large frame that comes in a burst makes no flow.
void Coalescer::measure(std::size_t bytes, base::TimePoint now) {
  flow_.latest = now;
  flow_.bytes += bytes;
  const base::Duration window = now - flow_.start;
  if (window < budget_ || window <= base::Duration::zero()) return;
  flow_.bytes_per_ns = static_cast<double>(flow_.bytes) / static_cast<double>(window.count());
  flow_.bytes = 0;
  flow_.start = now;
}

void Coalescer::keep_rhythm(base::TimePoint now) {
  if (rhythm_.count > 0)
    rhythm_.intervals[(rhythm_.count - 1) % rhythm_.intervals.size()] = now - rhythm_.latest;
  ++rhythm_.count;
  rhythm_.latest = now;
}

base::TimePoint Coalescer::latest_wait(base::TimePoint now) const {
  const auto& intervals = rhythm_.intervals;
  if (rhythm_.count <= intervals.size()) return now + budget_;
  return std::max(now, rhythm_.latest + *std::ranges::min_element(intervals)) + budget_;
}

void Coalescer::on_frame(const Gathered& whole, base::TimePoint last_arrival, bool timed_out) {
  measure(whole.bytes, last_arrival);
  keep_rhythm(last_arrival);
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
