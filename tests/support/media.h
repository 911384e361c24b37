#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace retina::test {

/// One packet of a stream, without framing.
struct MediaPacket {
  unsigned stream = 0;  ///< the media section of the SDP, from 0
  bool rtcp = false;
  base::Bytes bytes;
  base::Duration at{0};  ///< after PLAY; packets are in order of it. All 0: one burst
};

/// What a camera plays: once, or again and again with sequence numbers, timestamps and sender reports that go
/// on.
struct Media {
  std::vector<MediaPacket> packets;
  bool loop = false;
  base::Duration loop_duration{0};        ///< 0: without pause
  std::vector<std::uint32_t> loop_ticks;  ///< a stream's RTP time that one round takes; missing: 0
};

/// Where in its media a camera is.
class MediaCursor {
 public:
  /// `media` is borrowed for the cursor's life. A default cursor has ended.
  MediaCursor() = default;
  MediaCursor(const Media& media, base::TimePoint start);

  bool ended() const;
  /// When the next packet is due. Only if not ended.
  base::TimePoint due() const;
  /// The next packet, renumbered for its round. Only if not ended.
  MediaPacket next();

 private:
  const Media* media_ = nullptr;
  std::vector<std::uint16_t> rtp_packets_;  // in one round, by stream
  base::TimePoint start_;
  std::size_t position_ = 0;
  std::uint32_t round_ = 0;
};

/// The sequence number and RTP timestamp of a stream's first RTP packet, for RTP-Info.
struct FirstPacket {
  std::uint16_t sequence;
  std::uint32_t timestamp;
};
std::vector<FirstPacket> first_packets(const Media& media);

}  // namespace retina::test
