#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "client/stream_clock.h"
#include "rtp/clock_recovery.h"
#include "rtp/header_extension.h"
#include "rtp/ntp_time.h"
#include "rtp/reorder_watch.h"
#include "rtp/wall_clock.h"

namespace retina::client {

/// The times of one frame. Those on the local monotonic clock are where the frame belongs, not when it came.
struct FrameTimes {
  /// Corrected for drift, in step with the other streams; rises from frame to frame of a stream without
  /// B-frames.
  base::TimePoint live{};
  /// The media clock as it is, counted from the arrival of the session's first frame.
  base::TimePoint camera{};
  /// What time of day it was for the camera.
  std::optional<rtp::WallTime> wall;
  /// These times don't join those of the stream's frame before.
  bool jumped = false;
  /// The stream has no B-frames, as far as is known: its times rise in decoding order.
  bool in_order = true;
};

/// One mapping from the media clocks of all streams of a session to the local monotonic clock. Thread-bound,
/// no I/O, no clock.
///
/// Each stream starts with a mapping of its own, rtp::ClockRecovery, from the arrival of its first frame (or
/// with another stream's, where RTP-Info tells how they belong together). Once sender reports pair the media
/// clocks of two streams with the time of day, both go by one mapping, that of the slower one: then
/// what the network does to the one moves it against the other no more, neither has to be shown before it is
/// there, and the reports keep their clocks together.
///
/// When the first reports show that one stream is behind another, it jumps forward to it at once: only that
/// brings them together immediately and never makes a time go back. What is off by less than 10 ms, then and
/// later, is made up for gently (0.2 %).
class SessionTime {
 public:
  explicit SessionTime(const std::vector<StreamClock>& streams);

  /// RTP-Info: this RTP time is the same moment as that of the other streams that have one.
  void expect_first(std::size_t stream, std::uint32_t rtp_timestamp);

  /// A sender report of the stream: `rtp_timestamp` is the moment `ntp`.
  void on_report(std::size_t stream, std::uint64_t ntp, std::uint32_t rtp_timestamp);

  /// The next frame of the stream, in decoding order. `jumped`: the media clock doesn't join what came
  /// before. `capture`: what its packets say themselves.
  FrameTimes place(std::size_t stream, std::int64_t timestamp, base::TimePoint arrival, bool jumped,
                   const std::optional<rtp::ExtensionTime>& capture);

  /// How much faster than ours the camera's clock goes, in parts of one.
  double drift(std::size_t stream) const { return mappings_[streams_[stream].mapping].clock.drift(); }

 private:
  using CameraTime = rtp::ClockRecovery::CameraTime;

  struct Report {
    std::uint64_t ntp;
    std::uint32_t rtp_timestamp;
  };
  struct Stream {
    explicit Stream(const StreamClock& kind)
        : clock(kind), wall(kind.rate_hz), order(kind.order == StreamClock::Order::kAny) {}

    StreamClock clock;
    rtp::WallClock wall;
    rtp::ReorderWatch order;
    std::optional<Report> early_report;  // came before the first frame
    std::optional<std::uint32_t> first;  // RTP-Info

    std::size_t mapping = 0;      // in mappings_
    base::Duration ahead{};       // it comes so much earlier than the mapping's leader
    base::Duration least_late{};  // lately: how late for their places its frames came, at least
    CameraTime watched_since{};   // and since when
    bool anchored = false;
    std::int64_t anchor = 0;     // timestamp
    CameraTime anchor_moment{};  // of it
    /// What has to be added for the pure media clock, which is never moved but forward.
    base::Duration camera_offset{};
    double gliding = 0;         // ns that the stream is away from its pure media clock
    double glide_left = 0;      // ns that are still to be made up for
    double glide_rate = 0;      // drift of this media clock against the others'
    bool synchronised = false;  // with the reference
    int off = 0;                // reports in a row that contradict that

    std::int64_t highest = 0;  // timestamp
    std::int64_t latest = 0;   // timestamp
    base::TimePoint latest_arrival{};
    base::TimePoint live{};  // highest of the times given out
    base::TimePoint camera{};
    int astray = 0;             // frames in a row whose times had to be made up
    bool jumped = false;        // since the frame before
    std::int64_t observed = 0;  // timestamp of the last capture time that went into `wall`
    bool has_observed = false;

    CameraTime pure(std::int64_t timestamp) const;
    CameraTime moment(std::int64_t timestamp) const;  // for the mapping
  };

  /// As many as streams, so that each can have its own.
  struct Mapping {
    rtp::ClockRecovery clock;
    std::size_t leader = 0;  // the stream whose arrivals it goes by
  };
  Mapping& mapping_of(const Stream& stream) { return mappings_[stream.mapping]; }
  base::TimePoint local(const Stream& stream, CameraTime moment) const {
    return mappings_[stream.mapping].clock.to_local(moment);
  }
  void anchor_first(Stream& stream, std::int64_t timestamp, base::TimePoint arrival);
  void anchor_again(Stream& stream, std::int64_t timestamp, base::TimePoint local_time);
  bool anchor_by_others(Stream& stream, std::int64_t timestamp, base::TimePoint arrival);
  bool anchor_by_rtp_info(Stream& stream, std::int64_t timestamp, base::TimePoint arrival);
  static void set_anchor(Stream& stream, std::int64_t timestamp, CameraTime moment);
  std::size_t free_mapping(const Stream& stream) const;
  void leave_mapping(Stream& stream);
  void lead(Stream& stream, base::Duration later);
  std::size_t number_of(const Stream& stream) const {
    return static_cast<std::size_t>(&stream - streams_.data());
  }
  bool leaps(const Stream& stream, std::int64_t timestamp, base::TimePoint arrival) const;
  static void glide(Stream& stream, std::int64_t timestamp);
  void watch(Stream& stream, CameraTime moment, base::TimePoint arrival);
  void learn(Stream& stream, CameraTime moment, base::TimePoint arrival);
  base::TimePoint keep_order(Stream& stream, std::int64_t timestamp, base::TimePoint arrival,
                             base::TimePoint wanted);
  std::optional<rtp::WallTime> wall_time(Stream& stream, std::int64_t timestamp,
                                         const std::optional<rtp::ExtensionTime>& capture);
  static base::Duration rounded(double nanoseconds);
  static void observe(Stream& stream, const Report& report);

  Stream* reference();
  static base::Duration since_report(const Stream& reference, rtp::WallTime time);
  void synchronise();
  void synchronise(Stream& stream, Stream& reference);
  void keep_together(Stream& stream, const Stream& reference);
  void join(Stream& stream, Stream& reference);
  void join_camera_time(Stream& stream, const Stream& reference, base::Duration off);
  template <class F>
  void for_group(const Stream& member, const F& action) {
    const std::size_t mapping = member.mapping;
    for (Stream& each : streams_) {
      if (each.anchored && each.mapping == mapping) action(each);
    }
  }

  /// To be moved so far on the word of one report only.
  static constexpr base::Duration kMaxUnconfirmed = std::chrono::milliseconds(200);

  std::vector<Stream> streams_;
  std::vector<Mapping> mappings_;
  /// The moment that every stream's RTP-Info names, and whose mapping goes with it.
  struct Origin {
    CameraTime moment;
    std::size_t mapping;
  };
  std::optional<Origin> rtp_info_;
};

}  // namespace retina::client
