#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace retina::rtp {

/// Appends RFC 4585 s6.2.1, a generic NACK: `sender` asks the source `media` for these packets once more.
/// They stand in the order in which they were sent.
void append_nack(base::Bytes& compound, std::uint32_t sender, std::uint32_t media,
                 std::span<const std::uint16_t> missing);

/// RFC 4588 s4: makes of the retransmission packet `bytes` the one that had been lost, with the payload type
/// and SSRC of the media, in `original`, whose memory is used again. Errors: those of parse_packet();
/// kTruncated without the two bytes of the original sequence number, as packets have that are only padding.
base::Result<void> restore_original(base::ByteView bytes, std::uint8_t payload_type, std::uint32_t ssrc,
                                    base::Bytes& original);

}  // namespace retina::rtp
