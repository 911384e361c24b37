// Credentials go to the camera that they are for, and nowhere else: not into any line of the log at its most
// talkative, nor into a message on the bus, a property that is read back, a query's answer, the statistics,
// caps, tags, or the graph of the pipeline.

#include <algorithm>
#include <array>

#include "gst/secrets.h"
#include "gst/signal_handlers.h"

namespace {

using namespace retina::test;

/// One way of having credentials, and of using them.
struct Scenario {
  const char* name;
  std::string userinfo;   // of the location
  const char* user = "";  // user-id and user-pw, where there are some
  const char* password = "";
  std::string path = "/stream";
  bool good = false;   // plays to its end
  bool proved = true;  // the camera has had credentials
  const char* filter = "";
};

std::string location_of(const ScriptedCamera& camera, const Scenario& scenario) {
  return "rtsp://" + scenario.userinfo + "127.0.0.1:" + std::to_string(camera.port()) + scenario.path;
}

void set_up(ElementRunner& runner, const std::string& location, const Scenario& scenario) {
  g_object_set(runner.source(), "location", location.c_str(), "tcp-timeout", static_cast<guint64>(3'000'000),
               "idle-timeout", static_cast<guint64>(3'000'000), nullptr);
  if (*scenario.user != '\0')
    g_object_set(runner.source(), "user-id", scenario.user, "user-pw", scenario.password, nullptr);
}

/// Plays the scenario, listening; then fails if a secret was heard.
void listen_to(const Scenario& scenario, const ScriptedCamera& camera,
               const ScriptedCamera* other = nullptr) {
  Overheard overheard;
  {
    ElementRunner runner("", scenario.filter);
    watch_bus(overheard, runner.source());
    set_up(runner, location_of(camera, scenario), scenario);
    look_around(overheard, runner.source());
    const Outcome outcome = runner.run();
    look_around(overheard, runner.source());
    ck_assert_msg(
        (outcome.kind == Outcome::Kind::kEos) == scenario.good && outcome.kind != Outcome::Kind::kTimeout,
        "%s: %s", scenario.name, outcome.text.c_str());
    runner.stop();
    look_around(overheard, runner.source());
  }
  auto requests = camera.requests();
  if (other != nullptr) {
    const auto more = other->requests();
    requests.insert(requests.end(), more.begin(), more.end());
  }
  const bool proved = std::any_of(requests.begin(), requests.end(),
                                  [](const RtspRequest& r) { return r.header("Authorization").has_value(); });
  ck_assert_msg(proved == scenario.proved, "%s", scenario.name);
  ck_assert_msg(overheard.contains("request DESCRIBE"), "the log is not heard");
  expect_silence(overheard, secrets(requests), scenario.name);
}

// --- the ear itself ---

LAW(what_is_said_is_heard) {
  Overheard overheard;
  GstDebugCategory* category = _gst_debug_get_category("default");
  GST_CAT_TRACE(category, "by GStreamer: %s", kPassword);
  g_debug("by GLib: %s", kWrong);
  ck_assert(overheard.contains(std::string("by GStreamer: ") + kPassword));
  ck_assert(overheard.contains(std::string("by GLib: ") + kWrong));
  ElementRunner runner("");
  watch_bus(overheard, runner.source());
  g_object_set(runner.source(), "user-agent", "heard-as-agent", "user-id", "heard-as-user", nullptr);
  look_around(overheard, runner.source());
  ck_assert(overheard.contains("heard-as-agent"));
  ck_assert(overheard.contains("heard-as-user"));
  gst_element_post_message(
      runner.source(),
      gst_message_new_progress(GST_OBJECT(runner.source()), GST_PROGRESS_TYPE_START, "x", "heard-on-bus"));
  ck_assert(overheard.contains("heard-on-bus"));
}

// --- sessions that succeed ---

LAW(basic_and_digest_by_properties) {
  listen_to({"basic", "", kUser, kPassword, "/stream", true},
            ScriptedCamera(locked_camera(AuthScheme::kBasic)));
  listen_to({"digest", "", kUser, kPassword, "/stream", true},
            ScriptedCamera(locked_camera(AuthScheme::kDigest)));
  listen_to({"qop", "", kUser, kPassword, "/stream", true},
            ScriptedCamera(locked_camera(AuthScheme::kDigest, true)));
}

LAW(basic_and_digest_in_the_url) {
  for (const AuthScheme scheme : {AuthScheme::kBasic, AuthScheme::kDigest}) {
    listen_to({"encoded", kInUrl, "", "", "/stream", true}, ScriptedCamera(locked_camera(scheme)));
    listen_to({"raw", kRawInUrl, "", "", "/stream", true},
              ScriptedCamera(locked_camera(scheme, false, kRawPassword)));
    listen_to({"overridden", std::string("admin:") + kWrong + "@", kUser, kPassword, "/stream", true},
              ScriptedCamera(locked_camera(scheme)));
  }
}

LAW(passwords_in_the_path_or_the_query) {
  // Not a secret on the wire; and with a stale nonce now and then.
  StandardCamera stale = locked_camera(AuthScheme::kDigest, true);
  stale.nonce_requests = 1;
  listen_to({"query", "", kUser, kPassword, std::string("/s?user=admin&password=") + kWrong, true},
            ScriptedCamera(stale));
  listen_to({"pwd", "", kUser, kPassword, std::string("/s?user=admin&pwd=") + kWrong + "&channel=1", true},
            ScriptedCamera(locked_camera(AuthScheme::kDigest)));
}

LAW(cameras_that_repeat_the_credentials) {
  const std::string with = std::string("rtsp://") + kInUrl + "{address}/stream";
  StandardCamera camera = locked_camera(AuthScheme::kDigest);
  camera.describe_headers = "Content-Base: " + with + "/\nContent-Type: application/sdp\n";
  listen_to({"Content-Base", kInUrl, "", "", "/stream", true}, ScriptedCamera(camera));

  camera = locked_camera(AuthScheme::kDigest);
  const std::string sdp = kSampleSdp;
  const std::string track = "a=control:track1";
  camera.sdp = sdp;
  camera.sdp.replace(sdp.find(track), track.size(), "a=control:" + with + "/track1");
  for (const char* filter : {"", "application/x-rtp"})
    listen_to({"a=control", kInUrl, "", "", "/stream", true, true, filter}, ScriptedCamera(camera));

  camera.sdp = sdp;
  camera.sdp.replace(sdp.find("Front door"), 10, with + "\ni=" + with + "\na=tool:" + with);
  for (const char* filter : {"", "application/x-rtp"})
    listen_to({"s= and a=tool", kInUrl, "", "", "/stream", true, true, filter}, ScriptedCamera(camera));

  camera = locked_camera(AuthScheme::kDigest);
  camera.on("PLAY", Script()
                        .ok("Session: 4A3B2C1D\nRTP-Info: url=" + with + "/track1;seq=100;rtptime=5000\n")
                        .standard_unanswered());
  listen_to({"RTP-Info", kInUrl, "", "", "/stream", true}, ScriptedCamera(camera));
}

LAW(redirects_to_the_same_and_to_another_host) {
  const auto to = [](const ScriptedCamera& target, const std::string& host) {
    const std::string location = "rtsp://" + host + ":" + std::to_string(target.port()) + "/elsewhere";
    return sample_camera().on("DESCRIBE", Script().status(302, "Found", "Location: " + location + "\n"));
  };
  const ScriptedCamera open_one(sample_camera(3));
  listen_to({"elsewhere", kInUrl, "", "", "/stream", true, false}, ScriptedCamera(to(open_one, "127.0.0.1")),
            &open_one);
  for (const AuthScheme scheme : {AuthScheme::kBasic, AuthScheme::kDigest}) {
    const ScriptedCamera locked_one(locked_camera(scheme));
    listen_to({"with credentials", "", kUser, kWrong, "/stream", true},
              ScriptedCamera(to(locked_one, std::string(kInUrl) + "127.0.0.1")), &locked_one);
    // Another host doesn't get them, another port of the same one does.
    const ScriptedCamera stranger(locked_camera(scheme));
    listen_to({"without", "", kUser, kPassword, "/stream", false, false},
              ScriptedCamera(to(stranger, "localhost")), &stranger);
    const ScriptedCamera moved(locked_camera(scheme));
    listen_to({"another port", "", kUser, kPassword, "/stream", true}, ScriptedCamera(to(moved, "127.0.0.1")),
              &moved);
    // The camera itself does, once it has been asked for them.
    StandardCamera moving = locked_camera(scheme);
    moving.on("SETUP", Script().status(302, "Found", "Location: /elsewhere\n"), 1);
    const ScriptedCamera itself(moving);
    listen_to({"itself", kInUrl, "", "", "/stream", true}, itself);
    ck_assert_uint_eq(itself.count("DESCRIBE"), 3);
  }
}

// --- failures ---

LAW(wrong_and_missing_credentials) {
  for (const AuthScheme scheme : {AuthScheme::kBasic, AuthScheme::kDigest}) {
    listen_to({"wrong", "", kUser, kWrong}, ScriptedCamera(locked_camera(scheme)));
    listen_to({"wrong in the URL", std::string("admin:") + kWrong + "@"},
              ScriptedCamera(locked_camera(scheme)));
    listen_to({"missing", "", "", "", "/stream", false, false}, ScriptedCamera(locked_camera(scheme)));
  }
}

struct FailureCase {
  const char* method;
  Script script;  // in place of the answer to the first one that has credentials
};

LAW(errors_of_every_kind) {
  const std::string with = std::string("rtsp://") + kInUrl + "camera/stream";
  const FailureCase cases[] = {
      {"DESCRIBE", Script().status(404, "Not Found: " + with)},
      {"DESCRIBE", Script().status(403, "No")},
      {"DESCRIBE", Script().status(401, with, "WWW-Authenticate: Unheard-Of realm=\"" + with + "\"\n")},
      {"DESCRIBE",
       Script().status(302, "Found " + with, "Location: http://" + std::string(kInUrl) + "camera/\n")},
      {"DESCRIBE",
       Script().status(302, "Found", "Location: rtsp://" + std::string(kInUrl) + "camera:99999/\n")},
      {"DESCRIBE", Script().status(200, with, "Content-Type: application/sdp\n", "u=" + with + "\r\n")},
      {"SETUP", Script().status(461, "Unsupported Transport " + with)},
      {"PLAY", Script().status(500, "Internal " + with)},
      {"PLAY", Script().close()},
      {"PLAY", Script().send(with + "\r\n" + with + "\r\n\r\n" + std::string(3 << 20, 'z')).stall()},
  };
  for (const auto& [method, script] : cases) {
    for (const AuthScheme scheme : {AuthScheme::kBasic, AuthScheme::kDigest})
      listen_to({method, kInUrl}, ScriptedCamera(locked_camera(scheme).on(
                                      method, script, 1000, method == std::string("DESCRIBE") ? 1 : 0)));
  }
}

LAW(faults_that_are_tolerated) {
  const std::string with = std::string("rtsp://") + kInUrl + "camera/stream";
  StandardCamera camera = locked_camera(AuthScheme::kDigest, true);
  camera.describe_headers = "Content-Type: text/" + with + "\n";
  camera.sdp = std::string(kSampleSdp) + "a=" + with + "\n" + with + "\nb=" + with + "\n";
  camera.on("SETUP", Script()
                         .reply("RTSP/1.0 200 OK\nCSeq: 999\nSession: 4A3B2C1D\nTransport: " + with + "\n")
                         .standard_unanswered());
  Media more = sample_media(20);
  more.packets.erase(more.packets.begin(), more.packets.begin() + 3);
  camera.after_media = Script()
                           .send("OPTIONS " + with + " RTSP/1.0\r\nCSeq: 7\r\nX: " + with + "\r\n\r\n")
                           .expect("RESPONSE")
                           .send("RTSP/1.0 200 OK\r\nCSeq: 7777\r\nX: " + with + "\r\n\r\n")
                           .send("garbage " + with + "\r\n" + with + "\r\n" + std::string(5000, 'z'))
                           .play(more)
                           .send(sample_bye());
  listen_to({"tolerated", kInUrl, "", "", "/stream", true}, ScriptedCamera(camera));
}

LAW(locations_that_are_no_usable_url) {
  for (const std::string& location :
       {std::string("http://") + kInUrl + "127.0.0.1/x",
        std::string("rtsp://") + kInUrl + "127.0.0.1:99999/x", std::string("rtsp://") + kInUrl + "/x",
        std::string("rtsp://") + kInUrl + "[::1/x",
        std::string("rtsp://") + kInUrl + "no-such-camera.invalid/x",
        std::string("rtsp://") + kInUrl + "127.0.0.1:1/x", std::string(kInUrl) + "127.0.0.1/x"}) {
    Overheard overheard;
    ElementRunner runner("");
    watch_bus(overheard, runner.source());
    set_up(runner, location, {"unusable", ""});
    look_around(overheard, runner.source());
    ck_assert(runner.run().kind == Outcome::Kind::kError);
    look_around(overheard, runner.source());
    GError* error = nullptr;
    gst_uri_handler_set_uri(GST_URI_HANDLER(runner.source()), location.c_str(), &error);
    if (error != nullptr) overheard.add("URI error", error->message);
    g_clear_error(&error);
    runner.stop();
    expect_silence(overheard, secrets({}), "unusable");
  }
}

LAW(an_element_that_is_stopped_in_the_middle) {
  for (const char* method : {"DESCRIBE", "SETUP", "PLAY", "TEARDOWN"}) {
    const ScriptedCamera camera(locked_camera(AuthScheme::kDigest).on(method, Script().stall()));
    Overheard overheard;
    {
      ElementRunner runner("");
      watch_bus(overheard, runner.source());
      set_up(runner, location_of(camera, {"stopped", kInUrl}), {"stopped", kInUrl});
      runner.start();
      if (method != std::string("TEARDOWN")) {
        ck_assert(camera.wait_for(method));
      } else {
        ck_assert(runner.wait_for_buffers(1));
      }
      runner.stop();
      look_around(overheard, runner.source());
    }
    expect_silence(overheard, secrets(camera.requests()), method);
  }
}

void act(const AuthScheme scheme) {
  StandardCamera scripted = locked_camera(scheme, scheme == AuthScheme::kDigest);
  scripted.nonce_requests = 1;
  scripted.after_media = Script();
  const ScriptedCamera camera(scripted);
  Overheard overheard;
  BeforeSendHandler handler = [&](GstRTSPMessage* message) {
    GString* text = g_string_new(message->type_data.request.uri);
    gst_rtsp_message_append_headers(message, text);
    overheard.take("before-send", g_string_free(text, FALSE));
    return true;
  };
  {
    ElementRunner runner("");
    watch_bus(overheard, runner.source());
    before_send(runner.source(), handler);
    const Scenario scenario{"signals", kInUrl};
    set_up(runner, location_of(camera, scenario), scenario);
    runner.start();
    ck_assert(runner.wait_for_buffers(1));
    std::array<const char*, 3> names{"a", "b", nullptr};
    const Promise one;
    const Promise several;
    const Promise set;
    std::array<gboolean, 3> issued{};
    GstElement* source = runner.source();
    g_signal_emit_by_name(source, "get-parameter", "jitter", nullptr, one.get(), &issued[0]);
    g_signal_emit_by_name(source, "get-parameters", names.data(), nullptr, several.get(), &issued[1]);
    g_signal_emit_by_name(source, "set-parameter", "barparam", "5", nullptr, set.get(), &issued[2]);
    for (const Promise* promise : {&one, &several, &set})
      overheard.take("reply", gst_structure_to_string(promise->reply()));
    ck_assert(issued[0] && issued[1] && issued[2]);
  }
  ck_assert_uint_ge(camera.count("GET_PARAMETER"), 2);
  ck_assert_uint_ge(camera.count("SET_PARAMETER"), 1);
  ck_assert(overheard.contains("before-send: rtsp://127.0.0.1"));
  expect_silence(overheard, secrets(camera.requests()), "signals");
}

LAW(signals_and_actions) {
  act(AuthScheme::kBasic);
  act(AuthScheme::kDigest);
}

}  // namespace

int main(int argc, char** argv) {
  g_setenv("G_MESSAGES_DEBUG", "all", TRUE);
  g_log_set_writer_func(Overheard::on_glib, nullptr, nullptr);
  gst_init(&argc, &argv);
  return retina::test::run_laws("credentials", 120);
}
