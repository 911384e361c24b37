#pragma once

#include <cstdint>
#include <vector>

#include "rtp/header_extension.h"
#include "sdp/description.h"

namespace retina::client {

/// What has to be known of a stream to give its frames times.
struct StreamClock {
  std::uint32_t rate_hz = 0;
  /// How one frame follows the other.
  enum class Order {
    kRising,  ///< each is later than the one before
    kAny,     ///< B-frames are possible
    kPackets  ///< RTP packets: those of one frame have the same time
  } order = Order::kRising;
  /// Of no weight for the others' times: metadata comes whenever something happens.
  bool secondary = false;
};

/// As the SDP has it. `rtp_packets`: the stream is passed on as such.
StreamClock stream_clock(const sdp::Media& media, bool rtp_packets);

/// The header extensions of RFC 6051 in the SDP's a=extmap lines (RFC 8285 s5), of the media section or else
/// of the session.
rtp::ExtensionIds extension_ids(const sdp::Description& description, const sdp::Media& media);

}  // namespace retina::client
