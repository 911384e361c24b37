#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sdp/description.h"

namespace retina::codec {

/// How the payloads of an mpeg4-generic stream are laid out (RFC 3640 s4.1). Lengths are in bits, at most 32.
struct AacPayloadFormat {
  unsigned size_length = 0;
  unsigned index_length = 0;
  unsigned index_delta_length = 0;
  unsigned cts_delta_length = 0;
  unsigned dts_delta_length = 0;
  unsigned stream_state_length = 0;
  unsigned auxiliary_size_length = 0;
  bool random_access = false;
  std::uint32_t constant_size = 0;      ///< bytes; 0: sizes differ. Of no effect with size_length
  std::uint32_t constant_duration = 0;  ///< clock units; 0: not said
  /// maxDisplacement, in clock units, and de-interleaveBufferSize, in bytes. A stream is interleaved when one
  /// of them is not 0.
  std::uint32_t max_displacement = 0;
  std::uint32_t deinterleave_buffer_bytes = 0;

  bool has_headers() const {
    return size_length + index_length + index_delta_length + cts_delta_length + dts_delta_length +
                   stream_state_length >
               0 ||
           random_access;
  }
  /// Otherwise the marker ends a unit.
  bool has_sizes() const { return size_length > 0 || constant_size > 0; }
  bool is_interleaved() const { return max_displacement > 0 || deinterleave_buffer_bytes > 0; }

  bool operator==(const AacPayloadFormat&) const = default;
};

/// What the fmtp says, in any case of the names. What it doesn't say, the mode does: AAC-lbr is 6, 2, 2 bits
/// for size, index and index delta; AAC-hbr, a mode that is missing or unknown (Anpviz) is 13, 3, 3; generic
/// is all 0. Numbers that can't be are as good as missing. Errors: kUnsupported for the modes of CELP.
base::Result<AacPayloadFormat> read_aac_payload_format(const sdp::Media& media);

/// One access unit of a packet, or a fragment of one.
struct AacUnit {
  std::size_t size_bytes = 0;  ///< of the whole unit; 0: not known (no size_length and no constant_size)
  std::uint64_t index =
      0;  ///< in units since the first one of the packet: more than its place if interleaved
  std::optional<std::int32_t> composition_delta;  ///< in clock units since the packet's timestamp
};

/// Most units that a packet may have.
constexpr std::size_t kMaxAacUnits = 4096;

/// RFC 3640 s3.2: the AU headers go to `units`, the access unit data section is returned. One unit may be
/// longer than that: the packet has a fragment of it. Several are there as a whole; what follows them is
/// nobody's. AU-Index and AU-Index-delta count only in interleaved streams (some senders number units with
/// them).
///
/// Errors: kTruncated for sections longer than the packet; kMalformed for headers that don't add up to
/// AU-headers-length, and for constant sizes that don't divide the data; kTooLarge for more units
/// than kMaxAacUnits.
base::Result<base::ByteView> parse_aac_packet(const AacPayloadFormat& format, base::ByteView payload,
                                              std::vector<AacUnit>& units);

}  // namespace retina::codec
