#pragma once

#include <gst/gst.h>

#include "sdp/description.h"

namespace retina::gst {

/// Puts a=framerate of the SDP into caps that have no framerate yet, if it is plausible (up to 1000). A hint,
/// for streams that don't tell themselves.
void set_framerate_hint(GstCaps* caps, const sdp::Media& media);

}  // namespace retina::gst
