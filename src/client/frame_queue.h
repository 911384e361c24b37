#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "client/event.h"

namespace retina::client {

/// Frames in the order in which they came, in memory that is used again: a full queue doubles it, and only an
/// empty one that has been cleared gives it back.
class FrameQueue {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void push(FrameReady frame) {
    if (size_ == slots_.size()) grow();
    slots_[(first_ + size_++) % slots_.size()] = std::move(frame);
  }

  /// The oldest; there must be one.
  FrameReady pop() {
    FrameReady frame = std::move(slots_[first_]);
    first_ = (first_ + 1) % slots_.size();
    --size_;
    return frame;
  }

  void clear() {
    slots_ = std::vector<FrameReady>();
    first_ = size_ = 0;
  }

 private:
  static constexpr std::size_t kLeastSlots = 16;

  void grow() {
    std::vector<FrameReady> larger(slots_.empty() ? kLeastSlots : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i)
      larger[i] = std::move(slots_[(first_ + i) % slots_.size()]);
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<FrameReady> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace retina::client
