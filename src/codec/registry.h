#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/depacketizer.h"
#include "sdp/description.h"

namespace retina::codec {

/// Whether make_depacketizer() knows the section's encoding, and the form of it that the SDP announces.
bool is_native(const sdp::Media& media);

/// The depacketizer for a section of an SDP; with FrameFormat::rtp_packets, the one that leaves packets as
/// they are, whatever the encoding. What was wrong in the fmtp and was got over goes to `notes`, as sentences
/// for people. `allocator` must outlive the depacketizer. Errors: kUnsupported where is_native() is false.
base::Result<std::unique_ptr<Depacketizer>> make_depacketizer(const sdp::Media& media, FrameFormat format,
                                                              FrameAllocator& allocator,
                                                              std::vector<std::string>& notes);

}  // namespace retina::codec
