#include "rtp/jitter.h"

#include <cmath>

#include "support/check.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;

base::TimePoint at(base::Duration since) {
  return base::TimePoint(std::chrono::hours(1) + since);
}

void assert_near(double actual, double expected, double tolerance) {
  ck_assert_msg(std::abs(actual - expected) <= tolerance, "%g, not %g", actual, expected);
}

LAW(even_arrivals_have_none) {
  rtp::Jitter jitter(90000);
  for (int i = 0; i < 100; ++i)
    jitter.on_packet(i * 3600, at(i * 40ms));
  ck_assert(jitter.value() == 0ns);
}

LAW(it_is_the_sixteenth_part_sum_of_rfc_3550) {
  rtp::Jitter jitter(90000);
  double expected = 0;
  base::Duration before{};
  for (int i = 0; i < 200; ++i) {
    const base::Duration late = i % 3 == 0 ? 8ms : 0ms;
    jitter.on_packet(i * 3600, at(i * 40ms + late));
    if (i > 0) expected += (std::abs(static_cast<double>((late - before).count())) - expected) / 16;
    before = late;
    assert_near(static_cast<double>(jitter.value().count()), expected, 10);
  }
  ck_assert(expected > 4e6);
}

LAW(only_the_first_packet_of_a_timestamp_counts) {
  rtp::Jitter jitter(90000);
  for (int i = 0; i < 100; ++i) {
    for (int packet = 0; packet < 10; ++packet)
      jitter.on_packet(i * 3600, at(i * 40ms + packet * 2ms));
  }
  ck_assert(jitter.value() == 0ns);
}

LAW(what_does_not_join_does_not_count) {
  rtp::Jitter jitter(90000);
  jitter.on_packet(0, at(0s));
  jitter.restart();
  jitter.on_packet(1'000'000'000'000, at(1s));
  ck_assert(jitter.value() == 0ns);
  // Nor does nonsense overflow.
  jitter.on_packet(-1'000'000'000'000'000'000, at(2s));
  ck_assert(jitter.value() > 0ns);
}

}  // namespace

int main() {
  return retina::test::run_laws("jitter");
}
