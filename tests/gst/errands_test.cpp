#include "errands.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "support/check.h"

namespace {

using retina::gst::Errands;

/// Lets a thread through once it has been opened.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

LAW(errands_are_done_one_after_the_other_on_another_thread) {
  Errands errands;
  errands.start();
  std::vector<int> done;
  Gate over;
  const auto here = std::this_thread::get_id();
  for (int i = 0; i < 100; ++i) {
    errands.run([&, i] {
      ck_assert(std::this_thread::get_id() != here);
      done.push_back(i);
      if (i == 99) over.open();
    });
  }
  over.pass();
  errands.stop();
  ck_assert_uint_eq(done.size(), 100);
  for (int i = 0; i < 100; ++i)
    ck_assert_int_eq(done[static_cast<std::size_t>(i)], i);
}

LAW(an_errand_may_give_another) {
  Errands errands;
  errands.start();
  Gate over;
  errands.run([&] { errands.run([&] { over.open(); }); });
  over.pass();
}

LAW(a_thread_comes_again_after_there_was_nothing_to_do) {
  Errands errands;
  errands.start();
  for (int i = 0; i < 100; ++i) {
    Gate done;
    errands.run([&] { done.open(); });
    done.pass();
  }
}

LAW(stopping_waits_for_what_has_begun_and_drops_the_rest) {
  Errands errands;
  errands.start();
  Gate begun;
  Gate go_on;
  std::atomic<int> done = 0;
  errands.run([&] {
    begun.open();
    go_on.pass();
    ++done;
  });
  errands.run([&] { done += 10; });
  begun.pass();
  std::thread stopper([&] { errands.stop(); });
  // Dropped once stop() has begun: what is given afterwards must not be done either.
  go_on.open();
  stopper.join();
  errands.run([&] { done += 100; });
  errands.stop();
  ck_assert(done == 1 || done == 11);
}

LAW(nothing_is_done_before_start_and_after_stop_and_start_begins_anew) {
  Errands errands;
  std::atomic<int> done = 0;
  errands.run([&] { done += 10; });
  errands.start();
  errands.stop();
  errands.run([&] { done += 10; });
  errands.start();
  Gate over;
  errands.run([&] {
    ++done;
    over.open();
  });
  over.pass();
  errands.stop();
  ck_assert_int_eq(done, 1);
}

}  // namespace

int main() {
  return retina::test::run_laws("errands");
}
