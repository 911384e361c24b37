#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace retina::bench {

/// The server's half of RTSP (RFC 2326) as far as a benchmark needs it: one session a connection, one video
/// stream, TCP interleaved only (anything else is answered with 461). Bytes in, bytes out; no sockets.
class CameraDialogue {
 public:
  /// Most bytes of an unfinished request.
  static constexpr std::size_t kMaxRequestBytes = 65536;

  explicit CameraDialogue(std::string sdp) : sdp_(std::move(sdp)) {}

  /// Takes what the client sent; interleaved data (its RTCP) is skipped. False when it isn't RTSP.
  bool push(base::ByteView bytes);
  /// The replies since the last call.
  std::string take_replies();

  bool playing() const { return playing_; }
  bool torn_down() const { return torn_down_; }
  std::uint8_t rtp_channel() const { return rtp_channel_; }
  std::uint8_t rtcp_channel() const { return rtcp_channel_; }

 private:
  std::size_t take_message();  // its size, 0 when it isn't complete
  void answer(std::string_view request);
  void reply(std::string_view status, std::string_view headers, std::string_view body = {});
  void setup(std::string_view request);

  std::string sdp_;
  std::string pending_;
  std::string replies_;
  std::string sequence_;
  std::string base_url_;
  bool malformed_ = false;
  bool set_up_ = false;
  bool playing_ = false;
  bool torn_down_ = false;
  std::uint8_t rtp_channel_ = 0;
  std::uint8_t rtcp_channel_ = 1;
};

}  // namespace retina::bench
