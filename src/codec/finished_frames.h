#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "codec/frame.h"

namespace retina::codec {

/// The frames that wait for pull(), and what each has to say of what was lost before it.
class FinishedFrames {
 public:
  static constexpr std::size_t kMaxWaiting = 16;

  /// So many packets are missing.
  void on_lost_packets(std::uint64_t packets) { packets_lost_ += packets; }
  /// What follows doesn't join what came before.
  void on_gap() { discontinuity_ = true; }
  /// A frame was given up.
  void on_dropped() {
    ++dropped_;
    discontinuity_ = true;
  }

  bool has_room() const { return waiting_.size() < kMaxWaiting; }

  /// `parameters`: those that the frame needs; null: not known. Told only when they have changed.
  void add(Frame&& frame, const std::shared_ptr<const ParameterSets>& parameters) {
    frame.discontinuity = std::exchange(discontinuity_, false);
    frame.packets_lost = std::exchange(packets_lost_, 0);
    if (parameters != told_) frame.parameters = told_ = parameters;
    waiting_.push_back(std::move(frame));
  }

  std::optional<Frame> pull() {
    if (waiting_.empty()) return std::nullopt;
    std::optional<Frame> frame(std::move(waiting_[pulled_]));
    if (++pulled_ == waiting_.size()) {
      waiting_.clear();
      pulled_ = 0;
    }
    return frame;
  }

  bool empty() const { return waiting_.empty(); }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::vector<Frame> waiting_;                 // a deque would allocate for every third one
  std::size_t pulled_ = 0;                     // of them
  std::shared_ptr<const ParameterSets> told_;  // with the frames so far
  bool discontinuity_ = false;
  std::uint64_t packets_lost_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace retina::codec
