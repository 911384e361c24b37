#include "errands.h"

#include <utility>

namespace retina::gst {

void Errands::start() {
  const std::lock_guard lock(mutex_);
  open_ = true;
}

bool Errands::run(std::function<void()> errand) {
  const std::lock_guard lock(mutex_);
  if (!open_) return false;
  waiting_.push_back(std::move(errand));
  if (std::exchange(working_, true)) return true;
  // The one before has nothing left to do but to return.
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this] { work(); });
  return true;
}

void Errands::work() {
  for (;;) {
    std::function<void()> errand;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) {
        working_ = false;
        return;
      }
      errand = std::move(waiting_.front());
      waiting_.pop_front();
    }
    errand();
  }
}

void Errands::stop() {
  std::thread thread;
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
    waiting_.clear();
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
}

}  // namespace retina::gst
