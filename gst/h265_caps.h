#pragma once

#include <gst/gst.h>

#include <optional>

#include "codec/depacketizer.h"
#include "codec/frame.h"
#include "gst_ref.h"
#include "sdp/description.h"

namespace retina::gst {

/// The three ways in which H.265 goes downstream (stream-format of video/x-h265).
enum class H265Format {
  kHvc1,       ///< length-prefixed; parameter sets only in codec_data
  kHev1,       ///< length-prefixed; parameter sets in the stream too
  kByteStream  ///< start codes; parameter sets in the stream
};

/// Everything that H.265 output can be, in our order of preference. Transfer full.
CapsRef h265_template_caps();

/// What the peer prefers of that; `peer` is the answer to a caps query. Nullopt: it takes none of it.
std::optional<H265Format> choose_h265_format(const GstCaps* peer);

codec::FrameFormat frame_format(H265Format format, codec::ParameterSetInsertion insertion);

/// Caps from the parameter sets, through GStreamer's own parser. What can't be read is left out: video is
/// never lost over it. Null: the format needs parameter sets, and there are none.
CapsRef h265_caps(H265Format format, const codec::ParameterSets* parameters, const sdp::Media& media);

}  // namespace retina::gst
