#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "client/coalescer.h"
#include "client/statistics.h"
#include "codec/depacketizer.h"
#include "rtp/header_extension.h"
#include "rtp/jitter.h"
#include "rtp/packet.h"
#include "rtp/receiver_report.h"
#include "rtp/rtcp.h"
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
  /// Losses are noted until a key frame comes: needs_key_frame().
  void watch_key_frames() { watches_key_frames_ = true; }
  /// RTCP of any SSRC is taken for the stream's.
  void take_any_rtcp() { any_rtcp_ = true; }
  /// RTCP of others who receive the same media comes too.
  void share_rtcp() { in_group_ = true; }

  /// Whether this may be one of its RTP packets, come where none was expected.
  bool claims(base::ByteView bytes) const;
  /// None before the first packet, unless SETUP or PLAY has told.
  std::optional<std::uint32_t> ssrc() const { return ssrc_; }

  /// One RTP packet; `bytes` are read during the call only. Whatever is wrong with it costs just the packet.
  /// True when it was one of the stream's, and brought something.
  bool on_rtp(base::ByteView bytes, base::TimePoint now);
  /// One compound RTCP packet. `true`: the source has said BYE.
  bool on_rtcp(base::ByteView bytes, base::TimePoint now);
  /// A report of another source than the stream's has come, and was left out.
  bool take_foreign_report() { return std::exchange(foreign_report_, false); }

  /// A packet has come twice, or too late to be used.
  void on_extra_packet() { reception_.on_extra_packet(); }
  /// What to tell the camera of its packets; nullopt: none has come. Each call begins an interval of the
  /// fraction lost.
  std::optional<rtp::ReportBlock> report(base::TimePoint now);
  /// Which header extensions carry capture times.
  void expect_extensions(rtp::ExtensionIds ids) { extensions_ = ids; }
  /// A sender report of the stream, once. Those that come before media wait for it: only then it is known
  /// whose they are.
  std::optional<rtp::SenderReport> take_report();
  /// What the packets of the frame with this timestamp, one of the latest two, say of its capture.
  std::optional<rtp::ExtensionTime> capture_time(std::int64_t timestamp) const;

  /// Packets were lost, and no whole key frame has come since.
  bool needs_key_frame() const { return damaged_from_.has_value(); }
  /// Whole ones that pull() has returned, where they are watched.
  std::uint64_t key_frames() const { return key_frames_; }

  base::Duration jitter() const { return jitter_.value(); }

  /// After each on_rtp(), until nothing comes.
  std::optional<codec::Frame> pull(base::TimePoint now, bool read_timed_out, Coalescer& coalescer);

  /// The source has ended in order: pull() has what was gathered.
  void flush() { depacketizer_->flush(); }

  /// The media clock jumped before the frame that pull() has just returned.
  bool clock_jumped() const { return frame_jumped_; }

  /// The camera's bytes are broken somewhere: what follows doesn't join what came before.
  void on_interruption();

  Coalescer::Gathered gathered() const;
  /// What was tolerated of the payloads up to the frame that pull() has just returned, each kind once.
  bool has_faults() const { return depacketizer_->faults().has_fresh(); }
  std::optional<codec::StreamFault> take_fault() { return depacketizer_->faults().take(); }
  bool has_media() const { return has_media_; }
  /// What was wrong with a packet.
  struct Complaint {
    const char* what = nullptr;  ///< nullptr: nothing
    bool dropped = true;         ///< else it was taken all the same
  };
  /// Of the latest packet that something was wrong with, once each time.
  Complaint take_complaint() { return std::exchange(complaint_, Complaint()); }

 private:
  bool accept_source(std::uint8_t payload_type, std::uint32_t ssrc);
  void switch_source(std::uint32_t ssrc);
  bool drop_invalid(const char* what);
  void count_dropped();
  void on_key_frame(const codec::Frame& frame);
  bool skip_until_keyframe(codec::Frame& frame);
  void note_capture(std::uint16_t profile, base::ByteView extension, std::int64_t timestamp);

  std::size_t media_index_;
  std::uint8_t payload_type_;
  rtp::SequenceTracker sequence_;
  rtp::Timeline timeline_;
  rtp::Jitter jitter_;
  rtp::Reception reception_;
  std::unique_ptr<codec::Depacketizer> depacketizer_;
  Statistics& statistics_;

  std::optional<std::uint32_t> ssrc_;
  std::optional<std::uint32_t> candidate_ssrc_;  // seen once, instead of ssrc_
  bool payload_type_seen_ = false;
  bool has_media_ = false;
  bool any_rtcp_ = false;
  bool in_group_ = false;
  std::shared_ptr<const codec::ParameterSets> skipped_parameters_;  // of frames that were not passed on
  bool waits_for_keyframe_ = false;
  bool waiting_ = false;  // for a key frame
  bool skipped_ = false;  // frames, since the last one that was returned
  bool watches_key_frames_ = false;
  /// Of the first packet behind the latest loss: a key frame before it doesn't mend anything.
  std::optional<std::int64_t> damaged_from_;
  std::uint64_t key_frames_ = 0;
  bool foreign_report_ = false;
  bool jumped_ = false;         // since the last frame that was returned
  bool frame_jumped_ = false;   // before the last frame that was returned
  unsigned foreign_types_ = 0;  // packets of another payload type, before any of the right one
  Complaint complaint_;

  std::optional<rtp::SenderReport> report_;
  rtp::ExtensionIds extensions_;
  struct Capture {
    std::int64_t timestamp = 0;
    rtp::ExtensionTime time;
  };
  std::array<std::optional<Capture>, 2> captures_;  // the newest first

  std::size_t frame_bytes_ = 0;  // on the wire, since the frame before was complete
  base::TimePoint frame_start_{};
  std::uint64_t dropped_before_ = 0;
};

}  // namespace retina::client
