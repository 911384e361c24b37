#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "client/coalescer.h"
#include "client/statistics.h"
#include "codec/depacketizer.h"
#include "rtp/packet.h"
#include "rtp/sequence.h"
#include "rtp/timeline.h"

namespace retina::client {

/// One media stream of a session, from RTP packets to frames: checks each packet against what the stream is
/// known to be (RFC 3550 s8.2, A.1), places it on the media clock, and depacketizes it. Thread-bound, no I/O,
/// no clock.
class MediaStream {
 public:
  MediaStream(std::size_t media_index, std::uint8_t payload_type, std::uint32_t clock_rate_hz,
              std::unique_ptr<codec::Depacketizer> depacketizer, Statistics& statistics);

  std::size_t media_index() const { return media_index_; }

  /// What SETUP and PLAY said of the stream; the later word wins.
  void expect_ssrc(std::uint32_t ssrc) { ssrc_ = ssrc; }
  void expect_sequence(std::uint16_t sequence) { sequence_.expect(sequence); }
  /// Frames are dropped at the start and after each discontinuity until a key frame comes.
  void wait_for_keyframe() { waits_for_keyframe_ = waiting_ = true; }
  /// RTCP of any SSRC is taken for the stream's.
  void take_any_rtcp() { any_rtcp_ = true; }

  /// One RTP packet; `bytes` are read during the call only. Whatever is wrong with it costs just the packet.
  /// True when it was one of the stream's, and brought something.
  bool on_rtp(base::ByteView bytes, base::TimePoint now);
  /// One compound RTCP packet. `true`: the source has said BYE.
  bool on_rtcp(base::ByteView bytes);
  /// A report of another source than the stream's has come, and was left out.
  bool take_foreign_report() { return std::exchange(foreign_report_, false); }

  /// After each on_rtp(), until nothing comes.
  std::optional<codec::Frame> pull(base::TimePoint now, bool read_timed_out, Coalescer& coalescer);

  /// The source has ended in order: pull() has what was gathered.
  void flush() { depacketizer_->flush(); }

  /// The media clock jumped before the frame that pull() has just returned.
  bool clock_jumped() const { return frame_jumped_; }

  /// The camera's bytes are broken somewhere: what follows doesn't join what came before.
  void on_interruption();

  Coalescer::Gathered gathered() const;
  bool has_media() const { return has_media_; }
  /// What was wrong with the latest packet that was dropped, once each time; nullptr: nothing since.
  const char* take_complaint() { return std::exchange(complaint_, nullptr); }

 private:
  bool accept_source(const rtp::Packet& packet);
  void switch_source(std::uint32_t ssrc);
  bool drop_invalid(const char* what);
  bool skip_until_keyframe(codec::Frame& frame);

  std::size_t media_index_;
  std::uint8_t payload_type_;
  rtp::SequenceTracker sequence_;
  rtp::Timeline timeline_;
  std::unique_ptr<codec::Depacketizer> depacketizer_;
  Statistics& statistics_;

  std::optional<std::uint32_t> ssrc_;
  std::optional<std::uint32_t> candidate_ssrc_;  // seen once, instead of ssrc_
  bool payload_type_seen_ = false;
  bool has_media_ = false;
  bool any_rtcp_ = false;
  std::shared_ptr<const codec::ParameterSets> skipped_parameters_;  // of frames that were not passed on
  bool waits_for_keyframe_ = false;
  bool waiting_ = false;  // for a key frame
  bool skipped_ = false;  // frames, since the last one that was returned
  bool foreign_report_ = false;
  bool jumped_ = false;        // since the last frame that was returned
  bool frame_jumped_ = false;  // before the last frame that was returned
  const char* complaint_ = nullptr;

  std::size_t frame_bytes_ = 0;  // on the wire, since the frame before was complete
  base::TimePoint frame_start_{};
  std::uint64_t dropped_before_ = 0;
};

}  // namespace retina::client
