#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace retina::codec {

/// How long an Opus packet lasts, in samples at 48 kHz, from its first octets (RFC 6716 s3.1, s3.2): 120 to
/// 5760. Errors: kTruncated, kMalformed (above 120 ms, or of no frames).
base::Result<std::uint32_t> opus_duration(base::ByteView packet);

}  // namespace retina::codec
