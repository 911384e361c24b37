#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "base/time.h"
#include "client/farewell_attempt.h"
#include "client/unfinished_teardown.h"
#include "io/connector.h"
#include "io/wakeup.h"

namespace retina::client {

/// How long each attempt of a Farewell may take, and how long it is until the next: doubling from `first` to
/// `longest`. An attempt that fails at once waits out its time, for the server to recover.
struct FarewellPace {
  base::Duration first = std::chrono::seconds(1);
  base::Duration longest = std::chrono::seconds(16);
};

/// Ends sessions in the background that were left without the server's confirmation: waits for it where the
/// session's own connection lives, for one attempt's time; then asks on new connections until the server says
/// that the session is gone, or the session's timeout has passed.
///
/// One thread for all, started with the first of them, which ends when there is nothing to do. Attempts
/// follow each other; none takes longer than its time. The user's hooks aren't called. Thread-safe.
class Farewell {
 public:
  /// Beyond it, sessions are left to their timeout.
  static constexpr std::size_t kMaxSessions = 64;

  explicit Farewell(std::unique_ptr<io::Connector> connector, FarewellPace pace = FarewellPace());
  ~Farewell() { stop(); }
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;

  void add(UnfinishedTeardown session);
  /// Gives up what is left, at once, and takes nothing any more. Waits for the thread.
  void stop();
  /// Sessions that are still to be ended.
  std::size_t pending();

  /// The one that all elements of a process share; over plain TCP. Stops when the process exits.
  static std::shared_ptr<Farewell> of_process();

 private:
  struct Task {
    UnfinishedTeardown session;
    base::TimePoint due;
    base::Duration slot;
  };
  struct State {
    std::vector<Task> tasks;
    std::size_t under_way = 0;  // taken out of `tasks` by the thread: 0 or 1
    bool running = false;       // the thread looks at `tasks` once more before it ends
    bool stopped = false;
    std::thread thread;
  };

  void run();
  std::optional<Task> next_task();
  bool attempt(Task& task);
  FarewellAttempt::Outcome hear_out(UnfinishedTeardown& session, base::TimePoint deadline);
  FarewellAttempt::Outcome ask_anew(UnfinishedTeardown& session, base::TimePoint deadline);
  void wait_until(base::TimePoint due);

  const std::unique_ptr<io::Connector> connector_;  // the thread's
  const FarewellPace pace_;
  const base::MonotonicClock clock_;
  io::Wakeup stop_;
  io::Wakeup news_;
  /// Held while an ended thread is joined (which holds nothing then); nothing else is called under it.
  base::Guarded<State> state_;
};

}  // namespace retina::client
