// No object, buffer, caps, event or query of GStreamer's stays behind: GStreamer's own tracer counts them.

#include <functional>
#include <string>
#include <vector>

#include "gst/element_runner.h"
#include "gst/three_streams.h"

namespace {

using namespace retina::test;

/// What the tracer has listed: a line for each.
std::vector<std::string> listed;

void on_log(GstDebugCategory* category, GstDebugLevel, const gchar*, const gchar*, gint, GObject*,
            GstDebugMessage* message, gpointer) {
  if (g_strcmp0(gst_debug_category_get_name(category), "GST_TRACER") != 0) return;
  const std::string text = gst_debug_message_get(message);
  if (text.rfind("object-alive", 0) == 0) listed.push_back(text);
}

/// Ends GStreamer, which joins its threads and frees what it has itself; the tracer lists the rest. (Its live
/// list, which needn't end anything, reads objects while threads that are about to end free them.)
std::vector<std::string> left() {
  gst_debug_remove_log_function(gst_debug_log_default);
  gst_debug_add_log_function(on_log, nullptr, nullptr);
  gst_debug_set_active(TRUE);
  gst_debug_set_threshold_for_name("GST_TRACER", GST_LEVEL_TRACE);
  gst_deinit();
  return listed;
}

void expect_no_leak(const std::function<void()>& run) {
  for (int i = 0; i < 3; ++i)
    run();
  std::string text;
  for (const std::string& line : left())
    text += "\n" + line;
  ck_assert_msg(text.empty(), "left behind:%s", text.c_str());
}

StandardCamera breaking(StandardCamera camera) {
  camera.after_media = Script().send("$").close();
  return camera;
}

StandardCamera recording(StandardCamera camera) {
  camera.sdp.insert(camera.sdp.find("m=video"), "a=range:npt=0-30\n");
  return camera;
}

constexpr const char* kQuick = " reconnect=true reconnect-delay=10 reconnect-max-delay=20";

LAW(the_tracer_sees_what_is_left) {
  // Left for the tracer; LeakSanitizer sees that it is still held.
  static GstBuffer* const kept = gst_buffer_new();
  ck_assert(kept != nullptr);
  const auto lines = left();
  ck_assert_uint_eq(lines.size(), 1);
  ck_assert_msg(lines[0].find("GstBuffer") != std::string::npos, "%s", lines[0].c_str());
}

LAW(nothing_is_left_of_a_run_to_its_end) {
  expect_no_leak([] {
    const ScriptedCamera camera(sample_camera(20));
    ElementRunner runner("location=" + camera.url());
    ck_assert(runner.run().kind == Outcome::Kind::kEos);
  });
}

LAW(nothing_is_left_of_a_run_that_fails) {
  StandardCamera absent = sample_camera(0);
  absent.on("DESCRIBE", Script().status(404, "Not Found"));
  expect_no_leak([&] {
    const ScriptedCamera camera(absent);
    ElementRunner runner("location=" + camera.url());
    ck_assert(runner.run().kind == Outcome::Kind::kError);
  });
}

LAW(nothing_is_left_where_no_element_takes_the_stream) {
  expect_no_leak([] {
    const ScriptedCamera camera(sample_camera(5));
    ElementRunner runner("location=" + camera.url(), "video/x-h265");
    ck_assert(runner.run().kind == Outcome::Kind::kError);
  });
}

LAW(nothing_is_left_of_an_outage) {
  expect_no_leak([] {
    const ScriptedCamera camera({serving(breaking(sample_camera(5))), serving(recording(sample_camera(7)))});
    ElementRunner runner("location=" + camera.url() + kQuick);
    ck_assert(runner.run().kind == Outcome::Kind::kEos);
    ck_assert_uint_eq(runner.received().size(), 12);
  });
}

LAW(nothing_is_left_of_a_stop_in_the_middle_of_a_packet) {
  StandardCamera standard = sample_camera(3);
  standard.after_media = Script().send(std::string("$\0\x05\x00half", 8)).stall();
  expect_no_leak([&] {
    const ScriptedCamera camera(standard);
    ElementRunner runner("location=" + camera.url() + " teardown-timeout=0");
    runner.start();
    ck_assert(runner.wait_for_buffers(3));
    runner.stop();
  });
}

LAW(nothing_is_left_of_a_bin_that_ends) {
  expect_no_leak([] {
    const ScriptedCamera camera(camera_of_three(30));
    BinRunner runner(camera.url());
    runner.set_state(GST_STATE_PLAYING);
    ck_assert(runner.wait_for_ended(3));
  });
}

LAW(nothing_is_left_of_a_bin_that_is_stopped_and_started_again) {
  expect_no_leak([] {
    StandardCamera standard = camera_of_three(30);
    standard.after_media = Script().stall();
    const ScriptedCamera camera(standard);
    BinRunner runner(camera.url());
    for (unsigned round = 1; round <= 3; ++round) {
      runner.set_state(GST_STATE_PLAYING);
      ck_assert(runner.wait_for_frames("video_0", 30 * round));
      runner.stop();
    }
  });
}

LAW(nothing_is_left_of_a_bin_without_links) {
  expect_no_leak([] {
    const ScriptedCamera camera(camera_of_three(30));
    BinRunner runner(camera.url(), [](GstPad*, const std::string& name) { return name == "video_0"; });
    runner.set_state(GST_STATE_PLAYING);
    ck_assert(runner.wait_for_frames("video_0", 30));
  });
}

LAW(nothing_is_left_of_an_outage_of_a_bin) {
  expect_no_leak([] {
    const ScriptedCamera camera(
        {serving(breaking(camera_of_three(10))), serving(recording(camera_of_three(10)))});
    BinRunner runner(camera.url());
    g_object_set(runner.bin(), "reconnect", TRUE, "reconnect-delay", 10U, nullptr);
    runner.set_state(GST_STATE_PLAYING);
    ck_assert(runner.wait_for_ended(3));
    ck_assert_uint_eq(runner.pads().at("video_0").frames.size(), 20);
  });
}

}  // namespace

int main(int argc, char** argv) {
  g_setenv("GST_TRACERS", "leaks", TRUE);
  gst_init(&argc, &argv);
  return retina::test::run_laws("leaks", 60);
}
