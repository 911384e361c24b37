#pragma once

#include "base/bytes.h"
#include "codec/frame.h"

namespace retina::codec {

/// Where else than in the record parameter sets can stand (array_completeness).
enum class HevcRecordUse {
  kComplete,      ///< hvc1: nowhere
  kAlsoInStream,  ///< hev1: in the stream too
};

/// HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 s8.3.3.1), `codec_data` of hvc1 and hev1: what holds for
/// all SPS (the highest tier and level, only the compatibilities and constraints that all have), 4-byte
/// lengths, all VPS, SPS and PPS. Fields that can't be read say the most usual (4:2:0, 8 bit) or nothing
/// (unknown segmentation and parallelism). Empty when there is no SPS that can be read up to its level.
base::Bytes hevc_record(const ParameterSets& parameters, HevcRecordUse use);

}  // namespace retina::codec
