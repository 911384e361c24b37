// The control dialogue: requests in their order, faults of the camera at each step.

#include "client/session_driver.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using client::Failure;
using test::SessionDriver;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool is_tls(SessionDriver& camera) {
  return rtsp::is_tls_scheme(camera.session().endpoint().url.scheme);
}

LAW(the_dialogue_reaches_playing_byte_by_byte_as_in_one_piece) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
    SessionDriver camera;
    camera.set_piece(piece);
    ck_assert(contains(camera.request("OPTIONS"), "OPTIONS rtsp://cam/stream RTSP/1.0\r\n"));
    camera.reply("200 OK", "Public: OPTIONS, DESCRIBE\r\n");
    ck_assert(contains(camera.request("DESCRIBE"), "Accept: application/sdp\r\n"));
    camera.reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/stream/\r\n",
                 test::kH264Sdp);
    ck_assert(camera.take<client::Described>().has_value());
    ASSERT_TEXT(camera.session().description().session_name, "Front door");
    camera.choose({0});
    const std::string setup = camera.request("SETUP");
    ck_assert(contains(setup, "SETUP rtsp://cam/stream/track1 RTSP/1.0\r\n"));
    ck_assert(contains(setup, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"));
    camera.reply("200 OK", "Session:  abc;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
    const std::string play = camera.request("PLAY");
    ck_assert(contains(play, "Session: abc\r\n") && contains(play, "Range: npt=0.000-\r\n"));
    camera.reply("200 OK");
    ck_assert(camera.take<client::Playing>().has_value());
    ck_assert(camera.silent() && camera.notes().empty());
  }
}

LAW(every_request_says_who_asks_and_has_a_new_cseq) {
  SessionDriver camera;
  for (const char* method : {"OPTIONS", "DESCRIBE"}) {
    const std::string text = camera.request(method);
    ck_assert(contains(text, "User-Agent: test\r\n"));
    ck_assert(contains(text, method == std::string("OPTIONS") ? "CSeq: 1\r\n" : "CSeq: 2\r\n"));
    camera.reply("404 Not Found");
  }
}

LAW(whatever_is_answered_to_options_describe_follows) {
  for (const char* status : {"200 OK", "404 Not Found", "501 Not Implemented", "551 Option not supported"}) {
    SessionDriver camera;
    camera.request("OPTIONS");
    camera.reply(status);
    camera.request("DESCRIBE");
  }
}

LAW(a_refusal_of_a_step_tells_the_method_and_the_status) {
  struct {
    const char* status;
    Failure::Kind kind;
    int code;
  } const cases[] = {
      {"404 Not Found", Failure::Kind::kNotFound, 404},
      {"403 Forbidden", Failure::Kind::kNotAuthorized, 403},
      {"461 Unsupported Transport", Failure::Kind::kUnsupported, 461},
      {"500 Internal Server Error", Failure::Kind::kProtocol, 500},
      {"503 Service Unavailable", Failure::Kind::kProtocol, 503},
  };
  for (const auto& c : cases) {
    SessionDriver describe;
    describe.reach_describe();
    describe.request("DESCRIBE");
    describe.reply(c.status);
    const Failure failure = describe.failure(c.kind);
    ck_assert_int_eq(failure.status, c.code);
    ck_assert(contains(failure.text, "DESCRIBE") && contains(failure.text, std::to_string(c.code)));

    SessionDriver setup("rtspt://cam/stream");
    setup.reach_setup();
    setup.request("SETUP");
    setup.reply(c.status);
    ck_assert(contains(setup.failure(c.kind).text, "SETUP"));

    SessionDriver play;
    play.reach_play();
    // Some refusals may be the URL's fault.
    while (play.session().output().starts_with("PLAY")) {
      play.request("PLAY");
      play.reply(c.status);
    }
    // Media might come all the same.
    if (c.code >= 500) play.advance(1s);
    ck_assert(contains(play.failure(c.kind).text, "PLAY"));
  }
}

LAW(digest_credentials_are_sent_after_a_401_and_with_every_later_request) {
  SessionDriver camera("rtsp://admin:s3cret@cam/stream");
  ck_assert(!contains(camera.request("OPTIONS"), "Authorization"));
  camera.reply("401 Unauthorized", "WWW-Authenticate: Digest realm=\"cam\", nonce=\"abc\"\r\n");
  const std::string again = camera.request("OPTIONS");
  ck_assert(contains(again, "Authorization: Digest username=\"admin\""));
  ck_assert(contains(again, "CSeq: 2\r\n"));
  camera.reply("200 OK");
  const std::string describe = camera.request("DESCRIBE");
  ck_assert(contains(describe, "Authorization: Digest"));
  ck_assert(!contains(describe, "s3cret"));
}

LAW(missing_and_wrong_credentials_are_told_apart) {
  SessionDriver without;
  without.request("OPTIONS");
  without.reply("401 Unauthorized", "WWW-Authenticate: Digest realm=\"cam\", nonce=\"abc\"\r\n");
  ck_assert(contains(without.failure(Failure::Kind::kNotAuthorized).text, "user-id"));

  SessionDriver wrong("rtsp://admin:wrong@cam/stream");
  for (int i = 0; i < 2; ++i) {
    wrong.request("OPTIONS");
    wrong.reply("401 Unauthorized", "WWW-Authenticate: Digest realm=\"cam\", nonce=\"abc\"\r\n");
  }
  const Failure failure = wrong.failure(Failure::Kind::kNotAuthorized);
  ck_assert(contains(failure.text, "refused"));
  ck_assert(!contains(failure.text, "wrong@"));
  ck_assert_int_eq(failure.status, 401);
}

LAW(a_camera_that_closes_after_its_401_is_connected_to_again_with_credentials) {
  SessionDriver camera("rtsp://admin:s3cret@cam/stream");
  camera.request("OPTIONS");
  camera.reply("401 Unauthorized", "WWW-Authenticate: Basic realm=\"cam\"\r\n");
  camera.request("OPTIONS");
  camera.close();
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  ck_assert(contains(camera.request("OPTIONS"), "Authorization: Basic YWRtaW46czNjcmV0\r\n"));
}

LAW(a_camera_that_closes_at_options_is_asked_to_describe_on_a_new_connection) {
  SessionDriver camera;
  camera.request("OPTIONS");
  camera.close();
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  camera.request("DESCRIBE");
  camera.close();
  ck_assert(contains(camera.failure(Failure::Kind::kClosed).text, "DESCRIBE"));
}

LAW(an_end_of_the_connection_at_a_later_step_names_the_step) {
  SessionDriver setup;
  setup.reach_setup();
  setup.request("SETUP");
  setup.close();
  ck_assert(setup.take<client::ConnectionNeeded>().has_value());
  setup.reconnect();
  setup.request("SETUP");
  setup.close();
  ck_assert(contains(setup.failure(Failure::Kind::kClosed).text, "SETUP"));

  SessionDriver play;
  play.reach_play();
  play.request("PLAY");
  play.close("Connection reset by peer");
  ck_assert(contains(play.failure(Failure::Kind::kRead).text, "reset"));

  SessionDriver playing;
  playing.reach_playing();
  playing.close();
  ck_assert(contains(playing.failure(Failure::Kind::kClosed).text, "while playing"));
}

LAW(an_end_in_the_middle_of_a_message_is_not_an_end_in_order) {
  SessionDriver camera;
  camera.reach_playing();
  camera.feed(std::string("$\0\x01\x00partial", 11));
  camera.close();
  ck_assert(contains(camera.failure(Failure::Kind::kRead).text, "middle of a message"));
}

LAW(a_recording_ends_in_order_when_the_camera_closes) {
  std::string sdp = test::kH264Sdp;
  sdp.insert(sdp.find("a=control:*"), "a=range:npt=0-12.5\r\n");
  SessionDriver recording;
  recording.reach_setup(sdp);
  recording.request("SETUP");
  recording.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  recording.request("PLAY");
  recording.reply("200 OK");
  recording.close();
  const auto in_order = recording.take<client::Ended>();
  ck_assert(in_order && !in_order->failure);
}

LAW(a_redirect_is_followed_with_credentials_only_to_the_same_host) {
  struct {
    const char* location;
    const char* host;
    bool credentials;
  } const cases[] = {{"rtsp://cam/other", "cam", true},
                     {"rtsp://cam:8554/other", "cam", true},
                     {"rtsp://elsewhere/other", "elsewhere", false},
                     {"rtsps://cam/other", "cam", true},
                     {"rtsps://CAM:322/other", "CAM", true},
                     {"rtsps://cam:8554/other", "cam", true},
                     {"rtsps://elsewhere/other", "elsewhere", false}};
  for (const auto& c : cases) {
    SessionDriver camera("rtsp://admin:s3cret@cam/stream");
    camera.request("OPTIONS");
    camera.reply("401 Unauthorized", "WWW-Authenticate: Digest realm=\"cam\", nonce=\"abc\"\r\n");
    camera.request("OPTIONS");
    camera.reply("200 OK");
    camera.request("DESCRIBE");
    camera.reply("302 Moved Temporarily", std::string("Location: ") + c.location + "\r\n");
    ck_assert(camera.take<client::ConnectionNeeded>().has_value());
    ASSERT_TEXT(camera.session().endpoint().url.host, c.host);
    camera.reconnect();
    const std::string text = camera.request("OPTIONS");
    ck_assert(contains(text, std::string("OPTIONS ") + c.location));
    ck_assert(contains(text, "Authorization") == c.credentials);
  }
}

LAW(a_redirect_in_a_tunnel_stays_in_it) {
  struct {
    const char* from;
    const char* location;
    const char* to;
    client::Endpoint::Tunnel tunnel;
  } const cases[] = {
      // The camera names its RTSP port, which the tunnel was there to avoid.
      {"rtsph://cam:80/a", "rtsp://cam:554/b", "rtsph://cam:80/b", client::Endpoint::Tunnel::kHttp},
      {"rtspsh://cam:443/a", "rtsp://CAM/b", "rtspsh://CAM:443/b", client::Endpoint::Tunnel::kHttp},
      {"rtsph://cam:80/a", "rtsp://other:8000/b", "rtsph://other:8000/b", client::Endpoint::Tunnel::kHttp},
      {"rtsph://cam:80/a", "rtspsh://cam/b", "rtspsh://cam/b", client::Endpoint::Tunnel::kHttp},
      {"rtsp://cam/a", "rtsph://cam:80/b", "rtsph://cam:80/b", client::Endpoint::Tunnel::kHttp},
      {"rtsp://cam/a", "rtsp://cam/b", "rtsp://cam/b", client::Endpoint::Tunnel::kNone},
  };
  for (const auto& c : cases) {
    SessionDriver camera(c.from);
    camera.request("OPTIONS");
    camera.reply("200 OK");
    camera.request("DESCRIBE");
    camera.reply("302 Moved Temporarily", std::string("Location: ") + c.location + "\r\n");
    ck_assert_msg(camera.take<client::ConnectionNeeded>().has_value(), "%s", c.location);
    const client::Endpoint endpoint = camera.session().endpoint();
    ck_assert_msg(endpoint.tunnel == c.tunnel, "%s to %s", c.from, c.location);
    const std::string went = endpoint.url.scheme + "://" + endpoint.url.authority() + "/b";
    ASSERT_TEXT(went, c.to);
    ASSERT_TEXT(endpoint.url.path_and_query, "/b");
  }
}

LAW(credentials_never_go_from_tls_to_clear_text) {
  for (const char* location : {"rtsp://cam/other", "rtsp://cam:322/other", "rtsp://elsewhere/other"}) {
    SessionDriver camera("rtsps://admin:s3cret@cam/stream");
    ck_assert(is_tls(camera));
    camera.request("OPTIONS");
    camera.reply("401 Unauthorized", "WWW-Authenticate: Basic realm=\"cam\"\r\n");
    ck_assert(contains(camera.request("OPTIONS"), "Authorization"));
    camera.reply("200 OK");
    camera.request("DESCRIBE");
    camera.reply("302 Moved Temporarily", std::string("Location: ") + location + "\r\n");
    ck_assert(camera.take<client::ConnectionNeeded>().has_value());
    ck_assert(!is_tls(camera));
    camera.reconnect();
    ck_assert(!contains(camera.request("OPTIONS"), "Authorization"));
    // Not even when asked, nor when sent back and forth.
    camera.reply("302 Found", "Location: rtsps://cam/other\r\n");
    camera.reconnect();
    ck_assert(is_tls(camera));
    camera.request("OPTIONS");
    camera.reply("401 Unauthorized", "WWW-Authenticate: Basic realm=\"cam\"\r\n");
    camera.failure(client::Failure::Kind::kNotAuthorized);
  }
}

LAW(media_on_the_channels_of_a_session_before_a_redirect_is_ignored) {
  SessionDriver camera;
  camera.reach_setup();
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=10-11\r\n");
  camera.request("PLAY");
  camera.reply("302 Moved", "Location: rtsp://cam/stream\r\n");
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  camera.reach_playing();
  for (int i = 0; i < 3; ++i)
    camera.interleaved(10, std::string("\x80\xE0\0\1\0\0\0\0\0\0\0\1\x41\x88x", 15));
  ck_assert(!camera.saw<client::FrameReady>());
}

LAW(a_camera_that_asks_without_reading_the_answers_is_left) {
  SessionDriver camera;
  camera.reach_playing();
  for (int i = 0; i < 10000 && !camera.session().ended(); ++i) {
    camera.feed("OPTIONS * RTSP/1.0\r\nCSeq: " + std::string(3000, '7') + "\r\n\r\n");
    ck_assert_uint_lt(camera.session().output().size(), 100000);
  }
  camera.failure(Failure::Kind::kProtocol);
}

LAW(a_session_that_fails_while_the_connection_lives_is_given_back) {
  SessionDriver camera;
  camera.reach_playing();
  camera.advance(10s);
  camera.failure(Failure::Kind::kTimeout);
  ck_assert(contains(camera.request("TEARDOWN"), "Session: 12345678\r\n"));
}

LAW(a_password_in_a_reason_phrase_is_not_repeated) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("404 rtsp://admin:s3cret@cam/stream");
  const Failure failure = camera.failure(Failure::Kind::kNotFound);
  ck_assert(!contains(failure.text + failure.reason, "s3cret"));
}

