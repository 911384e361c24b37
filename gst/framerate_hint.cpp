#include "framerate_hint.h"

namespace retina::gst {

void set_framerate_hint(GstCaps* caps, const sdp::Media& media) {
  if (!media.framerate || *media.framerate <= 0 || *media.framerate > 1000) return;
  if (gst_structure_has_field(gst_caps_get_structure(caps, 0), "framerate")) return;
  int numerator = 0;
  int denominator = 1;
  gst_util_double_to_fraction(*media.framerate, &numerator, &denominator);
  if (numerator > 0 && denominator > 0)
    gst_caps_set_simple(caps, "framerate", GST_TYPE_FRACTION, numerator, denominator, nullptr);
}

}  // namespace retina::gst
