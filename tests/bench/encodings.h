#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.h"

/// What the load camera sends: streams that real parsers accept, their pictures and sounds noise.
namespace retina::bench {

enum class Encoding {
  kH264,   ///< RFC 6184: parameter sets before every IDR picture, single NAL units and FU-A
  kH265,   ///< RFC 7798: the same with FU
  kAac,    ///< RFC 3640, AAC-hbr, 48 kHz stereo: one access unit a packet
  kAac16,  ///< the same with 16 kHz mono, as surveillance cameras send it
};

bool is_video(Encoding encoding);
std::uint32_t clock_rate_hz(Encoding encoding);

/// The RTP payloads of frame `number` of a GOP (0 begins it), about `size` bytes of media, none longer than
/// `payload_bytes`; the last one ends with a stamp (h264_stream.h) that it has whole.
std::vector<base::Bytes> make_payloads(Encoding encoding, unsigned number, unsigned frames_per_second,
                                       std::size_t size, std::size_t payload_bytes);

/// The m= section of the SDP (RFC 4566) without a=control.
std::string make_media_section(Encoding encoding, int payload_type, unsigned frames_per_second,
                               std::uint64_t bits_per_second);

}  // namespace retina::bench
