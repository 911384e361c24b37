// What an EOS event of the application's makes of a retinabin.

#include <future>

#include "gst/bin_runner.h"
#include "gst/three_streams.h"

namespace {

using namespace retina;
using namespace retina::test;

/// Of one stream of three_streams().
void add(Media& media, std::uint8_t stream, unsigned first, unsigned count) {
  for (const Media all = three_streams(count, first); const auto& packet : all.packets)
    if (packet.stream == stream) media.packets.push_back(packet);
}

void end(const BinRunner& runner) {
  ck_assert(gst_element_send_event(runner.bin(), gst_event_new_eos()));
}

/// Pictures have come farther than sound, or the other way round.
void run_behind(const char* ahead_pad, std::uint8_t ahead, const char* behind_pad, std::uint8_t behind) {
  std::promise<void> told;
  StandardCamera standard = camera_of_three(0);
  standard.media = {};
  add(standard.media, ahead, 0, 20);
  add(standard.media, behind, 0, 13);
  Media rest;
  add(rest, behind, 13, 12);
  add(rest, ahead, 20, 5);
  standard.after_media = Script();
  standard.after_media.run([&] { told.get_future().wait(); }).play(rest).stall();
  const ScriptedCamera camera(std::move(standard));
  BinRunner runner(camera.url());
  gst_util_set_object_arg(G_OBJECT(runner.bin()), "timestamp-mode", "camera");
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames(ahead_pad, 20) && runner.wait_for_frames(behind_pad, 13));
  end(runner);
  told.set_value();
  ck_assert(runner.wait_for_ended(3));
  const auto pads = runner.pads();
  ck_assert_uint_eq(pads.at(ahead_pad).frames.size(), 20);
  ck_assert_uint_eq(pads.at(behind_pad).frames.size(), 20);
  ck_assert(pads.at("video_0").frames[19] == avc(picture(19)));
  ck_assert(pads.at("audio_0").frames[19] == sound(19));
}

LAW(sound_goes_on_to_where_the_pictures_are) {
  run_behind("video_0", 0, "audio_0", 1);
}
LAW(pictures_go_on_to_where_the_sound_is) {
  run_behind("audio_0", 1, "video_0", 0);
}

/// A camera that sends some frames, and then nothing for ever.
StandardCamera silent_camera() {
  StandardCamera standard = camera_of_three(10);
  standard.after_media = Script();
  standard.after_media.stall();
  return standard;
}

void wait_for_all(BinRunner& runner) {
  for (const char* pad : {"video_0", "audio_0", "application_0"})
    ck_assert(runner.wait_for_frames(pad, 10));
}

LAW(a_silent_camera_s_streams_end_all_the_same) {
  const ScriptedCamera camera(silent_camera());
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  wait_for_all(runner);
  end(runner);
  ck_assert(runner.wait_for_ended(3));
  expect_all(runner.pads(), 10);
}

LAW(who_asks_again_does_not_wait) {
  const ScriptedCamera camera(silent_camera());
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  wait_for_all(runner);
  end(runner);
  end(runner);
  ck_assert(runner.wait_for_ended(3));
}

LAW(it_is_stopped_and_runs_again_while_the_streams_are_to_end) {
  const ScriptedCamera camera(silent_camera());
  BinRunner runner(camera.url());
  for (std::size_t run = 1; run <= 3; ++run) {
    runner.set_state(GST_STATE_PLAYING);
    for (const char* pad : {"video_0", "audio_0", "application_0"})
      ck_assert(runner.wait_for_frames(pad, 10 * run));
    end(runner);
    runner.stop();
  }
}

/// Holds up the thread of the pictures at their pad.
struct HeldUp {
  GstPad* pad = nullptr;
  gulong probe = 0;

  BinRunner::Linker linker() {
    return [this](GstPad* new_pad, const std::string& name) {
      if (name != "video_0") return true;
      pad = new_pad;
      const auto hold = +[](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; };
      probe = gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM, hold, nullptr, nullptr);
      return true;
    };
  }
};

LAW(a_stream_that_is_held_up_ends_when_it_can) {
  const ScriptedCamera camera(silent_camera());
  HeldUp video;
  BinRunner runner(camera.url(), video.linker());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames("audio_0", 10));
  end(runner);
  ck_assert(runner.wait_for_ended(2));
  gst_pad_remove_probe(video.pad, video.probe);
  ck_assert(runner.wait_for_ended(3));
}

LAW(who_asks_while_a_stream_is_held_up_does_not_wait_and_may_stop) {
  const ScriptedCamera camera(silent_camera());
  HeldUp video;
  BinRunner runner(camera.url(), video.linker());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames("audio_0", 10));
  end(runner);
  end(runner);  // at once, also for the stream that can't
  ck_assert(runner.wait_for_ended(2));
  runner.stop();
}

LAW(who_stops_while_the_rest_is_told_of_the_end_does_not_wait) {
  const ScriptedCamera camera(silent_camera());
  HeldUp video;
  BinRunner runner(camera.url(), video.linker());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames("audio_0", 10));
  end(runner);
  ck_assert(runner.wait_for_ended(2));  // after the patience with the one that is held up
  runner.stop();
}

LAW(who_asks_before_the_streams_are_known_gets_the_end_when_they_are) {
  std::promise<void> told;
  const ScriptedCamera camera(
      silent_camera().on("DESCRIBE", Script().run([&] { told.get_future().wait(); }).standard()));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(camera.wait_for("DESCRIBE"));
  end(runner);
  told.set_value();
  ck_assert(runner.wait_for_ended(3));
}

LAW(what_is_not_open_does_not_take_an_end) {
  const ScriptedCamera camera(silent_camera());
  BinRunner runner(camera.url());
  ck_assert(!gst_element_send_event(runner.bin(), gst_event_new_eos()));
  runner.set_state(GST_STATE_PLAYING);
  wait_for_all(runner);
}

LAW(a_paused_bin_ends_too) {
  const ScriptedCamera camera(silent_camera());
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  wait_for_all(runner);
  runner.set_state(GST_STATE_PAUSED);
  end(runner);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
}

}  // namespace

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  return retina::test::run_laws("retinabin_end", 30);
}
