// The reorder window: in order, complete up to what was lost, never held longer than allowed.

#include "rtp/reorder.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "support/check.h"
#include "support/fake_clock.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using rtp::ReorderWindow;
using Verdict = ReorderWindow::Verdict;

constexpr std::uint32_t kSsrc = 0xCAFE;

base::Bytes packet(std::uint16_t sequence, std::uint32_t ssrc = kSsrc, std::size_t payload = 4) {
  base::Bytes bytes(12 + payload, static_cast<std::uint8_t>(sequence));
  bytes[0] = 0x80;
  base::store_be16(bytes.data() + 2, sequence);
  base::store_be32(bytes.data() + 8, ssrc);
  return bytes;
}

/// A window with what came out of it.
class Bench {
 public:
  explicit Bench(base::Duration time = 20ms, std::size_t packets = 64) : window(time, packets) {}

  Verdict push(std::uint16_t sequence, std::uint32_t ssrc = kSsrc) {
    const base::Bytes bytes = packet(sequence, ssrc);
    const Verdict verdict = window.push(bytes, clock.now());
    if (verdict == Verdict::kPass) out.push_back(sequence);
    drain();
    return verdict;
  }
  void drain() {
    while (const auto held = window.pop()) {
      const std::uint16_t sequence = base::load_be16(held->bytes.data() + 2);
      const base::Bytes sent = packet(sequence, base::load_be32(held->bytes.data() + 8));
      ck_assert(std::equal(held->bytes.begin(), held->bytes.end(), sent.begin(), sent.end()));
      ck_assert(clock.now() - held->arrival <= longest);
      out.push_back(sequence);
    }
  }
  /// Lets time pass, as a pump would that wakes at each deadline.
  void advance(base::Duration by) {
    const base::TimePoint end = clock.now() + by;
    for (auto due = window.deadline(); due && *due <= end; due = window.deadline()) {
      clock.advance_to(*due);
      window.on_time(clock.now());
      drain();
    }
    clock.advance_to(end);
  }
  std::string text() const {
    std::string text;
    for (const std::uint16_t sequence : out)
      text += std::to_string(sequence) + " ";
    return text;
  }

  test::FakeClock clock;
  ReorderWindow window;
  std::vector<std::uint16_t> out;
  base::Duration longest = 20ms;
};

LAW(packets_in_order_pass_at_once_through_the_wrap_of_sequence_numbers) {
  Bench bench;
  std::uint16_t sequence = 65000;
  for (int i = 0; i < 2000; ++i, ++sequence) {
    ck_assert(bench.push(sequence) == Verdict::kPass);
    ck_assert(!bench.window.deadline());
  }
  ck_assert_uint_eq(bench.out.size(), 2000);
}

LAW(a_gap_that_fills_costs_only_the_time_until_it_does) {
  Bench bench;
  bench.push(10);
  ck_assert(bench.push(12) == Verdict::kHeld);
  ck_assert(bench.push(14) == Verdict::kHeld);
  ck_assert(bench.push(13) == Verdict::kHeld);
  ASSERT_TEXT(bench.text(), "10 ");
  ck_assert(bench.push(11) == Verdict::kPass);
  ASSERT_TEXT(bench.text(), "10 11 12 13 14 ");
  ck_assert(!bench.window.deadline());
}

LAW(a_gap_that_does_not_fill_is_given_up_at_the_reorder_time_to_the_nanosecond) {
  Bench bench;
  bench.push(10);
  bench.push(12);
  bench.clock.advance(5ms);
  bench.push(14);
  ck_assert(*bench.window.deadline() == bench.clock.now() + 15ms);
  bench.clock.advance(15ms - 1ns);
  bench.window.on_time(bench.clock.now());
  bench.drain();
  ASSERT_TEXT(bench.text(), "10 ");
  bench.clock.advance(1ns);
  bench.window.on_time(bench.clock.now());
  bench.drain();
  // 14 came later: it may wait on for 13.
  ASSERT_TEXT(bench.text(), "10 12 ");
  ck_assert(*bench.window.deadline() == bench.clock.now() + 5ms);
  ck_assert(bench.push(11) == Verdict::kLate);
  ck_assert(bench.push(13) == Verdict::kPass);
  ASSERT_TEXT(bench.text(), "10 12 13 14 ");
}

LAW(an_earlier_packet_that_came_later_leaves_with_the_one_that_is_due) {
  Bench bench;
  bench.push(10);
  bench.push(15);
  bench.clock.advance(10ms);
  bench.push(12);
  bench.advance(10ms);
  ASSERT_TEXT(bench.text(), "10 12 15 ");
}

LAW(a_gap_is_given_up_once_a_packet_is_as_far_ahead_as_allowed) {
  Bench bench(20ms, 4);
  bench.push(10);
  for (const unsigned sequence : {12U, 13U, 14U})
    ck_assert(bench.push(static_cast<std::uint16_t>(sequence)) == Verdict::kHeld);
  ASSERT_TEXT(bench.text(), "10 ");
  bench.push(15);
  ASSERT_TEXT(bench.text(), "10 12 13 14 15 ");
  // From far ahead nothing is worth holding.
  ck_assert(bench.push(40) == Verdict::kPass);
  // Two gaps: only as many are given up as must be.
  Bench two(20ms, 4);
  two.push(10);
  two.push(12);
  two.push(14);
  two.push(16);
  ASSERT_TEXT(two.text(), "10 12 ");
  two.push(13);
  ASSERT_TEXT(two.text(), "10 12 13 14 ");
}

