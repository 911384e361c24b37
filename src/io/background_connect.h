#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/result.h"
#include "io/connector.h"
#include "io/wakeup.h"

namespace retina::io {

/// Connects on a thread of its own, for those who have something else to do meanwhile.
class BackgroundConnect {
 public:
  using Made = base::Result<std::unique_ptr<Connection>, ConnectError>;

  /// `connect` blocks, until its Wakeup is signalled at the latest.
  explicit BackgroundConnect(std::function<Made(const Wakeup&)> connect);
  /// Breaks it off.
  ~BackgroundConnect();
  BackgroundConnect(const BackgroundConnect&) = delete;
  BackgroundConnect& operator=(const BackgroundConnect&) = delete;

  /// Readable when there is something to take.
  int fd() const { return done_.fd(); }
  bool done() const { return done_.signalled(); }
  /// Once, when it's done.
  Made take();

 private:
  Wakeup stop_;
  Wakeup done_;
  std::optional<Made> made_;  // the thread's until done_
  std::thread thread_;
};

}  // namespace retina::io
