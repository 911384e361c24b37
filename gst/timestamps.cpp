#include "timestamps.h"

#include <algorithm>

#include "rtp/timeline.h"

namespace retina::gst {

GstClockTime Timestamps::place(std::int64_t timestamp, bool jumped, GstClockTime arrival,
                               GstClockTime base_time) {
  if (!anchor_ || jumped || anchor_->base_time != base_time) {
    // A new mapping never goes back behind what was sent.
    const GstClockTime start = anchor_ ? std::max(arrival, latest_ + 1) : arrival;
    anchor_ = Anchor{timestamp, start, base_time};
  }
  const auto elapsed = rtp::to_duration(timestamp - anchor_->timestamp, clock_rate_hz_).count();
  const auto placed = static_cast<std::int64_t>(anchor_->running_time) + elapsed;
  const auto pts = static_cast<GstClockTime>(std::max<std::int64_t>(placed, 0));
  latest_ = std::max(latest_, pts);
  return pts;
}

}  // namespace retina::gst
