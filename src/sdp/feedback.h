#pragma once

#include "sdp/description.h"

namespace retina::sdp {

/// What a section offers to do on RTCP feedback for the payload type that was chosen: fills in `feedback` and
/// `retransmission` from the attributes.
void read_feedback(Media& media);

}  // namespace retina::sdp
