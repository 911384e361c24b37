// TEARDOWN on connections of its own, in the background.

#include "client/farewell.h"

#include <thread>

#include "client/client.h"
#include "client/farewell_attempt.h"
#include "support/check.h"
#include "support/scripted_camera.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using client::Exchange;
using client::Farewell;
using client::FarewellAttempt;
using client::StaleSessions;
using client::UnfinishedTeardown;
using Outcome = FarewellAttempt::Outcome;

/// Attempts soon have time enough on any machine.
constexpr client::FarewellPace kGrowing{20ms, 1h};
constexpr client::FarewellPace kPatient{1h, 1h};

base::TimePoint now() {
  return base::MonotonicClock().now();
}

/// Of a session "7" whose TEARDOWN, CSeq 1, has had no answer.
Exchange unanswered(const std::string& user = "admin") {
  Exchange exchange("test", rtsp::Authenticator(user, user.empty() ? "" : "s3cret"));
  exchange.set_session_id("7");
  (void)exchange.send({"TEARDOWN", "rtsp://cam/stream", {}, {}}, {});
  return exchange;
}

UnfinishedTeardown left_at(std::uint16_t port, std::shared_ptr<StaleSessions> stale = {},
                           base::Duration expiry = 1h) {
  const base::TimePoint end = now() + expiry;
  const auto id = stale ? stale->add("127.0.0.1", port, end, now()) : 0;
  return {"127.0.0.1", port, unanswered(), end, std::move(stale), id};
}

std::unique_ptr<Farewell> farewell(client::FarewellPace pace) {
  return std::make_unique<Farewell>(std::make_unique<io::TcpConnector>(), pace);
}

void wait_until_done(Farewell& farewell) {
  while (farewell.pending() != 0)
    std::this_thread::yield();
}

// --- one attempt ---

LAW(an_answer_tells_whether_the_session_is_gone_however_it_is_cut) {
  const std::string ok = "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n";
  struct {
    std::string answer;
    Outcome outcome;
  } const cases[] = {
      {ok, Outcome::kGone},
      {"RTSP/1.0 454 Session Not Found\r\nCSeq: 2\r\n\r\n", Outcome::kGone},
      {"RTSP/1.0 500 Internal Server Error\r\nCSeq: 2\r\n\r\n", Outcome::kGone},
      {"RTSP/1.0 200 OK\r\n\r\n", Outcome::kGone},
      {"RTSP/1.0 503 Service Unavailable\r\nCSeq: 2\r\n\r\n", Outcome::kRefused},
      {"RTSP/1.0 405 Method Not Allowed\r\nCSeq: 2\r\n\r\n", Outcome::kRefused},
      {"SSH-2.0-OpenSSH_9.2\r\n", Outcome::kHopeless},
      // Behind media, a request of the server, and the answer to the TEARDOWN before.
      {std::string("$\1\0\1x", 5) + ok, Outcome::kGone},
      {"OPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n" + ok, Outcome::kGone},
      {"RTSP/1.0 403 Forbidden\r\nCSeq: 1\r\n\r\n" + ok, Outcome::kGone},
      {"RTSP/1.0 100 Continue\r\nCSeq: 2\r\n\r\n" + ok, Outcome::kGone},
      // Not yet.
      {"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", Outcome::kOpen},
      {"RTSP/1.0 200 OK\r\nCSeq: 2\r\n", Outcome::kOpen},
  };
  for (const auto& c : cases) {
    for (std::size_t cut = 0; cut <= c.answer.size(); ++cut) {
      Exchange exchange = unanswered();
      FarewellAttempt attempt(exchange, {});
      attempt.receive(base::as_bytes(c.answer).first(cut));
      attempt.receive(base::as_bytes(c.answer).subspan(cut));
      ck_assert_msg(attempt.outcome() == c.outcome, "%s cut at %zu", c.answer.c_str(), cut);
    }
  }
}

LAW(an_attempt_sends_the_session_and_answers_a_challenge_once) {
  Exchange exchange = unanswered();
  FarewellAttempt attempt(exchange, {});
  ck_assert(attempt.output().find("TEARDOWN rtsp://cam/stream RTSP/1.0\r\nCSeq: 2\r\n") == 0);
  ck_assert(attempt.output().find("Session: 7\r\n") != std::string::npos);
  attempt.output().clear();
  const std::string challenge = "WWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n\r\n";
  attempt.receive(base::as_bytes("RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\n" + challenge));
  ck_assert(attempt.outcome() == Outcome::kOpen);
  ck_assert(attempt.output().find("Authorization: Digest username=\"admin\"") != std::string::npos);
  attempt.receive(base::as_bytes("RTSP/1.0 401 Unauthorized\r\nCSeq: 3\r\n" + challenge));
  ck_assert(attempt.outcome() == Outcome::kHopeless);
}

