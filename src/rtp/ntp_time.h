#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace retina::rtp {

/// A time of day as the camera tells it: since 1970-01-01 00:00 UTC, without leap seconds. Not of any clock
/// here.
using WallTime = std::chrono::time_point<std::chrono::system_clock, base::Duration>;

/// From 1900-01-01 to 1970-01-01.
constexpr base::Duration kNtpToUnix = std::chrono::seconds(2'208'988'800);

/// An NTP timestamp (RFC 5905 s6: 32 bits of seconds since 1900, 32 of fractions) if it can be a time of day:
/// 2000 to 2100. Cameras that don't know it send 0 (1900), 1970, or count from their start, which reads as
/// February 2036, when the 32 bits of seconds begin anew; so the year after that isn't believed.
std::optional<WallTime> plausible_wall_time(std::uint64_t ntp);

/// The nearest NTP timestamp; for tests and for building on it.
std::uint64_t to_ntp(WallTime time);

/// NTP shortened to 24 bits of seconds and 32 of fractions (RFC 6051 s3.3) made whole: the one nearest to
/// `near`.
std::uint64_t widen_ntp_56(std::uint64_t ntp_56, WallTime near);

}  // namespace retina::rtp
