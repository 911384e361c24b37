#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace retina::rtp {

/// RTP carries presentation times only. This makes the decoding time of each frame from them: the n-th frame
/// to be decoded gets the time of the n-th to be shown, less the time by which frames must be decoded ahead.
/// So decoding times rise, and none is later than the frame's presentation. Thread-bound, no allocation.
class DecodingTimes {
 public:
  static constexpr int kMaxDepth = 16;

  /// `depth`: how many frames at most come before one that is shown before them (max_num_reorder_frames,
  /// ITU-T H.264 sE.2.1). Where it isn't known, 0: it is learnt then. `interval`: between two frames, in
  /// ticks, for those before there is anything to count from.
  void expect(int depth, std::int64_t interval);
  /// The next frame has no relation to those before.
  void restart() { count_ = 0; }

  /// The decoding time of the next frame in decoding order, in ticks; nullopt: as far as is known it is the
  /// presentation time.
  std::optional<std::int64_t> place(std::int64_t timestamp);

 private:
  int depth_ = 0;
  std::int64_t interval_ = 0;
  std::array<std::int64_t, kMaxDepth + 1> highest_{};  // the highest timestamps so far, falling
  std::size_t count_ = 0;                              // in highest_
  std::int64_t latest_ = 0;                            // decoding time
};

}  // namespace retina::rtp
