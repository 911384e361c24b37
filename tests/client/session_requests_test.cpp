// Requests of the user, requests of the camera, and the hooks into both.

#include "client/session_driver.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using client::Failure;
using client::UserRequest;
using client::UserResponse;
using test::SessionDriver;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

SessionDriver camera_with(client::Options options) {
  options.idle_timeout = 0s;
  return SessionDriver("rtsp://cam/stream", std::move(options));
}

void submit(SessionDriver& camera, std::uint64_t id, const std::string& method = "GET_PARAMETER",
            const std::string& body = "", const std::string& uri = "") {
  UserRequest request{id, method, uri, {}, body};
  if (!body.empty()) request.headers.add("Content-Type", "text/parameters");
  camera.session().submit(std::move(request), camera.clock().now());
  camera.advance(0s);
}

UserResponse answer(SessionDriver& camera, std::uint64_t id) {
  auto response = camera.take<UserResponse>();
  ck_assert_msg(response.has_value(), "no answer to %u", static_cast<unsigned>(id));
  ck_assert_uint_eq(response->id, id);
  ck_assert(response->response.has_value() == response->failure.empty());
  return std::move(*response);
}

// --- requests of the user ---

LAW(a_users_request_goes_out_with_all_it_has_and_its_answer_comes_back_whole) {
  SessionDriver camera;
  camera.reach_playing();
  submit(camera, 42, "GET_PARAMETER", "position\r\n");
  const std::string text = camera.request("GET_PARAMETER");
  ck_assert(contains(text, "GET_PARAMETER rtsp://cam/stream/ RTSP/1.0\r\n"));
  ck_assert(contains(text, "Session: 12345678\r\n") && contains(text, "Content-Type: text/parameters\r\n"));
  ck_assert(contains(text, "Content-Length: 10\r\n"));
  ASSERT_TEXT(camera.session().output(), "position\r\n");
  camera.session().output().clear();
  camera.reply("451 Parameter Not Understood", "X-Odd: yes\r\n", "hm");
  const UserResponse got = answer(camera, 42);
  ck_assert_int_eq(got.response->status, 451);
  ASSERT_TEXT(got.response->reason, "Parameter Not Understood");
  ASSERT_TEXT(std::string(*got.response->headers.get("X-Odd")), "yes");
  ASSERT_TEXT(got.response->body, "hm");
  ck_assert(!camera.session().ended());
}

LAW(users_requests_go_out_one_at_a_time_in_their_order) {
  SessionDriver camera = camera_with({});
  camera.reach_playing();
  submit(camera, 1, "SET_PARAMETER", "", "rtsp://cam/stream/track1");
  submit(camera, 2);
  submit(camera, 3, "OPTIONS");
  ck_assert(contains(camera.request("SET_PARAMETER"), "SET_PARAMETER rtsp://cam/stream/track1 RTSP/1.0\r\n"));
  ck_assert(camera.silent());
  camera.reply("200 OK");
  answer(camera, 1);
  camera.request("GET_PARAMETER");
  ck_assert(camera.silent());
  camera.reply("200 OK");
  answer(camera, 2);
  camera.request("OPTIONS");
  camera.reply("200 OK");
  answer(camera, 3);
  ck_assert(camera.silent());
}

LAW(a_users_request_waits_until_the_session_plays) {
  SessionDriver camera;
  camera.request("OPTIONS");
  submit(camera, 1);
  camera.reply("200 OK", "Public: GET_PARAMETER\r\n");
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", test::kH264Sdp);
  camera.choose({0});
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 7\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.request("PLAY");
  ck_assert(camera.silent());
  camera.reply("200 OK");
  camera.request("GET_PARAMETER");
  camera.reply("200 OK");
  answer(camera, 1);
}

LAW(a_users_request_and_a_keep_alive_wait_for_each_other) {
  SessionDriver camera = camera_with({});
  camera.reach_playing();
  camera.advance(29s);
  submit(camera, 1);
  camera.request("GET_PARAMETER");
  camera.advance(1s);
  ck_assert_msg(camera.silent(), "the keep-alive went out before the answer");
  camera.reply("200 OK");
  answer(camera, 1);
  camera.request("GET_PARAMETER");
  submit(camera, 2, "SET_PARAMETER");
  ck_assert(camera.silent());
  camera.reply("200 OK");
  ck_assert(!camera.saw<UserResponse>());
  camera.request("SET_PARAMETER");
}

LAW(a_users_request_without_an_answer_fails_in_time_for_the_next_keep_alive) {
  SessionDriver camera = camera_with({});
  camera.reach_setup();
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 7;timeout=10\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.advance(4s);
  submit(camera, 1);
  submit(camera, 2);
  camera.request("GET_PARAMETER");
  camera.advance(4s);
  ck_assert(camera.silent() && !camera.saw<UserResponse>());
  camera.advance(1s);
  ck_assert(contains(answer(camera, 1).failure, "in time"));
  // Keep-alive and user take turns, answered or not.
  camera.request("GET_PARAMETER");
  camera.advance(5s);
  camera.request("GET_PARAMETER");
  camera.reply("200 OK");
  answer(camera, 2);
  ck_assert(!camera.session().ended());
}

