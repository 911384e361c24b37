#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "gst_ref.h"
#include "sdp/description.h"

namespace retina::gst {

/// What only SETUP and PLAY tell of a stream. Depayloaders make their segment of the last three: set them
/// where running time begins at that packet, or not at all.
struct RtpCapsDetails {
  std::optional<std::uint32_t> ssrc;
  std::optional<std::uint32_t> clock_base;   ///< rtptime of RTP-Info
  std::optional<std::uint16_t> seqnum_base;  ///< seq of RTP-Info
  std::optional<base::Duration> npt_start;   ///< Range of PLAY's answer
};

/// Caps for the RTP packets themselves, for depayloaders downstream: application/x-rtp with all that rtspsrc
/// would say of the section, in the same fields. `encoding-name` is there for static payload types, too.
///
/// The camera has no say in the fields that GStreamer reads its own things from (clock-rate, ssrc, srtp-key,
/// …), and what isn't safe in caps (odd characters in names, text that isn't UTF-8) is left out.
/// `session_attributes` are the description's own. Null: the clock rate is none.
CapsRef rtp_caps(const sdp::Media& media, const std::vector<sdp::Attribute>& session_attributes = {},
                 const RtpCapsDetails& details = {});

}  // namespace retina::gst
