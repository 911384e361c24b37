#include "rtp/retransmission.h"

#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "rtp/sequence.h"

namespace retina::rtp {
namespace {

constexpr std::uint32_t kGenericNack = 1;  // in the five bits where reports count their blocks
constexpr std::size_t kOriginalSequenceBytes = 2;
constexpr std::uint8_t kPaddingBit = 0x20;
constexpr std::uint8_t kMarkerBit = 0x80;

void append_32(base::Bytes& bytes, std::uint32_t value) {
  bytes.resize(bytes.size() + 4);
  base::store_be32(bytes.data() + bytes.size() - 4, value);
}

}  // namespace

void append_nack(base::Bytes& compound, std::uint32_t sender, std::uint32_t media,
                 std::span<const std::uint16_t> missing) {
  const std::size_t start = compound.size();
  append_32(compound, 0);
  append_32(compound, sender);
  append_32(compound, media);
  for (std::size_t i = 0; i < missing.size();) {
    // One packet by its number, and those of the sixteen behind it as bits.
    const std::uint16_t first = missing[i++];
    std::uint32_t others = 0;
    for (; i < missing.size(); ++i) {
      const int behind = sequence_delta(first, missing[i]);
      if (behind < 1 || behind > 16) break;
      others |= 1U << (behind - 1);
    }
    append_32(compound, std::uint32_t{first} << 16 | others);
  }
  const auto words = static_cast<std::uint32_t>((compound.size() - start) / 4 - 1);
  base::store_be32(compound.data() + start, std::uint32_t{kVersion} << 30 | kGenericNack << 24 |
                                                std::uint32_t{kTransportFeedbackType} << 16 | words);
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