LAW(without_time_or_packets_nothing_is_held) {
  for (const auto& [time, packets] : {std::pair<base::Duration, std::size_t>{0ms, 64}, {20ms, 0}}) {
    Bench bench(time, packets);
    for (const unsigned sequence : {1U, 3U, 2U, 4U, 3U, 9U})
      bench.push(static_cast<std::uint16_t>(sequence));
    ASSERT_TEXT(bench.text(), "1 3 4 9 ");
    ck_assert(!bench.window.deadline());
  }
}

LAW(duplicates_are_told_from_late_packets) {
  Bench bench;
  for (const unsigned sequence : {10U, 11U, 13U})
    bench.push(static_cast<std::uint16_t>(sequence));
  ck_assert(bench.push(11) == Verdict::kDuplicate);
  ck_assert(bench.push(13) == Verdict::kDuplicate);  // still held
  bench.advance(20ms);
  ck_assert(bench.push(12) == Verdict::kLate);
  ck_assert(bench.push(13) == Verdict::kDuplicate);
  ck_assert(bench.push(9) == Verdict::kLate);
  ASSERT_TEXT(bench.text(), "10 11 13 ");
}

LAW(a_stray_packet_passes_and_a_restart_is_followed) {
  Bench bench;
  bench.push(1000);
  ck_assert(bench.push(50000) == Verdict::kPass);
  ck_assert(bench.push(1001) == Verdict::kPass);
  ck_assert(bench.push(7, 0xBEEF) == Verdict::kPass);
  ck_assert(bench.push(1003) == Verdict::kHeld);
  // A new source for good: what the old one sent comes before.
  ck_assert(bench.push(100, 0xBEEF) == Verdict::kPass);
  ck_assert(bench.push(101, 0xBEEF) == Verdict::kHeld);
  ASSERT_TEXT(bench.text(), "1000 50000 1001 7 100 1003 101 ");
  ck_assert(bench.push(103, 0xBEEF) == Verdict::kHeld);
  ck_assert(bench.push(102, 0xBEEF) == Verdict::kPass);
  ASSERT_TEXT(bench.text(), "1000 50000 1001 7 100 1003 101 102 103 ");
}

LAW(the_end_of_the_stream_brings_all_that_is_held) {
  Bench bench;
  for (const unsigned sequence : {1U, 5U, 3U})
    bench.push(static_cast<std::uint16_t>(sequence));
  bench.window.release_all();
  bench.drain();
  ASSERT_TEXT(bench.text(), "1 3 5 ");
}

/// Packets with random delays (some longer than the window's), losses and duplicates.
struct Arrival {
  base::Duration at;
  std::uint16_t sequence;
};

std::vector<Arrival> random_network(std::mt19937& random, std::uint16_t first, int count) {
  const auto up_to = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n + 1)); };
  const int loss_percent = up_to(20);
  const int duplicate_percent = up_to(20);
  const int delay_ms = up_to(40);
  std::vector<Arrival> arrivals;
  for (int i = 0; i < count; ++i) {
    if (i > 0 && up_to(99) < loss_percent) continue;
    const int copies = up_to(99) < duplicate_percent ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
      const auto delay = std::chrono::microseconds(i == 0 ? 0 : up_to(delay_ms * 1000));
      arrivals.push_back({i * 1ms + delay, static_cast<std::uint16_t>(first + i)});
    }
  }
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  return arrivals;
}

LAW(whatever_the_network_does_the_output_is_in_order_complete_and_in_time) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto first = static_cast<std::uint16_t>(random());
    const std::size_t limit = seed % 3 == 0 ? 8 : 64;
    Bench bench(20ms, limit);  // drain() looks at how long each was held
    std::set<std::uint16_t> arrived;
    std::size_t late = 0;
    std::size_t duplicate = 0;
    std::size_t count = 0;
    const base::TimePoint start = bench.clock.now();
    for (const Arrival& arrival : random_network(random, first, 400)) {
      bench.advance(start + arrival.at - bench.clock.now());
      const Verdict verdict = bench.push(arrival.sequence);
      const bool again = !arrived.insert(arrival.sequence).second;
      ck_assert_msg(!again || verdict == Verdict::kDuplicate || verdict == Verdict::kLate, "seed %u", seed);
      late += verdict == Verdict::kLate;
      duplicate += verdict == Verdict::kDuplicate;
      ++count;
    }
    bench.advance(1s);
    for (std::size_t i = 1; i < bench.out.size(); ++i) {
      const auto step = static_cast<std::int16_t>(bench.out[i] - bench.out[i - 1]);
      ck_assert_msg(step > 0, "seed %u: %u after %u", seed, bench.out[i], bench.out[i - 1]);
    }
    ck_assert_msg(bench.out.size() + late + duplicate == count, "seed %u: a packet vanished", seed);
  }
}

LAW(delays_within_the_window_lose_nothing) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    Bench bench;
    std::vector<Arrival> arrivals;
    for (int i = 0; i < 400; ++i) {
      const auto delay = std::chrono::microseconds(i == 0 ? 0 : static_cast<int>(random() % 19'000));
      arrivals.push_back({i * 1ms + delay, static_cast<std::uint16_t>(65300 + i)});
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
    const base::TimePoint start = bench.clock.now();
    for (const Arrival& arrival : arrivals) {
      bench.advance(start + arrival.at - bench.clock.now());
      bench.push(arrival.sequence);
    }
    ck_assert_uint_eq(bench.out.size(), 400);
    for (std::size_t i = 0; i < 400; ++i)
      ck_assert_uint_eq(bench.out[i], static_cast<std::uint16_t>(65300 + i));
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("reorder");
}
