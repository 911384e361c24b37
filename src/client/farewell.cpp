#include "client/farewell.h"

#include <poll.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace retina::client {

Farewell::Farewell(std::unique_ptr<io::Connector> connector, FarewellPace pace)
    : connector_(std::move(connector)), pace_(pace) {}

void Farewell::add(UnfinishedTeardown session) {
  auto state = state_.lock();
  if (state->stopped || state->tasks.size() + state->under_way >= kMaxSessions) return;
  state->tasks.push_back({std::move(session), clock_.now(), pace_.first});
  if (state->running) return news_.signal();
  if (state->thread.joinable()) state->thread.join();
  try {
    state->thread = std::thread([this] { run(); });
    state->running = true;
  } catch (const std::system_error&) {
    // No thread to be had: the sessions are left to their timeout.
    state->tasks.clear();
  }
}

void Farewell::stop() {
  std::thread thread;
  {
    auto state = state_.lock();
    state->stopped = true;
    state->tasks.clear();
    thread = std::move(state->thread);
  }
  stop_.signal();
  if (thread.joinable()) thread.join();
}

std::size_t Farewell::pending() {
  auto state = state_.lock();
  return state->tasks.size() + state->under_way;
}

void Farewell::run() {
  while (auto task = next_task()) {
    const base::TimePoint begin = clock_.now();
    const bool settled = attempt(*task);
    task->due = begin + task->slot;
    task->slot = std::min(task->slot * 2, pace_.longest);
    auto state = state_.lock();
    state->under_way = 0;
    if (!settled && !state->stopped) state->tasks.push_back(std::move(*task));
  }
}

/// Waits until one is due. Nullopt: nothing is left to do, and `running` is false.
std::optional<Farewell::Task> Farewell::next_task() {
  for (;;) {
    base::TimePoint due;
    news_.clear();
    {
      auto state = state_.lock();
      auto& tasks = state->tasks;
      const base::TimePoint now = clock_.now();
      std::erase_if(tasks, [now](const Task& task) { return task.session.expiry <= now; });
      const auto earliest = std::min_element(tasks.begin(), tasks.end(),
                                             [](const Task& a, const Task& b) { return a.due < b.due; });
      if (earliest == tasks.end()) {
        state->running = false;
        return std::nullopt;
      }
      if (earliest->due <= now) {
        std::optional<Task> task(std::move(*earliest));
        tasks.erase(earliest);
        state->under_way = 1;
        return task;
      }
      due = earliest->due;
    }
    wait_until(due);
  }
}

/// True: nothing is left to be done about this session.
bool Farewell::attempt(Task& task) {
  UnfinishedTeardown& session = task.session;
  const base::TimePoint deadline = std::min(clock_.now() + task.slot, session.expiry);
  using Outcome = FarewellAttempt::Outcome;
  Outcome outcome = Outcome::kRefused;
  if (session.connection) outcome = hear_out(session, deadline);
  if (outcome != Outcome::kGone) {
    if (stop_.signalled() || clock_.now() >= deadline) return false;
    outcome = ask_anew(session, deadline);
  }
  if (outcome == Outcome::kGone && session.stale_sessions) session.stale_sessions->remove(session.stale_id);
  return outcome == Outcome::kGone || outcome == Outcome::kHopeless;
}

/// On the session's own connection, which then is closed.
FarewellAttempt::Outcome Farewell::hear_out(UnfinishedTeardown& session, base::TimePoint deadline) {
  const std::unique_ptr<io::Connection> connection = std::move(session.connection);
  connection->set_low_water(1);
  FarewellAttempt attempt(session.exchange, std::move(session.unsent), deadline);
  attempt.receive(std::exchange(session.unread, {}));
  return say_farewell(*connection, attempt, deadline, clock_, stop_);
}

FarewellAttempt::Outcome Farewell::ask_anew(UnfinishedTeardown& session, base::TimePoint deadline) {
  const auto connection = connector_->connect(session.host, session.port, deadline - clock_.now(), stop_);
  if (!connection) return FarewellAttempt::Outcome::kRefused;
  FarewellAttempt attempt(session.exchange, deadline);
  return say_farewell(**connection, attempt, deadline, clock_, stop_);
}

void Farewell::wait_until(base::TimePoint due) {
  const base::Duration rest = std::max(due - clock_.now(), base::Duration::zero());
  const auto whole_ms = std::chrono::ceil<std::chrono::milliseconds>(rest).count();
  pollfd descriptors[] = {{stop_.fd(), POLLIN, 0}, {news_.fd(), POLLIN, 0}};
  // Woken early, or by a signal, next_task() looks again.
  ::poll(descriptors, 2, static_cast<int>(std::min<std::int64_t>(whole_ms, 60'000)));
}

std::shared_ptr<Farewell> Farewell::of_process() {
  // Elements that nobody frees may hold it to the end of the process, but the thread must not go on there.
  struct StopAtExit {
    std::shared_ptr<Farewell> farewell = std::make_shared<Farewell>(std::make_unique<io::TcpConnector>());
    ~StopAtExit() { farewell->stop(); }
  };
  static const StopAtExit shared;
  return shared.farewell;
}

}  // namespace retina::client
