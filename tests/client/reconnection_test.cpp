#include "client/reconnection.h"

#include <algorithm>

#include "support/check.h"

namespace {

using namespace std::chrono_literals;
using retina::base::Duration;
using retina::client::Failure;
using retina::client::Reconnection;

/// Between three quarters of `whole` and all of it.
bool about(std::optional<Duration> delay, Duration whole) {
  return delay && *delay <= whole && *delay >= whole * 3 / 4;
}

LAW(delays_double_up_to_the_longest) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Reconnection reconnection({true, -1, 500ms, 30s}, seed);
    for (const Duration whole : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 30000ms, 30000ms})
      ck_assert(about(reconnection.next_delay(Failure::Kind::kRead), whole));
    ck_assert_uint_eq(reconnection.attempt(), 8);
  }
}

LAW(delays_of_many_clients_differ) {
  std::vector<Duration> delays;
  for (std::uint64_t seed = 1; seed <= 64; ++seed)
    delays.push_back(*Reconnection({true, -1, 500ms, 30s}, seed * 7919).next_delay(Failure::Kind::kRead));
  std::sort(delays.begin(), delays.end());
  ck_assert(std::unique(delays.begin(), delays.end()) - delays.begin() > 32);
}

LAW(success_begins_again_with_the_shortest) {
  Reconnection reconnection({true, -1, 500ms, 30s}, 1);
  for (int i = 0; i < 5; ++i)
    reconnection.next_delay(Failure::Kind::kTimeout);
  reconnection.succeeded();
  ck_assert(about(reconnection.next_delay(Failure::Kind::kTimeout), 500ms));
  ck_assert_uint_eq(reconnection.attempt(), 1);
}

LAW(what_trying_again_does_not_change_waits_longest) {
  for (const auto kind :
       {Failure::Kind::kNotAuthorized, Failure::Kind::kNotFound, Failure::Kind::kUnsupported}) {
    Reconnection reconnection({true, -1, 500ms, 30s}, 3);
    ck_assert(about(reconnection.next_delay(kind), 30s));
  }
}

LAW(attempts_are_counted_in_a_row) {
  Reconnection reconnection({true, 2, 1ms, 1s}, 1);
  for (int round = 0; round < 3; ++round) {
    ck_assert(reconnection.next_delay(Failure::Kind::kRead).has_value());
    ck_assert(reconnection.next_delay(Failure::Kind::kRead).has_value());
    ck_assert(!reconnection.next_delay(Failure::Kind::kRead).has_value());
    reconnection.succeeded();
  }
}

LAW(turned_off_or_with_unusable_settings_nothing_is_tried) {
  Reconnection off({false, -1, 1ms, 1s}, 1);
  ck_assert(!off.next_delay(Failure::Kind::kRead));
  Reconnection on({true, -1, 1ms, 1s}, 1);
  ck_assert(!on.next_delay(Failure::Kind::kSettings));
}

LAW(extreme_settings_stay_in_range) {
  Reconnection none({true, -1, 0ms, 0ms}, 1);
  ck_assert(none.next_delay(Failure::Kind::kRead) == Duration::zero());
  Reconnection upside_down({true, -1, 30s, 1s}, 1);
  ck_assert(about(upside_down.next_delay(Failure::Kind::kRead), 1s));
  Reconnection day({true, -1, 24h, 24h}, 1);
  for (int i = 0; i < 100; ++i)
    ck_assert(about(day.next_delay(Failure::Kind::kRead), 24h));
}

}  // namespace

int main() {
  return retina::test::run_laws("client/reconnection");
}