LAW(what_the_server_said_of_authentication_is_carried_from_connection_to_connection) {
  const std::string challenge = "WWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n\r\n";
  Exchange exchange = unanswered();
  FarewellAttempt closed(exchange, {});
  closed.receive(base::as_bytes("RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\n" + challenge));
  FarewellAttempt next(exchange, {});
  ck_assert(next.output().find("CSeq: 4\r\n") != std::string::npos);
  ck_assert(next.output().find("Authorization: Digest username=\"admin\"") != std::string::npos);
}

LAW(an_attempt_without_credentials_is_hopeless_where_they_are_wanted) {
  Exchange without = unanswered("");
  FarewellAttempt refused(without, {});
  refused.receive(base::as_bytes(
      "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=\"c\", nonce=\"n\"\r\n\r\n"));
  ck_assert(refused.outcome() == Outcome::kHopeless);
}

// --- the background ---

LAW(a_session_is_asked_for_on_new_connections_until_the_server_says_that_it_is_gone) {
  using test::Script;
  test::ScriptedCamera camera({test::playing(Script().close()),
                               test::playing(Script().expect("TEARDOWN").reset()),
                               test::playing(Script().expect("TEARDOWN").status(503, "Busy").stall()),
                               test::playing(Script().expect("TEARDOWN").stall()),
                               test::playing(Script().expect("TEARDOWN").ok().stall())});
  auto stale = std::make_shared<StaleSessions>();
  const auto background = farewell(kGrowing);
  background->add(left_at(camera.port(), stale));
  wait_until_done(*background);
  ck_assert(!stale->status("127.0.0.1", camera.port(), now()).has_value());
  ck_assert_uint_ge(camera.connections(), 5);
  for (const auto& request : camera.requests())
    ASSERT_TEXT(request.header_or_empty("Session"), "7");
}

LAW(the_thread_ends_when_nothing_is_left_and_starts_again_when_something_is) {
  test::ScriptedCamera camera(test::Script().expect("TEARDOWN").ok().stall());
  const auto background = farewell(kPatient);
  for (std::size_t i = 1; i <= 20; ++i) {
    background->add(left_at(camera.port()));
    wait_until_done(*background);
    ck_assert_uint_eq(camera.count("TEARDOWN"), i);
  }
}

LAW(several_threads_may_leave_sessions_at_once) {
  test::ScriptedCamera camera(test::Script().expect("TEARDOWN").ok().stall());
  const auto background = farewell(kPatient);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 5; ++j)
        background->add(left_at(camera.port()));
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  wait_until_done(*background);
  ck_assert_uint_eq(camera.count("TEARDOWN"), 20);
}

LAW(stopping_breaks_off_a_connection_attempt_an_exchange_and_a_pause) {
  {
    test::HangingListener nobody;
    const auto connecting = farewell(kPatient);
    connecting->add(left_at(nobody.port()));
    connecting->stop();
    ck_assert_uint_eq(connecting->pending(), 0);
    connecting->add(left_at(nobody.port()));
    ck_assert_uint_eq(connecting->pending(), 0);
  }
  test::ScriptedCamera silent(test::Script().expect("TEARDOWN").stall());
  const auto waiting = farewell(kPatient);
  waiting->add(left_at(silent.port()));
  ck_assert(silent.wait_for("TEARDOWN"));
  waiting->stop();

  test::ScriptedCamera busy(test::Script().expect("TEARDOWN").status(503, "Busy").stall());
  const auto pausing = farewell(kPatient);
  pausing->add(left_at(busy.port()));
  ck_assert(busy.wait_for_closed(1));
  pausing->stop();
  ck_assert_uint_eq(busy.connections(), 1);
}

LAW(another_session_need_not_wait_for_the_pause_of_the_one_before) {
  test::ScriptedCamera busy(test::Script().expect("TEARDOWN").status(503, "Busy").stall());
  test::ScriptedCamera good(test::Script().expect("TEARDOWN").ok().stall());
  const auto background = farewell(kPatient);
  background->add(left_at(busy.port()));
  ck_assert(busy.wait_for_closed(1));
  background->add(left_at(good.port()));
  ck_assert(good.wait_for_closed(1));
}

