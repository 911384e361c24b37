#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "client/event_source.h"
#include "client/hub.h"
#include "support/check.h"

namespace retina::test {

using client::Event;
using client::FrameReady;

/// Events in a row, each as one read would bring it unless `together` says how many come at once; then it
/// blocks until it is interrupted.
class ListSource final : public client::EventSource {
 public:
  explicit ListSource(std::vector<Event> events, std::size_t together = 1)
      : events_(std::move(events)), together_(together) {}

  std::optional<Event> next() override {
    std::unique_lock lock(mutex_);
    ++calls_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return interrupted_ || taken_ < events_.size(); });
    if (interrupted_) return std::nullopt;
    return std::move(events_[taken_++]);
  }
  std::optional<Event> poll() override {
    const std::unique_lock lock(mutex_);
    ++polls_;
    changed_.notify_all();
    if (taken_ == events_.size() || taken_ % together_ == 0) return std::nullopt;
    return std::move(events_[taken_++]);
  }
  void interrupt() override { set_interrupted(true); }
  void resume() override { set_interrupted(false); }

  std::size_t taken() {
    const std::unique_lock lock(mutex_);
    return taken_;
  }
  void append(Event event) {
    const std::unique_lock lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }
  void wait_for_calls(int calls) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_ >= calls; });
  }
  void wait_for_polls(int polls) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return polls_ >= polls; });
  }

 private:
  void set_interrupted(bool interrupted) {
    const std::unique_lock lock(mutex_);
    interrupted_ = interrupted;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
  std::size_t together_;
  std::size_t taken_ = 0;
  int calls_ = 0;
  int polls_ = 0;
  bool interrupted_ = false;
};

inline FrameReady frame(std::size_t stream, std::int64_t timestamp, bool key_frame = true,
                        std::size_t bytes = 100) {
  FrameReady ready;
  ready.stream = stream;
  ready.frame.timestamp = timestamp;
  ready.frame.key_frame = key_frame;
  ready.frame.size_bytes = bytes;
  return ready;
}

template <class... E>
std::vector<Event> list(E... events) {
  std::vector<Event> all;
  (all.emplace_back(std::move(events)), ...);
  return all;
}

inline const FrameReady& as_frame(const std::optional<Event>& event) {
  ck_assert(event.has_value());
  const auto* ready = std::get_if<FrameReady>(&*event);
  ck_assert(ready != nullptr);
  return *ready;
}

inline void expect_frame(const std::optional<Event>& event, std::size_t stream, std::int64_t timestamp) {
  ck_assert_uint_eq(as_frame(event).stream, stream);
  ck_assert_int_eq(as_frame(event).frame.timestamp, timestamp);
}

template <class T>
bool holds(const std::optional<Event>& event) {
  return event && std::holds_alternative<T>(*event);
}

}  // namespace retina::test
