#include "timestamps.h"

#include "support/check.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using gst::TimestampMode;
using gst::Timestamps;

constexpr base::TimePoint kStart{5h};

/// A pipeline's clock that is so much ahead of the monotonic one, and the frames of a stream.
struct Pipeline {
  explicit Pipeline(TimestampMode mode, GstClockTime ahead = 0) : timestamps(mode, 90000), ahead_ns(ahead) {}

  Timestamps timestamps;
  GstClockTime ahead_ns;
  GstClockTime base_time = 5 * 3600 * GST_SECOND - GST_SECOND;  // the pipeline has run for a second
  const void* clock = this;
  int looks = 0;

  /// A frame that belongs, and has come, so long after the start.
  Timestamps::Stamp place(base::Duration belongs, base::Duration came, client::FrameTimes times = {},
                          std::int64_t timestamp = 0) {
    times.live = kStart + belongs;
    const base::TimePoint arrival = kStart + came;
    const GstClockTime base = base_time + ahead_ns;
    if (timestamps.needs_clock(arrival, base)) {
      ++looks;
      Timestamps::ClockReading reading;
      reading.before = arrival + 1ms;
      reading.after = arrival + 1ms;
      if (clock != nullptr)
        reading.shown = static_cast<GstClockTime>(reading.before.time_since_epoch().count()) + ahead_ns;
      reading.clock = clock;
      timestamps.on_clock(reading, arrival, base);
    }
    return timestamps.place(timestamp, times, arrival);
  }
};

LAW(live_time_is_running_time_whatever_the_pipelines_clock_shows) {
  for (const GstClockTime ahead : {GstClockTime{0}, GstClockTime{1000 * GST_SECOND}}) {
    Pipeline pipeline(TimestampMode::kLive, ahead);
    ck_assert_uint_eq(pipeline.place(0ms, 0ms).pts, GST_SECOND);
    ck_assert_uint_eq(pipeline.place(40ms, 110ms).pts, GST_SECOND + 40 * GST_MSECOND);
    ck_assert_uint_eq(pipeline.place(80ms, 111ms).pts, GST_SECOND + 80 * GST_MSECOND);
    ck_assert_uint_eq(pipeline.place(80ms, 111ms).dts, GST_CLOCK_TIME_NONE);
  }
}

LAW(arrival_time_is_when_the_frame_came) {
  Pipeline pipeline(TimestampMode::kArrival);
  ck_assert_uint_eq(pipeline.place(0ms, 30ms).pts, GST_SECOND + 30 * GST_MSECOND);
  ck_assert_uint_eq(pipeline.place(40ms, 30ms).pts, GST_SECOND + 30 * GST_MSECOND + 1);
  ck_assert_uint_eq(pipeline.place(80ms, 95ms).pts, GST_SECOND + 95 * GST_MSECOND);
}

LAW(camera_time_is_the_media_clock_exactly_for_a_day) {
  Pipeline pipeline(TimestampMode::kCamera, 77);
  for (std::int64_t second = 0; second < 24 * 3600; ++second) {
    client::FrameTimes times;
    times.camera = kStart + std::chrono::seconds(second);
    // The pipeline's clock drifts, and so does what is live.
    pipeline.ahead_ns = 77;
    const auto drifted = std::chrono::seconds(second) + second * 500us;
    const auto stamp = pipeline.place(drifted, drifted + 50ms, times);
    ck_assert_uint_eq(stamp.pts, static_cast<GstClockTime>(second + 1) * GST_SECOND);
  }
}

LAW(the_clock_is_looked_at_once_a_second) {
  Pipeline pipeline(TimestampMode::kLive);
  for (int i = 0; i < 2500; ++i)
    pipeline.place(i * 40ms, i * 40ms);
  ck_assert_int_ge(pipeline.looks, 90);
  ck_assert_int_le(pipeline.looks, 101);
}

