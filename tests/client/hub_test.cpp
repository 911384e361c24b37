#include "client/hub.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "client/list_source.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

constexpr client::Hub::Limits kRoomy{1'000'000, 0ms};
constexpr client::Hub::Limits kTwoFrames{200, 0ms};

LAW(the_leader_files_the_frames_of_the_other_streams) {
  ListSource source(list(frame(1, 10), frame(2, 20), frame(1, 11), frame(0, 1), frame(1, 12)));
  base::Counter dropped;
  client::Hub hub(source, 3, kRoomy, dropped);
  expect_frame(hub.next(0), 0, 1);
  ck_assert_uint_eq(source.taken(), 4);
  expect_frame(hub.next(1), 1, 10);
  expect_frame(hub.next(2), 2, 20);
  expect_frame(hub.next(1), 1, 11);
  ck_assert_uint_eq(source.taken(), 4);
  expect_frame(hub.next(1), 1, 12);
  ck_assert_uint_eq(dropped.get(), 0);
}

LAW(what_one_read_has_brought_is_filed_by_one_leader) {
  ListSource source(list(frame(0, 1), frame(1, 10), frame(0, 2), frame(0, 3), frame(0, 4)), 4);
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  expect_frame(hub.next(0), 0, 1);
  ck_assert_uint_eq(source.taken(), 4);
  expect_frame(hub.next(0), 0, 2);
  expect_frame(hub.next(0), 0, 3);
  ck_assert_uint_eq(source.taken(), 4);
  expect_frame(hub.next(0), 0, 4);
}

LAW(what_concerns_the_session_goes_to_one_thread) {
  ListSource source(list(client::Playing{}, client::Note{"odd"}, frame(0, 1)));
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  ck_assert(holds<client::Playing>(hub.next(1)));
  ck_assert(holds<client::Note>(hub.next(0)));
  expect_frame(hub.next(0), 0, 1);
}

LAW(every_stream_is_told_of_the_end_after_its_frames) {
  ListSource source(
      list(frame(1, 10), client::Ended{client::Failure{client::Failure::Kind::kTimeout, "gone", 0, ""}}));
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  ck_assert(holds<client::Ended>(hub.next(0)));
  expect_frame(hub.next(1), 1, 10);
  for (int again = 0; again < 2; ++again) {
    const auto end = hub.next(1);
    ck_assert(holds<client::Ended>(end));
    ASSERT_TEXT(std::get<client::Ended>(*end).failure->text, "gone");
  }
}

LAW(the_leader_too_is_told_of_the_end_after_its_frames) {
  ListSource source(list(frame(0, 1), frame(0, 2), client::Ended{}), 3);
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  expect_frame(hub.next(0), 0, 1);
  expect_frame(hub.next(0), 0, 2);
  ck_assert(holds<client::Ended>(hub.next(0)));
}

LAW(a_stream_that_nobody_takes_never_stops_the_others) {
  std::vector<Event> events;
  for (int i = 0; i < 50; ++i) {
    events.emplace_back(frame(1, 100 + i, i % 10 == 0));
    events.emplace_back(frame(0, i));
  }
  ListSource source(std::move(events));
  base::Counter dropped;
  client::Hub hub(source, 2, kTwoFrames, dropped);
  for (int i = 0; i < 50; ++i)
    expect_frame(hub.next(0), 0, i);
  // Two of each group of ten had room, until the next group's third frame pushed them out.
  ck_assert_uint_eq(dropped.get(), 50);
}

