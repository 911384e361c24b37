// Credentials are as well kept where one session has several streams, and where it is come back to: each
// time it is proved anew who comes, and nobody hears how.

#include "gst/bin_runner.h"
#include "gst/element_runner.h"
#include "gst/secrets.h"
#include "gst/three_streams.h"

namespace {

using namespace retina::test;

StandardCamera locked_three(AuthScheme scheme) {
  StandardCamera camera = camera_of_three(5);
  camera.credentials = {scheme, kUser, kPassword, "camera", scheme == AuthScheme::kDigest};
  return camera;
}

/// As set by a program: in the URL, or apart.
struct Way {
  const char* name;
  const char* userinfo;
  const char* user;
  const char* password;
};
const Way kWays[] = {{"encoded in the URL", kInUrl, nullptr, nullptr},
                     {"properties", "", kUser, kPassword},
                     {"properties above the URL", "admin:Xw9-falsch@", kUser, kPassword}};

std::string location_of(const ScriptedCamera& camera, const Way& way) {
  return std::string("rtsp://") + way.userinfo + "127.0.0.1:" + std::to_string(camera.port()) + "/stream";
}

LAW(all_streams_of_a_bin) {
  for (const AuthScheme scheme : {AuthScheme::kBasic, AuthScheme::kDigest}) {
    for (const Way& way : kWays) {
      StandardCamera scripted = locked_three(scheme);
      scripted.nonce_requests = 2;
      const ScriptedCamera camera(scripted);
      Overheard overheard;
      {
        BinRunner runner(location_of(camera, way));
        watch_bus(overheard, runner.bin());
        g_object_set(runner.bin(), "user-id", way.user, "user-pw", way.password, "reconnect", FALSE, nullptr);
        look_around(overheard, runner.bin());
        runner.set_state(GST_STATE_PLAYING);
        ck_assert_msg(runner.wait_for_ended(3), "%s", way.name);
        look_around(overheard, runner.bin());
        expect_all(runner.pads(), 5);
        runner.stop();
        look_around(overheard, runner.bin());
      }
      ck_assert_uint_eq(camera.count("SETUP"), scheme == AuthScheme::kDigest ? 4 : 3);
      ck_assert(overheard.contains("request PLAY"));
      expect_silence(overheard, secrets(camera.requests()), way.name);
    }
  }
}

LAW(a_bin_with_wrong_credentials) {
  for (const AuthScheme scheme : {AuthScheme::kBasic, AuthScheme::kDigest}) {
    const ScriptedCamera camera(locked_three(scheme));
    Overheard overheard;
    {
      BinRunner runner(location_of(camera, {"", "", "", ""}));
      watch_bus(overheard, runner.bin());
      g_object_set(runner.bin(), "user-id", kUser, "user-pw", kWrong, nullptr);
      runner.set_state(GST_STATE_PLAYING);
      ck_assert(runner.wait_for_error().find("user-id") != std::string::npos);
      look_around(overheard, runner.bin());
    }
    expect_silence(overheard, secrets(camera.requests()), "wrong");
  }
}

LAW(a_camera_that_is_come_back_to_and_has_another_nonce) {
  for (const AuthScheme scheme : {AuthScheme::kBasic, AuthScheme::kDigest}) {
    for (const Way& way : kWays) {
      StandardCamera breaking = locked_camera(scheme, true);
      breaking.after_media = Script().close();
      StandardCamera ending = locked_camera(scheme);
      ending.sdp.insert(ending.sdp.find("m=video"), "a=range:npt=0-30\n");
      const ScriptedCamera camera({serving(breaking), serving(breaking), serving(ending)});
      Overheard overheard;
      {
        ElementRunner runner("reconnect=true reconnect-delay=10 reconnect-max-delay=20");
        watch_bus(overheard, runner.source());
        g_object_set(runner.source(), "location", location_of(camera, way).c_str(), "user-id", way.user,
                     "user-pw", way.password, nullptr);
        const Outcome outcome = runner.run();
        ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s: %s", way.name, outcome.text.c_str());
        look_around(overheard, runner.source());
        ck_assert_uint_eq(runner.received().size(), 9);
        ck_assert_uint_eq(runner.stat("reconnects"), 2);
      }
      expect_silence(overheard, secrets(camera.requests()), way.name);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_setenv("G_MESSAGES_DEBUG", "all", TRUE);
  g_log_set_writer_func(Overheard::on_glib, nullptr, nullptr);
  gst_init(&argc, &argv);
  return retina::test::run_laws("credentials_lasting", 120);
}
