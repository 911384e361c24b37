#include "client/stale_sessions.h"

#include <string>

#include "support/check.h"

namespace {

using namespace std::chrono_literals;
using retina::base::TimePoint;
using retina::client::StaleSessions;

constexpr TimePoint kStart{1h};

LAW(the_bug_is_known_by_the_name_and_date_of_the_tool) {
  struct {
    const char* tool;
    bool bug;
  } const cases[] = {
      {"LIVE555 Streaming Media v2013.04.08", true},
      {"LIVE555 Streaming Media v2017.06.03", true},
      {"LIVE555 Streaming Media v2017.06.04", false},
      {"LIVE555 Streaming Media v2017.06.03 vendor", true},
      {"LIVE555 Streaming Media v2017.06.04 vendor", false},
      {"LIVE555 Streaming Media v2020.03.06", false},
      {"LIVE555 Streaming Media v0000.00.00", false},
      {"LIVE555 Streaming Media v", false},
      {"LIVE555 Streaming Media", false},
      {"live555 streaming media v2013.04.08", false},
      {"GStreamer", false},
      {"", false},
  };
  for (const auto& c : cases)
    ck_assert_msg(retina::client::has_stale_session_bug(c.tool) == c.bug, "%s", c.tool);
}

LAW(sessions_are_told_by_host_and_port_until_they_expire) {
  StaleSessions stale;
  stale.add("cam", 554, kStart + 60s, kStart);
  stale.add("Cam", 554, kStart + 30s, kStart);
  ck_assert(!stale.status("cam", 555, kStart) && !stale.status("ca", 554, kStart));
  const auto both = stale.status("CAM", 554, kStart + 29s);
  ck_assert(both && both->count == 2 && both->latest_expiry == kStart + 60s);
  const auto one = stale.status("cam", 554, kStart + 30s);
  ck_assert(one && one->count == 1 && one->latest_expiry == kStart + 60s);
  ck_assert(!stale.status("cam", 554, kStart + 60s));
}

LAW(a_session_that_has_ended_after_all_is_forgotten_alone) {
  StaleSessions stale;
  const auto first = stale.add("cam", 554, kStart + 60s, kStart);
  stale.add("cam", 554, kStart + 50s, kStart);
  stale.remove(first);
  stale.remove(first);
  const auto status = stale.status("cam", 554, kStart);
  ck_assert(status && status->count == 1 && status->latest_expiry == kStart + 50s);
}

LAW(stray_media_is_one_unknown_session_unless_a_known_one_explains_it) {
  StaleSessions stale;
  stale.add_unknown("cam", 554, kStart);
  stale.add_unknown("cam", 554, kStart + 10s);
  const auto unknown = stale.status("cam", 554, kStart + 10s);
  ck_assert(unknown && unknown->count == 1 && unknown->latest_expiry == kStart + 65s);

  stale.add("known", 554, kStart + 20s, kStart);
  stale.add_unknown("known", 554, kStart + 10s);
  ck_assert(!stale.status("known", 554, kStart + 20s));
  stale.add_unknown("known", 554, kStart + 20s);
  ck_assert(stale.status("known", 554, kStart + 20s).has_value());
}

LAW(however_many_there_are_only_so_many_are_kept_and_those_for_longest) {
  StaleSessions stale;
  for (unsigned i = 0; i < 3 * StaleSessions::kMaxSessions; ++i)
    stale.add("cam", 554, kStart + 1s + std::chrono::milliseconds(i), kStart);
  const auto status = stale.status("cam", 554, kStart);
  ck_assert(status && status->count == StaleSessions::kMaxSessions);
  ck_assert(
      stale.status("cam", 554, kStart + 1s + std::chrono::milliseconds(2 * StaleSessions::kMaxSessions))
          ->count == StaleSessions::kMaxSessions - 1);
}

}  // namespace

int main() {
  return retina::test::run_laws("stale_sessions");
}
