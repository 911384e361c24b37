// retinabin with a camera that refuses some of its streams.

#include <unistd.h>

#include "gst/three_streams.h"

namespace {

using namespace retina;
using namespace retina::test;

/// It refuses the second SETUP: that of the sound.
StandardCamera without_sound(StandardCamera camera) {
  camera.on("SETUP", Script().status(403, "Forbidden"), 1, 1);
  return camera;
}

/// Its picture and its documents play to their end.
StandardCamera playing_two(unsigned frames) {
  StandardCamera camera = camera_of_three(frames);
  camera.after_media = Script().send(bye(0, 0xCAFE)).send(bye(2, 0xD0C));
  return without_sound(std::move(camera));
}

constexpr const char* kWarning =
    "The camera refused SETUP of stream 1 with 403 Forbidden; going on without that stream.";

void expect_no_sound(std::map<std::string, PadRecord> pads, unsigned frames) {
  ck_assert(pads.at("audio_0").ended);
  ck_assert_uint_eq(pads.at("audio_0").frames.size(), 0);
  pads.erase("audio_0");
  expect_all(pads, frames);
}

LAW(a_refused_stream_ends_with_a_warning_and_the_others_play) {
  const ScriptedCamera camera(playing_two(100));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  expect_no_sound(runner.pads(), 100);
  ck_assert_uint_eq(runner.errors(), 0);
  const auto warnings = runner.wait_for_warnings(1);
  ck_assert_uint_eq(warnings.size(), 1);
  ASSERT_TEXT(warnings[0], kWarning);
  runner.stop();
  ck_assert(camera.wait_for("TEARDOWN"));
  ASSERT_TEXT(camera.methods(), "OPTIONS DESCRIBE SETUP SETUP SETUP PLAY TEARDOWN ");
}

LAW(a_refused_stream_ends_at_once_while_the_others_go_on) {
  StandardCamera standard = playing_two(20);
  standard.after_media = Script();
  const ScriptedCamera camera(std::move(standard));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(1));
  ck_assert(runner.wait_for_frames("video_0", 20));
  ck_assert(runner.wait_for_frames("application_0", 20));
  const auto pads = runner.pads();
  ck_assert(pads.at("audio_0").ended && !pads.at("video_0").ended && !pads.at("application_0").ended);
}

LAW(only_where_all_streams_are_refused_there_is_an_error) {
  StandardCamera standard = camera_of_three(10);
  standard.on("SETUP", Script().status(453, "Not Enough Bandwidth"));
  const ScriptedCamera camera(std::move(standard));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  const std::string error = runner.wait_for_error();
  ck_assert_msg(error.find("453 Not Enough Bandwidth") != std::string::npos, "%s", error.c_str());
  ck_assert(runner.wait_for_ended(3));
  ck_assert_uint_eq(runner.errors(), 1);
}

/// What plays first ends in the middle of a packet.
StandardCamera broken_off(StandardCamera camera) {
  camera.after_media = Script().send("$").close();
  return camera;
}

/// BYE is the end of it.
StandardCamera recording(StandardCamera camera) {
  camera.sdp.insert(camera.sdp.find("m=video"), "a=range:npt=0-30\n");
  return camera;
}

/// A camera that boots in stages.
LAW(a_stream_that_has_played_is_not_left_out_after_an_outage) {
  std::vector<Behaviour> sessions = {serving(broken_off(camera_of_three(5)))};
  for (int refusals = 0; refusals < 4; ++refusals)
    sessions.push_back(serving(playing_two(5)));
  sessions.push_back(serving(recording(camera_of_three(5))));
  const ScriptedCamera camera(sessions);
  BinRunner runner(camera.url());
  g_object_set(runner.bin(), "reconnect", TRUE, "reconnect-delay", 10U, "reconnect-max-delay", 20U, nullptr);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  for (const auto& [name, record] : runner.pads())
    ck_assert_msg(record.frames.size() == 10, "%s: %zu frames", name.c_str(), record.frames.size());
  ck_assert_uint_eq(runner.errors(), 0);
}

