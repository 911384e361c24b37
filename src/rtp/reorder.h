#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace retina::rtp {

/// Puts the RTP packets of one stream back into the order in which they were sent (UDP).
///
/// A packet in order passes at once, without copy. One that is ahead is copied and held until those before it
/// have come, or until one of two bounds is reached: it has been held for `time`, or a packet comes that is
/// `packets` or more ahead of the first missing one. Then what is missing is given up. So a packet is never
/// held longer than `time` (as far as on_time() is called at deadline()), and memory is bounded: `packets`
/// buffers, each as large as the largest packet it ever held.
///
/// Sequence numbers that don't belong here (of another SSRC, or far off) pass untouched, for whoever judges
/// sources and restarts (MediaStream, SequenceTracker); when a second one follows the first, the window goes
/// on from there. Thread-bound, no clock.
class ReorderWindow {
 public:
  /// Either bound 0: nothing is held, and only duplicates and late packets are found.
  ReorderWindow(base::Duration time, std::size_t packets) : time_(time), packets_(packets) {}

  enum class Verdict : std::uint8_t {
    kPass,       ///< it is its turn: use it now, then take what pop() has
    kHeld,       ///< copied; pop() may have it, or others
    kDuplicate,  ///< was here before
    kLate        ///< has been given up already
  };
  /// One packet, of at least kFixedHeaderBytes. pop() must have nothing.
  Verdict push(base::ByteView packet, base::TimePoint now);

  struct Held {
    base::ByteView bytes;  ///< valid until the next push()
    base::TimePoint arrival{};
  };
  /// The next held packet whose turn it is.
  std::optional<Held> pop();
  bool has_ready() const { return ready_ > 0; }

  /// What the held packets wait for, in order; at most so many. Only if not has_ready().
  void list_missing(std::vector<std::uint16_t>& missing, std::size_t most) const;
  /// The last of those; nullopt: nothing is waited for.
  std::optional<std::uint16_t> latest_missing() const;
  /// Of the source whose packets are put in order; nullopt: none has come.
  std::optional<std::uint32_t> ssrc() const { return started_ ? std::optional(ssrc_) : std::nullopt; }

  /// When on_time() has something to give up; nullopt: nothing is held.
  std::optional<base::TimePoint> deadline() const;
  /// Gives up what the packets that have been held for `time` wait for.
  void on_time(base::TimePoint now);
  /// Nothing more comes: all that is held has its turn.
  void release_all();

 private:
  /// In `held_`, in the order of their turns; the first `ready_` from `begin_` on have it.
  struct Entry {
    std::uint16_t sequence;
    base::Bytes bytes;
    base::TimePoint arrival;
  };

  bool belongs(std::uint32_t ssrc, std::uint16_t sequence) const;
  Verdict push_foreign(base::ByteView packet, std::uint32_t ssrc, std::uint16_t sequence,
                       base::TimePoint now);
  Verdict push_ahead(base::ByteView packet, std::uint16_t sequence, base::TimePoint now);
  void start(std::uint32_t ssrc, std::uint16_t sequence);
  void advance_to(std::uint16_t sequence);
  void release(std::size_t count);
  void insert(std::size_t position, base::ByteView packet, std::uint16_t sequence, base::TimePoint now);
  std::size_t held() const { return held_.size() - begin_; }

  base::Duration time_;
  std::size_t packets_;

  bool started_ = false;
  std::uint32_t ssrc_ = 0;
  std::uint16_t next_ = 0;
  std::uint64_t seen_ = 0;  // bit i: next_ - 1 - i has had its turn, not been given up
  struct Foreign {
    std::uint32_t ssrc;
    std::uint16_t next;
  };
  std::optional<Foreign> foreign_;  // what would follow the latest that passed untouched

  std::vector<Entry> held_;
  std::size_t begin_ = 0;
  std::size_t ready_ = 0;
  std::vector<base::Bytes> spare_;  // buffers
};

}  // namespace retina::rtp
