#include "stats.h"

#include <cmath>

#include "support/check.h"

namespace {

using namespace std::chrono_literals;
using retina::gst::ClockStatistics;

double drift_ppm(const ClockStatistics& clock) {
  GstStructure* stats = gst_structure_new_empty("stats");
  retina::gst::add_clock_statistics(stats, clock);
  double drift = 0;
  ck_assert(gst_structure_get_double(stats, "drift-ppm", &drift));
  gst_structure_free(stats);
  return drift;
}

LAW(the_worse_clock_has_the_larger_jitter_and_the_larger_drift_either_way) {
  struct {
    double drift[3];
    int jitter_ms[3];
    double worst_drift_ppm;
    int worst_jitter_ms;
  } const cases[] = {
      {{0, 0, 0}, {0, 0, 0}, 0, 0},
      {{2e-6, -30e-6, 5e-6}, {4, 2, 3}, -30, 4},
      {{-2e-6, 1e-6, 30e-6}, {1, 2, 9}, 30, 9},
  };
  for (const auto& c : cases) {
    ClockStatistics worst;
    for (int i = 0; i < 3; ++i) {
      ClockStatistics clock;
      clock.set(c.drift[i], c.jitter_ms[i] * 1ms);
      worst.take_worse(clock);
    }
    ck_assert(std::abs(drift_ppm(worst) - c.worst_drift_ppm) < 1e-9);
    ck_assert_uint_eq(worst.jitter_ns.get(), static_cast<std::uint64_t>(c.worst_jitter_ms) * 1'000'000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  return retina::test::run_laws("stats");
}
