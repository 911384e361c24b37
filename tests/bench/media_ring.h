#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace retina::bench {

struct StreamShape {
  unsigned frames_per_second = 25;
  std::uint64_t bits_per_second = 8'000'000;  ///< of the elementary stream; RTP and framing come on top
  std::size_t payload_bytes = 1400;           ///< most payload of an RTP packet
};

/// One second of a camera (one GOP: an IDR picture six times the size of the other pictures, those varying by
/// up to 25 %), as it goes over an interleaved RTSP connection (RFC 2326 s10.12), laid out once. A round
/// through the ring only patches sequence numbers, timestamps and stamps, so that the load costs less than
/// the client that is measured.
///
/// Each connection has its own copy. An RTCP SR precedes every fifth GOP: every 5 s of stream time.
class MediaRing {
 public:
  static constexpr std::uint32_t kClockRateHz = 90'000;
  static constexpr std::uint16_t kFirstSequence = 4711;
  static constexpr std::uint32_t kFirstTimestamp = 900'000;

  explicit MediaRing(const StreamShape& shape);

  void set_channels(std::uint8_t rtp, std::uint8_t rtcp);
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
  bool ends_gop() const { return next_frame_ == 0; }
  void stamp(std::uint64_t time_ns);

  /// RFC 3550 s6.6, as a compound packet, framed.
  base::Bytes goodbye() const;

  base::ByteView sps() const { return sps_; }
  base::ByteView pps() const { return pps_; }
  const StreamShape& shape() const { return shape_; }
  std::size_t bytes_per_second() const { return bytes_.size(); }
  std::uint64_t frames() const { return frames_; }    ///< begun so far
  std::uint64_t packets() const { return packets_; }  ///< RTP packets of the frames begun so far

 private:
  struct Packet {
    std::size_t offset;
    std::size_t size;
  };
  struct Frame {
    std::size_t first_packet;
    std::size_t packet_count;
  };

  void add_frame(unsigned number, std::size_t nal_bytes);
  void add_nal(const base::Bytes& nal, bool last_of_frame);
  void add_packet(base::ByteView head, base::ByteView payload, bool marker);
  void write_sender_report();

  StreamShape shape_;
  base::Bytes sps_;
  base::Bytes pps_;
  base::Bytes bytes_;
  std::vector<Packet> packet_list_;  // the first is the SR's
  std::vector<Frame> frame_list_;
  std::uint8_t rtp_channel_ = 0;
  std::uint8_t rtcp_channel_ = 1;
  std::uint32_t ssrc_ = 0;
  std::size_t next_frame_ = 0;
  std::size_t packet_begin_ = 0;
  std::size_t packet_end_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t payload_octets_ = 0;
  std::uint64_t wall_start_ns_ = 0;
};

}  // namespace retina::bench
