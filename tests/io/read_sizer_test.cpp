#include "io/read_sizer.h"

#include <unistd.h>

#include <limits>

#include "io/read_statistics.h"
#include "support/check.h"

namespace {

using retina::io::ReadSizer;
using retina::io::ReadStatistics;

constexpr std::size_t kKiB = 1024;

LAW(a_full_read_doubles_the_room_up_to_the_maximum) {
  ReadSizer sizer(64 * kKiB, 1000 * kKiB);
  std::size_t expected[] = {128 * kKiB, 256 * kKiB, 512 * kKiB, 1000 * kKiB, 1000 * kKiB};
  for (const std::size_t room : expected) {
    sizer.on_read(sizer.room(), sizer.room());
    ck_assert_uint_eq(sizer.room(), room);
  }
}

LAW(many_small_reads_in_a_row_halve_the_room_down_to_the_minimum) {
  ReadSizer sizer(64 * kKiB, 256 * kKiB);
  sizer.on_read(64 * kKiB, 64 * kKiB);
  sizer.on_read(128 * kKiB, 128 * kKiB);
  for (const std::size_t room : {128 * kKiB, 64 * kKiB, 64 * kKiB}) {
    for (int i = 0; i < ReadSizer::kShrinkAfter; ++i)
      sizer.on_read(sizer.room(), 100);
    ck_assert_uint_eq(sizer.room(), room);
  }
}

LAW(one_large_read_restarts_the_count_of_small_ones) {
  ReadSizer sizer(64 * kKiB, 256 * kKiB);
  sizer.on_read(64 * kKiB, 64 * kKiB);
  for (int i = 0; i < ReadSizer::kShrinkAfter - 1; ++i)
    sizer.on_read(sizer.room(), 100);
  sizer.on_read(sizer.room(), sizer.room() / 2);
  for (int i = 0; i < ReadSizer::kShrinkAfter - 1; ++i)
    sizer.on_read(sizer.room(), 100);
  ck_assert_uint_eq(sizer.room(), 128 * kKiB);
}

LAW(a_maximum_below_the_minimum_is_raised_to_it) {
  ReadSizer sizer(64 * kKiB, kKiB);
  sizer.on_read(64 * kKiB, 64 * kKiB);
  ck_assert_uint_eq(sizer.room(), 64 * kKiB);
}

LAW(what_reading_at_full_speed_gains_from_is_within_a_quarter_of_the_cache_or_the_least) {
#ifdef _SC_LEVEL2_CACHE_SIZE
  const long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
#else
  const long cache = 0;
#endif
  const std::size_t bytes = retina::io::cached_read_bytes();
  ck_assert_uint_ge(bytes, 256 * kKiB);
  if (cache <= 0) {
    ck_assert_uint_eq(bytes, std::numeric_limits<std::size_t>::max());
  } else if (static_cast<std::size_t>(cache) >= 1024 * kKiB) {
    ck_assert_uint_le(bytes * 4, static_cast<std::size_t>(cache));
  } else {
    ck_assert_uint_eq(bytes, 256 * kKiB);
  }
}

LAW(statistics_count_reads_and_full_reads_by_the_room_given) {
  ReadStatistics statistics;
  statistics.on_read(65536, 1000);
  statistics.on_read(65536, 65536);
  statistics.on_read(100000, 7);
  ck_assert_uint_eq(statistics.reads.get(), 3);
  ck_assert_uint_eq(statistics.full_reads.get(), 1);
  ck_assert_uint_eq(statistics.bytes.get(), 1000 + 65536 + 7);
  ck_assert_uint_eq(statistics.by_room[16].get(), 3);
  ck_assert_uint_eq(statistics.full_by_room[16].get(), 1);
}

}  // namespace

int main() {
  return retina::test::run_laws("read_sizer");
}
