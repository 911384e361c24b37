#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "camera_dialogue.h"
#include "file_descriptor.h"
#include "media_ring.h"

namespace retina::bench {

enum class Pace {
  kFlood,   ///< as fast as TCP takes it
  kBurst,   ///< real time, the packets of a frame in one write
  kSpread,  ///< real time, the packets of a frame evenly over the frame's interval, one write each
  kLink     ///< real time, the packets of a frame as a 100 Mbit/s link lets them through, one write each
};

/// In real time a load has one track.
struct Load {
  StreamShape shape;
  Pace pace = Pace::kFlood;
  std::uint64_t flood_bytes = 0;  ///< a connection of a flood ends with the frame that reaches this
  double paced_seconds = 0;       ///< a connection in real time ends after so long
};

/// What the load did, over all connections.
struct LoadTotals {
  std::uint64_t connections = 0;
  std::uint64_t completed = 0;    ///< streamed to the end, BYE included
  std::uint64_t media_bytes = 0;  ///< that the kernel took: RTP and RTCP, framing included
  std::uint64_t packets = 0;      ///< RTP packets begun
  std::uint64_t frames = 0;       ///< frames begun
  std::uint64_t sends = 0;
  std::uint64_t max_late_ns = 0;  ///< how far behind its schedule a write of a paced load was, at worst
};

/// One client of the load generator. It never blocks: the owner calls `pump` when the socket is readable or
/// writable or `due_ns` has come, and looks at the outcome afterwards. Times are CLOCK_MONOTONIC.
class LoadConnection {
 public:
  /// Most bytes that one pump of a flood sends before the other connections have their turn.
  static constexpr std::size_t kTurnBytes = 4 << 20;
  /// Least bytes that a flood hands to send().
  static constexpr std::size_t kBatchBytes = 512 << 10;
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  LoadConnection(FileDescriptor socket, const Load& load, unsigned index, LoadTotals& totals);

  int fd() const { return socket_.get(); }
  /// False once the connection is of no more use.
  bool read(std::uint64_t now_ns);
  bool pump(std::uint64_t now_ns);
  bool wants_write() const { return wants_write_; }
  std::uint64_t due_ns() const { return wants_write_ ? kNever : due_ns_; }

 private:
  enum class Phase { kDialogue, kPlaying, kGoodbye, kLastBytes, kDraining };

  void start(std::uint64_t now_ns);
  bool flush();
  bool next_output(std::uint64_t now_ns);
  void take_control(std::string bytes);
  bool next_media(std::uint64_t now_ns);
  void take_paced(std::uint64_t now_ns);
  void schedule();
  bool media_ended() const;
  unsigned frame_rate() const { return load_.shape.tracks.front().frames_per_second; }

  FileDescriptor socket_;
  Load load_;
  LoadTotals& totals_;
  MediaRing ring_;
  CameraDialogue dialogue_;
  Phase phase_ = Phase::kDialogue;
  std::uint64_t stagger_ns_;

  base::ByteView output_;  // of control_ or of ring_: what send() has not taken yet
  std::string control_;
  bool output_is_media_ = false;
  bool wants_write_ = false;
  std::size_t turn_bytes_ = 0;

  std::uint64_t taken_bytes_ = 0;
  std::uint64_t start_ns_ = 0;
  std::uint64_t due_ns_ = kNever;
  std::uint64_t link_free_ns_ = 0;
  std::size_t next_packet_ = 0;  // of the frame that is being sent
};

/// RFC 4566; a flood announces how long it is, so that clients end the stream with it.
std::string make_sdp(const MediaRing& ring, const Load& load);
/// Of each track, for RTP-Info.
std::vector<std::uint32_t> first_timestamps(const MediaRing& ring);

}  // namespace retina::bench
