#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace retina::codec {

/// Copies G.726 codewords from the order of RFC 3551 s4.5.4 to the one of AAL2 (ITU-T I.366.2 annex E): the
/// first codeword of an octet goes from its lowest bits to its highest. `codeword_bits`: 2 to 5. `payload`
/// is a multiple of it long, so that codewords and octets end together; `out` has as many bytes.
void g726_to_aal2(base::ByteView payload, unsigned codeword_bits, std::uint8_t* out);

}  // namespace retina::codec
