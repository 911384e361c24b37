#pragma once

#include <mutex>
#include <utility>

namespace retina::base {

/// A value that can only be reached while its lock is held. Keep the Access short, and never call out of the
/// project (GStreamer, GLib, the caller's callbacks) while one is alive. Thread-safe.
template <class T>
class Guarded {
 public:
  class Access {
   public:
    explicit Access(Guarded& guarded) : lock_(guarded.mutex_), value_(guarded.value_) {}
    T* operator->() { return &value_; }
    T& operator*() { return value_; }

   private:
    std::unique_lock<std::mutex> lock_;
    T& value_;
  };

  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  Access lock() { return Access(*this); }

 private:
  std::mutex mutex_;
  T value_{};
};

}  // namespace retina::base
