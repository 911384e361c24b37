#include "rtp/decoding_times.h"

#include <algorithm>
#include <vector>

#include "support/check.h"

namespace {

using retina::rtp::DecodingTimes;

struct Pattern {
  const char* name;
  std::vector<std::int64_t> order;  // one group after the first frame, in frame numbers
  int depth;
};
const Pattern kPatterns[] = {
    {"IPB", {2, 1}, 1},
    {"IPBB", {3, 1, 2}, 1},
    {"pyramid of 4", {4, 2, 1, 3}, 2},
    {"pyramid of 8", {8, 4, 2, 1, 3, 6, 5, 7}, 3},
};

std::vector<std::int64_t> stream(const Pattern& pattern, int groups) {
  std::vector<std::int64_t> all{1'000'000};
  for (int i = 0; i < groups; ++i) {
    for (const std::int64_t at : pattern.order)
      all.push_back(1'000'000 + (i * static_cast<std::int64_t>(pattern.order.size()) + at) * 3600);
  }
  return all;
}

LAW(with_a_known_depth_every_frame_gets_the_time_of_the_one_shown_so_many_before) {
  for (const Pattern& pattern : kPatterns) {
    DecodingTimes times;
    times.expect(pattern.depth, 3600);
    std::int64_t expected = 1'000'000 - pattern.depth * 3600;
    for (const std::int64_t timestamp : stream(pattern, 20)) {
      const auto decoding = times.place(timestamp);
      ck_assert_msg(decoding.has_value(), "%s", pattern.name);
      ck_assert_int_eq(*decoding, expected);
      ck_assert_int_le(*decoding, timestamp);
      expected += 3600;
    }
  }
}

LAW(a_depth_that_is_not_known_is_learnt_and_times_rise_from_then_on) {
  for (const Pattern& pattern : kPatterns) {
    DecodingTimes times;
    std::int64_t latest = 0;
    bool learnt = false;
    int at = 0;
    for (const std::int64_t timestamp : stream(pattern, 20)) {
      const auto decoding = times.place(timestamp);
      // Once the whole pattern has been seen.
      if (decoding && ++at > 16) {
        ck_assert_msg(*decoding > latest && *decoding <= timestamp, "%s", pattern.name);
      }
      learnt = learnt || decoding.has_value();
      latest = decoding.value_or(timestamp);
    }
    ck_assert(learnt);
  }
}

LAW(without_reordering_there_is_nothing_to_say) {
  DecodingTimes times;
  for (int i = 0; i < 100; ++i)
    ck_assert(!times.place(i * 3000));
}

LAW(a_depth_that_is_never_used_only_delays) {
  DecodingTimes times;
  times.expect(2, 3600);
  for (int i = 0; i < 100; ++i)
    ck_assert_int_eq(*times.place(i * 3600), (i - 2) * 3600);
}

LAW(after_a_restart_times_may_be_anywhere) {
  DecodingTimes times;
  times.expect(1, 3600);
  times.place(5'000'000);
  times.restart();
  ck_assert_int_eq(*times.place(100), 100 - 3600);
  ck_assert_int_eq(*times.place(100 + 7200), 100);
  ck_assert_int_eq(*times.place(100 + 3600), 100 + 3600);
}

LAW(any_order_gives_times_that_are_not_after_their_frames) {
  DecodingTimes times;
  times.expect(99, 0);
  std::uint32_t state = 7;
  for (int i = 0; i < 10000; ++i) {
    state = state * 1664525 + 1013904223;
    const std::int64_t timestamp = std::int64_t{i} * 100 + state % 3000;
    const auto decoding = times.place(timestamp);
    ck_assert(decoding && *decoding <= timestamp);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("decoding_times");
}
