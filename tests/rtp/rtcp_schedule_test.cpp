// When RTCP is sent: RFC 3550 s6.3, on a fake clock with a known seed.

#include "rtp/rtcp_schedule.h"

#include <vector>

#include "support/check.h"
#include "support/fake_clock.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using rtp::RtcpSchedule;

const base::TimePoint kStart{1h};

/// When the first `count` packets of 60 bytes go out.
std::vector<base::Duration> moments(RtcpSchedule& schedule, int count) {
  std::vector<base::Duration> sent;
  schedule.start(kStart);
  while (static_cast<int>(sent.size()) < count) {
    const base::TimePoint now = *schedule.due();
    if (!schedule.on_time(now)) {
      ck_assert(*schedule.due() > now);
      continue;
    }
    schedule.on_sent(60, now);
    sent.push_back(now - kStart);
  }
  return sent;
}

LAW(intervals_stay_within_the_bounds_of_the_rfc) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    base::Random random(seed);
    RtcpSchedule schedule(4000, 60, random);
    schedule.set_sender_known();
    const auto sent = moments(schedule, 20);
    // A first one after 2.5 s, others after 5 s, times 0.5 to 1.5, by e - 3/2.
    ck_assert(sent[0] >= 1026ms && sent[0] < 3079ms);
    for (std::size_t i = 1; i < sent.size(); ++i) {
      const base::Duration gap = sent[i] - sent[i - 1];
      ck_assert_msg(gap >= 2052ms && gap < 6157ms, "seed %u: %lld ms", seed,
                    static_cast<long long>(gap.count() / 1'000'000));
    }
  }
}

LAW(the_mean_interval_is_the_one_that_is_meant) {
  base::Random random(1);
  RtcpSchedule schedule(4000, 60, random);
  schedule.set_sender_known();
  const auto sent = moments(schedule, 5000);
  const auto mean = (sent.back() - sent.front()) / (sent.size() - 1);
  ck_assert_msg(mean > 4800ms && mean < 5200ms, "%lld", static_cast<long long>(mean.count()));
}

LAW(a_thin_session_is_not_flooded_with_reports) {
  // 1 kbit/s: 5 % are 6.25 bytes a second, for two members with packets of 88 bytes: every 28 s.
  base::Random random(2);
  RtcpSchedule schedule(1, 60, random);
  schedule.set_sender_known();
  const auto sent = moments(schedule, 2000);
  const auto mean = (sent.back() - sent.front()) / (sent.size() - 1);
  ck_assert_msg(mean > 27s && mean < 29500ms, "%lld", static_cast<long long>(mean.count()));
}

LAW(the_more_receive_from_a_group_the_less_each_of_them_reports) {
  // 100 kbit/s: 5 % are 625 bytes a second; of these 3/4 for those who only receive, 88 bytes each.
  struct {
    std::size_t others;
    double seconds;
  } const cases[] = {{1, 5}, {10, 5}, {100, 100 * 88 / 468.75}, {1000, 1000 * 88 / 468.75}};
  for (const auto& c : cases) {
    base::Random random(7);
    RtcpSchedule schedule(100, 60, random);
    schedule.set_sender_known();
    schedule.set_participants(c.others);
    const auto sent = moments(schedule, 5000);
    const double mean = std::chrono::duration<double>(sent.back() - sent.front()).count() / 4999;
    ck_assert_msg(mean > 0.95 * c.seconds && mean < 1.05 * c.seconds, "%zu others: %f s", c.others, mean);
  }
}

LAW(the_same_seed_gives_the_same_moments_and_another_one_others) {
  const auto of_seed = [](unsigned seed) {
    base::Random random(seed);
    RtcpSchedule schedule(0, 60, random);
    return moments(schedule, 10);
  };
  ck_assert(of_seed(5) == of_seed(5));
  ck_assert(of_seed(5) != of_seed(6));
}

LAW(nothing_is_due_before_the_start_and_after_the_stop) {
  base::Random random(1);
  RtcpSchedule schedule(0, 60, random);
  ck_assert(!schedule.due() && !schedule.on_time(kStart));
  schedule.start(kStart);
  ck_assert(schedule.due() && !schedule.on_time(kStart));
  ck_assert(!schedule.has_sent());
  schedule.stop();
  ck_assert(!schedule.due());
}

LAW(late_wakeups_send_once_and_go_on_from_then) {
  base::Random random(1);
  RtcpSchedule schedule(0, 60, random);
  schedule.start(kStart);
  const base::TimePoint late = kStart + 1h;
  ck_assert(schedule.on_time(late));
  schedule.on_sent(60, late);
  ck_assert(*schedule.due() > late + 2s && *schedule.due() < late + 7s);
}

}  // namespace

int main() {
  return retina::test::run_laws("rtcp_schedule");
}
