#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace retina::bench {

/// The server's half of RTSP (RFC 2326) as far as a benchmark needs it: one session a connection, any number
/// of streams at track1, track2, …, TCP interleaved only, or UDP only (anything else is answered with 461).
/// Bytes in, bytes out; no sockets.
class CameraDialogue {
 public:
  /// Most bytes of an unfinished request.
  static constexpr std::size_t kMaxRequestBytes = 65536;

  struct Channels {
    bool set_up = false;
    std::uint8_t rtp = 0;
    std::uint8_t rtcp = 1;
    std::uint16_t client_port = 0;  ///< of RTP over UDP; RTCP has the next
  };

  CameraDialogue(std::string sdp, std::vector<std::uint32_t> first_timestamps, bool udp = false)
      : udp_(udp),
        sdp_(std::move(sdp)),
        first_timestamps_(std::move(first_timestamps)),
        channels_(first_timestamps_.size()) {}

  /// Takes what the client sent; interleaved data (its RTCP) is skipped. False when it isn't RTSP.
  bool push(base::ByteView bytes);
  /// The replies since the last call.
  std::string take_replies();

  bool playing() const { return playing_; }
  bool torn_down() const { return torn_down_; }
  /// Of each track.
  const std::vector<Channels>& channels() const { return channels_; }

 private:
  std::size_t take_message();  // its size, 0 when it isn't complete
  void answer(std::string_view request);
  void reply(std::string_view status, std::string_view headers, std::string_view body = {});
  void setup(std::string_view url, std::string_view request);
  void set_up_channels(Channels& channels, std::string_view parameters);
  void play();

  bool udp_;
  std::string sdp_;
  std::vector<std::uint32_t> first_timestamps_;
  std::vector<Channels> channels_;
  std::string pending_;
  std::string replies_;
  std::string sequence_;
  std::string base_url_;
  bool malformed_ = false;
  bool set_up_ = false;
  bool playing_ = false;
  bool torn_down_ = false;
};

}  // namespace retina::bench