LAW(a_stream_that_comes_late_goes_on_with_a_key_frame) {
  std::vector<Event> events;
  for (int i = 0; i < 12; ++i)
    events.emplace_back(frame(1, 100 + i, i % 10 == 0));
  events.emplace_back(frame(0, 1));
  events.emplace_back(frame(1, 112, false));
  events.emplace_back(frame(1, 113, false));
  events.emplace_back(frame(1, 114, true));
  ListSource source(std::move(events));
  base::Counter dropped;
  client::Hub hub(source, 2, kTwoFrames, dropped);
  expect_frame(hub.next(0), 0, 1);
  const auto first = hub.next(1);
  expect_frame(first, 1, 110);
  ck_assert(as_frame(first).frame.discontinuity);
  const auto second = hub.next(1);
  expect_frame(second, 1, 111);
  ck_assert(!as_frame(second).frame.discontinuity);
  // What came since has found room.
  expect_frame(hub.next(1), 1, 112);
  ck_assert_uint_eq(dropped.get(), 10);
}

LAW(a_frame_larger_than_the_queue_has_room_in_an_empty_one) {
  ListSource source(list(frame(1, 10, true, 5000), frame(0, 1)));
  base::Counter dropped;
  client::Hub hub(source, 2, kTwoFrames, dropped);
  expect_frame(hub.next(0), 0, 1);
  expect_frame(hub.next(1), 1, 10);
}

LAW(the_leader_waits_for_a_stream_that_is_being_taken) {
  constexpr int kFrames = 2000;
  std::vector<Event> events;
  for (int i = 0; i < kFrames; ++i)
    events.emplace_back(frame(1, i));
  events.emplace_back(frame(0, 1));
  ListSource source(std::move(events));
  base::Counter dropped;
  client::Hub hub(source, 2, {200, 30s}, dropped);
  std::thread leader([&] { expect_frame(hub.next(0), 0, 1); });
  for (int i = 0; i < kFrames; ++i)
    expect_frame(hub.next(1), 1, i);
  leader.join();
  ck_assert_uint_eq(dropped.get(), 0);
}

/// Three frames that one read brings, each of which is more than half of what is read ahead, and one behind
/// them.
std::vector<Event> much_ahead() {
  constexpr std::size_t kLarge = 300 * 1024;
  return list(frame(1, 10, true, kLarge), frame(1, 11, true, kLarge), frame(1, 12, true, kLarge),
              frame(0, 1));
}

LAW(a_leader_does_not_read_far_ahead_of_a_thread_that_has_frames_to_take) {
  ListSource source(much_ahead(), 3);
  base::Counter dropped;
  client::Hub hub(source, 2, {1'000'000, 0ms, 30s}, dropped);
  std::thread leader([&] { expect_frame(hub.next(0), 0, 1); });
  source.wait_for_polls(4);  // the last one finds nothing more of what was read
  expect_frame(hub.next(1), 1, 10);
  ck_assert_uint_eq(source.taken(), 3);
  expect_frame(hub.next(1), 1, 11);
  expect_frame(hub.next(1), 1, 12);
  leader.join();
}

LAW(a_thread_that_is_held_up_is_waited_for_a_moment) {
  ListSource source(much_ahead(), 3);
  base::Counter dropped;
  client::Hub hub(source, 2, {1'000'000, 0ms, 1ms}, dropped);
  expect_frame(hub.next(0), 0, 1);
  for (int i = 10; i < 13; ++i)
    expect_frame(hub.next(1), 1, i);
  ck_assert_uint_eq(dropped.get(), 0);
}

LAW(an_interrupted_leader_does_not_wait_for_those_behind) {
  ListSource source(much_ahead(), 3);
  base::Counter dropped;
  client::Hub hub(source, 2, {1'000'000, 0ms, 30s}, dropped);
  std::optional<Event> got = frame(0, 0);
  std::thread leader([&] { got = hub.next(0); });
  source.wait_for_polls(4);
  hub.interrupt(0);
  leader.join();
  ck_assert(!got);
}

