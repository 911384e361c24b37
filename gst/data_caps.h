#pragma once

#include "gst_ref.h"
#include "sdp/description.h"

namespace retina::gst {

/// Everything that data_caps() can return. Transfer full.
CapsRef data_template_caps();

/// Caps for ONVIF metadata documents and KLV units. For documents the field `compression` is one of none,
/// gzip, exi-onvif and exi-ext. Null: the section is neither.
CapsRef data_caps(const sdp::Media& media);

}  // namespace retina::gst
