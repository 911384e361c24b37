// What a session gets over: nonces that grow old, connections that close at a step, sessions that are
// forgotten, servers that send it elsewhere.

#include "client/session_driver.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using client::Failure;
using test::SessionDriver;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

client::Options without_idle_timeout() {
  client::Options options;
  options.idle_timeout = 0s;
  return options;
}

std::string digest(const std::string& nonce, bool stale = false) {
  return "WWW-Authenticate: Digest realm=\"cam\", nonce=\"" + nonce + "\"" + (stale ? ", stale=true" : "") +
         "\r\n";
}

/// Answers the steps of the dialogue as a good camera does, but every one first with this 401.
void reach_playing_challenged_at_each_step(SessionDriver& camera) {
  int nonce = 0;
  const auto challenge = [&](const char* method) {
    camera.request(method);
    camera.reply("401 Unauthorized", digest("n" + std::to_string(++nonce)));
    const std::string again = camera.request(method);
    ck_assert_msg(contains(again, "nonce=\"n" + std::to_string(nonce) + "\""), "%s", again.c_str());
  };
  challenge("OPTIONS");
  camera.reply("200 OK", "Public: GET_PARAMETER\r\n");
  challenge("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", test::kH264Sdp);
  camera.choose({0});
  challenge("SETUP");
  camera.reply("200 OK", "Session: 7\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  challenge("PLAY");
  camera.reply("200 OK");
  ck_assert(camera.take<client::Playing>().has_value());
}

// --- authentication ---

LAW(a_new_nonce_is_taken_up_at_every_step) {
  SessionDriver camera("rtsp://admin:s3cret@cam/stream", without_idle_timeout());
  reach_playing_challenged_at_each_step(camera);
}

LAW(a_nonce_that_grows_old_while_playing_is_replaced_in_the_same_session) {
  for (const bool stale : {true, false}) {
    SessionDriver camera("rtsp://admin:s3cret@cam/stream", without_idle_timeout());
    reach_playing_challenged_at_each_step(camera);
    camera.advance(30s);
    ck_assert(contains(camera.request("GET_PARAMETER"), "nonce=\"n4\""));
    camera.reply("401 Unauthorized", digest(stale ? "n4" : "fresh", stale));
    const std::string again = camera.request("GET_PARAMETER");
    ck_assert(contains(again, stale ? "nonce=\"n4\"" : "nonce=\"fresh\"") &&
              contains(again, "Session: 7\r\n"));
    camera.reply("200 OK");
    ck_assert(camera.notes().empty());
    camera.advance(30s);
    ck_assert(contains(camera.request("GET_PARAMETER"), "Authorization: Digest"));
    ck_assert(!camera.session().ended());
  }
}

LAW(a_keep_alive_whose_credentials_are_refused_does_not_end_the_session) {
  SessionDriver camera("rtsp://admin:s3cret@cam/stream", without_idle_timeout());
  reach_playing_challenged_at_each_step(camera);
  for (int i = 0; i < 3; ++i) {
    camera.advance(30s);
    camera.request("GET_PARAMETER");
    camera.reply("401 Unauthorized", digest("n4"));
    ck_assert(camera.silent() && !camera.session().ended());
  }
  ck_assert_uint_eq(camera.notes().size(), 1);
}

LAW(the_same_nonce_refused_twice_means_wrong_credentials_at_every_step) {
  for (const std::string step : {"DESCRIBE", "SETUP", "PLAY"}) {
    SessionDriver camera("rtsp://admin:s3cret@cam/stream");
    if (step == "DESCRIBE") camera.reach_describe();
    if (step == "SETUP") camera.reach_setup();
    if (step == "PLAY") camera.reach_play();
    for (int i = 0; i < 2; ++i) {
      camera.request(step);
      camera.reply("401 Unauthorized", digest("same"));
    }
    const Failure failure = camera.failure(Failure::Kind::kNotAuthorized);
    ck_assert_int_eq(failure.status, 401);
  }
}

LAW(a_teardown_is_authorized_anew_too) {
  SessionDriver camera("rtsp://admin:s3cret@cam/stream");
  camera.reach_playing();
  camera.session().teardown(camera.clock().now());
  camera.request("TEARDOWN");
  camera.reply("401 Unauthorized", digest("n"));
  ck_assert(contains(camera.request("TEARDOWN"), "Authorization: Digest"));
  camera.reply("200 OK");
  ck_assert(camera.session().ended());
}

// --- cameras that close ---

LAW(a_camera_that_closes_after_an_answer_is_connected_to_again_and_asked_on) {
  struct {
    const char* status;
    const char* headers;
  } const cases[] = {
      {"200 OK", ""}, {"404 Not Found", ""}, {"401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n"}};
  for (const auto& c : cases) {
    SessionDriver camera("rtsp://admin:s3cret@cam/stream");
    camera.request("OPTIONS");
    camera.reply(c.status, c.headers);
    camera.close();
    ck_assert(camera.take<client::ConnectionNeeded>().has_value());
    camera.reconnect();
    camera.request(c.status == std::string("401 Unauthorized") ? "OPTIONS" : "DESCRIBE");
  }
}

LAW(a_camera_that_closes_after_it_refused_the_control_url_is_asked_the_other_way) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/dir/stream\r\n",
               test::kH264Sdp);
  camera.choose({0});
  camera.request("SETUP");
  camera.reply("404 Not Found");
  camera.close();
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  ck_assert(contains(camera.request("SETUP"), "SETUP rtsp://cam/dir/track1 "));
}

