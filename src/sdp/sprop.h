#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "sdp/description.h"

namespace retina::sdp {

/// The H.264 parameter sets of the fmtp's sprop-parameter-sets (RFC 6184 s8.1): NAL units of types 7, 8, 13
/// and 15 without start codes, in the order in which they stand. Start codes before, after and between NAL
/// units are taken out (GW4089IP appends one), and items that aren't base64 or aren't parameter sets are
/// skipped, each fault with a sentence in `notes`. Empty: there is nothing, and the stream has to bring its
/// own.
std::vector<base::Bytes> sprop_parameter_sets(const Media& media, std::vector<std::string>& notes);

}  // namespace retina::sdp
