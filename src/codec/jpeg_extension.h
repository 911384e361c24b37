#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/jpeg_headers.h"

namespace retina::codec {

/// The part of a packet's RTP header extension that belongs to a JPEG picture (ONVIF Streaming Specification,
/// "JPEG over RTP"): header segments that the RTP payload header has no room for, such as the size of a
/// picture above 2040 pixels.
struct JpegExtension {
  bool initial = false;  ///< of the first packet of a picture
  base::ByteView bytes;  ///< segments, with fill bytes (0xFF) to whole words; may be empty
};

/// Nullopt: the packet has none. It is an extension of its own (0xFFD8, 0xFFFF), or follows the one of
/// ONVIF's replay (0xABAC; Replay Control Service Specification, "RTP header extension").
std::optional<JpegExtension> find_jpeg_extension(std::uint16_t profile, base::ByteView extension);

/// What the segments of an extension brought.
struct JpegSegments {
  bool frame_header = false;
  bool restart_interval = false;
  base::ByteView scan_data;  ///< what follows the scan header, a part of what was read
};

/// Puts the segments of a picture's first extension into `headers`: tables one by one, everything else
/// instead of what is there. Errors: kMalformed, kTruncated; kUnsupported for lossless and arithmetic coding.
base::Result<JpegSegments> read_jpeg_segments(base::ByteView bytes, JpegHeaders& headers);

}  // namespace retina::codec
