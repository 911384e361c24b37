#include "codec/decoding_order_buffer.h"

#include <algorithm>
#include <utility>

namespace retina::codec {
namespace {

/// Farther back than this, a number isn't late but belongs to a new count.
constexpr std::int64_t kMaxLate = 2048;
constexpr std::size_t kMaxLateInARow = 32;

/// A loss is looked for in so many units more than can have come before one that is decoded earlier.
constexpr std::size_t kSuspectUnits = 64;

}  // namespace

DecodingOrderBuffer::DecodingOrderBuffer(const Limits& announced)
    // Without a number of units the distance of the numbers decides alone.
    : depth_(std::min<std::size_t>(announced.units.value_or(kMaxDepth), kMaxDepth)),
      max_don_diff_(announced.max_don_diff) {}

void DecodingOrderBuffer::reset() {
  waiting_.clear();
  stamps_.clear();
  bytes_ = 0;
  flushing_ = ordered_ = popped_any_ = shares_numbers_ = late_dropped_ = false;
  late_in_a_row_ = suspect_ = 0;
  packets_lost_ = 0;
}

void DecodingOrderBuffer::on_loss(std::uint32_t packets) {
  packets_lost_ += packets;
  suspect_ = waiting_.size() + 4 * (depth_ + 1) + kSuspectUnits;
}

/// Where a number stands in the order that has no end (RFC 7798 s6: AbsDon).
std::int64_t DecodingOrderBuffer::place(std::uint16_t don) {
  const auto difference = static_cast<std::int16_t>(static_cast<std::uint16_t>(don - don_));
  std::int64_t place = order_ + difference;
  if (!ordered_ || (popped_any_ && place < popped_ - kMaxLate)) {
    // The first of all, or an encoder that has started anew: behind all that is here.
    place = waiting_.empty() ? popped_ + 1 : std::max(popped_, waiting_.rbegin()->first) + 1;
  }
  if (is_late(place)) return place;
  ordered_ = true;
  don_ = don;
  order_ = place;
  return place;
}

void DecodingOrderBuffer::on_late_unit() {
  late_dropped_ = true;
  if (++late_in_a_row_ >= kMaxLateInARow) {
    // The order that was thought to be is none.
    ordered_ = false;
    late_in_a_row_ = 0;
    return;
  }
  depth_ = std::min(kMaxDepth, 2 * depth_ + 1);
  if (max_don_diff_) max_don_diff_ = std::min<std::int64_t>(2 * *max_don_diff_ + 1, INT16_MAX);
}

void DecodingOrderBuffer::store(base::Bytes nal, std::uint16_t don, const Source& source) {
  flushing_ = false;
  const std::int64_t order = place(don);
  if (is_late(order)) return on_late_unit();
  late_in_a_row_ = 0;
  if (waiting_.contains(order) || (popped_any_ && order == popped_)) shares_numbers_ = true;
  Unit unit;
  unit.nal = std::move(nal);
  unit.timestamp = source.timestamp;
  unit.arrival = source.arrival;
  Stamp& stamp = stamps_[source.timestamp];
  ++stamp.units;
  stamp.marked = stamp.marked || source.marker;
  bytes_ += unit.nal.size();
  waiting_.emplace(order, std::move(unit));
}

bool DecodingOrderBuffer::has_turn() const {
  if (waiting_.empty()) return false;
  if (flushing_ || waiting_.size() > depth_ || bytes_ > kMaxBytes) return true;
  const std::int64_t first = waiting_.begin()->first;
  if (popped_any_ && first <= popped_ + 1) return true;
  return max_don_diff_ && waiting_.rbegin()->first - first >= *max_don_diff_;
}

std::optional<DecodingOrderBuffer::Unit> DecodingOrderBuffer::pop() {
  if (!has_turn()) return std::nullopt;
  auto node = waiting_.extract(waiting_.begin());
  Unit unit = std::move(node.mapped());
  bytes_ -= unit.nal.size();

  const auto stamp = stamps_.find(unit.timestamp);
  if (--stamp->second.units == 0) {
    unit.last = stamp->second.marked;
    stamps_.erase(stamp);
  }

  const bool gap = popped_any_ && node.key() > popped_ + 1;
  unit.after_gap = std::exchange(late_dropped_, false);
  if (suspect_ > 0) {
    --suspect_;
    unit.after_gap = unit.after_gap || gap || shares_numbers_;
  }
  unit.packets_lost = std::exchange(packets_lost_, 0);
  popped_any_ = true;
  popped_ = node.key();
  return unit;
}

}  // namespace retina::codec
