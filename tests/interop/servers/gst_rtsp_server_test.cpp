// gst-rtsp-server, as tools/camera starts it: no, Basic and Digest authentication; right, wrong and missing
// credentials; the whole dialogue, to the answer to TEARDOWN.

#include <algorithm>

#include "interop/servers/child.h"
#include "interop/servers/h264_file.h"
#include "interop/servers/tap.h"
#include "support/certificates.h"

namespace {

using namespace retina::test;

constexpr const char* kUser = "admin";
constexpr const char* kPassword = "s3cret p@ss:word%";
constexpr const char* kInUrl = "admin:s3cret%20p%40ss%3Aword%25";

/// tools/camera without end, video only.
class Camera {
 public:
  explicit Camera(std::vector<std::string> options = {})
      : child_(with(std::move(options))), url_(child_.wait_for_line("://")) {
    ck_assert_msg(!url_.empty(), "the camera did not start: %s", child_.output().c_str());
  }
  static std::vector<std::string> credentials(const char* scheme) {
    return {std::string("--auth=") + scheme, std::string("--user=") + kUser,
            std::string("--password=") + kPassword};
  }

  std::uint16_t port() const {
    return static_cast<std::uint16_t>(std::stoi(url_.substr(url_.rfind(':') + 1)));
  }

 private:
  static std::vector<std::string> with(std::vector<std::string> options) {
    const std::vector<std::string> all{g_getenv("RETINA_CAMERA"), "--size=320x240", "--no-audio",
                                       "--fps=" + std::to_string(kFps), "--bitrate=500"};
    options.insert(options.begin(), all.begin(), all.end());
    return options;
  }