LAW(a_users_request_that_is_challenged_gets_no_longer_than_another) {
  client::Options options;
  options.user_id = "admin";
  options.user_pw = "s3cret";
  SessionDriver camera = camera_with(options);
  camera.reach_setup();
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 7;timeout=10\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.request("PLAY");
  camera.reply("200 OK");
  submit(camera, 1, "SET_PARAMETER");
  camera.request("SET_PARAMETER");
  camera.reply("401 Unauthorized", "WWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n");
  camera.request("SET_PARAMETER");
  camera.advance(5s);
  ck_assert(!answer(camera, 1).failure.empty());
  camera.request("GET_PARAMETER");
}

LAW(a_late_answer_is_not_taken_for_the_next_requests) {
  SessionDriver camera = camera_with({});
  camera.reach_playing();
  submit(camera, 1);
  const std::string first = camera.request("GET_PARAMETER");
  const std::string cseq = first.substr(first.find("CSeq: ") + 6, 1);
  camera.advance(20s);
  answer(camera, 1);
  submit(camera, 2);
  camera.request("GET_PARAMETER");
  camera.feed("RTSP/1.0 200 OK\r\nCSeq: " + cseq + "\r\n\r\n");
  ck_assert(!camera.saw<UserResponse>());
  camera.reply("202 Accepted");
  ck_assert_int_eq(answer(camera, 2).response->status, 202);
}

LAW(a_users_request_is_authorized_anew_when_the_nonce_is_old) {
  SessionDriver camera("rtsp://admin:s3cret@cam/stream");
  camera.reach_playing();
  submit(camera, 1, "SET_PARAMETER", "a: 1\r\n");
  camera.request("SET_PARAMETER");
  camera.session().output().clear();
  camera.reply("401 Unauthorized", "WWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n");
  ck_assert(contains(camera.request("SET_PARAMETER"), "Authorization: Digest"));
  ASSERT_TEXT(camera.session().output(), "a: 1\r\n");
  camera.session().output().clear();
  camera.reply("401 Unauthorized", "WWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n");
  ck_assert_int_eq(answer(camera, 1).response->status, 401);
  ck_assert(!camera.session().ended());
}

LAW(a_users_request_that_finds_the_session_gone_is_answered_before_the_end) {
  SessionDriver camera;
  camera.reach_playing();
  submit(camera, 1);
  submit(camera, 2);
  camera.request("GET_PARAMETER");
  camera.reply("454 Session Not Found");
  ck_assert_int_eq(answer(camera, 1).response->status, 454);
  ck_assert(!answer(camera, 2).failure.empty());
  camera.failure(Failure::Kind::kClosed);
}