LAW(redirects_without_end_are_given_up) {
  SessionDriver camera;
  for (int i = 0; i < 5; ++i) {
    camera.request("OPTIONS");
    camera.reply("301 Moved", "Location: rtsp://cam/again\r\n");
    ck_assert(camera.take<client::ConnectionNeeded>().has_value());
    camera.reconnect();
  }
  camera.request("OPTIONS");
  camera.reply("301 Moved", "Location: rtsp://cam/again\r\n");
  camera.failure(Failure::Kind::kUnsupported);
}

LAW(a_refused_control_url_is_joined_the_other_way) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/dir/stream\r\n",
               test::kH264Sdp);
  camera.choose({0});
  ck_assert(contains(camera.request("SETUP"), "SETUP rtsp://cam/dir/stream/track1 RTSP/1.0\r\n"));
  camera.reply("404 Not Found");
  ck_assert(contains(camera.request("SETUP"), "SETUP rtsp://cam/dir/track1 RTSP/1.0\r\n"));
  camera.reply("404 Not Found");
  camera.failure(Failure::Kind::kNotFound);
}

LAW(no_answer_in_time_fails_the_step) {
  for (const char* step : {"OPTIONS", "DESCRIBE"}) {
    SessionDriver camera;
    if (step == std::string("DESCRIBE")) camera.reach_describe();
    camera.request(step);
    camera.advance(19s);
    ck_assert(!camera.session().ended());
    camera.advance(1s);
    ck_assert(contains(camera.failure(Failure::Kind::kTimeout).text, step));
  }
}

