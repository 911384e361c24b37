#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "client/session_time.h"
#include "clock_offset.h"
#include "rtp/decoding_times.h"

namespace retina::gst {

/// What a buffer's PTS is (property timestamp-mode).
enum class TimestampMode {
  kLive,    ///< corrected for drift against the pipeline's clock
  kCamera,  ///< the pure media clock, from the first frame on
  kArrival  ///< when the frame came
};

/// From the times of frames, on the monotonic clock, to PTS and DTS, which are running time. A PTS never goes
/// back in decoding order, but for B-frames. Thread-bound.
class Timestamps {
 public:
  Timestamps(TimestampMode mode, std::uint32_t clock_rate_hz) : mode_(mode), clock_rate_hz_(clock_rate_hz) {}

  /// The camera has come back, perhaps as another one; PTS go on from where they are.
  void set_clock_rate(std::uint32_t clock_rate_hz) { clock_rate_hz_ = clock_rate_hz; }

  /// The stream's pictures are reordered: see rtp::DecodingTimes.
  void expect_reordering(int depth, std::int64_t interval_ticks) { decoding_.expect(depth, interval_ticks); }

  /// Before place(): whether it needs another look at the pipeline's clock. `arrival`: of the frame.
  /// `base_time`: of the element; it changes when the pipeline has been paused.
  bool needs_clock(base::TimePoint arrival, GstClockTime base_time) const {
    return base_time != base_time_ || !known_ || offset_.due(arrival);
  }
  struct ClockReading {
    base::TimePoint before;  ///< monotonic time just before, and just after it was read
    base::TimePoint after;
    GstClockTime shown = GST_CLOCK_TIME_NONE;  ///< NONE: the element has no clock
    const void* clock = nullptr;               ///< which one
  };
  void on_clock(const ClockReading& reading, base::TimePoint arrival, GstClockTime base_time);

  struct Stamp {
    GstClockTime pts = GST_CLOCK_TIME_NONE;
    GstClockTime dts = GST_CLOCK_TIME_NONE;  ///< NONE: as far as is known the same
  };
  /// `timestamp`: extended, of RTP.
  Stamp place(std::int64_t timestamp, const client::FrameTimes& times, base::TimePoint arrival);

 private:
  std::int64_t running_time(const client::FrameTimes& times, base::TimePoint arrival);
  std::int64_t camera_running_time(const client::FrameTimes& times);
  std::int64_t running_time(base::TimePoint time) const;
  GstClockTime decoding_time(std::int64_t timestamp, GstClockTime pts, bool jumped);

  TimestampMode mode_;
  std::uint32_t clock_rate_hz_;
  ClockOffset offset_;
  rtp::DecodingTimes decoding_;
  bool known_ = false;    // of the clock: at least once
  bool resumed_ = false;  // the clock or the base time is another one than at the start
  const void* clock_ = nullptr;
  GstClockTime base_time_ = 0;
  /// Camera mode: from the media clock to running time, as long as the pipeline runs on. The streams of a
  /// session agree, since they count by one media clock.
  std::optional<std::int64_t> camera_offset_;
  std::int64_t highest_ = -1;  // PTS so far
  std::int64_t floor_ = 0;     // no PTS goes below
  std::int64_t latest_dts_ = -1;
};

}  // namespace retina::gst