LAW(an_interrupted_leader_stops_waiting_for_room) {
  ListSource source(list(frame(1, 10), frame(1, 11), frame(1, 12)));
  base::Counter dropped;
  client::Hub hub(source, 2, {200, 30s}, dropped);
  std::optional<Event> got = frame(0, 0);
  std::thread leader([&] { got = hub.next(0); });
  source.wait_for_calls(3);
  hub.interrupt(0);
  leader.join();
  ck_assert(!got);
  for (int i = 10; i < 13; ++i)
    expect_frame(hub.next(1), 1, i);
  ck_assert_uint_eq(dropped.get(), 0);
}

LAW(an_interrupt_concerns_its_own_stream_only) {
  ListSource source(list());
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  std::atomic<bool> follower_returned = false;
  std::thread leader([&] { ck_assert(!hub.next(0)); });
  source.wait_for_calls(1);
  std::thread follower([&] {
    ck_assert(!hub.next(1));
    follower_returned = true;
  });
  hub.interrupt(0);
  leader.join();
  // The other one leads now.
  source.wait_for_calls(2);
  ck_assert(!follower_returned);
  ck_assert(!hub.next(0));
  hub.interrupt(1);
  follower.join();
}

LAW(a_resumed_stream_goes_on_with_what_is_new) {
  ListSource source(
      list(frame(1, 10), frame(0, 1), frame(1, 11, false), frame(0, 2), frame(1, 12), frame(0, 3)));
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  expect_frame(hub.next(0), 0, 1);
  hub.interrupt(1);
  ck_assert(!hub.next(1));
  hub.resume(1);
  expect_frame(hub.next(0), 0, 2);
  const auto first = hub.next(1);
  expect_frame(first, 1, 12);
  ck_assert(as_frame(first).frame.discontinuity);
  ck_assert_uint_eq(dropped.get(), 2);
}

LAW(an_interrupt_that_is_over_at_once_is_noticed) {
  ListSource source({});
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  std::thread leader([&] { ck_assert(!hub.next(0)); });
  source.wait_for_calls(1);
  hub.interrupt(0);
  hub.resume(0);
  leader.join();
}

LAW(paused_streams_throw_away_what_comes) {
  ListSource source(list(frame(1, 10), frame(0, 1), frame(0, 2), frame(1, 11), frame(1, 12), frame(0, 3)));
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  expect_frame(hub.next(0), 0, 1);
  hub.pause();
  std::thread idler([&] { ck_assert(!hub.next(hub.idler())); });
  source.wait_for_calls(7);
  hub.interrupt(hub.idler());
  idler.join();
  hub.resume(hub.idler());
  hub.play();
  source.append(frame(0, 4));
  source.append(frame(1, 13, false));
  const auto video = hub.next(0);
  expect_frame(video, 0, 4);
  ck_assert(as_frame(video).frame.discontinuity);
  const auto audio = hub.next(1);
  expect_frame(audio, 1, 13);
  ck_assert(as_frame(audio).frame.discontinuity);
  ck_assert_uint_eq(dropped.get(), 0);
}

LAW(parameters_of_what_is_thrown_away_come_with_the_next_frame) {
  const auto parameters = std::make_shared<const codec::ParameterSets>();
  for (const bool paused : {true, false}) {
    FrameReady first = frame(1, 10);
    first.frame.parameters = parameters;
    ListSource source(list(std::move(first), frame(1, 11), frame(0, 1)));
    base::Counter dropped;
    client::Hub hub(source, 2, kRoomy, dropped);
    expect_frame(hub.next(0), 0, 1);
    if (paused) {
      hub.pause();
      hub.play();
    } else {
      hub.interrupt(1);
      hub.resume(1);
    }
    source.append(frame(1, 13));
    source.append(frame(1, 14));
    const auto next = hub.next(1);
    expect_frame(next, 1, 13);
    ck_assert(as_frame(next).frame.parameters == parameters);
    ck_assert(as_frame(hub.next(1)).frame.parameters == nullptr);
  }
}

