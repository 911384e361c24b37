#include "rtp/lower_envelope.h"

#include <algorithm>

namespace retina::rtp {
namespace {

/// A point relative to the newest one: small enough for doubles to be exact.
struct Near {
  double time;
  double delay;
};

/// The lower hull of points in the order of their times, newest first (Andrew's monotone chain): nothing else
/// can touch a line from above.
class Hull {
 public:
  void add(Near point) {
    while (size_ >= 2 && !turns(points_[size_ - 2], points_[size_ - 1], point))
      --size_;
    points_[size_++] = point;
  }

  /// How low a line of this slope must be at the newest point to stay under all of them.
  double support(double slope) const {
    double lowest = points_[0].delay - slope * points_[0].time;
    for (std::size_t i = 1; i < size_; ++i)
      lowest = std::min(lowest, points_[i].delay - slope * points_[i].time);
    return lowest;
  }

 private:
  /// Times fall from `a` to `b` to `c`; false: `b` lies on or above the chord.
  static bool turns(const Near& a, const Near& b, const Near& c) {
    return (b.time - a.time) * (c.delay - a.delay) < (b.delay - a.delay) * (c.time - a.time);
  }

  std::array<Near, LowerEnvelope::kBlocks> points_;
  std::size_t size_ = 0;
};

/// The lowest place of a convex function.
template <class F>
double minimum(double low, double high, const F& cost) {
  for (int i = 0; i < 48; ++i) {
    const double a = low + (high - low) / 3;
    const double b = high - (high - low) / 3;
    if (cost(a) <= cost(b)) {
      high = b;
    } else {
      low = a;
    }
  }
  return (low + high) / 2;
}

}  // namespace

void LowerEnvelope::begin_block(std::int64_t time, std::int64_t delay) {
  block_start_ = time;
  points_[next_] = {time, delay};
  next_ = (next_ + 1) % kBlocks;
  count_ = std::min(count_ + 1, kBlocks);
}

void LowerEnvelope::shift(std::int64_t delay) {
  for (Point& each : points_)
    each.delay += delay;
}

LowerEnvelope::Line LowerEnvelope::fit(double expected, double doubt, double most, double reluctance) const {
  const Point& origin = point(0);
  Hull hull;
  double mean_time = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Near near{static_cast<double>(point(i).time - origin.time),
                    static_cast<double>(point(i).delay - origin.delay)};
    hull.add(near);
    mean_time += near.time / static_cast<double>(count_);
  }
  // The mean distance, less what doesn't depend on the slope.
  const auto cost = [&](double slope) {
    const double off = (slope - expected) / doubt;
    return reluctance * off * off - hull.support(slope) - slope * mean_time;
  };
  const double slope = minimum(expected - most, expected + most, cost);
  return {static_cast<double>(origin.time), static_cast<double>(origin.delay) + hull.support(slope), slope};
}

LowerEnvelope::Line LowerEnvelope::fit_newest(std::size_t blocks) const {
  LowerEnvelope newest = *this;
  newest.keep(blocks);
  return newest.fit(0, 1, 8, 0);
}

double LowerEnvelope::mean_gap(const Line& line, std::size_t blocks) const {
  const std::size_t n = std::min(blocks, count_);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i)
    sum += static_cast<double>(point(i).delay) - line.at(static_cast<double>(point(i).time));
  return n > 0 ? sum / static_cast<double>(n) : 0;
}

double LowerEnvelope::least_gap(const Line& line, std::size_t blocks) const {
  const std::size_t n = std::min(blocks, count_);
  double least = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double gap = static_cast<double>(point(i).delay) - line.at(static_cast<double>(point(i).time));
    least = i == 0 ? gap : std::min(least, gap);
  }
  return least;
}

}  // namespace retina::rtp
