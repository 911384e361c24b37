#pragma once

#include <cstdint>
#include <string>

namespace retina::bench {

/// What this process (every thread of it) has cost so far, or between two moments. getrusage(RUSAGE_SELF).
struct Usage {
  double user_seconds = 0;
  double system_seconds = 0;
  double wall_seconds = 0;  ///< CLOCK_MONOTONIC
  std::uint64_t voluntary_switches =
      0;  ///< a thread went to sleep, and so was woken later: the honest wake-up count
  std::uint64_t involuntary_switches =
      0;  ///< a thread lost its core: shows a box that is too busy to measure on
};

Usage usage_now();
Usage operator-(const Usage& end, const Usage& begin);

class JsonObject;
/// Members user_seconds, system_seconds, cpu_seconds, wall_seconds, voluntary_switches, involuntary_switches.
void add_usage(JsonObject& json, const Usage& usage);

std::uint64_t monotonic_ns();  ///< CLOCK_MONOTONIC, the clock of the stamps in paced frames
std::uint64_t
max_rss_kb();  ///< most memory this program has held so far (ru_maxrss would include its parent's)
std::uint64_t thread_count();          ///< threads of this process now
void limit_runtime(unsigned seconds);  ///< SIGALRM ends the process after so long, whatever hangs

}  // namespace retina::bench