/// A sound card's clock, 200 ppm fast.
LAW(a_pipeline_clock_that_drifts_is_followed_gently) {
  Pipeline pipeline(TimestampMode::kLive);
  GstClockTime latest = 0;
  for (int i = 0; i < 25 * 600; ++i) {
    const base::Duration since = i * 40ms;
    pipeline.ahead_ns = 0;
    const GstClockTime base = pipeline.base_time;
    const base::TimePoint arrival = kStart + since;
    const auto drift = static_cast<GstClockTime>(since.count()) / 5000;
    if (pipeline.timestamps.needs_clock(arrival, base)) {
      const auto shown = static_cast<GstClockTime>(arrival.time_since_epoch().count()) + drift;
      pipeline.timestamps.on_clock({arrival, arrival, shown, &pipeline}, arrival, base);
    }
    client::FrameTimes times;
    times.live = arrival;
    const GstClockTime pts = pipeline.timestamps.place(0, times, arrival).pts;
    const GstClockTime ideal = GST_SECOND + static_cast<GstClockTime>(since.count()) + drift;
    ck_assert_msg(std::abs(GST_CLOCK_DIFF(pts, ideal)) < static_cast<GstClockTimeDiff>(2 * GST_MSECOND),
                  "frame %d: %" GST_STIME_FORMAT, i, GST_STIME_ARGS(GST_CLOCK_DIFF(pts, ideal)));
    if (i > 0) ck_assert_msg(std::abs(GST_CLOCK_DIFF(latest, pts) - 40'000'000) < 250'000, "frame %d", i);
    latest = pts;
  }
}

LAW(a_pause_of_the_pipeline_is_not_in_running_time) {
  for (const TimestampMode mode : {TimestampMode::kLive, TimestampMode::kCamera, TimestampMode::kArrival}) {
    Pipeline pipeline(mode);
    client::FrameTimes times;
    times.camera = kStart;
    ck_assert_uint_eq(pipeline.place(0ms, 0ms, times).pts, GST_SECOND);
    // Ten seconds in PAUSED: the camera went on, running time did not.
    pipeline.base_time += 10 * GST_SECOND;
    times.camera = kStart + 11s;
    ck_assert_uint_eq(pipeline.place(11s, 11s, times).pts, 2 * GST_SECOND);
    times.camera = kStart + 11040ms;
    ck_assert_uint_eq(pipeline.place(11040ms, 11040ms, times).pts, 2 * GST_SECOND + 40 * GST_MSECOND);
  }
}

LAW(what_waited_through_a_pause_does_not_go_back) {
  Pipeline pipeline(TimestampMode::kLive);
  client::FrameTimes reordered;
  reordered.in_order = false;
  for (const client::FrameTimes& times : {client::FrameTimes{}, reordered}) {
    const GstClockTime before = pipeline.place(20s, 20s, times).pts;
    pipeline.base_time += 10 * GST_SECOND;
    ck_assert_uint_gt(pipeline.place(20040ms, 30s, times).pts, before);
    ck_assert_uint_gt(pipeline.place(20080ms, 30s, times).pts, before);
    pipeline.place(40s, 40s, times);
  }
}

LAW(without_a_clock_the_first_frame_is_at_zero) {
  Pipeline pipeline(TimestampMode::kLive);
  pipeline.clock = nullptr;
  ck_assert_uint_eq(pipeline.place(0ms, 0ms).pts, 0);
  ck_assert_uint_eq(pipeline.place(5s, 5s).pts, 5 * GST_SECOND);
}

LAW(nothing_comes_before_zero_and_times_rise_there_too) {
  Pipeline pipeline(TimestampMode::kLive);
  pipeline.base_time += 2 * GST_SECOND;
  ck_assert_uint_eq(pipeline.place(0ms, 0ms).pts, 0);
  ck_assert_uint_eq(pipeline.place(40ms, 40ms).pts, 1);
}

LAW(b_frames_have_decoding_times_that_rise_and_are_not_after_their_presentation) {
  Pipeline pipeline(TimestampMode::kLive);
  pipeline.timestamps.expect_reordering(1, 3600);
  client::FrameTimes times;
  times.in_order = false;
  const int order[] = {0, 3, 1, 2, 6, 4, 5, 9, 7, 8};
  GstClockTime expected = GST_SECOND - 40 * GST_MSECOND;
  for (const int at : order) {
    const auto stamp = pipeline.place(at * 40ms, at * 40ms, times, at * 3600);
    ck_assert_uint_eq(stamp.pts, GST_SECOND + static_cast<GstClockTime>(at) * 40 * GST_MSECOND);
    ck_assert_uint_eq(stamp.dts, expected);
    expected += 40 * GST_MSECOND;
  }
}

LAW(a_jump_starts_behind_everything_that_was_sent) {
  Pipeline pipeline(TimestampMode::kLive);
  client::FrameTimes times;
  times.in_order = false;
  const GstClockTime latest = pipeline.place(10s, 10s, times).pts;
  times.jumped = true;
  ck_assert_uint_eq(pipeline.place(9s, 9s, times).pts, latest + 1);
}

}  // namespace

int main() {
  return retina::test::run_laws("timestamps");
}
