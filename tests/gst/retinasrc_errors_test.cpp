// Bad input of every kind: a clear error with the right domain and code, a clean stop, and an element that
// works again.

#include "gst/element_runner.h"
#include "gst/sample_camera.h"

namespace {

using namespace retina::test;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// After whatever went wrong before: the same element plays a good camera to its end.
void expect_recovery(ElementRunner& runner) {
  runner.stop();
  const ScriptedCamera good(sample_camera(5));
  runner.set("location", good.url());
  runner.set("user-id", "");
  runner.set("media", "any");
  const std::size_t before = runner.received().size();
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "a good camera fails afterwards: %s",
                outcome.text.c_str());
  ck_assert_uint_eq(runner.received().size() - before, 5);
}

Outcome expect_error(ElementRunner& runner, GstResourceError code) {
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kError, "no error");
  ck_assert_msg(outcome.domain == GST_RESOURCE_ERROR && outcome.code == static_cast<int>(code), "%s %d: %s",
                g_quark_to_string(outcome.domain), outcome.code, outcome.text.c_str());
  ck_assert_msg(outcome.text.size() > 20, "no sentence: %s", outcome.text.c_str());
  expect_recovery(runner);
  return outcome;
}

/// Against a camera: the error, and that it names what the user needs.
Outcome expect_camera_error(const StandardCamera& scripted, GstResourceError code, const std::string& word,
                            const std::string& properties = "") {
  const ScriptedCamera camera(scripted);
  ElementRunner runner("location=" + camera.url() + " tcp-timeout=2000000 " + properties);
  const Outcome outcome = expect_error(runner, code);
  ck_assert_msg(contains(outcome.text, word), "\"%s\" isn't in: %s", word.c_str(), outcome.text.c_str());
  return outcome;
}

LAW(no_location) {
  ElementRunner runner("");
  ck_assert(contains(expect_error(runner, GST_RESOURCE_ERROR_SETTINGS).text, "location"));
}

LAW(no_host) {
  ElementRunner runner("location=rtsp:///stream");
  expect_error(runner, GST_RESOURCE_ERROR_SETTINGS);
}

LAW(unknown_scheme) {
  ElementRunner runner("location=http://127.0.0.1/stream");
  expect_error(runner, GST_RESOURCE_ERROR_SETTINGS);
}

LAW(unknown_host) {
  ElementRunner runner("location=rtsp://no-such-camera.invalid/stream");
  expect_error(runner, GST_RESOURCE_ERROR_NOT_FOUND);
}

LAW(connection_refused) {
  std::string url;
  { url = ScriptedCamera(Script()).url(); }
  ElementRunner runner("location=" + url);
  expect_error(runner, GST_RESOURCE_ERROR_OPEN_READ);
}

LAW(connecting_without_an_answer) {
  const HangingListener listener;
  ElementRunner runner("location=" + listener.url() + " tcp-timeout=300000");
  expect_error(runner, GST_RESOURCE_ERROR_READ);
}

LAW(credentials_missing) {
  StandardCamera camera = sample_camera();
  camera.credentials.scheme = AuthScheme::kDigest;
  camera.credentials.user = "admin";
  camera.credentials.password = "s3cret";
  const Outcome outcome = expect_camera_error(camera, GST_RESOURCE_ERROR_NOT_AUTHORIZED, "user-id");
  ck_assert_uint_eq(outcome.rtsp_status, 401);
}

LAW(credentials_wrong) {
  StandardCamera camera = sample_camera();
  camera.credentials.scheme = AuthScheme::kDigest;
  camera.credentials.user = "admin";
  camera.credentials.password = "s3cret";
  const Outcome outcome = expect_camera_error(camera, GST_RESOURCE_ERROR_NOT_AUTHORIZED, "refused",
                                              "user-id=admin user-pw=wr0ng-one");
  ck_assert_uint_eq(outcome.rtsp_status, 401);
  ck_assert(!contains(outcome.text + outcome.debug, "wr0ng-one"));
}

LAW(not_found) {
  const Outcome outcome = expect_camera_error(
      sample_camera().on("DESCRIBE", Script().status(404, "Not Found")), GST_RESOURCE_ERROR_NOT_FOUND, "404");
  ck_assert_uint_eq(outcome.rtsp_status, 404);
  ASSERT_TEXT(outcome.rtsp_reason, "Not Found");
}

LAW(server_error) {
  const Outcome outcome = expect_camera_error(sample_camera().on("DESCRIBE", Script().status(500, "Oops")),
                                              GST_RESOURCE_ERROR_OPEN_READ, "500");
  ck_assert_uint_eq(outcome.rtsp_status, 500);
}

LAW(setup_refused) {
  const Outcome outcome =
      expect_camera_error(sample_camera().on("SETUP", Script().status(461, "Unsupported Transport")),
                          GST_RESOURCE_ERROR_OPEN_READ, "SETUP");
  ck_assert_uint_eq(outcome.rtsp_status, 461);
}

LAW(play_refused) {
  expect_camera_error(sample_camera().on("PLAY", Script().status(455, "Method Not Valid In This State")),
                      GST_RESOURCE_ERROR_OPEN_READ, "PLAY");
}

LAW(description_empty) {
  StandardCamera camera = sample_camera();
  camera.sdp.clear();
  expect_camera_error(camera, GST_RESOURCE_ERROR_OPEN_READ, "SDP");
}

