#pragma once

#include "codec/frame.h"
#include "gst_ref.h"
#include "sdp/description.h"

namespace retina::gst {

/// Everything that jpeg_caps() can return. Transfer full.
CapsRef jpeg_template_caps();

/// Caps of the pictures that JpegDepacketizer makes, with the fields and names of jpegparse: size,
/// sof-marker, colorspace and sampling from the frame header, the frame rate from the SDP. Null: no picture
/// has come yet.
CapsRef jpeg_caps(const codec::ParameterSets* parameters, const sdp::Media& media);

}  // namespace retina::gst