LAW(a_thread_that_is_there_while_paused_drives_the_session) {
  ListSource source(list(frame(0, 1), frame(0, 2)));
  base::Counter dropped;
  client::Hub hub(source, 1, kRoomy, dropped);
  hub.pause();
  std::thread stream([&] { expect_frame(hub.next(0), 0, 3); });
  source.wait_for_calls(3);
  hub.play();
  source.append(frame(0, 3));
  stream.join();
}

LAW(what_was_queued_before_a_stream_began_is_there_when_it_does) {
  ListSource source(list(frame(1, 10), frame(0, 1)));
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  expect_frame(hub.next(0), 0, 1);
  hub.resume(1);
  expect_frame(hub.next(1), 1, 10);
}

LAW(the_end_can_be_declared) {
  ListSource source(list());
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  hub.end({});
  for (const std::size_t stream : {0U, 1U})
    ck_assert(holds<client::Ended>(hub.next(stream)));
}

LAW(the_end_of_one_stream_is_told_to_it_alone_after_its_frames) {
  ListSource source(list(frame(1, 10), client::StreamEnded{1}, frame(0, 1), frame(1, 11), frame(0, 2)));
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  expect_frame(hub.next(0), 0, 1);
  expect_frame(hub.next(1), 1, 10);
  for (int i = 0; i < 2; ++i)
    ck_assert(holds<client::StreamEnded>(hub.next(1)));
  // What another session gives of it all the same is nobody's.
  expect_frame(hub.next(0), 0, 2);
  ck_assert_uint_eq(dropped.get(), 0);
}

LAW(a_stream_that_waits_or_leads_is_told_of_its_own_end) {
  ListSource source(list());
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  for (const std::size_t stream : {0U, 1U}) {
    std::optional<Event> told;
    std::thread waiting([&] { told = hub.next(stream); });
    source.append(client::StreamEnded{stream});
    waiting.join();
    ck_assert(holds<client::StreamEnded>(told));
  }
}

LAW(a_stream_may_be_opened_later_also_by_what_drives_the_source) {
  ListSource source(list(frame(0, 1), frame(1, 10), frame(0, 2)));
  base::Counter dropped;
  client::Hub hub(source, 1, kRoomy, dropped);
  expect_frame(hub.next(0), 0, 1);
  hub.open_stream(1);
  expect_frame(hub.next(0), 0, 2);
  expect_frame(hub.next(1), 1, 10);
}

LAW(a_stream_that_is_ended_gets_what_is_queued_and_its_number_may_be_given_again) {
  ListSource source(list(frame(1, 10), frame(0, 1), frame(1, 11), frame(0, 2), frame(1, 12), frame(0, 3)));
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  expect_frame(hub.next(0), 0, 1);
  hub.end_stream(1);
  expect_frame(hub.next(1), 1, 10);
  ck_assert(holds<client::StreamEnded>(hub.next(1)));
  expect_frame(hub.next(0), 0, 2);
  hub.open_stream(1);
  expect_frame(hub.next(0), 0, 3);
  expect_frame(hub.next(1), 1, 12);
}

/// Ends the stream that drives it.
class EndingSource final : public client::EventSource {
 public:
  explicit EndingSource(std::optional<Event> event) : event_(std::move(event)) {}
  std::optional<Event> next() override {
    hub->end_stream(0);
    return std::exchange(event_, std::nullopt);
  }
  std::optional<Event> poll() override { return std::nullopt; }
  void interrupt() override {}
  void resume() override {}

  client::Hub* hub = nullptr;

 private:
  std::optional<Event> event_;
};

LAW(a_leader_whose_own_stream_is_ended_files_what_it_has_and_is_told) {
  EndingSource source(frame(1, 10));
  base::Counter dropped;
  client::Hub hub(source, 2, kRoomy, dropped);
  source.hub = &hub;
  ck_assert(holds<client::StreamEnded>(hub.next(0)));
  expect_frame(hub.next(1), 1, 10);
}

}  // namespace

int main() {
  return retina::test::run_laws("client/hub");
}
