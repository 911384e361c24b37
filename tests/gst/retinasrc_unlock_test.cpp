// create() leaves soon after unlock(), whatever the network does.

#include <future>

#include "gst/element_runner.h"
#include "gst/prompt_stop.h"
#include "gst/sample_camera.h"

namespace {

using namespace retina::test;

constexpr GstClockTime kLimit = 50 * GST_MSECOND;

void expect_prompt_stop(const std::string& location, const std::function<bool(std::size_t)>& reached) {
  retina::test::expect_prompt_stop(location, kLimit, reached);
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

// --- the application's EOS ---

/// Sends some frames, and then nothing for ever.
StandardCamera silent_camera() {
  StandardCamera scripted = sample_camera(3);
  scripted.after_media = Script().stall();
  return scripted;
}

void end(const ElementRunner& runner) {
  ck_assert(gst_element_send_event(runner.source(), gst_event_new_eos()));
}

LAW(an_eos_event_ends_a_stream_on_which_nothing_comes) {
  const ScriptedCamera camera(silent_camera());
  ElementRunner runner("location=" + camera.url());
  runner.start();
  ck_assert(runner.wait_for_buffers(3));
  end(runner);
  ck_assert(runner.wait().kind == Outcome::Kind::kEos);
  ck_assert_uint_eq(runner.received().size(), 3);
}

LAW(an_eos_event_does_not_wait_for_a_thread_that_is_held_up_downstream) {
  const ScriptedCamera camera(silent_camera());
  ElementRunner runner("location=" + camera.url());
  std::promise<void> held_up;
  GstPad* pad = gst_element_get_static_pad(runner.source(), "src");
  gst_pad_add_probe(
      pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER),
      +[](GstPad*, GstPadProbeInfo*, gpointer promise) {
        static_cast<std::promise<void>*>(promise)->set_value();
        return GST_PAD_PROBE_OK;
      },
      &held_up, nullptr);
  gst_object_unref(pad);
  runner.start();
  held_up.get_future().wait();
  end(runner);
  runner.stop();
}

LAW(an_eos_event_is_over_when_the_element_runs_again) {
  const ScriptedCamera camera({serving(silent_camera()), serving(silent_camera())});
  ElementRunner runner("location=" + camera.url());
  ck_assert(!gst_element_send_event(runner.source(), gst_event_new_eos()));  // it doesn't run
  for (std::size_t run = 1; run <= 2; ++run) {
    runner.start();
    ck_assert(runner.wait_for_buffers(3 * run));
    end(runner);
    ck_assert(runner.wait().kind == Outcome::Kind::kEos);
    runner.stop();
  }
}

// --- TEARDOWN ---

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
