#pragma once

#include "base/bytes.h"
#include "codec/frame.h"

namespace retina::codec {

/// AVCDecoderConfigurationRecord (ISO/IEC 14496-15 s5.3.3.1), `codec_data` of avc: profile and level of the
/// first SPS, 4-byte lengths, at most 31 SPS and 255 PPS, and for the High profiles chroma format, bit depths
/// and SPS extensions, as far as the SPS lets them be read (s5.3.3.1.2). Empty when there is no SPS of at
/// least 4 bytes.
base::Bytes avc_record(const ParameterSets& parameters);

}  // namespace retina::codec