LAW(a_session_that_has_expired_is_not_asked_for) {
  test::ScriptedCamera camera(test::Script().expect("TEARDOWN").ok().stall());
  const auto background = farewell(kGrowing);
  background->add(left_at(camera.port(), {}, -1s));
  wait_until_done(*background);
  ck_assert_uint_eq(camera.connections(), 0);

  test::ScriptedCamera silent(test::Script().expect("TEARDOWN").stall());
  background->add(left_at(silent.port(), {}, 30ms));
  wait_until_done(*background);
}

LAW(so_many_sessions_wait_and_no_more) {
  test::HangingListener nobody;
  const auto background = farewell(kPatient);
  for (std::size_t i = 0; i < 2 * Farewell::kMaxSessions; ++i)
    background->add(left_at(nobody.port()));
  ck_assert_uint_eq(background->pending(), Farewell::kMaxSessions);
}

// --- from a client's end to the background ---

std::string sdp_of(const std::string& tool) {
  return "v=0\ns=x\na=tool:" + tool + "\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:t\n";
}

struct Viewer {
  Viewer(const test::ScriptedCamera& camera, client::Options options) {
    options.location = camera.url();
    options.location.insert(options.location.find("127"), "admin:s3cret@");
    options.user_agent = "test";
    auto created = client::Client::create(std::move(options), log_, clock_, connector_);
    ck_assert(created.has_value());
    client = std::move(created).value();
    for (;;) {
      const auto event = client->next();
      ck_assert(event && !std::holds_alternative<client::Ended>(*event));
      if (std::holds_alternative<client::Described>(*event)) client->choose({{0, {}, &allocator_}});
      if (std::holds_alternative<client::Playing>(*event)) return;
    }
  }

  std::unique_ptr<client::Client> client;

 private:
  base::NullLog log_;
  base::MonotonicClock clock_;
  io::TcpConnector connector_;
  codec::HeapAllocator allocator_;
};

test::StandardCamera camera_of(const std::string& tool) {
  test::StandardCamera camera;
  camera.sdp = sdp_of(tool);
  camera.credentials = {test::AuthScheme::kDigest, "admin", "s3cret", "camera", true};
  return camera;
}

LAW(closing_within_its_limit_leaves_the_rest_to_the_background) {
  // The answer to the first TEARDOWN never comes.
  test::ScriptedCamera camera(camera_of("LIVE555 Streaming Media v2013.04.08")
                                  .on("TEARDOWN", test::Script().standard_unanswered().stall(), 1));
  client::Options options;
  options.stale_sessions = std::make_shared<StaleSessions>();
  options.farewell = farewell(kGrowing);
  Viewer viewer(camera, options);
  viewer.client->close(1ms);
  ck_assert(camera.wait_for("TEARDOWN", 2));
  wait_until_done(*options.farewell);
  ck_assert_uint_ge(camera.connections(), 2);
  for (const auto& request : camera.requests()) {
    if (request.connection == 0) continue;
    ASSERT_TEXT(request.method, "TEARDOWN");
    ASSERT_TEXT(request.header_or_empty("Session"), "4A3B2C1D");
    ck_assert(request.header_or_empty("Authorization").find("nc=") != std::string::npos);
  }
  ck_assert(!options.stale_sessions->status("127.0.0.1", camera.port(), now()).has_value());
}

LAW(the_background_has_nothing_to_do_where_the_server_confirms_or_does_no_harm) {
  struct {
    const char* tool;
    client::Teardown policy;
    bool answered;
    bool more;
  } const cases[] = {
      {"LIVE555 Streaming Media v2013.04.08", client::Teardown::kAuto, true, false},
      {"Camera", client::Teardown::kAuto, false, false},
      {"Camera", client::Teardown::kAlways, false, true},
      {"LIVE555 Streaming Media v2013.04.08", client::Teardown::kNever, false, false},
  };
  for (const auto& c : cases) {
    test::StandardCamera standard = camera_of(c.tool);
    if (!c.answered) standard.on("TEARDOWN", test::Script().standard_unanswered().stall(), 1);
    test::ScriptedCamera camera(std::move(standard));
    client::Options options;
    options.teardown = c.policy;
    options.farewell = farewell(kGrowing);
    Viewer viewer(camera, options);
    viewer.client->close(c.answered ? 10s : 1ms);
    wait_until_done(*options.farewell);
    ck_assert((camera.connections() > 1) == c.more);
    if (c.policy == client::Teardown::kNever) ck_assert_uint_eq(camera.count("TEARDOWN"), 0);
  }
}

