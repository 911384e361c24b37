#pragma once

#include <string>
#include <string_view>

#include "rtsp/challenge.h"

namespace retina::rtsp {

/// The hash of `text` in lower-case hexadecimal.
std::string hex_hash(HashAlgorithm algorithm, std::string_view text);

}  // namespace retina::rtsp
