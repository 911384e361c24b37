#include "rtp/wall_clock.h"

#include <algorithm>
#include <cmath>

#include "rtp/timeline.h"

namespace retina::rtp {
namespace {

/// Crystals are better than this, and clocks that are being set gently (adjtime) too.
constexpr double kMaxDrift = 1000e-6;
/// Below this the rounding of reports looks like drift.
constexpr double kMinSpanNs = 2e9;

base::Duration rounded(double nanoseconds) {
  return base::Duration(std::llround(nanoseconds));
}

}  // namespace

double WallClock::nanoseconds_since(const Observation& from, std::int64_t timestamp) const {
  return static_cast<double>(to_duration(timestamp - from.timestamp, clock_rate_hz_).count());
}

bool WallClock::agrees(const Observation& with, const Observation& report) const {
  const double elapsed = nanoseconds_since(with, report.timestamp);
  const auto off = static_cast<double>((report.time - with.time).count()) - elapsed;
  return std::abs(off) <= static_cast<double>(kTolerance.count()) + kMaxDrift * std::abs(elapsed);
}

void WallClock::observe(std::uint64_t ntp, std::int64_t timestamp) {
  const auto time = plausible_wall_time(ntp);
  if (!time) return;
  const Observation report{timestamp, *time};
  if (!known() && !aside_) return accept(report);
  if (known() && agrees({line_.timestamp, line_.time}, report)) return accept(report);
  contradict(report);
}

void WallClock::contradict(const Observation& report) {
  if (aside_ && agrees(*aside_, report)) {
    count_ = 0;
    accept(*aside_);
    return accept(report);
  }
  aside_ = report;
  if (++contradictions_ >= kMaxContradictions) count_ = 0;
}

void WallClock::accept(const Observation& report) {
  aside_.reset();
  contradictions_ = 0;
  latest_[next_] = report;
  next_ = (next_ + 1) % latest_.size();
  count_ = std::min(count_ + 1, latest_.size());
  fit();
}

/// Least squares, from the latest report on: its own place is where the line counts from.
void WallClock::fit() {
  const std::size_t size = latest_.size();
  const Observation& last = latest_[(next_ + size - 1) % size];
  double mean_x = 0;
  double mean_y = 0;
  double oldest = 0;
  std::array<double, 12> x{};
  std::array<double, 12> y{};
  for (std::size_t i = 0; i < count_; ++i) {
    const Observation& one = latest_[(next_ + size - 1 - i) % size];
    x[i] = nanoseconds_since(last, one.timestamp);
    y[i] = static_cast<double>((one.time - last.time).count()) - x[i];  // what drift has made
    mean_x += x[i] / static_cast<double>(count_);
    mean_y += y[i] / static_cast<double>(count_);
    oldest = std::min(oldest, x[i]);
  }
  double products = 0;
  double squares = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    products += (x[i] - mean_x) * (y[i] - mean_y);
    squares += (x[i] - mean_x) * (x[i] - mean_x);
  }
  const bool steep = oldest <= -kMinSpanNs && squares > 0;
  const double drift = steep ? std::clamp(products / squares, -kMaxDrift, kMaxDrift) : 0.0;
  line_ = {last.timestamp, last.time + rounded(mean_y - drift * mean_x), drift};
}

std::optional<WallTime> WallClock::at(std::int64_t timestamp) const {
  if (!known()) return std::nullopt;
  const base::Duration elapsed = to_duration(timestamp - line_.timestamp, clock_rate_hz_);
  return line_.time + elapsed + rounded(line_.drift * static_cast<double>(elapsed.count()));
}

}  // namespace retina::rtp
