#include "rtp/lower_envelope.h"

#include <cmath>
#include <random>

#include "support/check.h"

namespace {

using retina::rtp::LowerEnvelope;

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kSecond = 1000 * kMs;

LowerEnvelope::Line loose(const LowerEnvelope& envelope) {
  return envelope.fit(0, 200e-6, 1000e-6, 0.5e6);
}

void assert_near(double actual, double expected, double tolerance) {
  ck_assert_msg(std::abs(actual - expected) <= tolerance, "%g, not %g", actual, expected);
}

LAW(the_line_of_a_quiet_network_is_exact) {
  for (const double slope : {0.0, 500e-6, -500e-6, 30e-6}) {
    LowerEnvelope envelope;
    for (std::int64_t t = 0; t < 60 * kSecond; t += 40 * kMs)
      envelope.add(t, 7 * kMs + std::llround(slope * static_cast<double>(t)));
    const auto line = loose(envelope);
    assert_near(line.slope, slope, 0.1e-6);
    assert_near(line.at(60e9), 7e6 + slope * 60e9, 1000);
  }
}

LAW(late_points_move_nothing) {
  LowerEnvelope envelope;
  std::mt19937_64 random(3);
  for (std::int64_t t = 0; t < 60 * kSecond; t += 40 * kMs) {
    const bool late = random() % 4 != 0;
    envelope.add(t, 5 * kMs + (late ? static_cast<std::int64_t>(random() % 200) * kMs : 0));
  }
  const auto line = loose(envelope);
  assert_near(line.at(60e9), 5e6, 1e4);
  assert_near(line.slope, 0, 1e-6);
}

LAW(no_point_lies_under_the_line) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 50; ++round) {
    LowerEnvelope envelope;
    for (std::int64_t t = 0; t < 100 * kSecond; t += static_cast<std::int64_t>(random() % 300 + 1) * kMs)
      envelope.add(t, static_cast<std::int64_t>(random() % 1000) * kMs / 7);
    ck_assert(envelope.least_gap(loose(envelope), LowerEnvelope::kBlocks) >= -1);
    ck_assert(envelope.least_gap(envelope.fit_newest(20), 20) >= -1);
  }
}

LAW(a_slope_nobody_expects_needs_evidence) {
  // Two seconds with a millisecond of noise: not a drift of 500 ppm.
  LowerEnvelope brief;
  for (std::int64_t t = 0; t < 2 * kSecond; t += 500 * kMs)
    brief.add(t, t / 2000);
  ck_assert(std::abs(loose(brief).slope) < 100e-6);
}

LAW(the_window_forgets_what_is_old) {
  LowerEnvelope envelope;
  envelope.add(0, -100 * kMs);
  for (std::int64_t t = 1; t <= static_cast<std::int64_t>(LowerEnvelope::kBlocks); ++t)
    envelope.add(t * LowerEnvelope::kBlockNs, 0);
  ck_assert_uint_eq(envelope.blocks(), LowerEnvelope::kBlocks);
  assert_near(loose(envelope).delay, 0, 1);
  envelope.keep(3);
  ck_assert_uint_eq(envelope.blocks(), 3);
  envelope.clear();
  ck_assert_uint_eq(envelope.blocks(), 0);
}

LAW(a_block_is_told_complete_by_the_first_point_after_it) {
  LowerEnvelope envelope;
  ck_assert(!envelope.add(0, 0));
  ck_assert(!envelope.add(LowerEnvelope::kBlockNs - 1, 0));
  ck_assert(envelope.add(LowerEnvelope::kBlockNs, 0));
  ck_assert(!envelope.add(LowerEnvelope::kBlockNs + 1, 0));
  ck_assert(envelope.add(100 * kSecond, 0));
}

}  // namespace

int main() {
  return retina::test::run_laws("lower_envelope");
}
