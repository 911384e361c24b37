#pragma once

#include "gst_ref.h"
#include "sdp/description.h"

namespace retina::gst {

/// Everything that SampleAudioDepacketizer's frames can be. Transfer full.
CapsRef audio_template_caps();

/// Caps for the frames of SampleAudioDepacketizer, from the SDP alone, with the names that GStreamer's
/// depayloaders for the same encodings use. DVI4 comes out decoded, as audio/x-raw. Null: the section is of
/// another encoding, or of a form of it that isn't known (codec::audio_format()).
CapsRef audio_caps(const sdp::Media& media);

}  // namespace retina::gst
