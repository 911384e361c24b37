#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/rtcp.h"

namespace retina::rtp {

/// What a receiver reports of one source (RFC 3550 s6.4.1, A.3). Its packets must come here in order, as
/// SequenceTracker passes them: then the highest sequence number follows from how many came and how many are
/// missing, and a packet costs one addition. Thread-bound, no clock.
class Reception {
 public:
  /// A packet that is used, with how many are missing before it.
  void on_packet(std::uint16_t sequence, std::uint32_t lost) {
    if (in_order_++ > 0) {
      missing_ += lost;
    } else {
      first_ = sequence;  // what is missing before it doesn't count: the RFC begins here
    }
  }
  /// One that came again or too late: received all the same (A.3).
  void on_extra_packet() { extra_ += started() ? 1 : 0; }
  void on_sender_report(std::uint64_t ntp, base::TimePoint arrival);
  /// The source has begun anew.
  void reset() { *this = Reception(); }

  bool started() const { return in_order_ > 0; }

  /// The block about `ssrc`, and the begin of the next interval of "fraction lost". `jitter` in ticks.
  ReportBlock report(std::uint32_t ssrc, std::uint32_t jitter, base::TimePoint now);

 private:
  struct LastSenderReport {
    std::uint32_t ntp_middle;
    base::TimePoint arrival;
  };

  std::uint16_t first_ = 0;
  std::uint64_t in_order_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t extra_ = 0;
  std::uint64_t expected_before_ = 0;  // at the report before
  std::uint64_t received_before_ = 0;
  std::optional<LastSenderReport> last_sender_report_;
};

/// RFC 3550 s6.1: a receiver report from `ssrc`, with a block where there is something to report, and the
/// source description with the CNAME (at most 255 bytes of it). With `bye`, the farewell too.
base::Bytes make_receiver_report(std::uint32_t ssrc, const std::optional<ReportBlock>& block,
                                 std::string_view cname, bool bye);

}  // namespace retina::rtp
