#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace retina::rtp {

/// `ticks` of a media clock as time, exact to the nanosecond below (toward zero), for any number of ticks:
/// what doesn't fit base::Duration (292 years) is its extreme. A clock rate of 0 makes 0.
base::Duration to_duration(std::int64_t ticks, std::uint32_t clock_rate_hz);

/// The media clock of one stream: 32-bit RTP timestamps in, 64-bit ones out, which don't wrap. Thread-bound.
class Timeline {
 public:
  /// A media timestamp further ahead of the one before than this is a jump: no camera sends so few frames.
  static constexpr int kMaxForwardSeconds = 10;
  /// Further behind than this is a jump too. Less is reordering: B-frames go back by a few frame durations.
  static constexpr int kMaxBackwardSeconds = 1;

  struct Placed {
    std::int64_t extended;  ///< of the first packet: its 32-bit timestamp
    bool jumped;            ///< this timestamp doesn't join the one before

    bool operator==(const Placed&) const = default;
  };

  explicit Timeline(std::uint32_t clock_rate_hz) : clock_rate_hz_(clock_rate_hz) {}

  std::uint32_t clock_rate_hz() const { return clock_rate_hz_; }

  /// The timestamp of a media packet; later ones are placed relative to it.
  Placed place(std::uint32_t rtp_timestamp) {
    if (latest_ && static_cast<std::uint32_t>(*latest_) == rtp_timestamp) return {*latest_, false};
    return place_other(rtp_timestamp);
  }

  /// Where a timestamp that isn't of a media packet (a sender report's) stands. Moves nothing: reports come
  /// early, late and from strangers. Before the first media packet there is nothing to place it by, and it
  /// stands for itself.
  std::int64_t peek(std::uint32_t rtp_timestamp) const;

  /// A media packet has been placed since the start or reset().
  bool started() const { return latest_.has_value(); }

  /// The next packet is a first one again.
  void reset() { latest_.reset(); }

 private:
  Placed place_other(std::uint32_t rtp_timestamp);

  std::uint32_t clock_rate_hz_;
  std::optional<std::int64_t> latest_;
};

}  // namespace retina::rtp
