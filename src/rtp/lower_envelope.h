#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace retina::rtp {

/// The straight line under a cloud of (time, delay) points that comes closest to them: what the delay would
/// be if the network never delayed anything. Its slope is the drift between two clocks (Moon, Skelly,
/// Towsley: Estimation and Removal of Clock Skew from Network Delay Measurements, INFOCOM 1999).
///
/// Points are put together in blocks of time, of which only the lowest point counts; so a second without any,
/// or with late ones only, changes nothing, and the cost doesn't depend on how many there are. Times and
/// delays are nanoseconds since moments of the caller's choice. Thread-bound, no allocation.
class LowerEnvelope {
 public:
  static constexpr std::size_t kBlocks = 360;
  static constexpr std::int64_t kBlockNs = 500'000'000;

  struct Line {
    double time = 0;  ///< where `delay` is exact
    double delay = 0;
    double slope = 0;

    double at(double when) const { return delay + slope * (when - time); }
  };

  /// Takes a point; times don't go back. True: it was the first one of a new block, so that the one before is
  /// complete.
  bool add(std::int64_t time, std::int64_t delay) {
    if (count_ > 0 && time - block_start_ < kBlockNs) {
      Point& lowest = newest();
      if (delay < lowest.delay) lowest = {time, delay};
      return false;
    }
    begin_block(time, delay);
    return count_ > 1;
  }

  void clear() { count_ = 0; }
  /// As if every point's delay had been so much longer.
  void shift(std::int64_t delay);
  /// Keeps only so many of the newest blocks.
  void keep(std::size_t blocks) { count_ = blocks < count_ ? blocks : count_; }

  std::size_t blocks() const { return count_; }
  /// Between the lowest points of the oldest and the newest block.
  std::int64_t span() const { return count_ == 0 ? 0 : point(0).time - point(count_ - 1).time; }

  /// The line under all points with the least mean distance, where `expected` is known of its slope: another
  /// slope must bring the line nearer by `reluctance` nanoseconds for each (`doubt`)² that it is off. Its
  /// slope is `expected` +- `most`. Only with at least one block.
  Line fit(double expected, double doubt, double most, double reluctance) const;
  /// The same for the newest `blocks` only, whatever the slope is (+-8).
  Line fit_newest(std::size_t blocks) const;
  /// Mean of what the newest `blocks` lie above a line.
  double mean_gap(const Line& line, std::size_t blocks) const;
  /// Least of what the newest `blocks` lie above a line.
  double least_gap(const Line& line, std::size_t blocks) const;

 private:
  struct Point {
    std::int64_t time = 0;
    std::int64_t delay = 0;
  };
  /// The newest is number 0.
  const Point& point(std::size_t age) const { return points_[(next_ + kBlocks - 1 - age) % kBlocks]; }
  Point& newest() { return points_[(next_ + kBlocks - 1) % kBlocks]; }
  void begin_block(std::int64_t time, std::int64_t delay);

  std::array<Point, kBlocks> points_{};  // ring: the lowest of each block
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::int64_t block_start_ = 0;
};

}  // namespace retina::rtp
