#include "rtp/rtcp_schedule.h"

#include <algorithm>

namespace retina::rtp {
namespace {

constexpr double kMinimumSeconds = 5;
/// Timer reconsideration makes intervals longer than meant; this compensates it: e - 3/2.
constexpr double kCompensation = 2.71828 - 1.5;
/// IPv4 and UDP: RFC 3550 s6.2 counts the headers of the layers below.
constexpr double kHeaderBytes = 28;
/// Where the SDP says nothing of bandwidth: the least that a stream of video has.
constexpr double kAssumedKbps = 64;

}  // namespace

RtcpSchedule::RtcpSchedule(std::uint32_t bandwidth_kbps, std::size_t first_size_bytes, base::Random& random)
    : bytes_per_second_((bandwidth_kbps > 0 ? bandwidth_kbps : kAssumedKbps) * 1000 / 8 * 0.05),
      average_size_(static_cast<double>(first_size_bytes) + kHeaderBytes),
      random_(random) {}

void RtcpSchedule::start(base::TimePoint now) {
  has_sent_ = false;
  sent_ = now;
  due_ = now + interval();
}

/// A.7, rtcp_interval(): where more than a quarter of the members send, all share the bandwidth; else those
/// who only receive have three quarters of it for themselves.
base::Duration RtcpSchedule::interval() {
  const double senders = sender_known_ ? 1 : 0;
  const double all = std::max(1 + senders, 1 + static_cast<double>(others_));
  const bool shared = senders > all / 4;
  const double members = shared ? all : all - senders;
  const double bandwidth = shared ? bytes_per_second_ : bytes_per_second_ * 0.75;
  const double least = has_sent_ ? kMinimumSeconds : kMinimumSeconds / 2;
  double seconds = std::max(average_size_ * members / bandwidth, least);
  seconds = seconds * (random_.next_fraction() + 0.5) / kCompensation;
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
}

bool RtcpSchedule::on_time(base::TimePoint now) {
  if (!due_ || now < *due_) return false;
  const base::TimePoint reconsidered = sent_ + interval();
  if (reconsidered > now) {
    due_ = reconsidered;
    return false;
  }
  return true;
}

void RtcpSchedule::on_sent(std::size_t size_bytes, base::TimePoint now) {
  average(size_bytes);
  has_sent_ = true;
  sent_ = now;
  due_ = now + interval();
}

void RtcpSchedule::average(std::size_t size_bytes) {
  average_size_ = (static_cast<double>(size_bytes) + kHeaderBytes) / 16 + average_size_ * 15 / 16;
}

}  // namespace retina::rtp
