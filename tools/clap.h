#pragma once

#include <gst/rtsp-server/rtsp-server.h>

namespace retina::tools {

/// A programme to tell by whether sound and picture are in step, as a clapperboard's: at the beginning of
/// each second of the camera's time one white picture, and a beep of 20 ms.
struct Clap {
  int fps = 25;
  gsize luma_bytes = 0;  ///< of a picture, which is I420; the colours follow
  int rate_hz = 48000;   ///< of the sound, 16 bits, one channel; a multiple of 1000. 0: there is none
  int delay = 0;         ///< samples by which the encoder makes the sound late; the beep is so much early
};

/// Puts it into what the elements "picture" and "sound" of the factory's pipelines make.
void add_clap(GstRTSPMediaFactory* factory, const Clap& clap);

}  // namespace retina::tools
