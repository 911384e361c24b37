#pragma once

#include <string>
#include <vector>

#include "gst/element_runner.h"

namespace retina::test {

inline constexpr int kFps = 25;

/// An MP4 file of H.264, made here: 320x240, `frames` pictures at kFps, a key frame a second.
void make_h264_file(const std::string& path, int frames);

/// How many pictures a decoder makes of what was received.
std::size_t decode(const std::vector<Received>& frames);

/// Each PTS is `1 / kFps` after the one before; `tolerance` for servers whose clock isn't the picture's.
void expect_steady_times(const std::vector<Received>& frames, GstClockTime tolerance = GST_USECOND * 12);

/// Whether the elements that make and decode H.264 are installed.
bool have_h264_tools();

}  // namespace retina::test
