#include "rtp/retransmission.h"

#include <vector>

#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "rtp/sequence.h"

namespace retina::rtp {
namespace {

constexpr std::uint8_t kGenericNack = 1;  // in the five bits where reports count their blocks
constexpr std::size_t kOriginalSequenceBytes = 2;
constexpr std::uint8_t kPaddingBit = 0x20;
constexpr std::uint8_t kMarkerBit = 0x80;

}  // namespace

void append_nack(base::Bytes& compound, std::uint32_t sender, std::uint32_t media,
                 std::span<const std::uint16_t> missing) {
  // One packet by its number, and those of the sixteen behind it as bits.
  std::vector<std::uint32_t> entries;
  for (std::size_t i = 0; i < missing.size();) {
    const std::uint16_t first = missing[i++];
    std::uint32_t others = 0;
    for (; i < missing.size(); ++i) {
      const int behind = sequence_delta(first, missing[i]);
      if (behind < 1 || behind > 16) break;
      others |= 1U << (behind - 1);
    }
    entries.push_back(std::uint32_t{first} << 16 | others);
  }
  append_rtcp_header(compound, kGenericNack, kTransportFeedbackType, 2 + entries.size());
  base::append_be32(compound, sender);
  base::append_be32(compound, media);
  for (const std::uint32_t entry : entries)
    base::append_be32(compound, entry);
}

base::Result<void> restore_original(base::ByteView bytes, std::uint8_t payload_type, std::uint32_t ssrc,
                                    base::Bytes& original) {
  TRY(const Packet packet, parse_packet(bytes));
  if (packet.payload.size() < kOriginalSequenceBytes)
    return base::fail(base::ErrorCode::kTruncated, bytes.size(), "original sequence number");
  const auto header = static_cast<std::size_t>(packet.payload.data() - bytes.data());
  const base::ByteView payload = packet.payload.subspan(kOriginalSequenceBytes);
  original.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
  original.insert(original.end(), payload.begin(), payload.end());
  original[0] = static_cast<std::uint8_t>(original[0] & ~kPaddingBit);
  original[1] = static_cast<std::uint8_t>((original[1] & kMarkerBit) | payload_type);
  base::store_be16(original.data() + 2, base::load_be16(packet.payload.data()));
  base::store_be32(original.data() + 8, ssrc);
  return {};
}

}  // namespace retina::rtp
