#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "support/rtsp_text.h"

namespace retina::test {

/// The longest that any wait in test support takes before it gives up; a law that gets there fails anyway.
inline constexpr std::chrono::seconds kPatience{15};

/// What the scripted camera saw, written by its threads, read and awaited by the test's. Thread-safe.
class Records {
 public:
  struct Snapshot {
    std::vector<RtspRequest> requests;  ///< in order of arrival over all connections
    std::vector<base::Bytes>
        client_packets;                 ///< interleaved, with their framing (RTCP); the first kMaxPackets
    std::vector<std::string> problems;  ///< expectations that weren't met
    std::size_t opened = 0;             ///< connections accepted
    std::size_t closed = 0;             ///< of those, how many are over
  };
  static constexpr std::size_t kMaxPackets = 1000;

  /// Changes the record under its lock and wakes everyone who waits.
  template <class F>
  void write(F change) {
    {
      const std::lock_guard lock(mutex_);
      change(snapshot_);
    }
    changed_.notify_all();
  }

  Snapshot snapshot() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }

  /// Whether `condition` has come true within kPatience. It is asked under the lock: it must not call back.
  bool wait_until(const std::function<bool(const Snapshot&)>& condition) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return condition(snapshot_); });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Snapshot snapshot_;
};

}  // namespace retina::test
