#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/audio_specific_config.h"

/// ADTS (ISO/IEC 14496-3 s1.A.2.2): AAC frames that carry what a decoder must know in a header each.
namespace retina::codec {

constexpr std::size_t kAdtsHeaderBytes = 7;  ///< without a checksum, as we write them
constexpr std::size_t kMaxAdtsFrameBytes = 8191;

/// Null when every frame of such a stream can have an ADTS header; otherwise why not. A header has two bits
/// for the object type (1 to 4), an index for the rate, three bits for the channels, and nothing for the
/// frame's length. What doesn't fit is refused, never written as something else:
///  * ER AAC, AAC-LD and -ELD, scalable AAC (object types above 4);
///  * a rate that stands written out, unless it is one of the table;
///  * channel configurations above 7, and 0: its program config element need not be in the frames;
///  * frames of 960 samples.
/// HE-AAC goes as its core: decoders find SBR in the frames.
const char* why_not_adts(const AudioSpecificConfig& config);

/// The header of a frame of `payload_bytes`. Errors: kUnsupported with why_not_adts(); kTooLarge over
/// kMaxAdtsFrameBytes with the header, which 13 bits can't count.
base::Result<std::array<std::uint8_t, kAdtsHeaderBytes>> adts_header(const AudioSpecificConfig& config,
                                                                     std::size_t payload_bytes);

struct AdtsHeader {
  unsigned object_type = 0;  ///< 1 to 4
  unsigned rate_index = 0;
  unsigned channel_configuration = 0;
  std::size_t header_bytes = 0;  ///< 7, or 9 with a checksum
  std::size_t frame_bytes = 0;   ///< with the header
};

/// The header at the beginning of `bytes`, which may end before the frame does. Errors: kTruncated;
/// kMalformed; kUnsupported for several raw data blocks behind one header: nothing says where they end.
base::Result<AdtsHeader> parse_adts_header(base::ByteView bytes);

/// True when `bytes` are ADTS frames from the first to the last byte, one or more. A raw AAC frame can't look
/// like that: it would begin with its end (ID_END).
bool is_adts(base::ByteView bytes);

}  // namespace retina::codec