LAW(a_camera_that_closes_after_challenging_play_is_set_up_anew) {
  SessionDriver camera("rtsp://admin:s3cret@cam/stream");
  camera.reach_play();
  camera.request("PLAY");
  camera.reply("401 Unauthorized", digest("n"));
  camera.request("PLAY");
  camera.close();
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  const std::string setup = camera.request("SETUP");
  ck_assert(!contains(setup, "Session:") && contains(setup, "Authorization: Digest"));
  camera.reply("200 OK", "Session: second\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  ck_assert(contains(camera.request("PLAY"), "Session: second\r\n"));
  camera.reply("200 OK");
  ck_assert(camera.take<client::Playing>().has_value());
}

LAW(a_camera_that_always_closes_is_given_up) {
  SessionDriver camera("rtsp://admin:s3cret@cam/stream");
  int connections = 1;
  while (!camera.session().ended()) {
    ck_assert_int_le(connections, 10);
    camera.request("OPTIONS");
    camera.reply("401 Unauthorized", digest("n" + std::to_string(connections), true));
    camera.close();
    if (!camera.take<client::ConnectionNeeded>()) break;
    ++connections;
    camera.reconnect();
  }
  ck_assert(camera.session().ended());
}

// --- sessions that the camera forgets ---

LAW(a_session_that_is_forgotten_before_it_plays_is_set_up_anew_once) {
  for (const bool closes : {false, true}) {
    SessionDriver camera;
    camera.reach_play();
    camera.request("PLAY");
    camera.reply("454 Session Not Found");
    if (closes) {
      camera.close();
      ck_assert(camera.take<client::ConnectionNeeded>().has_value());
      camera.reconnect();
    }
    ck_assert(!contains(camera.request("SETUP"), "Session:"));
    camera.reply("200 OK", "Session: second\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
    ck_assert(contains(camera.request("PLAY"), "Session: second\r\n"));
    camera.reply("454 Session Not Found");
    ck_assert_int_eq(camera.failure(Failure::Kind::kNotFound).status, 454);
  }
}

// --- keep-alives ---

LAW(keep_alives_keep_pace_with_short_session_timeouts) {
  struct {
    const char* timeout;
    std::chrono::milliseconds interval;
  } const cases[] = {{"1", 500ms}, {"5", 2500ms}, {"15", 7500ms}, {"59", 29500ms}, {"600", 30s}};
  for (const auto& c : cases) {
    SessionDriver camera("rtsp://cam/stream", without_idle_timeout());
    camera.reach_setup();
    camera.request("SETUP");
    camera.reply("200 OK", std::string("Session: 7;timeout=") + c.timeout +
                               "\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
    camera.request("PLAY");
    camera.reply("200 OK");
    for (int i = 0; i < 5; ++i) {
      camera.advance(c.interval - 1ms);
      ck_assert(camera.silent());
      camera.advance(1ms);
      camera.request(i < 3 ? "GET_PARAMETER" : "OPTIONS");
      // Answered, or not, or refused under a wrong CSeq: it goes on.
      if (i == 1) camera.reply("200 OK");
      if (i == 2) camera.feed("RTSP/1.0 400 Bad Request\r\nCSeq: 1\r\n\r\n");
    }
    ck_assert(!camera.session().ended());
  }
}

// --- servers that send the session elsewhere ---

LAW(a_redirect_request_is_obeyed_while_playing) {
  struct {
    const char* location;
    const char* host;
    bool credentials;
  } const cases[] = {{"Location: rtsp://other:8554/x\r\n", "other", false}, {"", "cam", true}};
  for (const auto& c : cases) {
    SessionDriver camera("rtsp://admin:s3cret@cam/stream");
    reach_playing_challenged_at_each_step(camera);
    camera.feed(std::string("REDIRECT rtsp://cam/stream RTSP/1.0\r\nCSeq: 3\r\n") + c.location + "\r\n");
    ck_assert(contains(camera.request("RTSP/1.0 200"), "CSeq: 3\r\n"));
    ck_assert(contains(camera.request("TEARDOWN"), "Session: 7\r\n"));
    ck_assert(camera.take<client::ConnectionNeeded>().has_value());
    ASSERT_TEXT(camera.session().endpoint().url.host, c.host);
    camera.reconnect();
    ck_assert(contains(camera.request("OPTIONS"), "Authorization") == c.credentials);
    camera.reply("200 OK");
    camera.request("DESCRIBE");
    camera.reply("200 OK", "Content-Type: application/sdp\r\n", test::kH264Sdp);
    camera.choose({0});
    ck_assert(!contains(camera.request("SETUP"), "Session:"));
    camera.reply("200 OK", "Session: 8\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
    camera.request("PLAY");
    camera.reply("200 OK");
    ck_assert(camera.take<client::Playing>().has_value());
  }
}

LAW(a_redirect_request_to_nowhere_ends_the_session) {
  SessionDriver camera;
  camera.reach_playing();
  camera.feed("REDIRECT * RTSP/1.0\r\nCSeq: 3\r\nLocation: http://cam/\r\n\r\n");
  camera.failure(Failure::Kind::kUnsupported);
}

LAW(redirect_requests_without_media_between_them_are_given_up) {
  SessionDriver camera;
  for (int i = 0; i < 5; ++i) {
    camera.request("OPTIONS");
    camera.feed("REDIRECT * RTSP/1.0\r\nCSeq: 3\r\nLocation: rtsp://cam/again\r\n\r\n");
    ck_assert(camera.take<client::ConnectionNeeded>().has_value());
    camera.reconnect();
  }
  camera.feed("REDIRECT * RTSP/1.0\r\nCSeq: 3\r\nLocation: rtsp://cam/again\r\n\r\n");
  camera.failure(Failure::Kind::kUnsupported);
}

}  // namespace

int main() {
  return retina::test::run_laws("session_recovery");
}
