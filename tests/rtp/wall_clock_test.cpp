#include "rtp/wall_clock.h"

#include "support/check.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using rtp::WallClock;
using rtp::WallTime;

constexpr WallTime kNoon{base::Duration(1'700'000'000'000'000'000)};
constexpr std::int64_t kSecond = 90000;

/// A report at second `at` of the media that says noon plus `says`.
void observe(WallClock& clock, std::int64_t at, base::Duration says) {
  clock.observe(rtp::to_ntp(kNoon + says), at * kSecond);
}
void assert_off(const WallClock& clock, std::int64_t at, base::Duration expected,
                base::Duration tolerance = 2ns) {
  const auto time = clock.at(at * kSecond);
  ck_assert(time.has_value());
  const base::Duration off = *time - kNoon - expected;
  ck_assert_msg(std::chrono::abs(off) <= tolerance, "off by %lld ns", static_cast<long long>(off.count()));
}

LAW(the_first_report_tells_the_time_of_every_frame) {
  WallClock clock(kSecond);
  ck_assert(!clock.known() && !clock.at(0));
  observe(clock, 10, 10s);
  ck_assert(clock.known() && !clock.confirmed());
  assert_off(clock, 10, 10s);
  assert_off(clock, 3, 3s);
  assert_off(clock, 20, 20s);
  ck_assert(*clock.at(10 * kSecond + 1) - *clock.at(10 * kSecond) == 11111ns);
}

LAW(reports_that_agree_stay_exact_for_a_year) {
  WallClock clock(kSecond);
  for (std::int64_t at = 0; at < 365LL * 24 * 3600; at += 3600)
    observe(clock, at, std::chrono::seconds(at));
  ck_assert(clock.confirmed());
  assert_off(clock, 365LL * 24 * 3600, 365 * 24h);
}

LAW(a_drift_between_the_clocks_is_followed_from_the_second_report_on) {
  WallClock clock(kSecond);
  const auto told = [](std::int64_t at) { return std::chrono::seconds(at) + at * 400us; };
  observe(clock, 0, told(0));
  for (std::int64_t at = 5; at < 3600; at += 5) {
    observe(clock, at, told(at));
    assert_off(clock, at + 5, told(at + 5), 10ns);
  }
}

LAW(nonsense_is_ignored) {
  WallClock clock(kSecond);
  for (const std::uint64_t ntp : {0ULL, 1ULL << 32, 2'208'988'800ULL << 32, ~0ULL >> 1}) {
    clock.observe(ntp, 0);
    ck_assert(!clock.known());
  }
  observe(clock, 0, 0s);
  clock.observe(0, kSecond);
  assert_off(clock, 1, 1s);
}

LAW(one_report_that_is_off_changes_nothing) {
  WallClock clock(kSecond);
  for (std::int64_t at = 0; at < 60; at += 5)
    observe(clock, at, std::chrono::seconds(at));
  observe(clock, 60, 2h);
  assert_off(clock, 60, 60s);
  observe(clock, 65, 65s);
  assert_off(clock, 65, 65s);
  observe(clock, 70, -1h);
  assert_off(clock, 71, 71s);
}

LAW(a_clock_that_was_set_is_believed_with_the_second_report) {
  WallClock clock(kSecond);
  for (std::int64_t at = 0; at < 60; at += 5)
    observe(clock, at, std::chrono::seconds(at));
  observe(clock, 60, 1h + 60s);
  assert_off(clock, 62, 62s);
  observe(clock, 65, 1h + 65s);
  assert_off(clock, 66, 1h + 66s);
}

LAW(reports_that_never_agree_tell_no_time) {
  WallClock clock(kSecond);
  observe(clock, 0, 0s);
  for (std::int64_t at = 1; at < 4; ++at)
    observe(clock, at * 5, std::chrono::hours(at * at));
  ck_assert(clock.known());
  observe(clock, 20, std::chrono::hours(30));
  ck_assert(!clock.known() && !clock.at(0));
  observe(clock, 25, std::chrono::hours(50));
  observe(clock, 30, std::chrono::hours(50) + 5s);
  ck_assert(clock.known());
  assert_off(clock, 35, std::chrono::hours(50) + 10s);
}

LAW(inexact_reports_are_averaged) {
  WallClock clock(kSecond);
  const base::Duration noise[] = {12ms, -15ms, 3ms, -7ms, 14ms, -9ms, 8ms, -2ms, 11ms, -13ms, 5ms, -6ms};
  std::int64_t at = 0;
  for (const auto& by : noise) {
    at += 5;
    observe(clock, at, std::chrono::seconds(at) + by);
  }
  assert_off(clock, at, std::chrono::seconds(at), 8ms);
  ck_assert(std::abs(clock.line().drift) < 500e-6);
}

LAW(reset_forgets) {
  WallClock clock(kSecond);
  observe(clock, 0, 0s);
  clock.reset();
  ck_assert(!clock.known());
  observe(clock, 0, 5h);
  assert_off(clock, 1, 5h + 1s);
}

}  // namespace

int main() {
  return retina::test::run_laws("wall_clock");
}
