#include "rtp/reorder.h"

#include <algorithm>
#include <cassert>

#include "rtp/packet.h"
#include "rtp/sequence.h"

namespace retina::rtp {

ReorderWindow::Verdict ReorderWindow::push(base::ByteView packet, base::TimePoint now) {
  assert(ready_ == 0 && packet.size() >= kFixedHeaderBytes);
  const std::uint16_t sequence = base::load_be16(packet.data() + 2);
  const std::uint32_t ssrc = base::load_be32(packet.data() + 8);
  if (!started_) {
    start(ssrc, sequence);
    return Verdict::kPass;
  }
  if (!belongs(ssrc, sequence)) return push_foreign(packet, ssrc, sequence, now);
  foreign_.reset();
  const int ahead = sequence_delta(next_, sequence);
  if (ahead > 0) return push_ahead(packet, sequence, now);
  if (ahead < 0) {
    const auto back = static_cast<unsigned>(-ahead - 1);
    return back < 64 && (seen_ >> back & 1) != 0 ? Verdict::kDuplicate : Verdict::kLate;
  }
  advance_to(sequence);
  release(0);
  return Verdict::kPass;
}

bool ReorderWindow::belongs(std::uint32_t ssrc, std::uint16_t sequence) const {
  const int ahead = sequence_delta(next_, sequence);
  return ssrc == ssrc_ && ahead < SequenceTracker::kMaxDropout && ahead >= -SequenceTracker::kMaxMisorder;
}

void ReorderWindow::start(std::uint32_t ssrc, std::uint16_t sequence) {
  started_ = true;
  ssrc_ = ssrc;
  next_ = next_sequence(sequence);
  seen_ = 1;
  foreign_.reset();
}

ReorderWindow::Verdict ReorderWindow::push_foreign(base::ByteView packet, std::uint32_t ssrc,
                                                   std::uint16_t sequence, base::TimePoint now) {
  const bool follows = foreign_ && foreign_->ssrc == ssrc && foreign_->next == sequence;
  foreign_ = Foreign{ssrc, next_sequence(sequence)};
  if (!follows) return Verdict::kPass;
  // The source has restarted; what it sent before comes before.
  start(ssrc, sequence);
  if (held() == 0) return Verdict::kPass;
  insert(held_.size(), packet, sequence, now);
  ready_ = held();
  return Verdict::kHeld;
}

ReorderWindow::Verdict ReorderWindow::push_ahead(base::ByteView packet, std::uint16_t sequence,
                                                 base::TimePoint now) {
  const std::size_t limit = time_ > base::Duration::zero() ? packets_ : 0;
  const auto ahead = static_cast<std::size_t>(sequence_delta(next_, sequence));
  if (ahead >= limit && held() == 0) {
    advance_to(sequence);
    return Verdict::kPass;
  }
  // Packets mostly come behind all that are held.
  std::size_t position = held_.size();
  while (position > begin_ && sequence_delta(held_[position - 1].sequence, sequence) < 0)
    --position;
  if (position > begin_ && held_[position - 1].sequence == sequence) return Verdict::kDuplicate;
  insert(position, packet, sequence, now);
  while (ready_ < held() &&
         static_cast<std::size_t>(sequence_delta(next_, held_.back().sequence) + 1) > limit) {
    release(ready_ + 1);
  }
  return Verdict::kHeld;
}

void ReorderWindow::insert(std::size_t position, base::ByteView packet, std::uint16_t sequence,
                           base::TimePoint now) {
  base::Bytes buffer;
  if (!spare_.empty()) {
    buffer = std::move(spare_.back());
    spare_.pop_back();
  }
  buffer.assign(packet.begin(), packet.end());
  held_.insert(held_.begin() + static_cast<std::ptrdiff_t>(position),
               Entry{sequence, std::move(buffer), now});
}

/// `sequence` has its turn; what is missing before it is given up.
void ReorderWindow::advance_to(std::uint16_t sequence) {
  const int skipped = sequence_delta(next_, sequence);
  seen_ = skipped >= 63 ? 1 : (seen_ << (skipped + 1)) | 1;
  next_ = next_sequence(sequence);
}

/// The first `count` have their turn, and those that follow without a gap.
void ReorderWindow::release(std::size_t count) {
  while (ready_ < held()) {
    const Entry& entry = held_[begin_ + ready_];
    if (ready_ >= count && entry.sequence != next_) return;
    advance_to(entry.sequence);
    ++ready_;
  }
}

std::optional<ReorderWindow::Held> ReorderWindow::pop() {
  if (ready_ == 0) return std::nullopt;
  Entry& entry = held_[begin_];
  const Held held{entry.bytes, entry.arrival};
  spare_.push_back(std::move(entry.bytes));  // its memory stays where it is
  ++begin_;
  if (--ready_ == 0) {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  return held;
}

void ReorderWindow::list_missing(std::vector<std::uint16_t>& missing, std::size_t most) const {
  missing.clear();
  std::uint16_t expected = next_;
  for (std::size_t i = begin_ + ready_; i < held_.size(); ++i) {
    for (; expected != held_[i].sequence; expected = next_sequence(expected)) {
      if (missing.size() == most) return;
      missing.push_back(expected);
    }
    expected = next_sequence(expected);
  }
}

std::optional<std::uint16_t> ReorderWindow::latest_missing() const {
  if (begin_ + ready_ == held_.size()) return std::nullopt;
  // The first held one stands behind a gap.
  std::size_t i = held_.size() - 1;
  while (i > begin_ + ready_ && held_[i].sequence == next_sequence(held_[i - 1].sequence))
    --i;
  return static_cast<std::uint16_t>(held_[i].sequence - 1);
}

std::optional<base::TimePoint> ReorderWindow::deadline() const {
  std::optional<base::TimePoint> earliest;
  for (std::size_t i = begin_ + ready_; i < held_.size(); ++i) {
    if (!earliest || held_[i].arrival + time_ < *earliest) earliest = held_[i].arrival + time_;
  }
  return earliest;
}

void ReorderWindow::on_time(base::TimePoint now) {
  std::size_t due = 0;
  for (std::size_t i = begin_ + ready_; i < held_.size(); ++i) {
    if (held_[i].arrival + time_ <= now) due = i + 1 - begin_;
  }
  if (due > 0) release(due);
}

void ReorderWindow::release_all() {
  release(held());
}

}  // namespace retina::rtp
