#include "rtp/sequence.h"

namespace retina::rtp {

SequenceTracker::Verdict SequenceTracker::accept_unexpected(std::uint16_t sequence) {
  if (!next_) return accept_first(sequence);
  const int ahead = sequence_delta(*next_, sequence);
  if (ahead > 0 && ahead < kMaxDropout) {
    pass(sequence);
    old_in_a_row_ = 0;
    return {Verdict::kGap, static_cast<std::uint32_t>(ahead)};
  }
  if (ahead < 0 && ahead >= -kMaxMisorder) {
    // A peer that never gets ahead (one that always sends the same number, or a restart just behind) isn't
    // repeating itself: its numbers mean nothing.
    if (old_in_a_row_ >= kMaxMisorder) return restart(sequence);
    ++old_in_a_row_;
    return withhold();
  }
  // RFC 3550 A.1 waits for two packets in sequence, for ever if they don't come. Here the second one decides
  // whatever its number is: over TCP even a huge gap can be loss, and a stray packet is followed by one in
  // order.
  if (suspect_) {
    old_in_a_row_ = 0;
    return restart(sequence);
  }
  suspect_ = true;
  return withhold();
}

SequenceTracker::Verdict SequenceTracker::accept_first(std::uint16_t sequence) {
  const int ahead = hint_ ? sequence_delta(*hint_, sequence) : 0;
  pass(sequence);
  if (ahead <= 0 || ahead > kMaxMisorder) return {Verdict::kInOrder, 0};
  return {Verdict::kGap, static_cast<std::uint32_t>(ahead)};
}

SequenceTracker::Verdict SequenceTracker::withhold() {
  ++withheld_;
  return {Verdict::kDuplicateOrOld, 0};
}

SequenceTracker::Verdict SequenceTracker::restart(std::uint16_t sequence) {
  const std::uint32_t withheld = withheld_;
  pass(sequence);
  return {Verdict::kRestart, withheld};
}

}  // namespace retina::rtp
