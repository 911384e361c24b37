#pragma once

#include <gst/gst.h>

#include <optional>

#include "base/time.h"
#include "gst_ref.h"
#include "rtp/ntp_time.h"

namespace retina::gst {

/// GstReferenceTimestampMeta on a stream's buffers, by the names that GStreamer has for them:
/// `timestamp/x-ntp` (ns since 1900) and `timestamp/x-unix` (ns since 1970): the camera's time of day;
/// `timestamp/x-system-monotonic` (ns): when the frame's last packet was read, on CLOCK_MONOTONIC.
class ReferenceTimes {
 public:
  ReferenceTimes();

  void add_to(GstBuffer* buffer, const std::optional<rtp::WallTime>& wall, base::TimePoint arrival) const;

 private:
  CapsRef ntp_;
  CapsRef unix_;
  CapsRef monotonic_;
};

}  // namespace retina::gst
