// Sessions that are left behind on a server, and those that earlier ones left: what is remembered, what is
// told.

#include "client/session_driver.h"
#include "client/stale_sessions.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using client::Failure;
using client::StaleSessions;
using client::Teardown;
using client::UnassignedChannelData;
using test::SessionDriver;

constexpr const char* kBuggyTool = "LIVE555 Streaming Media v2013.04.08";

std::string sdp_of(const std::string& tool) {
  std::string sdp = test::kH264Sdp;
  return sdp.insert(sdp.find("a=control:*"), "a=tool:" + tool + "\r\n");
}

struct Camera {
  explicit Camera(const std::string& tool, client::Options options = {})
      : stale(std::make_shared<StaleSessions>()), driver("rtsp://cam/stream", with(std::move(options))) {
    driver.reach_setup(sdp_of(tool));
  }
  client::Options with(client::Options options) {
    options.stale_sessions = stale;
    return options;
  }
  void play() {
    driver.request("SETUP");
    driver.reply("200 OK", "Session: 7;timeout=30\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
    driver.request("PLAY");
    driver.reply("200 OK");
    ck_assert(driver.take<client::Playing>().has_value());
  }
  std::optional<StaleSessions::Status> status(base::Duration later = {}) {
    return stale->status("cam", 554, driver.clock().now() + later);
  }
  std::optional<client::UnfinishedTeardown> rest() {
    return driver.session().take_unfinished_teardown(driver.clock().now());
  }

  std::shared_ptr<StaleSessions> stale;
  SessionDriver driver;
};

client::Options teardown_policy(Teardown policy) {
  client::Options options;
  options.teardown = policy;
  return options;
}

client::Options data_policy(UnassignedChannelData policy) {
  client::Options options;
  options.unassigned_channel_data = policy;
  return options;
}

// --- unassigned-channel-data ---

LAW(data_on_a_channel_that_was_not_asked_for_is_taken_as_the_policy_says) {
  using Policy = UnassignedChannelData;
  struct {
    Policy policy;
    const char* tool;
    bool fails;
    bool recorded;
  } const cases[] = {
      {Policy::kAuto, "Camera 1.0", false, false},  {Policy::kAuto, kBuggyTool, true, true},
      {Policy::kIgnore, kBuggyTool, false, false},  {Policy::kError, "Camera 1.0", true, false},
      {Policy::kAssumeStale, "Camera", true, true},
  };
  for (const auto& c : cases) {
    Camera camera(c.tool, data_policy(c.policy));
    camera.play();
    for (int i = 0; i < 3; ++i)
      camera.driver.interleaved(4, std::string(20, '\x80'));
    ck_assert(camera.driver.session().ended() == c.fails);
    ck_assert(camera.status(64s).has_value() == c.recorded);
    ck_assert(!camera.status(65s).has_value());
    if (c.fails) {
      ck_assert(camera.driver.failure(Failure::Kind::kProtocol).text.find("unassigned-channel-data") !=
                std::string::npos);
    } else {
      ck_assert_uint_eq(camera.driver.notes().size(), 1);
    }
  }
}

LAW(media_before_play_is_of_a_session_before) {
  Camera camera(kBuggyTool);
  camera.driver.request("SETUP");
  camera.driver.interleaved(0, std::string(20, '\x80'));
  camera.driver.failure(Failure::Kind::kProtocol);
  ck_assert(camera.status().has_value());
}

LAW(media_between_play_and_its_answer_is_the_sessions_own) {
  client::Options options = data_policy(UnassignedChannelData::kError);
  SessionDriver camera("rtsp://cam/stream", options);
  camera.reach_play();
  camera.request("PLAY");
  camera.interleaved(1, std::string("\x80\xC9\0\1\0\0\0\0", 8));
  camera.reply("200 OK");
  ck_assert(camera.take<client::Playing>().has_value());
}

LAW(media_that_comes_before_the_description_is_ignored) {
  SessionDriver camera;
  camera.request("OPTIONS");
  camera.interleaved(0, std::string(20, '\x80'));
  camera.reply("200 OK");
  camera.request("DESCRIBE");
  ck_assert_uint_eq(camera.notes().size(), 1);
}

// --- what a session leaves behind ---

LAW(a_buggy_server_is_remembered_until_a_session_with_it_is_known_to_have_ended) {
  for (const char* status :
       {"200 OK", "454 Session Not Found", "500 Internal Server Error", "403 Forbidden"}) {
    Camera camera(kBuggyTool);
    camera.play();
    camera.driver.session().teardown(camera.driver.clock().now());
    camera.driver.request("TEARDOWN");
    camera.driver.reply(status);
    ck_assert(camera.driver.session().ended());
    const bool confirmed = status != std::string("403 Forbidden");
    ck_assert_msg(camera.rest().has_value() != confirmed, "%s", status);
    ck_assert(camera.status().has_value() != confirmed);
  }
}

LAW(what_is_left_to_do_holds_all_that_it_takes_and_is_given_out_once) {
  Camera camera(kBuggyTool);
  camera.play();
  camera.driver.close("Connection reset by peer");
  camera.driver.failure(Failure::Kind::kRead);
  auto rest = camera.rest();
  ck_assert(rest.has_value());
  ASSERT_TEXT(rest->host, "cam");
  ck_assert_uint_eq(rest->port, 554);
  ck_assert(rest->expiry == camera.driver.clock().now() + 30s);
  const std::string text = rest->exchange.resend(rest->expiry);
  ck_assert(text.find("TEARDOWN rtsp://cam/stream/ RTSP/1.0\r\n") == 0);
  ck_assert(text.find("Session: 7\r\n") != std::string::npos);
  ck_assert(camera.status(29s).has_value() && !camera.status(30s).has_value());
  rest->stale_sessions->remove(rest->stale_id);
  ck_assert(!camera.status().has_value());
  ck_assert(!camera.rest().has_value());
}

LAW(the_policy_and_the_server_decide_whether_more_is_done_than_to_ask_once) {
  struct {
    Teardown policy;
    const char* tool;
    bool asked;
    bool more;
    bool remembered;
  } const cases[] = {
      {Teardown::kAuto, "Camera", true, false, false},   {Teardown::kAuto, kBuggyTool, true, true, true},
      {Teardown::kAlways, "Camera", true, true, false},  {Teardown::kAlways, kBuggyTool, true, true, true},
      {Teardown::kNever, "Camera", false, false, false}, {Teardown::kNever, kBuggyTool, false, false, false},
  };
  for (const auto& c : cases) {
    // In order, and by a failure.
    for (const bool in_order : {true, false}) {
      Camera camera(c.tool, teardown_policy(c.policy));
      camera.play();
      if (in_order) {
        camera.driver.session().teardown(camera.driver.clock().now());
      } else {
        camera.driver.session().failed({Failure::Kind::kTimeout, "gone", 0, ""});
      }
      if (c.asked) {
        camera.driver.request("TEARDOWN");
      } else {
        ck_assert(camera.driver.silent() && camera.driver.session().ended());
      }
      ck_assert(camera.rest().has_value() == c.more);
      ck_assert(camera.status().has_value() == c.remembered);
    }
  }
}

LAW(a_session_that_never_played_does_no_harm_but_is_given_back) {
  Camera camera(kBuggyTool);
  camera.driver.request("SETUP");
  camera.driver.reply("200 OK", "Session: 7\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.driver.request("PLAY");
  camera.driver.reply("453 Not Enough Bandwidth");
  camera.driver.request("TEARDOWN");
  ck_assert(camera.rest().has_value());

  Camera without(kBuggyTool);
  without.driver.session().teardown(without.driver.clock().now());
  ck_assert(!without.rest().has_value() && !without.status().has_value());
}

LAW(a_session_that_the_server_has_ended_leaves_nothing) {
  Camera torn_down(kBuggyTool);
  torn_down.play();
  torn_down.driver.feed("TEARDOWN * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
  ck_assert(torn_down.driver.session().ended());

  Camera forgotten(kBuggyTool);
  forgotten.play();
  forgotten.driver.interleaved(0, std::string("\x80\xE0\0\1\0\0\0\0\0\0\0\1\x41\x88x", 15));
  forgotten.driver.advance(9s);
  forgotten.driver.interleaved(0, std::string("\x80\xE0\0\2\0\0\0\1\0\0\0\1\x41\x88x", 15));
  forgotten.driver.advance(6s);
  forgotten.driver.request("GET_PARAMETER");
  forgotten.driver.reply("454 Session Not Found");
  forgotten.driver.failure(Failure::Kind::kClosed);
  ck_assert(forgotten.driver.silent());

  for (Camera* camera : {&torn_down, &forgotten})
    ck_assert(!camera->rest().has_value() && !camera->status().has_value());
}

LAW(a_huge_session_timeout_is_not_waited_for) {
  Camera camera(kBuggyTool);
  camera.driver.request("SETUP");
  camera.driver.reply("200 OK",
                      "Session: 7;timeout=4294967295\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.driver.request("PLAY");
  camera.driver.reply("200 OK");
  camera.driver.close();
  const auto rest = camera.rest();
  ck_assert(rest && rest->expiry <= camera.driver.clock().now() + 10min);
}

// --- what earlier sessions left ---

LAW(a_new_session_tells_of_earlier_ones_that_may_still_play_and_goes_on) {
  auto stale = std::make_shared<StaleSessions>();
  const auto begin = test::FakeClock().now();
  stale->add("CAM", 554, begin + 42s, begin);
  stale->add("cam", 554, begin + 20s, begin);
  stale->add("cam", 8554, begin + 50s, begin);
  client::Options options;
  options.stale_sessions = stale;
  SessionDriver camera("rtsp://cam/stream", options);
  camera.reach_setup();
  const auto notes = camera.notes();
  ck_assert_uint_eq(notes.size(), 1);
  ck_assert(notes[0].find("2 earlier") != std::string::npos && notes[0].find("42 s") != std::string::npos);
  camera.request("SETUP");
}

LAW(a_server_without_stale_sessions_is_not_spoken_of) {
  auto stale = std::make_shared<StaleSessions>();
  const auto begin = test::FakeClock().now();
  stale->add("other", 554, begin + 42s, begin);
  stale->add("cam", 554, begin, begin);
  client::Options options;
  options.stale_sessions = stale;
  SessionDriver camera("rtsp://cam/stream", options);
  camera.reach_playing();
  ck_assert(camera.notes().empty());
}

}  // namespace

int main() {
  return retina::test::run_laws("session_stale");
}
