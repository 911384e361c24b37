#pragma once

#include <cstdint>
#include <vector>

#include "sdp/description.h"
#include "sdp/notes.h"

namespace retina::sdp {

/// The formats of an m= line.
struct Formats {
  std::vector<std::uint8_t> payload_types;  ///< in order, each once, 0 to 127
  bool has_others = false;                  ///< some aren't payload types at all
};

/// Decides which payload type of a section to use and what it means: fills in `payload_type`,
/// `encoding_name`, `clock_rate_hz`, `channels` and `format_parameters` from the kind and the attributes, or
/// else `unusable`.
///
/// In this order: the first listed type with an rtpmap, or with a static meaning for this kind (RFC 3551),
/// that isn't auxiliary; an auxiliary one; the section's only rtpmap, though it is for a type that isn't
/// listed; H.264 and H.265 without any rtpmap, told by their parameters.
void choose_encoding(Media& media, const Formats& formats, SectionNotes& notes);

}  // namespace retina::sdp
