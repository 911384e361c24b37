#include "reference_times.h"

namespace retina::gst {
namespace {

void add(GstBuffer* buffer, const CapsRef& reference, base::Duration time) {
  gst_buffer_add_reference_timestamp_meta(buffer, reference.get(), static_cast<GstClockTime>(time.count()),
                                          GST_CLOCK_TIME_NONE);
}

}  // namespace

ReferenceTimes::ReferenceTimes()
    : ntp_(gst_caps_new_empty_simple("timestamp/x-ntp")),
      unix_(gst_caps_new_empty_simple("timestamp/x-unix")),
      monotonic_(gst_caps_new_empty_simple("timestamp/x-system-monotonic")) {}

void ReferenceTimes::add_to(GstBuffer* buffer, const std::optional<rtp::WallTime>& wall,
                            base::TimePoint arrival) const {
  add(buffer, monotonic_, arrival.time_since_epoch());
  if (!wall) return;
  add(buffer, unix_, wall->time_since_epoch());
  add(buffer, ntp_, wall->time_since_epoch() + rtp::kNtpToUnix);
}

}  // namespace retina::gst
