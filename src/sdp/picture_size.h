#pragma once

#include <cstdint>
#include <optional>

#include "sdp/description.h"

namespace retina::sdp {

/// In pixels, neither of them 0 nor above 65535.
struct PictureSize {
  unsigned width = 0;
  unsigned height = 0;

  bool operator==(const PictureSize&) const = default;
};

/// How large the SDP says that pictures are; a hint, and often absent. Of these, the first that can be read:
/// `a=framesize:26 1920-1080` (RFC 6064 s6.2.1), `a=x-dimensions:1920,1080`, and
/// `a=cliprect:0,0,1080,1920` (top, left, bottom, right).
std::optional<PictureSize> picture_size(const Media& media);

}  // namespace retina::sdp
