#include "rtp/ntp_time.h"

#include "support/check.h"

namespace {

using namespace retina;
using rtp::plausible_wall_time;
using rtp::WallTime;

std::uint64_t ntp(std::uint64_t seconds, std::uint32_t fraction = 0) {
  return seconds << 32 | fraction;
}

constexpr std::uint64_t kUnix = 2'208'988'800;

LAW(a_time_of_day_is_exact_to_the_nanosecond) {
  const struct {
    std::uint64_t ntp;
    std::int64_t unix_ns;
  } cases[] = {
      {ntp(kUnix + 1'700'000'000), 1'700'000'000'000'000'000},
      {ntp(kUnix + 1'700'000'000, 0x80000000), 1'700'000'000'500'000'000},
      {ntp(kUnix + 1'700'000'000, 0x40000000), 1'700'000'000'250'000'000},
      {ntp(kUnix + 1'700'000'000, 5), 1'700'000'000'000'000'001},  // 1.16 ns
      {ntp(kUnix + 1'700'000'000, 0xFFFFFFFF), 1'700'000'001'000'000'000},
      {ntp(kUnix + 946'684'800), 946'684'800'000'000'000},  // 2000-01-01
      {ntp(0xFFFFFFFF), (0xFFFFFFFFLL - 2'208'988'800) * 1'000'000'000},
      {ntp(366 * 24 * 3600), ((1LL << 32) + 366 * 24 * 3600 - 2'208'988'800) * 1'000'000'000},  // 2037
  };
  for (const auto& one : cases) {
    const auto time = plausible_wall_time(one.ntp);
    ck_assert(time.has_value());
    ck_assert_int_eq(time->time_since_epoch().count(), one.unix_ns);
  }
}

LAW(nonsense_is_no_time_of_day) {
  for (const std::uint64_t one : {ntp(0), ntp(0, 1), ntp(3600),  // 1900: no clock, or since the start
                                  ntp(300 * 24 * 3600),  // nearly a year of it, which reads as December 2036
                                  ntp(kUnix), ntp(kUnix + 86400),        // 1970
                                  ntp(kUnix + 946'684'799, 0xFFFFFFFF),  // the end of 1999
                                  ntp(0x80000000),                       // 1968
                                  ntp(6'311'433'600 - (1ULL << 32))}) {  // 2100
    ck_assert_msg(!plausible_wall_time(one), "%llx", static_cast<unsigned long long>(one));
  }
}

LAW(to_ntp_is_the_inverse) {
  for (const std::int64_t ns : {1'700'000'000'123'456'789LL, 1'700'000'000'999'999'999LL,
                                946'684'800'000'000'001LL, 3'000'000'000'000'000'007LL}) {
    const WallTime time{base::Duration(ns)};
    const auto back = plausible_wall_time(rtp::to_ntp(time));
    ck_assert(back && back->time_since_epoch().count() == ns);
  }
}

LAW(a_shortened_time_becomes_the_whole_one_nearest_to_what_is_known) {
  const WallTime known{std::chrono::seconds(1'700'000'000)};
  constexpr std::uint64_t kMask = (1ULL << 56) - 1;
  // 2^23 s are 97 days.
  for (const std::int64_t days : {0, 1, -1, 96, -96}) {
    const std::uint64_t whole =
        rtp::to_ntp(known + std::chrono::hours(24 * days) + std::chrono::milliseconds(125));
    ck_assert_uint_eq(rtp::widen_ntp_56(whole & kMask, known), whole);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("ntp_time");
}
