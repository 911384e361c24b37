#pragma once

#include <optional>

#include "client/event.h"

namespace retina::client {

/// Where a Hub's events come from: a Client, and in tests a list of events.
class EventSource {
 public:
  virtual ~EventSource() = default;

  /// Blocks until there is an event; nullopt: interrupted.
  virtual std::optional<Event> next() = 0;
  /// What is there already, without a wait and without reading; nullopt: nothing.
  virtual std::optional<Event> poll() = 0;
  /// Makes next() return at once, and from then on, until resume(). From any thread.
  virtual void interrupt() = 0;
  virtual void resume() = 0;
};

}  // namespace retina::client
