#include "rtp/rtcp.h"

#include "rtp/packet.h"

namespace retina::rtp {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kReportBlockBytes = 24;

base::Result<void> expect_type(const RtcpPacket& packet, std::uint8_t type, const char* what) {
  if (packet.type != type) return fail(ErrorCode::kInvalidState, 0, what);
  return {};
}

std::int32_t sign_extend_24(std::uint32_t value) {
  return static_cast<std::int32_t>(value << 8) >> 8;
}

}  // namespace

void append_rtcp_header(base::Bytes& compound, std::uint8_t count, std::uint8_t type, std::size_t words) {
  base::append_be32(compound, std::uint32_t{kVersion} << 30 | std::uint32_t{count} << 24 |
                                  std::uint32_t{type} << 16 | static_cast<std::uint32_t>(words));
}

base::Result<std::optional<RtcpPacket>> CompoundReader::next() {
  if (error_) return base::Unexpected(*error_);
  if (reader_.remaining() == 0 && reader_.offset() > 0) return std::optional<RtcpPacket>{};
  const auto packet = read_packet();
  if (!packet) {
    error_ = packet.error();
    return base::Unexpected(*error_);
  }
  return std::optional<RtcpPacket>{*packet};
}

base::Result<RtcpPacket> CompoundReader::read_packet() {
  const std::size_t start = reader_.offset();
  TRY(const base::ByteView header, reader_.bytes(kHeaderBytes, "RTCP header"));
  if (header[0] >> 6 != kVersion) return fail(ErrorCode::kMalformed, start, "RTCP version");
  // RFC 3550 s6.4.1: the length is in 32-bit words, less the header's.
  const std::size_t length = std::size_t{base::load_be16(header.data() + 2)} * 4;
  RtcpPacket packet;
  packet.type = header[1];
  packet.count = header[0] & 0x1F;
  TRY(packet.body, reader_.bytes(length, "RTCP length"));
  if ((header[0] & 0x20) == 0) return packet;

  if (reader_.remaining() > 0)
    return fail(ErrorCode::kMalformed, start, "RTCP padding before the last packet");
  const std::size_t padding = packet.body.empty() ? 0 : packet.body.back();
  if (padding == 0 || padding % 4 != 0 || padding > packet.body.size()) {
    return fail(ErrorCode::kMalformed, start, "RTCP padding");
  }
  packet.body = packet.body.first(packet.body.size() - padding);
  return packet;
}

base::Result<SenderReport> parse_sender_report(const RtcpPacket& packet) {
  CHECK_OK(expect_type(packet, kSenderReportType, "RTCP sender report"));
  base::ByteReader reader(packet.body);
  SenderReport report;
  TRY(report.ssrc, reader.u32("RTCP sender report"));
  TRY(report.ntp, reader.u64("RTCP sender report"));
  TRY(report.rtp_timestamp, reader.u32("RTCP sender report"));
  TRY(report.packet_count, reader.u32("RTCP sender report"));
  TRY(report.octet_count, reader.u32("RTCP sender report"));
  return report;
}

base::Result<ReportBlock> parse_report_block(const RtcpPacket& packet, std::size_t index) {
  const bool sender = packet.type == kSenderReportType;
  if (!sender) CHECK_OK(expect_type(packet, kReceiverReportType, "RTCP report"));
  const std::size_t start = sender ? 24 : 4;
  if (index >= packet.count) return fail(ErrorCode::kTruncated, packet.body.size(), "RTCP report block");

  base::ByteReader reader(packet.body);
  CHECK_OK(reader.bytes(start + index * kReportBlockBytes, "RTCP report block"));
  TRY(const base::ByteView bytes, reader.bytes(kReportBlockBytes, "RTCP report block"));
  ReportBlock block;
  block.ssrc = base::load_be32(bytes.data());
  const std::uint32_t lost = base::load_be32(bytes.data() + 4);
  block.fraction_lost = static_cast<std::uint8_t>(lost >> 24);
  block.cumulative_lost = sign_extend_24(lost & 0xFFFFFF);
  block.highest_sequence = base::load_be32(bytes.data() + 8);
  block.jitter = base::load_be32(bytes.data() + 12);
  block.last_sender_report = base::load_be32(bytes.data() + 16);
  block.delay_since_last_sender_report = base::load_be32(bytes.data() + 20);
  return block;
}

base::Result<Bye> parse_bye(const RtcpPacket& packet) {
  CHECK_OK(expect_type(packet, kByeType, "RTCP BYE"));
  base::ByteReader reader(packet.body);
  Bye bye;
  TRY(bye.sources, reader.bytes(std::size_t{packet.count} * 4, "RTCP BYE sources"));
  if (const auto length = reader.u8("RTCP BYE reason")) {
    bye.reason = reader.bytes(*length, "RTCP BYE reason").value_or(base::ByteView{});
  }
  return bye;
}

bool Bye::names(std::uint32_t ssrc) const {
  for (std::size_t i = 0; i < source_count(); ++i) {
    if (source(i) == ssrc) return true;
  }
  return false;
}

}  // namespace retina::rtp
