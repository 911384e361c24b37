// How the threads of a hub share the work while frames come faster than cameras make them.

#include <array>
#include <random>
#include <thread>

#include "client/list_source.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

constexpr client::Hub::Limits kRoomy{1'000'000, 0ms};

constexpr std::size_t kFlood = 128 * 1024;

/// What makes stream 0's frames a flood, and what comes then.
template <class... E>
std::vector<Event> flood(E... then) {
  return list(frame(0, 1, true, kFlood), frame(0, 2, true, kFlood), std::move(then)...);
}

/// The thread of stream 0 has noticed the flood, and has the first frame after that.
void lead_into_flood(client::Hub& hub) {
  for (int i = 1; i <= 3; ++i)
    expect_frame(hub.next(0), 0, i);
}

LAW(in_a_flood_the_leader_has_its_frames_one_by_one) {
  ListSource source(flood(frame(0, 3), frame(0, 4), frame(1, 10), frame(0, 5)), 2);
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  lead_into_flood(hub);
  ck_assert_uint_eq(source.taken(), 3);
  expect_frame(hub.next(0), 0, 4);
  ck_assert_uint_eq(source.taken(), 4);
  expect_frame(hub.next(0), 0, 5);
  expect_frame(hub.next(1), 1, 10);
}

LAW(in_a_flood_a_thread_on_its_rounds_leads_where_nobody_else_does) {
  ListSource source(flood(frame(0, 3), frame(1, 10), frame(0, 4)), 2);
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  lead_into_flood(hub);
  expect_frame(hub.next(1), 1, 10);
  expect_frame(hub.next(0), 0, 4);
}

LAW(in_a_flood_what_is_filed_is_found_by_a_thread_on_its_rounds) {
  ListSource source(flood(frame(0, 3)), 2);
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  lead_into_flood(hub);
  std::thread sound([&] { expect_frame(hub.next(1), 1, 10); });
  source.append(frame(1, 10));
  source.append(frame(0, 4));
  expect_frame(hub.next(0), 0, 4);
  sound.join();
}

LAW(in_a_flood_a_thread_that_gets_much_or_is_told_of_the_end_does_not_finish_its_round) {
  ListSource source(flood(frame(0, 3)), 2);
  base::Counter dropped;
  client::Hub::Limits limits = kRoomy;
  limits.round_time = 1h;
  client::Hub hub(source, 2, limits, dropped);
  lead_into_flood(hub);
  std::thread other([&] {
    expect_frame(hub.next(1), 1, 10);
    ck_assert(holds<client::Ended>(hub.next(1)));
  });
  source.append(frame(1, 10, true, kFlood));
  source.append(frame(0, 4));
  source.append(frame(0, 5));
  source.append(client::Ended{});
  expect_frame(hub.next(0), 0, 4);
  expect_frame(hub.next(0), 0, 5);
  ck_assert(holds<client::Ended>(hub.next(0)));
  other.join();
}

LAW(in_a_flood_an_interrupt_does_not_wait_for_the_end_of_a_round) {
  ListSource source(flood(frame(0, 3)), 2);
  base::Counter dropped;
  client::Hub::Limits limits = kRoomy;
  limits.round_time = 1h;
  client::Hub hub(source, 2, limits, dropped);
  lead_into_flood(hub);
  std::thread other([&] { ck_assert(!hub.next(1)); });
  hub.interrupt(1);
  other.join();
}

/// Frames of so many bytes, in queues with room for ten of them.
void run_in_any_order(std::size_t frame_bytes) {
  constexpr std::size_t kStreams = 4;
  constexpr int kFrames = 20000;
  std::mt19937 random(1);
  std::vector<Event> events;
  std::array<std::int64_t, kStreams> sent{};
  for (int i = 0; i < kFrames; ++i) {
    const std::size_t stream = random() % kStreams;
    events.emplace_back(frame(stream, sent[stream]++, true, frame_bytes));
  }
  events.emplace_back(client::Ended{});
  ListSource source(std::move(events), 7);
  base::Counter dropped;
  client::Hub hub(source, kStreams, {10 * frame_bytes, 30s}, dropped);
  std::vector<std::thread> threads;
  for (std::size_t stream = 0; stream < kStreams; ++stream) {
    threads.emplace_back([&, stream] {
      for (std::int64_t i = 0; i < sent[stream]; ++i)
        expect_frame(hub.next(stream), stream, i);
      ck_assert(holds<client::Ended>(hub.next(stream)));
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  ck_assert_uint_eq(dropped.get(), 0);
}

LAW(threads_in_any_order_get_all_frames_of_their_streams) {
  run_in_any_order(100);
}
LAW(threads_in_any_order_get_all_frames_of_a_flood) {
  run_in_any_order(50'000);
}

}  // namespace

int main() {
  return retina::test::run_laws("client/hub_flood");
}