LAW(an_unusable_description_is_a_clear_failure) {
  for (const char* sdp : {"", "garbage", "v=0\r\ns=nothing\r\n"}) {
    SessionDriver camera;
    camera.reach_describe();
    camera.request("DESCRIBE");
    camera.reply("200 OK", "Content-Type: application/sdp\r\n", sdp);
    ck_assert(contains(camera.failure(Failure::Kind::kProtocol).text, "SDP"));
  }
}

LAW(a_description_of_another_or_no_type_is_read_and_noted) {
  for (const char* header : {"", "Content-Type: text/plain\r\n"}) {
    SessionDriver camera;
    camera.reach_describe();
    camera.request("DESCRIBE");
    camera.reply("200 OK", header, test::kH264Sdp);
    ck_assert(camera.take<client::Described>().has_value());
    ck_assert_uint_eq(camera.notes().size(), 1);
  }
}

LAW(what_does_not_speak_rtsp_is_told_at_once) {
  SessionDriver camera;
  camera.request("OPTIONS");
  camera.feed("SSH-2.0-OpenSSH_9.2\r\n");
  camera.failure(Failure::Kind::kProtocol);
}

LAW(a_huge_content_length_fails_without_being_waited_for) {
  SessionDriver camera;
  camera.request("OPTIONS");
  camera.feed("RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 1000000000\r\n\r\n");
  camera.failure(Failure::Kind::kProtocol);
}

