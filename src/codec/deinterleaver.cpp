#include "codec/deinterleaver.h"

#include <algorithm>
#include <utility>

namespace retina::codec {
namespace {

/// Timestamps are rounded to the clock, so that "at the same time" has some play.
std::int64_t play(const Frame& frame) {
  return frame.duration / 2;
}

}  // namespace

bool Deinterleaver::is_jump(std::int64_t timestamp) const {
  if (!due_) return false;
  const std::int64_t distance = timestamp - *due_;
  return distance > limits_.jump_ticks || distance < -limits_.jump_ticks;
}

void Deinterleaver::restart() {
  held_.clear();
  held_bytes_ = 0;
  due_.reset();
}

bool Deinterleaver::add(Frame frame) {
  if (due_ && frame.timestamp < *due_ - play(frame)) return false;
  const auto place =
      std::lower_bound(held_.begin(), held_.end(), frame.timestamp,
                       [](const Frame& held, std::int64_t timestamp) { return held.timestamp > timestamp; });
  if (place != held_.end() && place->timestamp == frame.timestamp) return false;
  newest_ = held_.empty() ? frame.timestamp : std::max(newest_, frame.timestamp);
  held_bytes_ += frame.size_bytes;
  held_.insert(place, std::move(frame));
  return true;
}

bool Deinterleaver::is_due(const Frame& frame) const {
  if (!due_ || frame.timestamp <= *due_ + play(frame)) return true;
  if (limits_.displacement_ticks > 0 && newest_ - frame.timestamp >= limits_.displacement_ticks) return true;
  const std::size_t most_bytes =
      limits_.buffer_bytes > 0 ? std::min(limits_.buffer_bytes, kMaxBytes) : kMaxBytes;
  return held_bytes_ > most_bytes || held_.size() > kMaxFrames;
}

std::optional<Frame> Deinterleaver::next(bool all) {
  if (held_.empty() || (!all && !is_due(held_.back()))) return std::nullopt;
  Frame frame = std::move(held_.back());
  held_.pop_back();
  held_bytes_ -= frame.size_bytes;
  frame.discontinuity = due_ && frame.timestamp > *due_ + play(frame);
  due_ = frame.timestamp + frame.duration;
  return frame;
}

}  // namespace retina::codec
