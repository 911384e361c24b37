// The actions get-parameter, get-parameters and set-parameter: what the camera is asked, and that each
// promise gets its reply, whatever happens.

#include <thread>

#include "gst/sample_camera.h"
#include "gst/signal_handlers.h"

namespace {

using namespace retina::test;

/// Plays its frames, and then goes on answering requests.
StandardCamera open_camera() {
  StandardCamera camera;
  camera.sdp = kSampleSdp;
  camera.media = sample_media(5);
  return camera;
}

gboolean get(ElementRunner& runner, const char* name, const Promise& promise, const char* type = nullptr) {
  gboolean issued = FALSE;
  g_signal_emit_by_name(runner.source(), "get-parameter", name, type, promise.get(), &issued);
  return issued;
}

gboolean get_all(ElementRunner& runner, const std::vector<const char*>& names, const Promise& promise) {
  std::vector<const char*> list = names;
  list.push_back(nullptr);
  gboolean issued = FALSE;
  g_signal_emit_by_name(runner.source(), "get-parameters", list.data(), nullptr, promise.get(), &issued);
  return issued;
}

void start_playing(ElementRunner& runner) {
  runner.start();
  ck_assert(runner.wait_for_buffers(1));
}

/// The n-th request of this method that the camera has had.
RtspRequest nth(const ScriptedCamera& camera, const std::string& method, std::size_t n) {
  for (const RtspRequest& request : camera.requests()) {
    if (request.method == method && n-- == 0) return request;
  }
  ck_abort_msg("no such request");
  return {};
}

void expect_no_answer(const Promise& promise, const char* name, GstRTSPResult result) {
  ASSERT_TEXT(promise.name(), name);
  ck_assert_int_eq(promise.number("rtsp-result"), result);
  ck_assert_int_eq(promise.number("rtsp-code"), 0);
  ck_assert_msg(promise.text("rtsp-reason").size() > 10, "no sentence: %s",
                promise.text("rtsp-reason").c_str());
}

LAW(get_parameter_asks_for_one_line_and_replies_with_the_body) {
  const ScriptedCamera camera(
      open_camera().on("GET_PARAMETER", Script().ok("Content-Type: text/parameters\n", "jitter: 0.3\r\n")));
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  const Promise promise;
  ck_assert(get(runner, "jitter", promise));
  ASSERT_TEXT(promise.name(), "get-parameter-reply");
  ck_assert_int_eq(promise.number("rtsp-result"), GST_RTSP_OK);
  ck_assert_int_eq(promise.number("rtsp-code"), 200);
  ASSERT_TEXT(promise.text("rtsp-reason"), "OK");
  ASSERT_TEXT(promise.text("body"), "jitter: 0.3\r\n");
  const RtspRequest request = nth(camera, "GET_PARAMETER", 0);
  ASSERT_TEXT(request.body, "jitter:\r\n");
  ASSERT_TEXT(request.header_or_empty("Content-Type"), "text/parameters");
  ASSERT_TEXT(request.header_or_empty("Session"), "4A3B2C1D");
}

LAW(get_parameters_asks_for_a_line_each) {
  const ScriptedCamera camera(open_camera());
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  const Promise promise;
  ck_assert(get_all(runner, {"packets_received", "jitter"}, promise));
  ck_assert_int_eq(promise.number("rtsp-code"), 200);
  ASSERT_TEXT(promise.text("body"), "");
  ASSERT_TEXT(nth(camera, "GET_PARAMETER", 0).body, "packets_received:\r\njitter:\r\n");
}

LAW(set_parameter_sends_name_and_value) {
  const ScriptedCamera camera(open_camera());
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  const Promise promise;
  ck_assert(set(runner, "barparam", "bar stuff", promise, "text/x-vendor"));
  ASSERT_TEXT(promise.name(), "set-parameter-reply");
  ck_assert_int_eq(promise.number("rtsp-result"), GST_RTSP_OK);
  ck_assert_int_eq(promise.number("rtsp-code"), 200);
  ASSERT_TEXT(promise.text("rtsp-reason"), "OK");
  ck_assert(!gst_structure_has_field(promise.reply(), "body"));
  const RtspRequest request = nth(camera, "SET_PARAMETER", 0);
  ASSERT_TEXT(request.body, "barparam: bar stuff\r\n");
  ASSERT_TEXT(request.header_or_empty("Content-Type"), "text/x-vendor");
}

LAW(a_refusal_of_the_camera_is_an_answer_and_the_session_goes_on) {
  const ScriptedCamera camera(
      open_camera().on("SET_PARAMETER", Script().status(451, "Not That One", "", "barparam\r\n")));
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  const Promise refused;
  ck_assert(set(runner, "barparam", "1", refused));
  ck_assert_int_eq(refused.number("rtsp-result"), GST_RTSP_OK);
  ck_assert_int_eq(refused.number("rtsp-code"), 451);
  ASSERT_TEXT(refused.text("rtsp-reason"), "Not That One");
  const Promise next;
  ck_assert(get(runner, "jitter", next));
  ck_assert_int_eq(next.number("rtsp-code"), 200);
}

LAW(a_body_that_is_no_utf8_is_made_a_text) {
  const ScriptedCamera camera(open_camera().on(
      "GET_PARAMETER", Script().send("RTSP/1.0 200 \xE9t\xE9\r\nCSeq: 5\r\nContent-Length: 6\r\n\r\n"
                                     "a: \xFF\r\n")));
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  const Promise promise;
  ck_assert(get(runner, "a", promise));
  ck_assert_int_eq(promise.number("rtsp-code"), 200);
  ASSERT_TEXT(promise.text("body"), "a: \xEF\xBF\xBD\r\n");
  ck_assert(g_utf8_validate(promise.text("rtsp-reason").c_str(), -1, nullptr));
}

LAW(arguments_that_make_no_request_are_refused_with_a_reply) {
  const ScriptedCamera camera(open_camera());
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  for (const char* name :
       {static_cast<const char*>(nullptr), "", "two words", "line\nend", "tab\t", "\x01"}) {
    const Promise got;
    ck_assert(!get(runner, name, got));
    expect_no_answer(got, "get-parameter-reply", GST_RTSP_EINVAL);
    const Promise was_set;
    ck_assert(!set(runner, name, "value", was_set));
    expect_no_answer(was_set, "set-parameter-reply", GST_RTSP_EINVAL);
  }
  const Promise several;
  ck_assert(!get_all(runner, {"good", "not good"}, several));
  expect_no_answer(several, "get-parameter-reply", GST_RTSP_EINVAL);
  const Promise valueless;
  ck_assert(!set(runner, "name", nullptr, valueless));
  expect_no_answer(valueless, "set-parameter-reply", GST_RTSP_EINVAL);
  ck_assert_uint_eq(camera.count("GET_PARAMETER") + camera.count("SET_PARAMETER"), 0);
}

LAW(without_a_promise_nothing_is_asked) {
  const ScriptedCamera camera(open_camera());
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  gboolean issued = TRUE;
  g_signal_emit_by_name(runner.source(), "get-parameter", "jitter", nullptr, nullptr, &issued);
  ck_assert(!issued);
  g_signal_emit_by_name(runner.source(), "set-parameter", "a", "b", nullptr, nullptr, &issued);
  ck_assert(!issued);
}

LAW(without_a_session_the_promise_is_replied_at_once) {
  const ScriptedCamera camera(sample_camera());
  ElementRunner runner("location=" + camera.url());
  const Promise before;
  ck_assert(!get(runner, "jitter", before));
  expect_no_answer(before, "get-parameter-reply", GST_RTSP_EINVAL);
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  const Promise after_eos;
  ck_assert(!set(runner, "a", "b", after_eos));
  expect_no_answer(after_eos, "set-parameter-reply", GST_RTSP_EINVAL);
  runner.stop();
  const Promise stopped;
  ck_assert(!get(runner, "jitter", stopped));
  expect_no_answer(stopped, "get-parameter-reply", GST_RTSP_EINVAL);
}

LAW(what_is_asked_while_connecting_is_asked_of_the_camera_once_it_plays) {
  const ScriptedCamera camera(open_camera());
  BeforeSendHandler handler;
  const Promise promise;
  ElementRunner runner("location=" + camera.url());
  handler = [&](GstRTSPMessage* message) {
    if (method_of(message) == "OPTIONS") ck_assert(get(runner, "jitter", promise));
    return true;
  };
  before_send(runner.source(), handler);
  runner.start();
  ck_assert_int_eq(promise.number("rtsp-code"), 200);
  ASSERT_TEXT(camera.methods(), "OPTIONS DESCRIBE SETUP PLAY GET_PARAMETER ");
  runner.stop();
}

LAW(stopping_replies_to_what_waits) {
  const ScriptedCamera camera(open_camera().on("GET_PARAMETER", Script().run([] {})));
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  const Promise asked;
  const Promise queued;
  ck_assert(get(runner, "a", asked));
  ck_assert(camera.wait_for("GET_PARAMETER"));
  ck_assert(set(runner, "b", "1", queued));
  runner.stop();
  expect_no_answer(asked, "get-parameter-reply", GST_RTSP_EINTR);
  expect_no_answer(queued, "set-parameter-reply", GST_RTSP_EINTR);
}

LAW(stopping_while_connecting_replies_to_what_waits) {
  const ScriptedCamera camera(Script().expect("OPTIONS").stall());
  ElementRunner runner("location=" + camera.url());
  runner.start();
  ck_assert(camera.wait_for("OPTIONS"));
  const Promise promise;
  ck_assert(get(runner, "a", promise));
  runner.stop();
  expect_no_answer(promise, "get-parameter-reply", GST_RTSP_EINTR);
}

LAW(the_end_of_the_session_replies_to_what_waits) {
  const ScriptedCamera camera(open_camera().on("GET_PARAMETER", Script().close()));
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  const Promise asked;
  ck_assert(get(runner, "a", asked));
  ck_assert(runner.wait().kind == Outcome::Kind::kError);
  ASSERT_TEXT(asked.name(), "get-parameter-reply");
  ck_assert_int_lt(asked.number("rtsp-result"), 0);
  const Promise late;
  ck_assert(!get(runner, "b", late));
  expect_no_answer(late, "get-parameter-reply", GST_RTSP_EINVAL);
}

LAW(a_request_that_before_send_refuses_is_replied_to) {
  const ScriptedCamera camera(open_camera());
  BeforeSendHandler handler = [](GstRTSPMessage* message) { return method_of(message) != "GET_PARAMETER"; };
  ElementRunner runner("location=" + camera.url());
  before_send(runner.source(), handler);
  start_playing(runner);
  const Promise promise;
  ck_assert(get(runner, "a", promise));
  expect_no_answer(promise, "get-parameter-reply", GST_RTSP_ERROR);
  ck_assert_uint_eq(camera.count("GET_PARAMETER"), 0);
}

LAW(a_promise_that_nobody_waits_for_any_more_does_no_harm) {
  const ScriptedCamera camera(open_camera());
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  const Promise promise;
  gst_promise_interrupt(promise.get());
  ck_assert(get(runner, "a", promise));
  const Promise next;
  ck_assert(get(runner, "b", next));
  ck_assert_int_eq(next.number("rtsp-code"), 200);
  ck_assert_int_eq(promise.wait(), GST_PROMISE_RESULT_INTERRUPTED);
}

LAW(a_reply_may_ask_again) {
  const ScriptedCamera camera(open_camera());
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  const Promise second;
  struct Next {
    ElementRunner& runner;
    const Promise& promise;
  } next{runner, second};
  const auto ask_again = [](GstPromise*, gpointer data) {
    const auto& context = *static_cast<Next*>(data);
    ck_assert(get(context.runner, "b", context.promise));
  };
  GstPromise* first = gst_promise_new_with_change_func(ask_again, &next, nullptr);
  gboolean issued = FALSE;
  g_signal_emit_by_name(runner.source(), "get-parameter", "a", nullptr, first, &issued);
  ck_assert(issued);
  ck_assert_int_eq(second.number("rtsp-code"), 200);
  gst_promise_unref(first);
}

LAW(many_threads_get_an_answer_each) {
  constexpr int kThreads = 4;
  constexpr int kRequests = 25;
  const ScriptedCamera camera(open_camera());
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kRequests; ++j) {
        const Promise promise;
        ck_assert(get(runner, "a", promise));
        ck_assert_int_eq(promise.number("rtsp-code"), 200);
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  ck_assert_uint_eq(camera.count("GET_PARAMETER"), kThreads * kRequests);
}

LAW(every_promise_is_replied_when_the_element_stops_under_fire) {
  const ScriptedCamera camera(open_camera());
  ElementRunner runner("location=" + camera.url());
  start_playing(runner);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (gboolean issued = TRUE; issued;) {
        const Promise promise;
        issued = get(runner, "a", promise);
        promise.number("rtsp-result");
      }
    });
  }
  ck_assert(camera.wait_for("GET_PARAMETER", 20));
  runner.stop();
  for (std::thread& thread : threads)
    thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_actions");
}