LAW(an_answer_with_a_wrong_cseq_is_taken_while_one_request_waits) {
  SessionDriver camera;
  camera.request("OPTIONS");
  camera.feed("RTSP/1.0 200 OK\r\nCSeq: 77\r\n\r\n");
  camera.request("DESCRIBE");
  camera.feed("RTSP/1.0 404 Not Found\r\n\r\n");
  camera.failure(Failure::Kind::kNotFound);
  ck_assert_uint_eq(camera.notes().size(), 2);
}

LAW(keep_alives_go_out_at_half_the_timeout_and_fall_back_when_refused) {
  client::Options options;
  options.idle_timeout = 0s;
  SessionDriver camera("rtsp://cam/stream", options);
  camera.reach_playing();
  camera.advance(29s);
  ck_assert(camera.silent());
  camera.advance(1s);
  ck_assert(contains(camera.request("GET_PARAMETER"), "Session: 12345678\r\n"));
  camera.reply("405 Method Not Allowed");
  camera.advance(30s);
  camera.request("OPTIONS");
  camera.reply("200 OK");
  ck_assert(!camera.session().ended());
}

LAW(an_unanswered_keep_alive_does_not_end_a_session_whose_media_flows) {
  client::Options options;
  options.idle_timeout = 0s;
  SessionDriver camera("rtsp://cam/stream", options);
  camera.reach_playing();
  for (int i = 0; i < 5; ++i) {
    camera.advance(30s);
    camera.request("GET_PARAMETER");
  }
  ck_assert(!camera.session().ended());
}

