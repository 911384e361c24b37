// create() leaves soon after unlock(), whatever the network does.

#include <algorithm>
#include <array>

#include "gst/element_runner.h"
#include "gst/sample_camera.h"

namespace {

using namespace retina::test;

constexpr GstClockTime kLimit = 50 * GST_MSECOND;

/// Stops the element in the middle of what `reached` waits for, five times. The machine may be busy once or
/// twice: the median counts. TEARDOWN's own wait is left out.
template <class Reached>
void expect_prompt_stop(const std::string& location, Reached reached) {
  std::array<GstClockTime, 5> times{};
  for (std::size_t i = 0; i < times.size(); ++i) {
    ElementRunner runner("location=" + location + " teardown-timeout=0");
    runner.start();
    ck_assert_msg(reached(i + 1), "the camera never got there");
    times[i] = runner.stop();
  }
  std::sort(times.begin(), times.end());
  ck_assert_msg(times[2] <= kLimit, "%.1f ms", static_cast<double>(times[2]) / GST_MSECOND);
}

LAW(while_connecting_to_a_listener_whose_backlog_is_full) {
  const HangingListener listener;
  expect_prompt_stop(listener.url(), [](std::size_t) {
    g_usleep(20000);  // nothing tells when a SYN is on its way; this is the fault, not the assertion
    return true;
  });
}

LAW(in_the_middle_of_a_status_line) {
  const ScriptedCamera camera(Script().expect("OPTIONS").send("RTSP/1.0 20").stall());
  expect_prompt_stop(camera.url(), [&](std::size_t n) { return camera.wait_for("OPTIONS", n); });
}

LAW(in_the_middle_of_an_interleaved_packet) {
  StandardCamera scripted = sample_camera(3);
  scripted.after_media = Script().send(std::string("$\0\x05\x00half", 8)).stall();
  const ScriptedCamera camera(scripted);
  expect_prompt_stop(camera.url(), [&](std::size_t n) { return camera.wait_for("PLAY", n); });
}

LAW(in_silence_while_playing) {
  StandardCamera scripted = sample_camera(3);
  scripted.after_media = Script().stall();
  const ScriptedCamera camera(scripted);
  expect_prompt_stop(camera.url(), [&](std::size_t n) { return camera.wait_for("PLAY", n); });
}

LAW(in_silence_while_playing_over_udp) {
  StandardCamera scripted = sample_camera(3);
  scripted.tcp = false;
  scripted.after_media = Script().stall();
  const ScriptedCamera camera(scripted);
  expect_prompt_stop(camera.url(), [&](std::size_t n) { return camera.wait_for("PLAY", n); });
}

LAW(while_a_server_never_reads) {
  const ScriptedCamera camera(Script().stop_reading());
  expect_prompt_stop(camera.url(), [&](std::size_t n) { return camera.wait_for_connections(n); });
}

LAW(a_server_that_never_answers_teardown_is_left_after_the_teardown_timeout) {
  const ScriptedCamera camera(sample_camera(3).on("TEARDOWN", Script().stall()));
  ElementRunner runner("location=" + camera.url() + " teardown-timeout=30000000");
  runner.start();
  ck_assert(runner.wait_for_buffers(3));
  ck_assert(runner.stop() < GST_SECOND);
}

LAW(teardown_is_sent_when_stopping) {
  StandardCamera scripted = sample_camera(3);
  scripted.after_media = Script();
  const ScriptedCamera camera(scripted);
  {
    ElementRunner runner("location=" + camera.url());
    runner.start();
    ck_assert(runner.wait_for_buffers(3));
  }
  ck_assert(camera.wait_for("TEARDOWN"));
  ASSERT_TEXT(camera.problems(), "");
}

LAW(stopping_and_starting_again_in_the_middle_plays_on) {
  const ScriptedCamera camera(sample_camera(5));
  ElementRunner runner("location=" + camera.url());
  for (std::size_t i = 1; i <= 5; ++i) {
    runner.start();
    ck_assert(runner.wait_for_buffers(i));
    runner.stop();
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_unlock");
}
