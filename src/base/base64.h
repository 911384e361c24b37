#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"

namespace retina::base {

/// RFC 4648 s4, as cameras write it: padding may be missing, white space anywhere is skipped.
/// Errors: kMalformed at the first byte outside of the alphabet, or for a length that no encoder makes.
Result<Bytes> decode_base64(std::string_view text);

}  // namespace retina::base
