#pragma once

#include <string_view>

#include "sdp/description.h"

namespace retina::sdp {

/// The value of a=range: `npt=now-`, `npt=0-`, `npt=0:01:02,5-596.48`, also without the unit. What can't be
/// read, and clock and SMPTE times, are left open. An end before the start is taken the other way round.
Range parse_range(std::string_view value);

}  // namespace retina::sdp
