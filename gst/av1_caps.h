#pragma once

#include "codec/frame.h"
#include "gst_ref.h"
#include "sdp/description.h"

namespace retina::gst {

/// Everything that av1_caps() can return. Transfer full.
CapsRef av1_template_caps();

/// Caps of the temporal units that Av1Depacketizer makes, from the sequence header, through GStreamer's own
/// parser, with av1parse's names. What can't be read is left out: video is never lost over it.
///
/// `codec_data` is the av1C record (AV1 Codec ISO Media File Format Binding s2.3) with the sequence header:
/// matroskamux makes it the CodecPrivate, without which many players refuse the file.
///
/// Null: no sequence header has come yet, and nothing can be decoded before.
CapsRef av1_caps(const codec::ParameterSets* parameters, const sdp::Media& media);

}  // namespace retina::gst
