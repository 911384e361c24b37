#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace retina::gst {

/// What must not be done on the thread that it occurs to: one after the other, on a thread that is there only
/// while there is something to do. Thread-safe.
class Errands {
 public:
  Errands() = default;
  ~Errands() { stop(); }
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  /// From now on run() does something.
  void start();
  /// Returns at once. False: nothing happens, before start() and after stop().
  bool run(std::function<void()> errand);
  /// Waits for the errand that has begun; the others are dropped. Not from within one.
  void stop();

 private:
  void work();

  std::mutex mutex_;  // a leaf
  std::deque<std::function<void()>> waiting_;
  std::thread thread_;
  bool open_ = false;
  bool working_ = false;  // the thread will look at what is waiting once more
};

}  // namespace retina::gst
