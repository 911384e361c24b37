#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "codec/decoding_order_buffer.h"
#include "sdp/description.h"

namespace retina::codec {

/// What an SDP says of an H.265 stream (RFC 7798 s7.1).
struct H265Announcement {
  /// VPS, SPS and PPS without start codes, in any order.
  std::vector<base::Bytes> parameter_sets;

  /// NAL units have decoding order numbers in the packets (DONL, DOND), and may come in another order.
  bool has_decoding_order_numbers = false;
  DecodingOrderBuffer::Limits reordering;
};

/// From sprop-vps, sprop-sps and sprop-pps, and from sprop-parameter-sets (which is of H.264, but some
/// cameras write H.265 into it): several NAL units behind commas, start codes before, between and after them;
/// whatever isn't base64 or no parameter set is skipped, each fault with a sentence in `notes`.
///
/// Decoding order numbers are there when sprop-max-don-diff is above 0 (s4.4.1); where it is absent, when
/// sprop-depack-buf-nalus is, which only then has a meaning. tx-mode doesn't decide: with several RTP
/// streams, too, there are none without sprop-max-don-diff. Of several streams each is taken for itself.
H265Announcement h265_announcement(const sdp::Media& media, std::vector<std::string>& notes);

}  // namespace retina::codec
