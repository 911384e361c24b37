#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "encodings.h"

namespace retina::bench {

/// One stream of a camera.
struct TrackShape {
  Encoding encoding = Encoding::kH264;
  unsigned frames_per_second = 25;
  std::uint64_t bits_per_second = 8'000'000;  ///< of the elementary stream; RTP and framing come on top
};

struct StreamShape {
  std::vector<TrackShape> tracks{TrackShape{}};
  std::size_t payload_bytes = 1400;  ///< most payload of an RTP packet
};

/// A second of a camera (one GOP: an IDR picture six times the size of the other frames, those varying by up
/// to 25 %; audio frames vary likewise), or as many seconds as it takes to have a reasonable size, as it goes
/// over an interleaved RTSP connection (RFC 2326 s10.12), laid out once. A round through the ring only
/// patches sequence numbers, timestamps and stamps, so that the load costs less than the client that is
/// measured.
///
/// Each connection has its own copy. RTCP SRs precede the ring's begin every 5 s of stream time.
class MediaRing {
 public:
  static constexpr int kFirstPayloadType = 96;  ///< of the first track; the next has 97
  static constexpr std::uint16_t kFirstSequence = 4711;

  explicit MediaRing(const StreamShape& shape);

  /// RFC 3550 s5.1; as many ticks of each track's clock as are ten seconds.
  std::uint32_t first_timestamp(std::size_t track) const;
  void set_channels(std::size_t track, std::uint8_t rtp, std::uint8_t rtcp);
  /// The first track's; the others follow.
  void set_ssrc(std::uint32_t ssrc);

  /// Patches the next frame; from then on the packets of it can be taken. Wraps from the ring's end to its
  /// start.
  void begin_frame();
  /// Patches whole frames until they have `least_bytes` or the ring ends: one contiguous view, valid until
  /// the next call.
  base::ByteView begin_frames(std::size_t least_bytes);
  /// Of the frame begun last: whole, and packet by packet (an SR in front counts as one).
  std::size_t packet_count() const { return packet_end_ - packet_begin_; }
  base::ByteView packets(std::size_t first, std::size_t count) const;
  bool at_end() const { return next_frame_ == 0; }
  void stamp(std::uint64_t time_ns);

  /// RFC 3550 s6.6, as a compound packet, framed: of every track.
  base::Bytes goodbye() const;

  const StreamShape& shape() const { return shape_; }
  std::size_t bytes_per_second() const { return bytes_.size() / seconds_; }
  std::uint64_t frames() const { return frames_; }    ///< begun so far, of all tracks
  std::uint64_t packets() const { return packets_; }  ///< RTP packets of the frames begun so far

 private:
  struct Packet {
    std::size_t offset;
    std::size_t size;
  };
  struct Frame {
    std::size_t track;
    std::size_t first_packet;
    std::size_t packet_count;
  };
  struct Track {
    std::uint8_t rtp_channel = 0;
    std::uint8_t rtcp_channel = 1;
    std::uint32_t ssrc = 0;
    std::uint64_t frames = 0;
    std::uint64_t packets = 0;
    std::uint64_t payload_octets = 0;
  };

  void lay_out();
  void add_frame(std::size_t track, unsigned number);
  void add_packet(std::size_t track, base::ByteView payload, bool marker);
  std::uint32_t next_timestamp(std::size_t track) const;
  void write_sender_report(std::size_t track);

  StreamShape shape_;
  std::size_t seconds_ = 1;
  base::Bytes bytes_;
  std::vector<Packet> packet_list_;  // the first are the SRs
  std::vector<std::size_t> packet_tracks_;
  std::vector<Frame> frame_list_;
  std::vector<Track> tracks_;
  std::size_t next_frame_ = 0;
  std::size_t packet_begin_ = 0;
  std::size_t packet_end_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t seconds_begun_ = 0;
  std::uint64_t next_report_ = 0;  // in seconds of the stream
  std::uint64_t wall_start_ns_ = 0;
};

}  // namespace retina::bench
