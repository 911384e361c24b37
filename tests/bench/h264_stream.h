#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"

/// The least H.264 that real parsers accept: parameter sets and slice headers are true, slice data is noise.
namespace retina::bench {

/// ITU-T H.264 s7.3.2.1: Main profile, level 4, 1920x1080 progressive, VUI with timing. With the NAL header.
base::Bytes make_sps(unsigned frames_per_second);
/// s7.3.2.2: CAVLC, the SPS above. With the NAL header.
base::Bytes make_pps();

/// A stamp is the last bytes of every frame: CLOCK_MONOTONIC in ns as so many lower-case hexadecimal digits.
/// ASCII can't emulate a start code, and byte-stream and AVC both end a frame with the last bytes of its
/// slice.
inline constexpr std::size_t kStampBytes = 16;

/// One slice that is a whole picture: NAL header, slice header (s7.3.3), noise without a zero byte, a stamp
/// of zero. Exactly `size` bytes (at least 64). Number 0 of a GOP is the IDR picture; `number` is frame_num,
/// below 256.
base::Bytes make_slice(unsigned number, std::size_t size);

void write_stamp(std::uint8_t* stamp, std::uint64_t time_ns);
/// False when the bytes aren't a stamp.
bool read_stamp(const std::uint8_t* stamp, std::uint64_t& time_ns);

std::string encode_base64(base::ByteView bytes);

}  // namespace retina::bench
