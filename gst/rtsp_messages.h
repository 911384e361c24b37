#pragma once

#include <gst/rtsp/gstrtspmessage.h>

#include <memory>
#include <optional>

#include "rtsp/message.h"

namespace retina::gst {

struct FreeRtspMessage {
  void operator()(GstRTSPMessage* message) const { gst_rtsp_message_free(message); }
};
using RtspMessageRef = std::unique_ptr<GstRTSPMessage, FreeRtspMessage>;

/// The message as GStreamer's RTSP library has it, for signal handlers. A method that the library doesn't
/// know becomes GST_RTSP_INVALID; what follows a NUL in a text is left out.
RtspMessageRef to_gst(const rtsp::Request& request);
/// The response that a handler starts with: to `request`, with its CSeq and Session.
RtspMessageRef to_gst(const rtsp::Response& response, const GstRTSPMessage& request);

/// The way back, of what a handler has made of a message. Header names that the library knows come back in
/// its spelling. Nullopt: the message isn't a request (or response), or has a method that can't be sent.
std::optional<rtsp::Request> request_of(GstRTSPMessage& message);
std::optional<rtsp::Response> response_of(GstRTSPMessage& message);

}  // namespace retina::gst
