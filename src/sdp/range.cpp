#include "sdp/range.h"

#include <cmath>
#include <utility>

#include "base/ascii.h"
#include "sdp/lines.h"

namespace retina::sdp {
namespace {

/// RFC 2326 s3.6: `123.45` or `0:02:03.45`; at most a hundred years.
std::optional<base::Duration> parse_normal_play_time(std::string_view text) {
  constexpr double kMaxSeconds = 100.0 * 366 * 24 * 3600;
  constexpr int kMaxParts = 3;
  double seconds = 0;
  for (int parts = 0; parts == 0 || !text.empty(); ++parts) {
    const auto part = parse_decimal(base::take_until(text, ':'));
    if (!part || parts == kMaxParts) return std::nullopt;
    seconds = seconds * 60 + *part;
    if (seconds > kMaxSeconds) return std::nullopt;
  }
  return base::Duration(std::llround(seconds * 1e9));
}

}  // namespace

Range parse_range(std::string_view value) {
  Range range;
  range.text = value;
  std::string_view times = base::take_until(value, ';');  // what may follow is the time of day to start at
  const base::SplitPair unit = base::split_once(times, '=');
  if (unit.tail) {
    if (!base::equals_ignore_case(base::trim(unit.head), "npt")) return range;
    times = *unit.tail;
  }
  const std::string_view start = base::take_until(times, '-');
  range.live = base::equals_ignore_case(start, "now");
  range.start = parse_normal_play_time(start);
  range.end = parse_normal_play_time(base::trim(times));
  if (range.start && range.end && *range.end < *range.start) std::swap(range.start, range.end);
  return range;
}

}  // namespace retina::sdp