LAW(a_session_whose_connection_breaks_is_ended_in_the_background) {
  test::StandardCamera standard = camera_of("LIVE555 Streaming Media v2013.04.08");
  standard.after_media = test::Script().close();
  test::ScriptedCamera camera(std::move(standard));
  client::Options options;
  options.stale_sessions = std::make_shared<StaleSessions>();
  options.farewell = farewell(kGrowing);
  Viewer viewer(camera, options);
  for (;;) {
    const auto event = viewer.client->next();
    ck_assert(event.has_value());
    if (std::holds_alternative<client::Ended>(*event)) break;
  }
  ck_assert(camera.wait_for("TEARDOWN"));
  wait_until_done(*options.farewell);
  ck_assert(!options.stale_sessions->status("127.0.0.1", camera.port(), now()).has_value());
}

// --- requests from other threads ---

LAW(a_request_of_another_thread_wakes_the_one_that_waits_and_is_answered) {
  test::ScriptedCamera camera(camera_of("Camera"));
  Viewer viewer(camera, {});
  std::thread user([&] {
    for (std::uint64_t id = 1; id <= 50; ++id)
      viewer.client->submit({id, "GET_PARAMETER", "", {}, ""});
  });
  std::uint64_t answered = 0;
  while (answered < 50) {
    const auto event = viewer.client->next();
    ck_assert(event.has_value());
    if (const auto* response = std::get_if<client::UserResponse>(&*event)) {
      ck_assert_uint_eq(response->id, ++answered);
      ck_assert(response->response && response->response->status == 200);
    }
  }
  user.join();
  viewer.client->close(1s);
}

LAW(an_interruption_is_not_lost_among_requests) {
  test::ScriptedCamera camera(camera_of("Camera"));
  Viewer viewer(camera, {});
  for (int i = 0; i < 50; ++i) {
    std::thread user([&] { viewer.client->submit({1, "GET_PARAMETER", "", {}, ""}); });
    std::thread stopper([&] { viewer.client->interrupt(); });
    while (viewer.client->next()) {
    }
    user.join();
    stopper.join();
    ck_assert(!viewer.client->next().has_value());
    viewer.client->resume();
  }
  viewer.client->close(1s);
}

LAW(one_teardown_is_all_where_the_answer_is_only_late) {
  struct {
    bool udp;
    bool by_itself;  // the media ends; else the user stops, and doesn't wait
  } const cases[] = {{true, true}, {true, false}, {false, false}};
  for (const auto& c : cases) {
    test::StandardCamera standard = camera_of(c.udp ? "Camera" : "LIVE555 Streaming Media v2013.04.08");
    standard.tcp = !c.udp;
    // Behind media that is under way.
    standard.on("TEARDOWN", test::Script().pause(20ms).send(std::string("$\0\0\1x", 5)).standard());
    if (c.by_itself) {
      standard.after_media =
          test::Script().send("SET_PARAMETER rtsp://cam/ RTSP/1.0\r\nCSeq: 1\r\n\r\nRTSP/").stall();
    }
    test::ScriptedCamera camera(std::move(standard));
    client::Options options;
    options.farewell = farewell(kPatient);
    options.idle_timeout = c.by_itself ? base::Duration(50ms) : base::Duration(1h);
    options.transports.tcp = !c.udp;
    options.udp_timeout = 1h;
    Viewer viewer(camera, options);
    if (c.by_itself) {
      while (!std::holds_alternative<client::Ended>(viewer.client->next().value())) {
      }
    } else {
      viewer.client->close(0ms);
    }
    wait_until_done(*options.farewell);
    ck_assert_msg(camera.count("TEARDOWN") >= 1, "it was sent");
    ck_assert_uint_eq(camera.connections(), 1);
    ck_assert_uint_eq(camera.count("TEARDOWN"), 1);
  }
}

LAW(a_connection_that_ends_without_an_answer_is_followed_by_another_at_once) {
  test::StandardCamera standard = camera_of("Camera");
  standard.tcp = false;
  standard.on("TEARDOWN", test::Script().close(), 1);
  test::ScriptedCamera camera(std::move(standard));
  client::Options options;
  options.farewell = farewell(kPatient);
  options.transports.tcp = false;
  Viewer viewer(camera, options);
  viewer.client->close(0ms);
  wait_until_done(*options.farewell);
  ck_assert_uint_eq(camera.count("TEARDOWN"), 2);
  ck_assert_uint_eq(camera.connections(), 2);
}

}  // namespace

int main() {
  return retina::test::run_laws("farewell");
}
