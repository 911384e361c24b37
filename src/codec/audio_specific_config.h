#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/bit_cursor.h"

namespace retina::codec {

/// ISO/IEC 14496-3 table 1.17, those that are AAC.
enum AudioObjectType : unsigned {
  kAacMain = 1,
  kAacLc = 2,
  kAacSsr = 3,
  kAacLtp = 4,
  kSbr = 5,  ///< HE-AAC; an extension of another type
  kAacScalable = 6,
  kErAacLc = 17,
  kErAacLtp = 19,
  kErAacScalable = 20,
  kErBsac = 22,
  kErAacLd = 23,
  kParametricStereo = 29,  ///< HE-AAC v2; an extension of another type
  kErAacEld = 39,
};

/// What an AudioSpecificConfig (ISO/IEC 14496-3 s1.6.2.1) says of a stream.
struct AudioSpecificConfig {
  /// Of the frames' core: kAacLc for HE-AAC, too.
  unsigned object_type = 0;
  /// Spectral band replication and parametric stereo, where the config says that they are used. A decoder may
  /// find them in the frames in any case.
  bool sbr = false;
  bool parametric_stereo = false;

  std::uint32_t core_rate_hz = 0;
  std::uint32_t output_rate_hz = 0;  ///< what a decoder puts out: with SBR, mostly twice the core's
  unsigned rate_index = 0;           ///< of the core; 15: the rate is written out
  unsigned channel_configuration = 0;
  unsigned channels = 0;  ///< what a decoder puts out; 0: a program config element without any
  /// In core samples, at core_rate_hz: 1024, 960, 512 or 480.
  unsigned samples_per_frame = 0;
  /// How long the config is. What follows it in the bytes is not a part of it.
  std::size_t size_bits = 0;
};

/// Longer ones are cut off unread: a program config element with a comment has less than 350 bytes.
constexpr std::size_t kMaxConfigBytes = 512;

/// Reads a config, and the backward-compatible signalling of SBR and PS behind it; bytes after that are
/// ignored (Wowza, Reolink). Errors: kTruncated; kMalformed for reserved rates and channel configurations;
/// kUnsupported for what is no AAC (CELP, USAC, …) and for error protection (epConfig 2 and 3).
base::Result<AudioSpecificConfig> parse_audio_specific_config(base::ByteView bytes);

/// The same inside of a larger structure, that doesn't tell how long the config is: `bits` is moved to its
/// end. There is no backward-compatible signalling there.
base::Result<AudioSpecificConfig> parse_audio_specific_config(BitCursor& bits);

/// An AAC LC config for what an rtpmap or an ADTS header says. Nullopt: no rate of AAC (those of the table,
/// 7350 to 96000 Hz), or no number of channels that a configuration stands for (1 to 8).
std::optional<base::Bytes> make_audio_specific_config(std::uint32_t rate_hz, unsigned channels);

/// The same from the fields themselves: `object_type` 1 to 4, `rate_index` 0 to 12, `channel_configuration` 1
/// to 7.
base::Bytes make_audio_specific_config(unsigned object_type, unsigned rate_index,
                                       unsigned channel_configuration);

/// The sampling rate of an index (table 1.18); nullopt: reserved, or 15.
std::optional<std::uint32_t> rate_of_index(unsigned index);

/// Hexadecimal digits, as in `config=`; an odd last one is the high half of a byte, and a leading 0x and
/// spaces are skipped. Nullopt: no digits, or something else among them. At most kMaxConfigBytes are read.
std::optional<base::Bytes> decode_config(std::string_view hex);

}  // namespace retina::codec
