#include "usage.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "json.h"

namespace retina::bench {
namespace {

double to_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// proc(5): the number in a line of /proc/self/status.
std::uint64_t own_status(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::strtoull(line.c_str() + name.size(), nullptr, 10);
  }
  return 0;
}

}  // namespace

std::uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

Usage usage_now() {
  rusage self{};
  getrusage(RUSAGE_SELF, &self);
  return {to_seconds(self.ru_utime), to_seconds(self.ru_stime), static_cast<double>(monotonic_ns()) / 1e9,
          static_cast<std::uint64_t>(self.ru_nvcsw), static_cast<std::uint64_t>(self.ru_nivcsw)};
}

Usage operator-(const Usage& end, const Usage& begin) {
  return {end.user_seconds - begin.user_seconds, end.system_seconds - begin.system_seconds,
          end.wall_seconds - begin.wall_seconds, end.voluntary_switches - begin.voluntary_switches,
          end.involuntary_switches - begin.involuntary_switches};
}

void add_usage(JsonObject& json, const Usage& usage) {
  json.add("user_seconds", usage.user_seconds)
      .add("system_seconds", usage.system_seconds)
      .add("cpu_seconds", usage.user_seconds + usage.system_seconds)
      .add("wall_seconds", usage.wall_seconds)
      .add("voluntary_switches", usage.voluntary_switches)
      .add("involuntary_switches", usage.involuntary_switches);
}

std::uint64_t max_rss_kb() {
  return own_status("VmHWM:");
}

std::uint64_t thread_count() {
  return own_status("Threads:");
}

void limit_runtime(unsigned seconds) {
  alarm(seconds);
}

}  // namespace retina::bench
