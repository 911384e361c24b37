#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace retina::rtp {

// RFC 3550 s12.1, RFC 4585 s6.1, RFC 3611 s2.
constexpr std::uint8_t kSenderReportType = 200;
constexpr std::uint8_t kReceiverReportType = 201;
constexpr std::uint8_t kSourceDescriptionType = 202;
constexpr std::uint8_t kByeType = 203;
constexpr std::uint8_t kApplicationType = 204;
constexpr std::uint8_t kTransportFeedbackType = 205;
constexpr std::uint8_t kPayloadFeedbackType = 206;
constexpr std::uint8_t kExtendedReportType = 207;

/// One packet of a compound. `body` sees the bytes that the compound was made of.
struct RtcpPacket {
  std::uint8_t type = 0;
  std::uint8_t count = 0;  ///< of report blocks or sources; for other types what they keep in these 5 bits
  base::ByteView body;     ///< after the 4-byte header, without padding
};

/// Begins a packet of a compound: `count` is what the type keeps in these 5 bits, `words` those of 32 bits
/// that follow.
void append_rtcp_header(base::Bytes& compound, std::uint8_t count, std::uint8_t type, std::size_t words);

/// Walks a compound packet, one UDP datagram or one interleaved frame (RFC 3550 s6.1, checks of A.2). Any
/// type may come first (RFC 5506), and reports stand anywhere.
///
/// A malformed packet hides where the next one begins, so it costs itself and those after it; those before it
/// stand.
class CompoundReader {
 public:
  explicit CompoundReader(base::ByteView bytes) : reader_(bytes) {}

  /// The next packet; nullopt at the end. Errors, after which nothing more comes but the same error:
  /// kTruncated when a length doesn't fit (so for no packet at all); kMalformed for a wrong version, for
  /// padding on a packet that isn't the last, and for padding that isn't 4 to all of its bytes in fours.
  base::Result<std::optional<RtcpPacket>> next();

 private:
  base::Result<RtcpPacket> read_packet();

  base::ByteReader reader_;
  std::optional<base::Error> error_;
};

/// RFC 3550 s6.4.1.
struct SenderReport {
  std::uint32_t ssrc = 0;
  std::uint64_t ntp =
      0;  ///< seconds since 1900 in the upper 32 bits, fractions below. Cameras send nonsense here
  std::uint32_t rtp_timestamp = 0;
  std::uint32_t packet_count = 0;
  std::uint32_t octet_count = 0;
};

/// Errors: kInvalidState for a packet of another type, kTruncated.
base::Result<SenderReport> parse_sender_report(const RtcpPacket& packet);

/// RFC 3550 s6.4.1, of a sender or receiver report.
struct ReportBlock {
  std::uint32_t ssrc = 0;  ///< the source that it is about
  std::uint8_t fraction_lost = 0;
  std::int32_t cumulative_lost = 0;  ///< 24-bit, signed
  std::uint32_t highest_sequence = 0;
  std::uint32_t jitter = 0;
  std::uint32_t last_sender_report = 0;
  std::uint32_t delay_since_last_sender_report = 0;  ///< in 1/65536 s
};

/// Report block `index`, below packet.count, of a sender or receiver report.
/// Errors: kInvalidState for a packet of another type, kTruncated, also for an index that is too high.
base::Result<ReportBlock> parse_report_block(const RtcpPacket& packet, std::size_t index);

/// RFC 3550 s6.6. The views see the bytes that the packet was made of.
struct Bye {
  base::ByteView sources;  ///< SSRCs, 4 bytes each
  base::ByteView reason;   ///< text for people; empty when there is none

  std::size_t source_count() const { return sources.size() / 4; }
  std::uint32_t source(std::size_t index) const { return base::load_be32(sources.data() + index * 4); }
  bool names(std::uint32_t ssrc) const;
};

/// Errors: kInvalidState for a packet of another type, kTruncated when it counts more sources than it has. A
/// reason that is cut is left out.
base::Result<Bye> parse_bye(const RtcpPacket& packet);

}  // namespace retina::rtp
