#include "rtp/timeline.h"

#include <chrono>
#include <limits>

#include "support/check.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using rtp::Timeline;
using Placed = rtp::Timeline::Placed;

constexpr std::uint32_t kVideoClock = 90000;

LAW(the_first_timestamp_stands_for_itself) {
  for (const std::uint32_t first : {0U, 1U, 0x80000000U, 0xFFFFFFFFU}) {
    Timeline timeline(kVideoClock);
    ck_assert(!timeline.started());
    ck_assert(timeline.place(first) == (Placed{std::int64_t{first}, false}));
    ck_assert(timeline.started());
  }
}

LAW(a_timestamp_that_wraps_goes_on) {
  Timeline timeline(kVideoClock);
  timeline.place(0xFFFFFF00);
  ck_assert(timeline.place(0x100) == (Placed{0x100000100, false}));
  ck_assert(timeline.place(0xFFFFFFF0) == (Placed{0xFFFFFFF0, false}));
}

LAW(years_of_stream_are_counted) {
  Timeline timeline(kVideoClock);
  timeline.place(0);
  constexpr std::int64_t kStep = 9 * kVideoClock;
  std::int64_t expected = 0;
  for (int i = 0; i < 100000; ++i) {
    expected += kStep;
    ck_assert(timeline.place(static_cast<std::uint32_t>(expected)) == (Placed{expected, false}));
  }
  ck_assert(rtp::to_duration(expected, kVideoClock) == 900000s);
}

LAW(steps_beyond_ten_seconds_ahead_or_one_behind_are_jumps) {
  struct {
    std::int64_t delta;
    bool jumped;
  } const cases[] = {
      {0, false},      {3000, false},  {900000, false},    {900001, true},      {-3000, false},
      {-90000, false}, {-90001, true}, {0x7FFFFFFF, true}, {-0x7FFFFFFF, true}, {-0x80000000LL, true},
  };
  for (const auto& c : cases) {
    Timeline timeline(kVideoClock);
    timeline.place(5'000'000);
    const std::int64_t expected = 5'000'000 + c.delta;
    ck_assert_msg(timeline.place(static_cast<std::uint32_t>(expected)) == (Placed{expected, c.jumped}),
                  "%lld", static_cast<long long>(c.delta));
    ck_assert_msg(timeline.place(static_cast<std::uint32_t>(expected + 1)) == (Placed{expected + 1, false}),
                  "after a jump of %lld, the new time holds", static_cast<long long>(c.delta));
  }
}

LAW(the_highest_clock_rate_overflows_nothing) {
  Timeline timeline(0xFFFFFFFF);
  timeline.place(0);
  ck_assert(!timeline.place(0x7FFFFFFF).jumped);
}

LAW(a_sender_report_is_placed_without_moving_anything) {
  Timeline timeline(kVideoClock);
  timeline.place(1000);
  ck_assert(timeline.peek(999) == 999);
  ck_assert(timeline.peek(0xFFFFFFFF) == -1);
  ck_assert(timeline.peek(0x70000000) == 0x70000000);
  ck_assert(timeline.place(2000) == (Placed{2000, false}));
}

LAW(a_sender_report_before_the_first_packet_sets_no_zero_point) {
  Timeline timeline(kVideoClock);
  ck_assert(timeline.peek(0xF0000000) == 0xF0000000);
  ck_assert(!timeline.started());
  ck_assert(timeline.place(50) == (Placed{50, false}));
  ck_assert(timeline.peek(0xFFFFFFFF) == -1);
}

LAW(reset_starts_anew) {
  Timeline timeline(kVideoClock);
  timeline.place(0xFFFFFFFF);
  timeline.place(0);
  timeline.reset();
  ck_assert(timeline.place(0x90000000) == (Placed{0x90000000, false}));
}

LAW(ticks_become_time_exactly) {
  constexpr auto kMax = base::Duration::max();
  constexpr auto kMin = base::Duration::min();
  struct {
    std::int64_t ticks;
    std::uint32_t clock_rate_hz;
    base::Duration expected;
  } const cases[] = {
      {0, 90000, 0ns},
      {3000, 90000, 33333333ns},
      {-3000, 90000, -33333333ns},
      {90000, 90000, 1s},
      {1, 0xFFFFFFFF, 0ns},
      {0xFFFFFFFE, 0xFFFFFFFF, 999999999ns},
      {44100LL * 3600 * 24 * 366 * 200, 44100, 24h * 366 * 200},
      {(90000LL * 3600 * 24 * 366 * 200) + 1, 90000, 24h * 366 * 200 + 11111ns},
      {std::numeric_limits<std::int64_t>::max(), 1, kMax},
      {std::numeric_limits<std::int64_t>::min(), 1, kMin},
      {std::numeric_limits<std::int64_t>::max(), 90000, kMax},
      {90000, 0, 0ns},
  };
  for (const auto& c : cases) {
    ck_assert_msg(rtp::to_duration(c.ticks, c.clock_rate_hz) == c.expected, "%lld / %u is %lld ns",
                  static_cast<long long>(c.ticks), c.clock_rate_hz,
                  static_cast<long long>(rtp::to_duration(c.ticks, c.clock_rate_hz).count()));
  }
}

LAW(time_is_monotonic_in_ticks) {
  base::Duration before = base::Duration::min();
  for (std::int64_t ticks = -100000; ticks < 100000; ticks += 7) {
    const base::Duration now = rtp::to_duration(ticks, 48000);
    ck_assert(now > before);
    before = now;
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("rtp timeline");
}
