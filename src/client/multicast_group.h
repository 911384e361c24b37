#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/address.h"
#include "rtsp/headers.h"
#include "sdp/description.h"

namespace retina::client {

/// Where a stream's datagrams are sent to, for whoever listens.
struct MulticastGroup {
  io::Address address;  ///< with RTP's port
  std::uint16_t rtcp_port = 0;
  /// How far our RTCP is to get; nullopt: the camera doesn't say.
  std::optional<int> ttl;
  /// Only what these send is wanted (source-specific multicast, RFC 4607); empty: whoever sends.
  std::vector<io::Address> sources;
};
inline constexpr std::size_t kMaxSources = 16;

/// Of the answer to SETUP (RFC 2326 s12.39); what is missing there, of the SDP's c= and m= lines (RFC 8866
/// s5.7, s5.14); the sources, of its source-filter (RFC 4570). Errors are sentences for the user.
base::Result<MulticastGroup, std::string> multicast_group(const rtsp::TransportHeader& transport,
                                                          const sdp::Description& description,
                                                          const sdp::Media& media);

}  // namespace retina::client
