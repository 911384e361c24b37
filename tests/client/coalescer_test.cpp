#include "client/coalescer.h"

#include "support/check.h"

namespace {

using namespace std::chrono_literals;
using retina::base::Duration;
using retina::base::TimePoint;
using retina::client::Coalescer;

constexpr TimePoint kStart{1h};

/// Teaches the sizes in turn, each frame spread over `span`.
void teach(Coalescer& coalescer, std::initializer_list<std::size_t> sizes, Duration span,
           bool key_frame = false) {
  for (const std::size_t size : sizes)
    coalescer.on_frame({size, key_frame, kStart}, kStart + span, false);
}

LAW(nothing_waits_between_frames_or_before_frames_are_known) {
  Coalescer coalescer(2ms);
  ck_assert(!coalescer.plan({1400, false, kStart}, kStart));
  teach(coalescer, {20000, 20000}, 36ms);
  ck_assert(!coalescer.plan({1400, false, kStart}, kStart));
  teach(coalescer, {20000}, 36ms);
  ck_assert(coalescer.plan({1400, false, kStart}, kStart).has_value());
  ck_assert(!coalescer.plan({0, false, kStart}, kStart));
}

LAW(a_budget_of_zero_turns_waiting_off) {
  Coalescer coalescer(0ms);
  teach(coalescer, {20000, 20000, 20000}, 36ms);
  ck_assert(!coalescer.plan({1400, false, kStart}, kStart));
}

LAW(the_first_wait_is_for_what_even_the_smallest_frame_had) {
  Coalescer coalescer(2ms);
  teach(coalescer, {20000, 15000, 24000, 22000}, 36ms);
  const auto wait = coalescer.plan({1400, false, kStart}, kStart);
  ck_assert(wait.has_value());
  ck_assert_uint_eq(wait->bytes, 15000 - 15000 / 16 - 1400);
}

LAW(only_the_eight_latest_frames_count) {
  Coalescer coalescer(2ms);
  teach(coalescer, {3000, 20000, 20000, 20000, 20000, 20000, 20000, 20000, 20000}, 36ms);
  ck_assert_uint_eq(coalescer.plan({1400, false, kStart}, kStart)->bytes, 20000 - 20000 / 16 - 1400);
}

LAW(no_wait_outlasts_the_expected_end_by_more_than_the_budget) {
  for (const Duration span : {Duration{0}, Duration{1ms}, Duration{36ms}}) {
    Coalescer coalescer(2ms);
    teach(coalescer, {20000, 15000, 24000, 22000}, span);
    for (std::size_t gathered = 1; gathered < 30000; gathered += 500) {
      const auto wait = coalescer.plan({gathered, false, kStart}, kStart + span / 2);
      if (!wait) continue;
      ck_assert(wait->bytes > 0);
      ck_assert(wait->deadline <= kStart + span + 2ms);
    }
  }
}

LAW(after_the_sure_bytes_spread_packets_are_waited_for_until_the_usual_end) {
  Coalescer coalescer(2ms);
  teach(coalescer, {20000, 15000, 24000}, 36ms);
  const auto wait = coalescer.plan({15000, false, kStart}, kStart + 24ms);
  ck_assert(wait.has_value());
  ck_assert(wait->deadline == kStart + 36ms + 1ms);
}

LAW(after_the_usual_end_every_packet_is_read_at_once) {
  Coalescer coalescer(2ms);
  teach(coalescer, {20000, 15000, 24000}, 36ms);
  ck_assert(!coalescer.plan({16000, false, kStart}, kStart + 38ms));
}

LAW(a_camera_that_stalls_in_a_frame_costs_no_timer) {
  Coalescer coalescer(2ms);
  teach(coalescer, {20000, 15000, 24000}, 36ms);
  for (const auto late : {37ms, 100ms, 10000ms})
    ck_assert(!coalescer.plan({1400, false, kStart}, kStart + late));
}

LAW(a_burst_is_not_slowed_down_once_the_sure_bytes_are_there) {
  Coalescer coalescer(2ms);
  teach(coalescer, {20000, 15000, 24000}, 0ms);
  ck_assert(!coalescer.plan({15000, false, kStart}, kStart));
}

LAW(key_frames_and_others_are_predicted_apart) {
  Coalescer coalescer(2ms);
  teach(coalescer, {20000, 20000, 20000}, 36ms);
  teach(coalescer, {120000, 130000, 125000}, 38ms, true);
  ck_assert_uint_eq(coalescer.plan({1400, false, kStart}, kStart)->bytes, 20000 - 20000 / 16 - 1400);
  ck_assert_uint_eq(coalescer.plan({1400, true, kStart}, kStart)->bytes, 120000 - 120000 / 16 - 1400);
}

LAW(waits_that_time_out_do_not_stretch_the_span_frame_by_frame) {
  Coalescer coalescer(2ms);
  teach(coalescer, {20000, 20000, 24000}, 36ms);
  TimePoint deadline{};
  for (int i = 0; i < 100; ++i) {
    const auto wait = coalescer.plan({20000, false, kStart}, kStart + 5ms);
    if (!wait) break;
    ck_assert(i == 0 || wait->deadline < deadline);
    deadline = wait->deadline;
    coalescer.on_frame({20000, false, kStart}, deadline, true);
  }
}

/// 300 frames of 40 kB in 3 ms: 4 bytes a nanosecond. Returns when the last one was complete.
TimePoint flood(Coalescer& coalescer) {
  TimePoint now = kStart;
  coalescer.on_frame({40000, false, now}, now, false);
  for (int i = 0; i < 300; ++i) {
    now += 10us;
    coalescer.on_frame({40000, false, now}, now, false);
  }
  return now;
}

LAW(frames_quicker_than_a_camera_makes_them_are_waited_for_together) {
  Coalescer coalescer(2ms);
  const TimePoint now = flood(coalescer);
  const auto wait = coalescer.plan({1400, false, now}, now);
  ck_assert(wait.has_value());
  ck_assert_uint_ge(wait->bytes, 990'000);
  ck_assert_uint_le(wait->bytes, 1'010'000);
  ck_assert(wait->deadline == now + 500us);
}

LAW(a_flow_that_has_stopped_is_not_waited_for) {
  Coalescer coalescer(2ms);
  const TimePoint now = flood(coalescer);
  ck_assert(coalescer.plan({1400, false, now}, now + 2ms).has_value());
  ck_assert(!coalescer.plan({1400, false, now}, now + 2ms + 1us));
}

LAW(one_frame_in_a_burst_makes_no_flow) {
  Coalescer coalescer(2ms);
  TimePoint now = kStart;
  for (int i = 0; i < 20; ++i) {
    now += 40ms;
    coalescer.on_frame({1'000'000, false, now - 1ms}, now, false);
    ck_assert(!coalescer.plan({1'000'000, false, now}, now));
  }
}

LAW(a_budget_of_zero_makes_no_batches) {
  Coalescer coalescer(0ms);
  const TimePoint now = flood(coalescer);
  ck_assert(!coalescer.plan({1400, false, now}, now));
}

LAW(another_stream_waits_until_its_quickest_interval_is_over_and_a_budget_more) {
  Coalescer coalescer(2ms);
  TimePoint now = kStart;
  ck_assert(coalescer.latest_wait(now) == now + 2ms);
  for (const Duration interval : {25ms, 21ms, 22ms, 30ms, 21ms, 24ms, 23ms, 22ms}) {
    coalescer.on_frame({300, true, now}, now, false);
    ck_assert(coalescer.latest_wait(now) == now + 2ms);  // not known yet
    now += interval;
  }
  coalescer.on_frame({300, true, now}, now, false);
  ck_assert(coalescer.latest_wait(now) == now + 21ms + 2ms);
  ck_assert(coalescer.latest_wait(now + 20ms) == now + 21ms + 2ms);
  ck_assert(coalescer.latest_wait(now + 50ms) == now + 50ms + 2ms);  // late: it may come at any moment
  coalescer.on_frame({300, true, now}, now + 1ms, false);
  ck_assert(coalescer.latest_wait(now + 1ms) == now + 2ms + 2ms);
}

}  // namespace

int main() {
  return retina::test::run_laws("coalescer");
}