LAW(a_stream_that_stays_refused_after_an_outage_does_not_hold_the_others_back) {
  std::vector<Behaviour> sessions = {serving(broken_off(camera_of_three(5)))};
  for (int refusals = 0; refusals < 6; ++refusals)
    sessions.push_back(serving(recording(playing_two(5))));
  const ScriptedCamera camera(sessions);
  BinRunner runner(camera.url());
  g_object_set(runner.bin(), "reconnect", TRUE, "reconnect-delay", 10U, "reconnect-max-delay", 20U, nullptr);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  const auto pads = runner.pads();
  ck_assert_uint_eq(pads.at("audio_0").frames.size(), 5);
  ck_assert_uint_eq(pads.at("video_0").frames.size(), 10);
  ck_assert_uint_eq(pads.at("application_0").frames.size(), 10);
}

LAW(a_stream_that_has_ended_stays_so_when_a_reconnect_would_give_it) {
  const ScriptedCamera camera(
      {serving(broken_off(playing_two(10))), serving(recording(camera_of_three(10)))});
  BinRunner runner(camera.url());
  g_object_set(runner.bin(), "reconnect", TRUE, "reconnect-delay", 10U, nullptr);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  const auto pads = runner.pads();
  ck_assert_uint_eq(pads.at("audio_0").frames.size(), 0);
  ck_assert_uint_eq(pads.at("video_0").frames.size(), 20);
  ck_assert_uint_eq(pads.at("application_0").frames.size(), 20);
}

LAW(a_muxer_finishes_its_file_without_the_refused_stream) {
  for (const char* muxer : {"matroskamux", "qtmux"}) {
    StandardCamera standard = playing_two(25);
    standard.sdp.erase(standard.sdp.find("m=application"));
    const ScriptedCamera camera(std::move(standard));
    const std::string file = std::string(g_get_tmp_dir()) + "/retina-refused-" + std::to_string(getpid());
    GError* error = nullptr;
    GstElement* pipeline = gst_parse_launch(
        (std::string("retinabin name=c timestamp-mode=camera reconnect=false location=") + camera.url() +
         "  c. ! queue ! video/x-h264 ! m.  c. ! queue ! audio/x-alaw ! m.  " + muxer +
         " name=m ! filesink location=" + file)
            .c_str(),
        &error);
    ck_assert_msg(error == nullptr, "%s", error != nullptr ? error->message : "");
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    GstBus* bus = gst_element_get_bus(pipeline);
    GstMessage* message = gst_bus_timed_pop_filtered(
        bus, 15 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
    ck_assert_msg(message != nullptr, "%s never ends", muxer);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error(message, &error, nullptr);
      ck_abort_msg("%s: %s", muxer, error->message);
    }
    gst_message_unref(message);
    gst_object_unref(bus);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
    gchar* bytes = nullptr;
    gsize size = 0;
    ck_assert(g_file_get_contents(file.c_str(), &bytes, &size, nullptr));
    unlink(file.c_str());
    const std::string content(bytes, size);
    g_free(bytes);
    for (unsigned i = 0; i < 25; ++i) {
      const base::Bytes frame = avc(picture(i));
      ck_assert_msg(content.find(base::as_text(frame)) != std::string::npos, "%s: frame %u", muxer, i);
    }
  }
}

LAW(other_streams_after_an_outage_are_asked_for_again_until_they_are_those_of_before) {
  StandardCamera fewer = camera_of_three(0);
  fewer.sdp = fewer.sdp.substr(0, fewer.sdp.find("m=audio"));
  const ScriptedCamera camera(
      {serving(broken_off(camera_of_three(5))), serving(fewer), serving(recording(camera_of_three(5)))});
  BinRunner runner(camera.url());
  g_object_set(runner.bin(), "reconnect", TRUE, "reconnect-delay", 10U, "reconnect-max-delay", 20U, nullptr);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  for (const auto& [name, record] : runner.pads())
    ck_assert_msg(record.frames.size() == 10, "%s: %zu frames", name.c_str(), record.frames.size());
  ck_assert_uint_eq(runner.errors(), 0);
}

}  // namespace

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  return retina::test::run_laws("retinabin and refused streams", 60);
}