  Child child_;
  std::string url_;
};

/// 40 frames, each a picture, a picture's time apart; then an orderly farewell.
void expect_good_session(const Tap& tap, ElementRunner& runner) {
  constexpr std::size_t kFrames = 40;
  runner.start();
  ck_assert_msg(runner.wait_for_buffers(kFrames), "%s", tap.dialogue().c_str());
  runner.stop();
  ck_assert(tap.wait_for_closed(1));
  auto frames = runner.received();
  // A live encoder that others made wait takes up in the middle of its group of pictures.
  while (!frames.empty() && frames.front().has(GST_BUFFER_FLAG_DELTA_UNIT))
    frames.erase(frames.begin());
  ck_assert_uint_ge(frames.size(), kFrames - kFps);
  ck_assert_uint_eq(decode(frames), frames.size());
  ck_assert_uint_eq(runner.stat("packets-lost"), 0);
  ck_assert_uint_eq(runner.stat("frames-dropped"), 0);
}

constexpr const char* kPatient = " teardown-timeout=5000000000";

LAW(frames_decode_and_the_session_is_given_back) {
  const Camera camera;
  const Tap tap(camera.port());
  ElementRunner runner("location=" + tap.url("/stream") + kPatient);
  expect_good_session(tap, runner);
  ASSERT_TEXT(tap.dialogue(), "OPTIONS 200 DESCRIBE 200 SETUP 200 PLAY 200 TEARDOWN 200 ");
}

LAW(frames_over_udp_decode_and_the_session_is_given_back) {
  const Camera camera;
  const Tap tap(camera.port());
  ElementRunner runner("protocols=udp location=" + tap.url("/stream") + kPatient);
  expect_good_session(tap, runner);
  ASSERT_TEXT(runner.transport(), "udp");
  ASSERT_TEXT(tap.dialogue(), "OPTIONS 200 DESCRIBE 200 SETUP 200 PLAY 200 TEARDOWN 200 ");
}

LAW(a_finite_stream_over_udp_comes_whole_and_at_its_rate) {
  const Camera camera({"--frames=60"});
  ElementRunner runner("protocols=udp location=rtsp://127.0.0.1:" + std::to_string(camera.port()) +
                       "/stream");
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  const auto frames = runner.received();
  ck_assert_uint_eq(frames.size(), 60);
  expect_steady_times(frames);
  ck_assert_uint_eq(decode(frames), 60);
  ASSERT_TEXT(runner.transport(), "udp");
}

LAW(a_finite_stream_comes_whole_and_at_its_rate) {
  const Camera camera({"--frames=60"});
  ElementRunner runner("location=rtsp://127.0.0.1:" + std::to_string(camera.port()) + "/stream");
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  const auto frames = runner.received();
  ck_assert_uint_eq(frames.size(), 60);
  expect_steady_times(frames);
  ck_assert_uint_eq(decode(frames), 60);
}

LAW(the_right_credentials_play_and_every_request_carries_them) {
  for (const char* scheme : {"basic", "digest"}) {
    const Camera camera(Camera::credentials(scheme));
    const Tap tap(camera.port());
    ElementRunner runner("location=" + tap.url("/stream") + kPatient);
    g_object_set(runner.source(), "user-id", kUser, "user-pw", kPassword, nullptr);
    expect_good_session(tap, runner);
    // Asked once; from then on nothing goes without.
    ASSERT_TEXT(tap.dialogue(), "OPTIONS 200 DESCRIBE 401 DESCRIBE 200 SETUP 200 PLAY 200 TEARDOWN 200 ");
    const std::string expected = scheme == std::string("basic") ? "Basic " : "Digest ";
    const auto requests = tap.requests();
    for (std::size_t i = 0; i < 2; ++i)
      ck_assert(!requests[i].header("Authorization"));
    for (std::size_t i = 2; i < requests.size(); ++i)
      ck_assert(requests[i].header_or_empty("Authorization").starts_with(expected));
  }
}

LAW(credentials_in_the_url_are_decoded) {
  for (const char* scheme : {"basic", "digest"}) {
    const Camera camera(Camera::credentials(scheme));
    const Tap tap(camera.port());
    ElementRunner runner("location=" + tap.url("/stream", kInUrl) + kPatient);
    expect_good_session(tap, runner);
  }
}

/// Ends in a clear error, and asks so seldom that no camera locks the account.
void expect_refusal(const Camera& camera, ElementRunner& runner, const Tap& tap, const char* word) {
  runner.set("location", tap.url("/stream"));
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.domain == GST_RESOURCE_ERROR);
  ck_assert_int_eq(outcome.code, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  ck_assert_uint_eq(outcome.rtsp_status, 401);
  ck_assert_msg(outcome.text.find(word) != std::string::npos, "%s", outcome.text.c_str());
  const auto requests = tap.requests();
  const auto tries = std::count_if(requests.begin(), requests.end(), [](const RtspRequest& request) {
    return request.header("Authorization");
  });
  ck_assert_int_le(tries, 2);
  ck_assert_uint_eq(tap.count("SETUP"), 0);
  // The element, and the server, go on well.
  runner.stop();
  g_object_set(runner.source(), "user-id", kUser, "user-pw", kPassword, nullptr);
  runner.set("location", "rtsp://127.0.0.1:" + std::to_string(camera.port()) + "/stream");
  runner.start();
  ck_assert(runner.wait_for_buffers(3));
}

LAW(wrong_credentials_are_a_clear_error) {
  for (const char* scheme : {"basic", "digest"}) {
    const Camera camera(Camera::credentials(scheme));
    for (const auto& [user, password] : {std::pair{kUser, "guess"}, {"nobody", kPassword}, {kUser, ""}}) {
      const Tap tap(camera.port());
      ElementRunner runner("");
      g_object_set(runner.source(), "user-id", user, "user-pw", password, nullptr);
      expect_refusal(camera, runner, tap, "refused");
    }
  }
}

LAW(missing_credentials_are_a_clear_error) {
  for (const char* scheme : {"basic", "digest"}) {
    const Camera camera(Camera::credentials(scheme));
    const Tap tap(camera.port());
    ElementRunner runner("");
    expect_refusal(camera, runner, tap, "user-id");
  }
}

/// The file is trusted; the address is that of the certificate.
void trust(ElementRunner& runner, const Certificates& certificates) {
  GTlsDatabase* database = g_tls_file_database_new(certificates.authority().c_str(), nullptr);
  g_object_set(runner.source(), "tls-database", database, nullptr);
  g_object_unref(database);
}

LAW(frames_over_tls_decode_with_and_without_credentials) {
  Certificates certificates;
  const std::string tls = "--tls=" + certificates.issue("IP:127.0.0.1");
  for (const bool asks : {false, true}) {
    std::vector<std::string> options = asks ? Camera::credentials("digest") : std::vector<std::string>();
    options.insert(options.end(), {tls, "--frames=60"});
    const Camera camera(options);
    ElementRunner runner("location=rtsps://127.0.0.1:" + std::to_string(camera.port()) + "/stream");
    g_object_set(runner.source(), "user-id", kUser, "user-pw", kPassword, nullptr);
    trust(runner, certificates);
    const Outcome outcome = runner.run();
    ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
    const auto frames = runner.received();
    ck_assert_uint_eq(frames.size(), 60);
    expect_steady_times(frames);
    ck_assert_uint_eq(decode(frames), 60);
    ASSERT_TEXT(runner.transport(), "tls");
  }
}

LAW(a_camera_that_is_not_trusted_is_refused_over_tls) {
  Certificates certificates;
  const Camera camera({"--tls=" + certificates.issue("IP:127.0.0.1")});
  ElementRunner runner("location=rtsps://127.0.0.1:" + std::to_string(camera.port()) + "/stream");
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_OPEN_READ);
  ck_assert_msg(outcome.text.find("tls-database") != std::string::npos, "%s", outcome.text.c_str());
}

LAW(a_path_that_is_not_there) {
  const Camera camera;
  const Tap tap(camera.port());
  ElementRunner runner("location=" + tap.url("/nothing"));
  const Outcome outcome = runner.run();
  ck_assert_int_eq(outcome.code, GST_RESOURCE_ERROR_NOT_FOUND);
  ck_assert_uint_eq(outcome.rtsp_status, 404);
}

LAW(a_server_that_dies_while_playing_is_an_error) {
  auto camera = std::make_unique<Camera>();
  ElementRunner runner("location=rtsp://127.0.0.1:" + std::to_string(camera->port()) + "/stream");
  runner.start();
  ck_assert(runner.wait_for_buffers(3));
  camera.reset();
  const Outcome outcome = runner.wait();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_READ);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (g_getenv("RETINA_CAMERA") == nullptr || !have_h264_tools() || !Certificates::can_be_made()) {
    std::puts("SKIP: needs tools/camera, x264enc (plugins-ugly), avdec_h264 (libav), openssl");
    return 77;
  }
  return run_laws("gst_rtsp_server", 60);
}