LAW(no_users_request_is_left_without_an_answer_when_the_session_ends) {
  for (const int how : {0, 1, 2, 3}) {
    SessionDriver camera;
    camera.reach_playing();
    for (const std::uint64_t id : {1U, 2U, 3U})
      submit(camera, id);
    if (how == 0) camera.close();
    if (how == 1) camera.feed("TEARDOWN * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    if (how == 2) camera.session().failed({Failure::Kind::kRead, "x", 0, ""});
    if (how == 3) camera.session().teardown(camera.clock().now());
    camera.advance(0s);
    for (const std::uint64_t id : {1U, 2U, 3U})
      ck_assert(!answer(camera, id).failure.empty());
    if (how != 3) ck_assert(camera.take<client::Ended>().has_value());
  }
}

LAW(methods_that_change_the_session_and_requests_over_the_bound_are_refused) {
  SessionDriver camera;
  camera.reach_playing();
  for (const char* method : {"TEARDOWN", "PLAY", "PAUSE", "SETUP", "DESCRIBE", "get_parameter", ""}) {
    submit(camera, 5, method);
    ck_assert(!answer(camera, 5).failure.empty());
    ck_assert(camera.silent());
  }
  for (unsigned id = 0; id < 65; ++id)
    submit(camera, id);
  ck_assert(!camera.saw<UserResponse>());
  submit(camera, 99);
  ck_assert(contains(answer(camera, 99).failure, "Too many"));
}

LAW(what_a_user_writes_cannot_start_another_header_or_request) {
  SessionDriver camera;
  camera.reach_playing();
  UserRequest request{1, "SET_PARAMETER", "rtsp://cam/\r\nEvil: 1", {}, ""};
  request.headers.add("X", "a\r\nEvil: 2");
  camera.session().submit(std::move(request), camera.clock().now());
  const std::string text = camera.request("SET_PARAMETER");
  ck_assert_msg(!contains(text, "\r\nEvil"), "%s", text.c_str());
}

// --- requests of the camera ---

LAW(the_cameras_requests_are_answered_at_once_in_every_phase) {
  const auto ask = [](SessionDriver& camera, const char* method, const char* status) {
    camera.feed(std::string(method) + " * RTSP/1.0\r\nCSeq: 77\r\n\r\n");
    ck_assert(contains(camera.request(std::string("RTSP/1.0 ") + status), "CSeq: 77\r\n"));
  };
  struct {
    const char* method;
    const char* status;
  } const cases[] = {{"OPTIONS", "200"},  {"GET_PARAMETER", "200"}, {"SET_PARAMETER", "200"},
                     {"ANNOUNCE", "200"}, {"RECORD", "501"},        {"PLAY", "501"},
                     {"NONSENSE", "501"}};
  for (const auto& c : cases) {
    SessionDriver early;
    early.request("OPTIONS");
    ask(early, c.method, c.status);
    early.reply("200 OK");

    SessionDriver setup;
    setup.reach_setup();
    setup.request("SETUP");
    ask(setup, c.method, c.status);

    SessionDriver playing;
    playing.reach_playing();
    ask(playing, c.method, c.status);
    ck_assert(!playing.session().ended());
  }
}

LAW(an_answer_repeats_no_more_of_the_cameras_cseq_than_a_number_has) {
  SessionDriver camera;
  camera.reach_playing();
  camera.feed("OPTIONS * RTSP/1.0\r\nCSeq: " + std::string(500, '9') + "\r\n\r\n");
  ck_assert(contains(camera.request("RTSP/1.0 200"), "CSeq: " + std::string(20, '9') + "\r\n"));
  camera.feed("OPTIONS * RTSP/1.0\r\n\r\n");
  ck_assert(!contains(camera.session().output(), "CSeq"));
}

LAW(a_camera_that_tears_down_is_answered_and_the_session_is_over) {
  SessionDriver camera;
  camera.reach_playing();
  camera.feed("TEARDOWN rtsp://cam/stream RTSP/1.0\r\nCSeq: 4\r\n\r\n");
  camera.request("RTSP/1.0 200");
  ck_assert(camera.silent());
  const auto ended = camera.take<client::Ended>();
  ck_assert(ended && !ended->failure);
}

LAW(a_camera_that_tears_down_before_it_plays_has_failed) {
  SessionDriver camera;
  camera.feed("TEARDOWN * RTSP/1.0\r\nCSeq: 4\r\n\r\n");
  ck_assert(contains(camera.session().output(), "RTSP/1.0 200"));
  ASSERT_TEXT(camera.failure(Failure::Kind::kClosed).text, "The camera ended the session before it played.");
}

// --- hooks ---

LAW(before_send_sees_every_request_and_what_it_alters_goes_out) {
  std::vector<std::string> seen;
  client::Options options;
  options.hooks.before_send = [&seen](rtsp::Request& request) {
    seen.push_back(request.method + (request.headers.get("Session") ? "+" : ""));
    ck_assert(request.headers.get("User-Agent") == "test");
    request.headers.add("X-Mine", request.method);
    request.headers.set("CSeq", "999");
    if (request.method == "DESCRIBE") request.headers.set("User-Agent", "other");
    if (request.method == "PLAY") request.headers.set("Range", "clock=19960213T143205Z-");
    return true;
  };
  SessionDriver camera = camera_with(options);
  ck_assert(contains(camera.request("OPTIONS"), "X-Mine: OPTIONS\r\n"));
  camera.reply("200 OK", "Public: GET_PARAMETER\r\n");
  const std::string describe = camera.request("DESCRIBE");
  ck_assert(contains(describe, "CSeq: 2\r\n") && !contains(describe, "999"));
  ck_assert(contains(describe, "User-Agent: other\r\n") && !contains(describe, "User-Agent: test"));
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", test::kH264Sdp);
  camera.choose({0});
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 7\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  const std::string play = camera.request("PLAY");
  ck_assert(contains(play, "Range: clock=19960213T143205Z-\r\n") && contains(play, "Session: 7\r\n"));
  ck_assert(!contains(play, "npt"));
  camera.reply("200 OK");
  camera.advance(30s);
  camera.request("GET_PARAMETER");
  camera.reply("200 OK");
  submit(camera, 1, "SET_PARAMETER");
  camera.request("SET_PARAMETER");
  camera.session().teardown(camera.clock().now());
  camera.request("TEARDOWN");
  const std::vector<std::string> expected{"OPTIONS",        "DESCRIBE",       "SETUP",    "PLAY+",
                                          "GET_PARAMETER+", "SET_PARAMETER+", "TEARDOWN+"};
  ck_assert(seen == expected);
}

LAW(a_repetition_with_credentials_goes_out_as_it_was_altered_without_asking_again) {
  int calls = 0;
  client::Options options;
  options.hooks.before_send = [&calls](rtsp::Request& request) {
    request.headers.add("X-Call", std::to_string(++calls));
    return true;
  };
  SessionDriver camera("rtsp://admin:s3cret@cam/stream", options);
  camera.request("OPTIONS");
  camera.reply("401 Unauthorized", "WWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n");
  ck_assert(contains(camera.request("OPTIONS"), "X-Call: 1\r\n"));
}

LAW(a_request_that_before_send_drops_is_not_sent_and_the_session_goes_on_where_it_can) {
  const auto dropping = [](const std::string& method) {
    client::Options options;
    options.hooks.before_send = [method](rtsp::Request& request) { return request.method != method; };
    return camera_with(options);
  };
  SessionDriver without_options = dropping("OPTIONS");
  without_options.request("DESCRIBE");

  for (const std::string method : {"DESCRIBE", "SETUP", "PLAY"}) {
    SessionDriver camera = dropping(method);
    camera.reach_describe();
    if (method != "DESCRIBE") {
      camera.request("DESCRIBE");
      camera.reply("200 OK", "Content-Type: application/sdp\r\n", test::kH264Sdp);
      camera.choose({0});
    }
    if (method == "PLAY") {
      camera.request("SETUP");
      camera.reply("200 OK", "Session: 7\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
    }
    ck_assert(contains(camera.failure(Failure::Kind::kSettings).text, method));
  }

  SessionDriver keep_alives = dropping("GET_PARAMETER");
  keep_alives.reach_playing();
  keep_alives.advance(30s);
  ck_assert(keep_alives.silent() && !keep_alives.session().ended());
  submit(keep_alives, 1);
  submit(keep_alives, 2, "SET_PARAMETER");
  ck_assert(contains(answer(keep_alives, 1).failure, "before-send"));
  keep_alives.request("SET_PARAMETER");

  SessionDriver teardown = dropping("TEARDOWN");
  teardown.reach_playing();
  teardown.session().teardown(teardown.clock().now());
  ck_assert(teardown.silent() && teardown.session().ended());
  ck_assert(!teardown.session().take_unfinished_teardown(teardown.clock().now()).has_value());
}

LAW(handle_request_answers_in_the_clients_place_or_leaves_it_to_it) {
  std::vector<std::string> seen;
  client::Options options;
  options.hooks.handle_request = [&seen](const rtsp::Request& request) -> std::optional<rtsp::Response> {
    seen.push_back(request.method + ":" + request.body);
    if (request.method == "OPTIONS") return std::nullopt;
    rtsp::Response response;
    response.status = request.method == "TEARDOWN" ? 405 : 299;
    response.reason = "Mine";
    response.headers.add("CSeq", "1");
    response.body = "text";
    return response;
  };
  SessionDriver camera = camera_with(options);
  camera.reach_playing();
  camera.feed("X_VENDOR * RTSP/1.0\r\nCSeq: 5\r\nContent-Length: 2\r\n\r\nhi");
  const std::string answered = camera.request("RTSP/1.0 299");
  ck_assert(contains(answered, "CSeq: 5\r\n") && !contains(answered, "CSeq: 1\r\n"));
  ck_assert(contains(answered, "Session: 12345678\r\n") && contains(answered, "Content-Length: 4\r\n"));
  ASSERT_TEXT(camera.session().output(), "text");
  camera.session().output().clear();
  camera.feed("OPTIONS * RTSP/1.0\r\nCSeq: 6\r\n\r\n");
  camera.request("RTSP/1.0 200");
  // Refused by the user, it isn't obeyed.
  camera.feed("TEARDOWN * RTSP/1.0\r\nCSeq: 7\r\n\r\n");
  camera.request("RTSP/1.0 405");
  ck_assert(!camera.session().ended());
  const std::vector<std::string> expected{"X_VENDOR:hi", "OPTIONS:", "TEARDOWN:"};
  ck_assert(seen == expected);
}

LAW(on_sdp_shows_the_description_as_it_came) {
  std::string shown;
  client::Options options;
  options.hooks.on_sdp = [&shown](std::string_view text) {
    shown += text;
    return std::optional<std::string>();
  };
  SessionDriver camera = camera_with(options);
  camera.reach_setup();
  ASSERT_TEXT(shown, test::kH264Sdp);

  shown.clear();
  SessionDriver unusable = camera_with(options);
  unusable.reach_describe();
  unusable.request("DESCRIBE");
  unusable.reply("200 OK", "Content-Type: application/sdp\r\n", "garbage");
  ASSERT_TEXT(shown, "garbage");
}

}  // namespace

int main() {
  return retina::test::run_laws("session_requests");
}
