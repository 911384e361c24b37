#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/time.h"
#include "rtp/timeline.h"

namespace retina::rtp {

/// Interarrival jitter (RFC 3550 s6.4.1, A.8), over the first packet of each timestamp: those that follow it
/// with the same one are late by nature, and would tell of the size of pictures. Thread-bound.
class Jitter {
 public:
  explicit Jitter(std::uint32_t clock_rate_hz) : clock_rate_hz_(clock_rate_hz) {}

  /// Each packet; `timestamp` extended.
  void on_packet(std::int64_t timestamp, base::TimePoint arrival) {
    if (!started_ || timestamp != timestamp_) on_timestamp(timestamp, arrival);
  }

  /// What comes next doesn't join what came before.
  void restart() { started_ = false; }

  base::Duration value() const { return base::Duration(scaled_ / 16); }

 private:
  /// Timestamps that are nonsense shall not overflow.
  static constexpr base::Duration kMost = std::chrono::hours(1);

  void on_timestamp(std::int64_t timestamp, base::TimePoint arrival) {
    if (started_) {
      const base::Duration media = to_duration(timestamp - timestamp_, clock_rate_hz_);
      const base::Duration late = arrival - arrival_ - std::clamp(media, -kMost, kMost);
      scaled_ += std::llabs(late.count()) - (scaled_ + 8) / 16;
    }
    started_ = true;
    timestamp_ = timestamp;
    arrival_ = arrival;
  }

  std::uint32_t clock_rate_hz_;
  bool started_ = false;
  std::int64_t timestamp_ = 0;
  base::TimePoint arrival_{};
  std::int64_t scaled_ = 0;  // 16 times the jitter, ns
};

}  // namespace retina::rtp
