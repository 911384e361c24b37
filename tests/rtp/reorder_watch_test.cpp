#include "rtp/reorder_watch.h"

#include <vector>

#include "support/check.h"

namespace {

using retina::rtp::ReorderWatch;
using Verdict = ReorderWatch::Verdict;

std::vector<Verdict> verdicts(ReorderWatch& watch, const std::vector<std::int64_t>& timestamps) {
  std::vector<Verdict> all;
  for (const std::int64_t timestamp : timestamps)
    all.push_back(watch.place(timestamp));
  return all;
}

/// Decoding order of groups of pictures, in frame numbers.
std::vector<std::int64_t> groups(const std::vector<std::int64_t>& pattern, int count) {
  const auto size = static_cast<std::int64_t>(pattern.size());
  std::vector<std::int64_t> all{0};
  for (int i = 0; i < count; ++i) {
    for (const std::int64_t at : pattern)
      all.push_back((i * size + at) * 3600);
  }
  return all;
}

LAW(b_frames_are_known_from_their_first_on) {
  const std::vector<std::vector<std::int64_t>> patterns = {
      {2, 1},
      {3, 1, 2},
      {4, 2, 1, 3},
      {8, 4, 2, 1, 3, 6, 5, 7},
      {16, 8, 4, 2, 1, 3, 6, 5, 7, 12, 10, 9, 11, 14, 13, 15}};
  for (const auto& pattern : patterns) {
    ReorderWatch watch(true);
    for (const Verdict verdict : verdicts(watch, groups(pattern, 30)))
      ck_assert(verdict != Verdict::kFault);
    ck_assert(watch.reorders());
  }
}

LAW(a_clock_that_goes_back_is_a_fault) {
  ReorderWatch watch(true);
  std::vector<std::int64_t> timestamps;
  for (int i = 0; i < 100; ++i)
    timestamps.push_back(i * 3600);
  for (const Verdict verdict : verdicts(watch, timestamps))
    ck_assert(verdict == Verdict::kAhead);
  for (const std::int64_t back : {1, 2, 3, 12}) {
    const std::int64_t there = 99 * 3600 - back * 3600;
    ck_assert(watch.place(there) == Verdict::kFault);         // a moment that was there
    ck_assert(watch.place(there + 1000) == Verdict::kFault);  // between two that were
  }
  ck_assert(!watch.reorders());
}

LAW(a_clock_that_stands_still_is_a_fault) {
  ReorderWatch watch(true);
  ck_assert(watch.place(5) == Verdict::kAhead);
  ck_assert(watch.place(5) == Verdict::kFault);
  ck_assert(watch.place(5) == Verdict::kFault);
  ck_assert(!watch.reorders());
}

LAW(where_the_encoding_has_none_every_step_back_is_a_fault) {
  ReorderWatch watch(false);
  const auto all = verdicts(watch, {0, 10800, 3600, 7200, 14400});
  ck_assert(all[2] == Verdict::kFault && all[3] == Verdict::kFault && all[4] == Verdict::kAhead);
}

LAW(b_frames_that_begin_late_are_believed_when_there_are_several) {
  ReorderWatch watch(true);
  for (int i = 0; i < 100; ++i)
    watch.place(i * 3600);
  std::vector<Verdict> all;
  for (std::int64_t i = 100; i < 140; i += 2) {
    watch.place((i + 1) * 3600);
    all.push_back(watch.place(i * 3600));
  }
  ck_assert(all[0] == Verdict::kFault && all[1] == Verdict::kFault);
  for (std::size_t i = 2; i < all.size(); ++i)
    ck_assert(all[i] == Verdict::kFilling);
  ck_assert(watch.reorders());
}

LAW(frames_that_never_get_ahead_again_are_no_b_frames) {
  ReorderWatch watch(true);
  verdicts(watch, groups({3, 1, 2}, 10));
  std::int64_t timestamp = 20 * 3600;
  Verdict last = Verdict::kAhead;
  for (int i = 0; i < 20; ++i)
    last = watch.place(timestamp += 7);
  ck_assert(last == Verdict::kFault);
}

}  // namespace

int main() {
  return retina::test::run_laws("reorder_watch");
}
