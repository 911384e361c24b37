#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/reorder.h"

namespace retina::client {

/// When a camera is asked by RTCP for packets of one stream that its reorder window waits for: a moment after
/// the first packet behind them, which those that were only swapped come within; and again, all that are
/// still missing, every so often for as long as the window waits. Thread-bound, no clock.
class RetransmissionRequest {
 public:
  static constexpr base::Duration kPatience = std::chrono::milliseconds(2);
  static constexpr base::Duration kInterval = std::chrono::milliseconds(10);  ///< at least
  /// More are not asked for at once.
  static constexpr std::size_t kMost = 256;

  /// `reorder_time`: how long the window waits. Zero: the camera isn't asked.
  void offer(base::Duration reorder_time);
  bool offered() const { return interval_ > base::Duration::zero(); }

  /// `window` has just held a packet.
  void on_waiting(const rtp::ReorderWindow& window, base::TimePoint now);
  /// Nothing is wanted any more.
  void cancel() { due_.reset(); }

  /// Nullopt: nothing is wanted.
  std::optional<base::TimePoint> due() const { return due_; }
  /// Whether to send a request now, and then to call append().
  bool on_time(const rtp::ReorderWindow& window, base::TimePoint now);
  /// Puts the request behind a report from `sender`.
  void append(base::Bytes& report, std::uint32_t sender, std::uint32_t media);

 private:
  struct Asked {
    std::uint16_t sequence;
    base::TimePoint when;  // the latest time
  };

  base::Duration interval_{};
  std::optional<base::TimePoint> due_;
  std::vector<Asked> asked_;            // those that were missing at the latest request, in order
  std::vector<std::uint16_t> missing_;  // now
  std::vector<std::uint16_t> wanted_;   // of those, in the next request
};

}  // namespace retina::client
