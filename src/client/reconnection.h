#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "client/failure.h"

namespace retina::client {

/// When to try again after a session was lost: exponentially later, with jitter, so that a hundred clients of
/// a recorder that restarts don't come back in the same moment. No I/O, no clock. Thread-bound.
class Reconnection {
 public:
  struct Options {
    bool enabled = true;
    int attempts = -1;  ///< in a row; -1: without end
    base::Duration delay = std::chrono::milliseconds(500);
    base::Duration max_delay = std::chrono::seconds(30);
  };

  /// `seed`: of the jitter.
  Reconnection(const Options& options, std::uint64_t seed) : options_(options), random_(seed | 1) {}

  /// How long to wait before the next attempt, and counts it. Nullopt: no more attempts. A failure that
  /// trying again at once can't change (a wrong password, an unknown path) waits longest: but cameras boot in
  /// stages, and answer so for a while.
  std::optional<base::Duration> next_delay(Failure::Kind kind);
  /// Attempts in a row, the latest included.
  unsigned attempt() const { return attempt_; }
  /// Media flows again.
  void succeeded() { attempt_ = 0; }

 private:
  base::Duration jittered(base::Duration delay);

  Options options_;
  std::uint64_t random_;
  unsigned attempt_ = 0;
};

}  // namespace retina::client
