#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "rtp/ntp_time.h"

namespace retina::rtp {

/// What time of day one stream's media clock shows, learnt from its sender reports (RFC 3550 s6.4.1): a line
/// through the latest ones that agree with each other. Thread-bound.
///
/// Cameras send reports of before they knew the time, have their clock set, or write nonsense. So a time that
/// can't be one is ignored; one that doesn't lie on the line is kept aside until the next one confirms it
/// (the clock was set: the line moves there); and where report after report lies off any line there is none.
class WallClock {
 public:
  /// A report at most so far from the line is an inexact one, as cameras write that round to frames.
  static constexpr base::Duration kTolerance = std::chrono::milliseconds(200);
  /// In a row, none confirming another: then the line isn't believed any more.
  static constexpr int kMaxContradictions = 4;

  explicit WallClock(std::uint32_t clock_rate_hz) : clock_rate_hz_(clock_rate_hz) {}

  /// At the extended RTP `timestamp` it was `ntp` there.
  void observe(std::uint64_t ntp, std::int64_t timestamp);

  /// Forgets everything: the media clock was replaced.
  void reset() { *this = WallClock(clock_rate_hz_); }

  /// Something to tell times by.
  bool known() const { return count_ > 0; }
  /// Confirmed by a second report.
  bool confirmed() const { return count_ > 1; }

  /// Nullopt: not known.
  std::optional<WallTime> at(std::int64_t timestamp) const;

  /// The line; only if known(). Time of day passes 1 + `drift` times as fast as the media clock tells.
  struct Line {
    std::int64_t timestamp = 0;
    WallTime time;
    double drift = 0;
  };
  const Line& line() const { return line_; }

 private:
  struct Observation {
    std::int64_t timestamp = 0;
    WallTime time;
  };
  bool agrees(const Observation& with, const Observation& report) const;
  void accept(const Observation& report);
  void contradict(const Observation& report);
  void fit();
  double nanoseconds_since(const Observation& from, std::int64_t timestamp) const;

  std::uint32_t clock_rate_hz_;
  std::array<Observation, 12> latest_{};  // ring
  std::size_t next_ = 0;
  std::size_t count_ = 0;  // in latest_
  std::optional<Observation> aside_;
  int contradictions_ = 0;  // since the last report that was accepted
  Line line_;
};

}  // namespace retina::rtp
