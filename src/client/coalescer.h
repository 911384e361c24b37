#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/time.h"

namespace retina::client {

/// Decides how long a reader may sleep while a frame of one stream is incomplete.
///
/// A frame that is not complete can't be delivered, so waking for each of its packets is waste. From the
/// sizes and spans (first to last packet) of the eight frames before it, a frame gets two waits:
///  1. for the bytes that even the smallest of them had, less a sixteenth: they must come before the frame
///  can be
///     complete, so waiting for all of them at once costs no latency;
///  2. then, until the moment at which even the quickest of them was complete, plus a slack of at most half
///  the
///     budget. It is long where packets come spread over time, as long for a small frame as for a large one.
/// Both end early when enough bytes are there, and at the latest half a budget after the quickest end: that
/// bounds the latency added to a frame that turns out smaller or quicker than those before it. After that,
/// and between frames, nothing waits. docs/decisions/0001-coalescing.md has the reasons and the alternatives.
///
/// Where frames come much quicker than any camera makes them (a recording played as fast as the connection
/// carries it), whole frames are waited for together: as many bytes as come in an eighth of the budget, for a
/// quarter of it at most. docs/decisions/0002-batching.md.
///
/// Where several streams come over one connection, a wait for one of them must not hold up the others'
/// frames: it ends a budget after the next one of them may come (`latest_wait`).
class Coalescer {
 public:
  /// `budget`: coalesce-time; 0 turns all waiting off.
  explicit Coalescer(base::Duration budget) : budget_(budget) {}

  /// The unfinished frame, as far as it has been read.
  struct Gathered {
    std::size_t bytes = 0;  ///< as on the wire, headers included; 0: between frames
    bool key_frame = false;
    base::TimePoint first_arrival{};
  };
  struct Wait {
    std::size_t bytes = 1;  ///< wake up once so many more are there
    base::TimePoint deadline{};
  };
  /// Nullopt: wait for the next byte.
  std::optional<Wait> plan(const Gathered& gathered, base::TimePoint now) const;

  /// Until when another stream's frame may be waited for: as soon after the last frame as the quickest of
  /// those before it came after its predecessor, and a budget more; never before `now` and a budget.
  base::TimePoint latest_wait(base::TimePoint now) const;

  /// A frame is complete. `timed_out`: it was found so after a wait that reached its deadline, so that its
  /// last packet came at some moment before `last_arrival`.
  void on_frame(const Gathered& whole, base::TimePoint last_arrival, bool timed_out);

 private:
  /// Frames of one kind (key or not).
  struct History {
    static constexpr std::size_t kFrames = 8;
    static constexpr std::size_t kNeeded = 3;

    std::array<std::size_t, kFrames> sizes{};
    std::array<base::Duration, kFrames> spans{};
    std::size_t count = 0;  // ever seen

    bool known() const { return count >= kNeeded; }
    std::size_t filled() const { return count < kFrames ? count : kFrames; }
    std::size_t smallest() const;
    std::size_t largest() const;
    base::Duration quickest() const;
  };

  /// From frame to frame, whatever their kind.
  struct Rhythm {
    std::array<base::Duration, History::kFrames> intervals{};
    std::size_t count = 0;  // frames, ever
    base::TimePoint latest{};
  };

  /// How quickly frames come, whatever their kind.
  struct Flow {
    std::size_t bytes = 0;  // since `start`
    base::TimePoint start{};
    base::TimePoint latest{};
    double bytes_per_ns = 0;  // of the window before `start`
  };

  base::Duration slack(base::Duration span) const;
  std::optional<Wait> plan_rest(const Gathered& gathered, base::TimePoint now) const;
  std::size_t batch(base::TimePoint now) const;
  void measure(std::size_t bytes, base::TimePoint now);
  void keep_rhythm(base::TimePoint now);

  base::Duration budget_;
  std::array<History, 2> histories_;
  Rhythm rhythm_;
  Flow flow_;
};

}  // namespace retina::client
