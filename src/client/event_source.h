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
  /// Whether next() may have something without a wait, and without reading.
  virtual bool has_more() const = 0;
  /// Makes next() return at once, and from then on, until resume(). From any thread.
  virtual void interrupt() = 0;
  virtual void resume() = 0;
};

}  // namespace retina::client
