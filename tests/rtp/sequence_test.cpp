#include "rtp/sequence.h"

#include <algorithm>
#include <vector>

#include "support/check.h"

namespace {

using namespace retina::rtp;
using Verdict = SequenceTracker::Verdict;

static_assert(sequence_delta(5, 5) == 0 && sequence_delta(5, 6) == 1 && sequence_delta(6, 5) == -1);
static_assert(sequence_delta(0xFFFF, 0) == 1 && sequence_delta(0, 0xFFFF) == -1);
static_assert(sequence_delta(0, 0x7FFF) == 32767 && sequence_delta(0, 0x8000) == -32768);
static_assert(next_sequence(0xFFFF) == 0);
static_assert(timestamp_delta(0xFFFFFFFF, 0) == 1 && timestamp_delta(0, 0xFFFFFFFF) == -1);
static_assert(extend_timestamp(0, 5) == 5 && extend_timestamp(0xFFFFFFFF, 0) == 0x100000000);
static_assert(extend_timestamp(0x100000000, 0xFFFFFFFF) == 0xFFFFFFFF &&
              extend_timestamp(0, 0xFFFFFFFF) == -1);
static_assert(extend_timestamp(INT64_MAX, 0) == INT64_MIN, "wraps, and isn't undefined");

/// What a tracker that has just seen 100 says to `sequences`, one character each: in order, gap, duplicate,
/// restart.
std::string verdicts(SequenceTracker& tracker, const std::vector<std::uint16_t>& sequences) {
  std::string text;
  for (const std::uint16_t sequence : sequences)
    text += "igdr"[tracker.accept(sequence).kind];
  return text;
}

SequenceTracker after(std::uint16_t sequence) {
  SequenceTracker tracker;
  ck_assert(tracker.accept(sequence) == (Verdict{Verdict::kInOrder, 0}));
  return tracker;
}

LAW(the_first_packet_sets_the_sequence_whatever_it_is) {
  for (const unsigned first : {0U, 1U, 47121U, 65535U}) {
    SequenceTracker tracker = after(static_cast<std::uint16_t>(first));
    ck_assert(tracker.accept(static_cast<std::uint16_t>(first + 1)) == (Verdict{Verdict::kInOrder, 0}));
  }
}

LAW(the_sequence_wraps_without_a_loss) {
  SequenceTracker tracker = after(0xFFFE);
  ASSERT_TEXT(verdicts(tracker, {0xFFFF, 0, 1}), "iii");
}

LAW(a_gap_below_the_dropout_limit_counts_what_is_missing) {
  for (const unsigned first : {0U, 100U, 65000U}) {
    for (const unsigned lost : {1U, 2U, 100U, 2999U}) {
      SequenceTracker tracker = after(static_cast<std::uint16_t>(first));
      ck_assert(tracker.accept(static_cast<std::uint16_t>(first + 1 + lost)) ==
                (Verdict{Verdict::kGap, lost}));
      ck_assert(tracker.accept(static_cast<std::uint16_t>(first + 2 + lost)) ==
                (Verdict{Verdict::kInOrder, 0}));
    }
  }
}

LAW(duplicates_and_late_packets_are_dropped_and_change_nothing) {
  SequenceTracker tracker = after(200);
  ASSERT_TEXT(verdicts(tracker, {200, 199, 101, 201, 201, 203, 202, 204}), "dddidgdi");
}

LAW(a_jump_is_confirmed_by_the_packet_after_it) {
  for (const unsigned target : {3101U, 30000U, 65500U, 40000U}) {
    SequenceTracker tracker = after(100);
    const auto first = static_cast<std::uint16_t>(target);
    ck_assert(tracker.accept(first) == (Verdict{Verdict::kDuplicateOrOld, 0}));
    ck_assert(tracker.accept(static_cast<std::uint16_t>(first + 1)) == (Verdict{Verdict::kRestart, 1}));
    ck_assert(tracker.accept(static_cast<std::uint16_t>(first + 2)) == (Verdict{Verdict::kInOrder, 0}));
  }
}

LAW(one_stray_packet_is_dropped_and_forgotten) {
  SequenceTracker tracker = after(100);
  ASSERT_TEXT(verdicts(tracker, {40000, 101, 50000, 102, 60000, 103}), "dididi");
}

LAW(whatever_the_numbers_are_at_most_one_far_packet_in_a_row_is_dropped) {
  SequenceTracker tracker = after(100);
  ASSERT_TEXT(verdicts(tracker, {10000, 20000, 30000, 40000, 50000, 60000}), "drdrdr");
}

LAW(a_duplicate_between_does_not_hide_a_restart) {
  SequenceTracker tracker = after(100);
  ASSERT_TEXT(verdicts(tracker, {30000, 100, 30001, 30002}), "ddri");
}

LAW(a_number_that_never_changes_does_not_stall_the_stream) {
  SequenceTracker tracker = after(7);
  for (int i = 0; i < SequenceTracker::kMaxMisorder; ++i) {
    ck_assert(tracker.accept(7) == (Verdict{Verdict::kDuplicateOrOld, 0}));
  }
  ck_assert(tracker.accept(7) == (Verdict{Verdict::kRestart, SequenceTracker::kMaxMisorder}));
  for (int i = 0; i < 1000; ++i)
    ck_assert(tracker.accept(7) == (Verdict{Verdict::kRestart, 0}));
  ASSERT_TEXT(verdicts(tracker, {8, 8, 9}), "idi");
}

LAW(a_restart_just_behind_is_caught_up_with) {
  SequenceTracker tracker = after(100);
  std::vector<std::uint16_t> sequences;
  for (std::uint16_t s = 50; s <= 102; ++s)
    sequences.push_back(s);
  ASSERT_TEXT(verdicts(tracker, sequences), std::string(51, 'd') + "ii");
}

LAW(no_sequence_of_numbers_ever_stalls) {
  std::uint32_t random = 12345;
  for (int round = 0; round < 200; ++round) {
    SequenceTracker tracker;
    const int mode = round % 4;
    std::uint16_t sequence = 0;
    int dropped_in_a_row = 0;
    for (int i = 0; i < 2000; ++i) {
      random = random * 1664525 + 1013904223;
      const auto noise = static_cast<std::uint16_t>(random >> 16);
      if (mode == 0) sequence = noise;
      if (mode == 1) sequence = static_cast<std::uint16_t>(sequence - noise % 120);
      if (mode == 2) sequence = static_cast<std::uint16_t>(sequence + (noise % 8 == 0 ? noise : 1));
      if (mode == 3) sequence = static_cast<std::uint16_t>(noise % 5);
      const bool dropped = tracker.accept(sequence).kind == Verdict::kDuplicateOrOld;
      dropped_in_a_row = dropped ? dropped_in_a_row + 1 : 0;
      ck_assert_int_le(dropped_in_a_row, SequenceTracker::kMaxMisorder + 1);
    }
  }
}

LAW(an_expected_first_sequence_tells_what_is_missing_and_is_only_a_hint) {
  struct {
    std::uint16_t first;
    Verdict verdict;
  } const cases[] = {
      {500, {Verdict::kInOrder, 0}},   {503, {Verdict::kGap, 3}},     {600, {Verdict::kGap, 100}},
      {601, {Verdict::kInOrder, 0}},   {499, {Verdict::kInOrder, 0}}, {0, {Verdict::kInOrder, 0}},
      {40000, {Verdict::kInOrder, 0}},
  };
  for (const auto& c : cases) {
    SequenceTracker tracker;
    tracker.expect(500);
    ck_assert_msg(tracker.accept(c.first) == c.verdict, "%u", c.first);
    ck_assert(tracker.accept(next_sequence(c.first)) == (Verdict{Verdict::kInOrder, 0}));
  }
}

LAW(reset_makes_the_next_packet_the_first) {
  SequenceTracker tracker = after(100);
  tracker.reset();
  ASSERT_TEXT(verdicts(tracker, {40000, 40001}), "ii");
  tracker.expect(7);
  ASSERT_TEXT(verdicts(tracker, {9, 10}), "gi");
}

}  // namespace

int main() {
  return retina::test::run_laws("rtp sequence");
}
