#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace retina::test {

struct SourceFrame {
  base::Bytes bytes;
  GstClockTime pts = 0;
  bool key_frame = true;
};

/// What GStreamer's payloader made of frames: RTP packets as on the wire, and the caps it announced.
struct Payloaded {
  std::vector<base::Bytes> packets;
  std::string caps;  ///< application/x-rtp, …: payload, clock-rate, and the fmtp parameters as fields
};

/// Runs `appsrc caps=CAPS ! PAYLOADER ! appsink` over the frames. `payloader` is as in gst-launch, for
/// example "rtph264pay mtu=1400 config-interval=-1"; sequence numbers start at `first_sequence`. Fails the
/// test when the pipeline does, and when it takes longer than 30 seconds.
Payloaded payload(const std::string& payloader, const std::string& caps,
                  const std::vector<SourceFrame>& frames, std::uint16_t first_sequence = 65500);

/// Runs `DESCRIPTION ! appsink` to its end and returns every buffer: encoded frames to payload. `description`
/// is as in gst-launch, for example "videotestsrc num-buffers=30 ! x265enc ! video/x-h265,…". The caps of the
/// last buffer go to `caps`.
std::vector<SourceFrame> produce(const std::string& description, std::string& caps);

/// Runs `appsrc caps=CAPS ! DESCRIPTION ! appsink` over the frames and returns every buffer: what a decoder
/// makes of them, for example. The caps of the last buffer go to `made_caps`.
std::vector<SourceFrame> process(const std::string& description, const std::string& caps,
                                 const std::vector<SourceFrame>& frames, std::string& made_caps);

/// True when GStreamer has these elements; otherwise prints for want of which one the test is skipped.
bool have_elements(std::initializer_list<const char*> names);

}  // namespace retina::test
