#include "timestamps.h"

#include <algorithm>

#include "rtp/timeline.h"

namespace retina::gst {

void Timestamps::on_clock(const ClockReading& reading, base::TimePoint arrival, GstClockTime base_time) {
  const bool fresh = !known_ || base_time != base_time_ || reading.clock != clock_;
  resumed_ = resumed_ || (known_ && fresh);
  if (GST_CLOCK_TIME_IS_VALID(reading.shown)) {
    offset_.look(reading.before, reading.after, static_cast<std::int64_t>(reading.shown), fresh);
    base_time_ = base_time;
  } else if (fresh) {
    // Without a clock the first frame is at 0.
    offset_.look(arrival, arrival, static_cast<std::int64_t>(base_time), true);
    base_time_ = base_time;
  }
  clock_ = reading.clock;
  known_ = true;
  if (!fresh) return;
  // Running time has stood still, or is another one: what was sent stays behind.
  camera_offset_.reset();
  floor_ = highest_ + 1;
}

std::int64_t Timestamps::running_time(base::TimePoint time) const {
  return time.time_since_epoch().count() + offset_.at(time) - static_cast<std::int64_t>(base_time_);
}

std::int64_t Timestamps::running_time(const client::FrameTimes& times, base::TimePoint arrival) {
  switch (mode_) {
    case TimestampMode::kArrival:
      return running_time(arrival);
    case TimestampMode::kCamera:
      return camera_running_time(times);
    case TimestampMode::kLive:
      break;
  }
  return running_time(times.live);
}

std::int64_t Timestamps::camera_running_time(const client::FrameTimes& times) {
  const std::int64_t camera = times.camera.time_since_epoch().count();
  // The media clock has drifted since the start; whoever has paused since begins anew without that.
  if (!camera_offset_) camera_offset_ = running_time(resumed_ ? times.live : times.camera) - camera;
  return camera + *camera_offset_;
}

Timestamps::Stamp Timestamps::place(std::int64_t timestamp, const client::FrameTimes& times,
                                    base::TimePoint arrival) {
  if (times.jumped) floor_ = highest_ + 1;
  std::int64_t pts = std::max(running_time(times, arrival), floor_);
  if (times.in_order || mode_ == TimestampMode::kArrival) pts = std::max(pts, highest_ + 1);
  highest_ = std::max(highest_, pts);
  Stamp stamp;
  stamp.pts = static_cast<GstClockTime>(pts);
  stamp.dts = decoding_time(timestamp, stamp.pts, times.jumped);
  return stamp;
}

GstClockTime Timestamps::decoding_time(std::int64_t timestamp, GstClockTime pts, bool jumped) {
  if (mode_ == TimestampMode::kArrival) return GST_CLOCK_TIME_NONE;
  if (jumped) decoding_.restart();
  const auto decoding = decoding_.place(timestamp);
  if (!decoding) return GST_CLOCK_TIME_NONE;
  const std::int64_t ahead = rtp::to_duration(timestamp - *decoding, clock_rate_hz_).count();
  const auto presented = static_cast<std::int64_t>(pts);
  // The mapping may have moved between a frame and the one it takes its place from; and at the very start
  // there is no time before 0.
  latest_dts_ = std::min(std::max(presented - ahead, latest_dts_ + 1), presented);
  return static_cast<GstClockTime>(latest_dts_);
}

}  // namespace retina::gst
