#pragma once

#include "codec/frame.h"
#include "sdp/description.h"

namespace retina::gst {

/// How many pictures at most are decoded before one that is shown before them, by the stream's SPS
/// (max_num_reorder_frames of H.264's VUI, sps_max_num_reorder_pics of H.265). 0 where there are none. Where
/// the SPS doesn't tell, what B-frames would need if it leaves room for them.
int reorder_depth(const sdp::Media& media, const codec::ParameterSets* parameters);

}  // namespace retina::gst
