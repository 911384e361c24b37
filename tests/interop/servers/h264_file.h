#pragma once

#include <string>
#include <vector>

#include "gst/element_runner.h"

namespace retina::test {

inline constexpr int kFps = 25;

/// A picture's slices: NAL units without start codes.
using Slices = std::vector<std::string>;

/// An MP4 file of H.264, made here: 320x240, `frames` pictures at kFps, a key frame a second.
void make_h264_file(const std::string& path, int frames);

/// The pictures of an MP4 file, in decoding order.
std::vector<Slices> pictures_of(const std::string& path);

/// The slices (NAL unit types 1 and 5) of an access unit in `byte-stream` format.
Slices slices_of(const base::Bytes& access_unit);

/// How many pictures a decoder makes of what was received.
std::size_t decode(const std::vector<Received>& frames);

/// Each PTS is `1 / kFps` after the one before; `tolerance` for servers whose clock isn't the picture's.
void expect_steady_times(const std::vector<Received>& frames, GstClockTime tolerance = GST_USECOND * 12);

/// What was received is a run of the file's pictures, byte for byte. `pictures` repeat from the start after
/// their end.
void expect_run_of(const std::vector<Slices>& pictures, const std::vector<Received>& frames);

/// Whether the elements that make and decode H.264 are installed.
bool have_h264_tools();

}  // namespace retina::test