LAW(a_session_that_the_camera_has_forgotten_is_over) {
  client::Options options;
  options.idle_timeout = 0s;
  SessionDriver camera("rtsp://cam/stream", options);
  camera.reach_playing();
  camera.advance(30s);
  camera.request("GET_PARAMETER");
  camera.reply("454 Session Not Found");
  camera.failure(Failure::Kind::kClosed);
}

LAW(requests_of_the_camera_are_answered_at_once) {
  struct {
    const char* method;
    const char* answer;
  } const cases[] = {
      {"OPTIONS", "RTSP/1.0 200"}, {"SET_PARAMETER", "RTSP/1.0 200"}, {"PLAY", "RTSP/1.0 501"}};
  SessionDriver camera;
  camera.reach_playing();
  for (const auto& c : cases) {
    camera.feed(std::string(c.method) + " * RTSP/1.0\r\nCSeq: 9\r\n\r\n");
    const std::string answer = camera.request(c.answer);
    ck_assert(contains(answer, "CSeq: 9\r\n"));
  }
}

LAW(teardown_names_the_session_and_any_answer_ends_it) {
  for (const char* status : {"200 OK", "454 Session Not Found", "500 Internal Server Error"}) {
    SessionDriver camera;
    camera.reach_playing();
    camera.session().teardown(camera.clock().now());
    ck_assert(contains(camera.request("TEARDOWN"), "Session: 12345678\r\n"));
    camera.reply(status);
    const auto ended = camera.take<client::Ended>();
    ck_assert(ended && !ended->failure);
  }
}

LAW(nothing_is_torn_down_where_nothing_was_set_up) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.session().teardown(camera.clock().now());
  ck_assert(camera.silent() && camera.session().ended());
}

}  // namespace

int main() {
  return retina::test::run_laws("session_dialogue");
}
