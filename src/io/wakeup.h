#pragma once

#include <atomic>

namespace retina::io {

/// Ends every wait of the thread that does I/O, from any thread. Level-triggered: once signalled, all waits
/// end at once until clear(). Thread-safe.
class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void signal();
  void clear();
  bool signalled() const { return signalled_.load(std::memory_order_acquire); }

  /// Readable while signalled; for poll().
  int fd() const { return fd_; }

 private:
  int fd_;
  std::atomic<bool> signalled_{false};
};

}  // namespace retina::io
