#pragma once

#include <cstdint>
#include <optional>

/// Sequence numbers and timestamps wrap: they are compared and extended here, and nowhere else.
namespace retina::rtp {

/// How far `to` is ahead of `from`, modulo 2^16: -32768 to 32767.
constexpr int sequence_delta(std::uint16_t from, std::uint16_t to) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(to - from));
}

constexpr std::uint16_t next_sequence(std::uint16_t sequence) {
  return static_cast<std::uint16_t>(sequence + 1);
}

/// How far `to` is ahead of `from`, modulo 2^32: -2^31 to 2^31 - 1.
constexpr std::int64_t timestamp_delta(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

/// The 64-bit timestamp that is nearest to `previous_extended` and has `rtp_timestamp` as its low 32 bits.
/// After 2^63 ticks it wraps, which only a peer gets to that sends nothing but jumps.
constexpr std::int64_t extend_timestamp(std::int64_t previous_extended, std::uint32_t rtp_timestamp) {
  const auto previous = static_cast<std::uint64_t>(previous_extended);
  const std::int64_t delta = timestamp_delta(static_cast<std::uint32_t>(previous), rtp_timestamp);
  return static_cast<std::int64_t>(previous + static_cast<std::uint64_t>(delta));
}

/// Follows the sequence numbers of a stream whose packets arrive in the order in which they were sent (TCP):
/// tells losses, drops duplicates, and gets over restarts. Thread-bound.
///
/// Cameras count wrong, restart and repeat themselves, so whatever the numbers do, this goes on after one
/// packet (after kMaxMisorder packets, where they never get ahead of what has been seen).
class SequenceTracker {
 public:
  /// RFC 3550 A.1 MAX_DROPOUT: a gap below it is loss. From it on, it may as well be a restart.
  static constexpr int kMaxDropout = 3000;
  /// RFC 3550 A.1 MAX_MISORDER: a packet at most this far behind is an old one.
  static constexpr int kMaxMisorder = 100;

  struct Verdict {
    enum Kind : std::uint8_t {
      kInOrder,         ///< the packet that was expected
      kGap,             ///< `lost` packets are missing before it
      kDuplicateOrOld,  ///< not to be used: seen before, late, or so far off that the next one has to confirm
                        ///< it
      kRestart          ///< the numbers go on from here; nobody knows how many are missing
    };
    Kind kind;
    /// Packets that are missing between the last one that was passed on and this one. For kRestart: those
    /// that were withheld as kDuplicateOrOld just before.
    std::uint32_t lost;

    bool operator==(const Verdict&) const = default;
  };

  Verdict accept(std::uint16_t sequence) {
    if (!next_ || sequence != *next_) return accept_unexpected(sequence);
    pass(sequence);
    old_in_a_row_ = 0;
    return {Verdict::kInOrder, 0};
  }

  /// The next packet should be this one (RTP-Info's seq). A hint only, since many cameras have it wrong: when
  /// the next packet is up to kMaxMisorder ahead of it, those between count as lost; any other one is taken
  /// as it comes.
  void expect(std::uint16_t sequence) {
    reset();
    hint_ = sequence;
  }

  /// The next packet is a first one again.
  void reset() { *this = SequenceTracker(); }

 private:
  Verdict accept_unexpected(std::uint16_t sequence);
  Verdict accept_first(std::uint16_t sequence);
  Verdict withhold();
  Verdict restart(std::uint16_t sequence);
  void pass(std::uint16_t sequence) {
    next_ = next_sequence(sequence);
    withheld_ = 0;
    suspect_ = false;
  }

  std::optional<std::uint16_t> next_;
  std::optional<std::uint16_t> hint_;
  std::uint32_t withheld_ = 0;  // since the last packet that was passed on
  int old_in_a_row_ = 0;        // without a packet that got ahead between them
  bool suspect_ = false;        // one of the withheld packets was far off
};

}  // namespace retina::rtp
