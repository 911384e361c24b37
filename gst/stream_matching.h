#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "sdp/description.h"

namespace retina::gst {

/// The same form of media, so that whoever takes the one can take the other.
bool same_form(const sdp::Media& a, const sdp::Media& b);

/// Finds streams that were known in a later description of the same camera: for each its index among
/// `description.media`, as far as `wanted` has it. One with the same form and control URL is the stream
/// itself; what is left is matched by form, in order, because cameras number their URLs anew.
std::vector<std::optional<std::size_t>> match_streams(const std::vector<sdp::Media>& known,
                                                      const sdp::Description& description,
                                                      const std::vector<std::size_t>& wanted);

}  // namespace retina::gst