LAW(description_garbage) {
  StandardCamera camera = sample_camera();
  camera.sdp = "\x01\x02 this is no description {} \n=\nx\n";
  expect_camera_error(camera, GST_RESOURCE_ERROR_OPEN_READ, "SDP");
}

LAW(description_without_video) {
  StandardCamera camera = sample_camera();
  camera.sdp = "v=0\ns=x\nt=0 0\nm=audio 0 RTP/AVP 0\na=control:track1\n";
  expect_camera_error(camera, GST_RESOURCE_ERROR_NOT_FOUND, "audio PCMU", "media=video");
}

LAW(a_stream_that_is_not_there) {
  const Outcome outcome =
      expect_camera_error(sample_camera(), GST_RESOURCE_ERROR_NOT_FOUND, "0: video H264", "media=audio");
  ck_assert_uint_eq(outcome.rtsp_status, 0);
}

LAW(end_of_connection_at_options_and_then_at_describe) {
  expect_camera_error(sample_camera().on("OPTIONS", Script().close()).on("DESCRIBE", Script().close()),
                      GST_RESOURCE_ERROR_READ, "DESCRIBE");
}
LAW(end_of_connection_at_describe) {
  expect_camera_error(sample_camera().on("DESCRIBE", Script().close()), GST_RESOURCE_ERROR_READ, "DESCRIBE");
}
LAW(end_of_connection_at_setup) {
  expect_camera_error(sample_camera().on("SETUP", Script().close()), GST_RESOURCE_ERROR_READ, "SETUP");
}
LAW(end_of_connection_at_play) {
  expect_camera_error(sample_camera().on("PLAY", Script().close()), GST_RESOURCE_ERROR_READ, "PLAY");
}
LAW(end_of_connection_while_playing) {
  StandardCamera camera = sample_camera();
  camera.after_media = Script().close();
  expect_camera_error(camera, GST_RESOURCE_ERROR_READ, "while playing");
}
LAW(reset_while_playing) {
  StandardCamera camera = sample_camera();
  camera.after_media = Script().reset();
  expect_camera_error(camera, GST_RESOURCE_ERROR_READ, "while playing");
}
LAW(end_in_the_middle_of_a_packet) {
  StandardCamera camera = sample_camera();
  camera.after_media = Script().send(std::string("$\0\x05\x00half", 8)).close();
  expect_camera_error(camera, GST_RESOURCE_ERROR_READ, "middle of a message");
}

LAW(no_answer_to_a_request) {
  for (const char* method : {"DESCRIBE", "SETUP", "PLAY"}) {
    expect_camera_error(sample_camera().on(method, Script().stall()), GST_RESOURCE_ERROR_READ, method,
                        "tcp-timeout=200000");
  }
}

LAW(silence_while_playing) {
  StandardCamera camera = sample_camera();
  camera.after_media = Script().stall();
  expect_camera_error(camera, GST_RESOURCE_ERROR_READ, "idle-timeout", "idle-timeout=200000");
}

LAW(content_length_of_a_gigabyte) {
  expect_camera_error(
      sample_camera().on(
          "DESCRIBE",
          Script().send("RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 1000000000\r\n\r\n").stall()),
      GST_RESOURCE_ERROR_OPEN_READ, "speak RTSP");
}

LAW(header_without_end) {
  const ScriptedCamera camera(
      Script().expect("OPTIONS").send("RTSP/1.0 200 OK\r\nX: " + std::string(1 << 20, 'x')).stall());
  ElementRunner runner("location=" + camera.url());
  expect_error(runner, GST_RESOURCE_ERROR_OPEN_READ);
}

LAW(garbage_instead_of_rtsp) {
  const ScriptedCamera camera(Script().send("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").stall());
  ElementRunner runner("location=" + camera.url());
  expect_error(runner, GST_RESOURCE_ERROR_OPEN_READ);
}

LAW(garbage_between_packets_is_skipped_and_noted_in_the_statistics) {
  StandardCamera scripted = sample_camera();
  Media more = sample_media(20);
  more.packets.erase(more.packets.begin(), more.packets.begin() + 10);
  scripted.after_media = Script().send(std::string(5000, 'z')).play(more).send(sample_bye());
  const ScriptedCamera camera(scripted);
  ElementRunner runner("location=" + camera.url());
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  ck_assert_uint_eq(runner.received().size(), 20);
  ck_assert_uint_eq(runner.stat("resyncs"), 1);
  ck_assert(runner.received()[10].has(GST_BUFFER_FLAG_DISCONT));
}

LAW(garbage_without_end_while_playing) {
  StandardCamera camera = sample_camera();
  camera.after_media = Script().send(std::string(4 << 20, 'z')).stall();
  expect_camera_error(camera, GST_RESOURCE_ERROR_OPEN_READ, "speak RTSP");
}

LAW(downstream_that_takes_no_h264) {
  const ScriptedCamera camera(sample_camera());
  GError* error = nullptr;
  GstElement* pipeline =
      gst_parse_launch(("retinasrc location=" + camera.url() +
                        " ! capsfilter caps=\"video/x-h264, stream-format=avc, width=7\" ! fakesink")
                           .c_str(),
                       &error);
  ck_assert(error == nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(bus, 15 * GST_SECOND, GST_MESSAGE_ERROR);
  ck_assert(message != nullptr);
  gst_message_unref(message);
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_errors");
}
