#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace retina::rtsp {

/// SHA-512/256 (FIPS 180-4 s5.3.6.2, s6.7): SHA-512 with other initial values, cut to 256 bits. GLib's
/// GChecksum lacks it, and RFC 7616 asks for it.
std::array<std::uint8_t, 32> sha512_256(base::ByteView message);

}  // namespace retina::rtsp
