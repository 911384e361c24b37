#include "rtp/receiver_report.h"

#include <algorithm>

#include "rtp/packet.h"

namespace retina::rtp {
namespace {

constexpr std::uint8_t kCnameItem = 1;  // RFC 3550 s6.5.1

/// RFC 3550 s6.4.1: units of 1/65536 s.
std::uint32_t delay_since(base::TimePoint then, base::TimePoint now) {
  const auto elapsed = std::max(now - then, base::Duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(elapsed);
  if (seconds.count() > 0xFFFF) return 0xFFFFFFFF;
  const auto rest = static_cast<std::uint64_t>((elapsed - seconds).count());
  return (static_cast<std::uint32_t>(seconds.count()) << 16) |
         static_cast<std::uint32_t>((rest << 16) / 1'000'000'000);
}

void append_block(base::Bytes& bytes, const ReportBlock& block) {
  base::append_be32(bytes, block.ssrc);
  base::append_be32(bytes, (std::uint32_t{block.fraction_lost} << 24) |
                               (static_cast<std::uint32_t>(block.cumulative_lost) & 0xFFFFFF));
  base::append_be32(bytes, block.highest_sequence);
  base::append_be32(bytes, block.jitter);
  base::append_be32(bytes, block.last_sender_report);
  base::append_be32(bytes, block.delay_since_last_sender_report);
}

/// RFC 3550 s6.5: the item, and at least one zero up to the next word.
void append_cname(base::Bytes& bytes, std::uint32_t ssrc, std::string_view cname) {
  cname = cname.substr(0, 255);
  const std::size_t words = (2 + cname.size()) / 4 + 1;
  append_rtcp_header(bytes, 1, kSourceDescriptionType, 1 + words);
  base::append_be32(bytes, ssrc);
  const std::size_t end = bytes.size() + words * 4;
  bytes.push_back(kCnameItem);
  bytes.push_back(static_cast<std::uint8_t>(cname.size()));
  bytes.insert(bytes.end(), cname.begin(), cname.end());
  bytes.resize(end);
}

}  // namespace

void Reception::on_sender_report(std::uint64_t ntp, base::TimePoint arrival) {
  last_sender_report_ = LastSenderReport{static_cast<std::uint32_t>(ntp >> 16), arrival};
}

ReportBlock Reception::report(std::uint32_t ssrc, std::uint32_t jitter, base::TimePoint now) {
  ReportBlock block;
  block.ssrc = ssrc;
  block.jitter = jitter;
  const std::uint64_t all_expected = in_order_ + missing_;
  const std::uint64_t all_received = in_order_ + extra_;
  block.highest_sequence = static_cast<std::uint32_t>(first_ + all_expected - 1);
  const auto lost = static_cast<std::int64_t>(all_expected - all_received);
  block.cumulative_lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost, -0x800000, 0x7FFFFF));

  const auto expected = static_cast<std::int64_t>(all_expected - expected_before_);
  const auto received = static_cast<std::int64_t>(all_received - received_before_);
  expected_before_ = all_expected;
  received_before_ = all_received;
  if (expected > 0 && expected > received) {
    block.fraction_lost =
        static_cast<std::uint8_t>(std::min<std::int64_t>(((expected - received) << 8) / expected, 255));
  }
  if (last_sender_report_) {
    block.last_sender_report = last_sender_report_->ntp_middle;
    block.delay_since_last_sender_report = delay_since(last_sender_report_->arrival, now);
  }
  return block;
}

base::Bytes make_receiver_report(std::uint32_t ssrc, const std::optional<ReportBlock>& block,
                                 std::string_view cname, bool bye) {
  base::Bytes bytes;
  append_rtcp_header(bytes, block ? 1 : 0, kReceiverReportType, block ? 7 : 1);
  base::append_be32(bytes, ssrc);
  if (block) append_block(bytes, *block);
  append_cname(bytes, ssrc, cname);
  if (bye) {
    append_rtcp_header(bytes, 1, kByeType, 1);
    base::append_be32(bytes, ssrc);
  }
  return bytes;
}

}  // namespace retina::rtp
