#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace retina::gst {

/// From the camera's media clock to running time. The first frame of a mapping gets the running time of its
/// arrival; each one after it follows the media clock exactly.
class Timestamps {
 public:
  explicit Timestamps(std::uint32_t clock_rate_hz) : clock_rate_hz_(clock_rate_hz) {}

  /// PTS of a frame. `arrival`: running time at which it was read; `base_time`: of the element, since a
  /// pipeline that was paused goes on with another one, and its running time has stood still meanwhile.
  /// `jumped`: the media clock does not join what came before.
  GstClockTime place(std::int64_t timestamp, bool jumped, GstClockTime arrival, GstClockTime base_time);

  /// Whether a frame that didn't jump goes on with the mapping there is: then place() needs no arrival.
  bool continues(GstClockTime base_time) const { return anchor_ && anchor_->base_time == base_time; }

 private:
  struct Anchor {
    std::int64_t timestamp;
    GstClockTime running_time;
    GstClockTime base_time;
  };

  std::uint32_t clock_rate_hz_;
  std::optional<Anchor> anchor_;
  GstClockTime latest_ = 0;  // highest PTS so far
};

}  // namespace retina::gst
