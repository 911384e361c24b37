#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "codec/frame.h"

namespace retina::codec {

/// Puts interleaved frames (RFC 3640 s3.2.3.2) back in the order of their timestamps, holding back as few as
/// possible: a frame that follows the one before without a gap goes at once. Before a gap it waits until what
/// is missing can't come any more.
class Deinterleaver {
 public:
  /// More frames than this are never held: some 5 seconds of the shortest ones.
  static constexpr std::size_t kMaxFrames = 512;
  static constexpr std::size_t kMaxBytes = std::size_t{512} * 1024;

  struct Limits {
    /// maxDisplacement: nothing comes that is earlier than the latest timestamp by more. 0: not known.
    std::int64_t displacement_ticks = 0;
    /// de-interleaveBufferSize: never more is needed; 0: not known.
    std::size_t buffer_bytes = 0;
    /// A timestamp that is further away than this from what is due is no interleaving: the clock has jumped.
    std::int64_t jump_ticks = 0;
  };
  explicit Deinterleaver(Limits limits) : limits_(limits) {}

  /// A frame of this timestamp belongs to another timeline than those before: take everything out with
  /// next(true), and then restart().
  bool is_jump(std::int64_t timestamp) const;
  void restart();

  /// False: the frame has come too late, or twice; it is given up.
  bool add(Frame frame);

  /// The next one that is due; `all`: whatever is missing before it. A gap before it is a discontinuity.
  std::optional<Frame> next(bool all = false);

 private:
  bool is_due(const Frame& frame) const;

  const Limits limits_;
  std::vector<Frame> held_;  // the latest timestamp first
  std::size_t held_bytes_ = 0;
  std::optional<std::int64_t> due_;  // end of the frame that came out last
  std::int64_t newest_ = 0;          // with held_: the latest timestamp that came in
};

}  // namespace retina::codec
