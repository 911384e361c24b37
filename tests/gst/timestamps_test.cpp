#include "timestamps.h"

#include "support/check.h"

namespace {

using retina::gst::Timestamps;

LAW(the_first_frame_gets_its_arrival_and_the_others_the_media_clock_exactly) {
  Timestamps timestamps(90000);
  ck_assert_uint_eq(timestamps.place(123456, false, 5 * GST_SECOND, 0), 5 * GST_SECOND);
  // Arrivals jitter; the timestamps don't.
  ck_assert_uint_eq(timestamps.place(123456 + 3600, false, 5 * GST_SECOND + 70 * GST_MSECOND, 0),
                    5 * GST_SECOND + 40 * GST_MSECOND);
  ck_assert_uint_eq(timestamps.place(123456 + 3003, false, 6 * GST_SECOND, 0), 5 * GST_SECOND + 33366666);
}

LAW(no_error_adds_up_over_a_year) {
  Timestamps timestamps(90000);
  timestamps.place(0, false, 0, 0);
  const std::int64_t year_seconds = 365 * 24 * 3600;
  ck_assert_uint_eq(timestamps.place(year_seconds * 90000, false, 0, 0),
                    static_cast<GstClockTime>(year_seconds) * GST_SECOND);
}

LAW(a_jump_of_the_clock_starts_again_at_the_arrival_and_never_goes_back) {
  Timestamps timestamps(90000);
  timestamps.place(0, false, GST_SECOND, 0);
  ck_assert_uint_eq(timestamps.place(1000000000, true, 3 * GST_SECOND, 0), 3 * GST_SECOND);
  ck_assert_uint_eq(timestamps.place(1000003600, false, 0, 0), 3 * GST_SECOND + 40 * GST_MSECOND);
  ck_assert_uint_eq(timestamps.place(7, true, GST_SECOND, 0), 3 * GST_SECOND + 40 * GST_MSECOND + 1);
}

LAW(after_a_pause_of_the_pipeline_the_mapping_starts_again) {
  Timestamps timestamps(90000);
  timestamps.place(0, false, GST_SECOND, 100);
  // Ten seconds in PAUSED: the camera went on, running time did not.
  ck_assert_uint_eq(timestamps.place(900000, false, 2 * GST_SECOND, 100 + 10 * GST_SECOND), 2 * GST_SECOND);
}

LAW(b_frames_go_back_in_presentation_time) {
  Timestamps timestamps(90000);
  timestamps.place(0, false, GST_SECOND, 0);
  timestamps.place(3 * 3600, false, GST_SECOND, 0);
  ck_assert_uint_eq(timestamps.place(3600, false, GST_SECOND, 0), GST_SECOND + 40 * GST_MSECOND);
}

LAW(nothing_comes_before_zero) {
  Timestamps timestamps(90000);
  timestamps.place(90000, false, 0, 0);
  ck_assert_uint_eq(timestamps.place(45000, false, 0, 0), 0);
}

}  // namespace

int main() {
  return retina::test::run_laws("timestamps");
}
