#pragma once

#include <gst/gst.h>

#include <optional>

#include "codec/depacketizer.h"
#include "codec/frame.h"
#include "gst_ref.h"
#include "sdp/description.h"

namespace retina::gst {

/// The three ways in which H.264 goes downstream (stream-format of video/x-h264).
enum class H264Format {
  kAvc,        ///< length-prefixed; parameter sets only in codec_data
  kAvc3,       ///< length-prefixed; parameter sets in the stream too
  kByteStream  ///< start codes; parameter sets in the stream
};

/// Everything that H.264 output can be, in our order of preference. Transfer full.
CapsRef h264_template_caps();

/// What the peer prefers of that; `peer` is the answer to a caps query. Nullopt: it takes none of it.
std::optional<H264Format> choose_h264_format(const GstCaps* peer);

codec::FrameFormat frame_format(H264Format format, codec::ParameterSetInsertion insertion);

/// Caps from the parameter sets, through GStreamer's own parser. What can't be read is left out: video is
/// never lost over it. Null: the format needs parameter sets, and there are none.
CapsRef h264_caps(H264Format format, const codec::ParameterSets* parameters, const sdp::Media& media);

}  // namespace retina::gst
