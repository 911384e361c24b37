#pragma once

#include <gst/gst.h>

#include <optional>

#include "codec/depacketizer.h"
#include "codec/frame.h"
#include "gst_ref.h"

namespace retina::gst {

/// Everything that AAC output can be, in our order of preference: raw, then adts. Transfer full.
CapsRef aac_template_caps();

/// What the peer prefers of that; `peer` is the answer to a caps query. Nullopt: it takes none of it.
///
/// `parameters` are those of the stream, where they are known: adts is not chosen for a stream that it can't
/// express (codec::why_not_adts()), whatever the peer says.
std::optional<codec::AacFraming> choose_aac_format(const GstCaps* peer,
                                                   const codec::ParameterSets* parameters = nullptr);

/// Caps from the AudioSpecificConfig: rate and channels as a decoder puts them out, profile and level as
/// GStreamer's own parser reads them, codec_data for raw. Null: there is no config that can be read, or adts
/// can't express it.
CapsRef aac_caps(codec::AacFraming format, const codec::ParameterSets* parameters);

}  // namespace retina::gst
