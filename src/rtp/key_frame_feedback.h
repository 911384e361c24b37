#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace retina::rtp {

/// Appends RFC 4585 s6.3.1, Picture Loss Indication: `sender` asks the source `media` for a key frame.
void append_picture_loss(base::Bytes& compound, std::uint32_t sender, std::uint32_t media);

/// Appends RFC 5104 s4.3.1, Full Intra Request, likewise. A source that has seen `sequence` in the request
/// before takes this one for the same.
void append_full_intra_request(base::Bytes& compound, std::uint32_t sender, std::uint32_t media,
                               std::uint8_t sequence);

}  // namespace retina::rtp
