#include "rtp/ntp_time.h"

namespace retina::rtp {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::int64_t kEra = std::int64_t{1} << 32;  // seconds
constexpr std::int64_t kYear = 365 * 24 * 3600;

constexpr std::int64_t kYear2000 = 3'155'673'600;  // since 1900
constexpr std::int64_t kYear2100 = 6'311'433'600;

}  // namespace

std::optional<WallTime> plausible_wall_time(std::uint64_t ntp) {
  auto seconds = static_cast<std::int64_t>(ntp >> 32);
  if (seconds < kYear2000) {
    seconds += kEra;
    if (seconds < kEra + kYear || seconds >= kYear2100) return std::nullopt;
  }
  const auto fraction = static_cast<std::int64_t>(((ntp & 0xFFFFFFFF) * kNanoseconds + (1U << 31)) >> 32);
  return WallTime(base::Duration(seconds * kNanoseconds + fraction) - kNtpToUnix);
}

std::uint64_t to_ntp(WallTime time) {
  const std::int64_t since_1900 = (time.time_since_epoch() + kNtpToUnix).count();
  const auto seconds = static_cast<std::uint64_t>(since_1900 / kNanoseconds);
  const auto rest = static_cast<std::uint64_t>(since_1900 % kNanoseconds);
  return (seconds << 32) + ((rest << 32) + kNanoseconds / 2) / kNanoseconds;
}

std::uint64_t widen_ntp_56(std::uint64_t ntp_56, WallTime near) {
  constexpr std::uint64_t kMask = (std::uint64_t{1} << 56) - 1;
  const std::uint64_t base = to_ntp(near);
  // How far ahead of `near`, modulo 2^56, as a signed number.
  const std::uint64_t ahead = (ntp_56 - base) & kMask;
  const bool behind = (ahead >> 55) != 0;
  return behind ? base - ((kMask + 1) - ahead) : base + ahead;
}

}  // namespace retina::rtp
