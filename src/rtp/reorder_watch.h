#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace retina::rtp {

/// Tells a stream with B-frames, whose timestamps go back and forth in decoding order, from one whose clock
/// went back. Thread-bound, no allocation.
///
/// A B-frame fills a hole that the frame it refers to has left; a clock that went back repeats moments that
/// were there. A stream that has shown no B-frame among its first frames has to show several before it is
/// believed.
class ReorderWatch {
 public:
  enum class Verdict {
    kAhead,    ///< later than all before it
    kFilling,  ///< of a B-frame
    kFault     ///< went back, or stands still
  };

  /// `possible`: the encoding knows B-frames.
  explicit ReorderWatch(bool possible) : possible_(possible) {}

  /// The timestamp of each frame, in decoding order.
  Verdict place(std::int64_t timestamp);
  /// Later timestamps don't compare with earlier ones.
  void restart() { count_ = behind_ = 0; }

  /// The stream has B-frames.
  bool reorders() const { return reorders_; }

 private:
  /// More frames than that are never ahead of one that is to be shown before them: a hierarchy of 32 frames.
  static constexpr int kMaxAhead = 6;
  /// So many frames in decoding order are looked at; B-frames get ahead again before.
  static constexpr std::size_t kWindow = 16;
  /// Until then there may be nothing that tells how long a frame is.
  static constexpr int kFirstFrames = 8;
  static constexpr int kLearningFrames = 64;
  static constexpr int kConvincing = 3;

  bool fills_hole(std::int64_t timestamp) const;
  Verdict judge(std::int64_t timestamp);

  bool possible_;
  bool reorders_ = false;
  int frames_ = 0;                              // up to kLearningFrames
  int holes_ = 0;                               // filled, before that was believed
  std::size_t behind_ = 0;                      // frames in a row that were not ahead
  std::array<std::int64_t, kWindow> latest_{};  // ring
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::int64_t highest_ = 0;
};

}  // namespace retina::rtp
