// A camera that is lost, and comes back.

#include "gst/element_runner.h"
#include "gst/sample_camera.h"
#include "gst/signal_handlers.h"

namespace {

using namespace retina::test;

constexpr const char* kQuick = " reconnect=true reconnect-delay=10 reconnect-max-delay=20";

/// Plays its frames, which are all there are: BYE is their end.
StandardCamera recording_camera(unsigned frames) {
  StandardCamera camera = sample_camera(frames);
  camera.sdp.insert(camera.sdp.find("m=video"), "a=range:npt=0-30\n");
  return camera;
}

/// Plays its frames, and then breaks in the middle of a packet.
StandardCamera breaking_camera(unsigned frames = 5) {
  StandardCamera camera = sample_camera(frames);
  camera.after_media = Script().send("$").close();
  return camera;
}

LAW(after_a_loss_it_comes_back_by_itself) {
  const ScriptedCamera camera({serving(breaking_camera()), serving(recording_camera(7))});
  ElementRunner runner("location=" + camera.url() + kQuick);
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  const auto received = runner.received();
  ck_assert_uint_eq(received.size(), 12);
  for (std::size_t i = 0; i < received.size(); ++i) {
    ck_assert_msg(received[i].has(GST_BUFFER_FLAG_DISCONT) == (i == 0 || i == 5), "frame %zu", i);
    if (i > 0)
      ck_assert_msg(received[i].pts > received[i - 1].pts,
                    "frame %zu: %" G_GUINT64_FORMAT " after %" G_GUINT64_FORMAT, i, received[i].pts,
                    received[i - 1].pts);
  }
  ck_assert_uint_eq(runner.stat("reconnects"), 1);
  ck_assert_uint_eq(runner.stat("frames"), 12);
  ck_assert_uint_eq(camera.connections(), 2);
}

LAW(every_way_to_lose_a_camera_is_got_over) {
  const Script teardown =
      Script().send("TEARDOWN rtsp://cam/ RTSP/1.0\r\nCSeq: 1\r\nSession: 4A3B2C1D\r\n\r\n");
  const Script faults[] = {Script().close(),
                           Script().reset(),
                           Script().send("$").close(),
                           Script().stall(),
                           Script().send(sample_bye()),
                           teardown};
  for (const Script& fault : faults) {
    StandardCamera first = sample_camera(5);
    first.after_media = fault;
    const ScriptedCamera camera({serving(first), serving(recording_camera(5))});
    ElementRunner runner("location=" + camera.url() + kQuick + " idle-timeout=200000");
    const Outcome outcome = runner.run();
    ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "fault %td: %s", &fault - faults,
                  outcome.text.c_str());
    ck_assert_uint_eq(runner.stat("reconnects"), 1);
  }
}

LAW(a_camera_that_reads_nothing_any_more_is_got_over_after_tcp_timeout) {
  StandardCamera deaf = sample_camera(5);
  deaf.after_media = Script().stop_reading();
  const ScriptedCamera camera({serving(deaf), serving(recording_camera(5))});
  ElementRunner runner("location=" + camera.url() + kQuick + " idle-timeout=0 tcp-timeout=300000");
  runner.start();
  ck_assert(runner.wait_for_buffers(5));
  // More than the window of the camera, and what the system may hold for it.
  const std::string value(std::size_t{16} << 20, 'x');
  const Promise promise;
  ck_assert(set(runner, "text", value.c_str(), promise));
  const Outcome outcome = runner.wait();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  ck_assert_int_eq(promise.number("rtsp-code"), 0);
  ck_assert_uint_eq(runner.received().size(), 10);
  ck_assert_uint_eq(runner.stat("reconnects"), 1);
}

LAW(what_is_sent_into_a_window_that_stays_closed_breaks_the_connection_after_tcp_timeout) {
  StandardCamera deaf = sample_camera(5);
  deaf.after_media = Script().stop_reading();
  const ScriptedCamera camera({serving(deaf), serving(recording_camera(5))});
  ElementRunner runner("location=" + camera.url() + kQuick + " idle-timeout=0 tcp-timeout=300000");
  runner.start();
  ck_assert(runner.wait_for_buffers(5));
  // More than the window; the system takes it all.
  const std::string value(400'000, 'x');
  const Promise promise;
  ck_assert(set(runner, "text", value.c_str(), promise));
  const Outcome outcome = runner.wait();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  ck_assert_uint_eq(runner.stat("reconnects"), 1);
}

LAW(a_fault_that_each_session_has_is_told_once) {
  const auto odd = [](StandardCamera camera) {
    camera.describe_headers = "Content-Base: {url}/\nContent-Type: text/plain\n";
    return serving(camera);
  };
  const ScriptedCamera camera({odd(breaking_camera()), odd(breaking_camera()), odd(recording_camera(5))});
  ElementRunner runner("location=" + camera.url() + kQuick);
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  ck_assert_uint_eq(runner.stat("reconnects"), 2);
  ck_assert_uint_eq(runner.warnings().size(), 1);
  ck_assert_msg(runner.warnings()[0].find("application/sdp") != std::string::npos, "%s",
                runner.warnings()[0].c_str());
}

LAW(a_camera_that_boots_in_stages_is_tried_on) {
  StandardCamera booting = sample_camera(0);
  booting.on("DESCRIBE", Script().status(404, "Not Found"));
  StandardCamera locked = sample_camera(0);
  locked.on("DESCRIBE", Script().status(503, "Service Unavailable"));
  const ScriptedCamera camera({serving(breaking_camera()), playing(Script().close()), serving(booting),
                               serving(locked), serving(recording_camera(5))});
  ElementRunner runner("location=" + camera.url() + kQuick);
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  ck_assert_uint_eq(runner.received().size(), 10);
}

LAW(caps_follow_a_camera_that_has_changed) {
  StandardCamera other = recording_camera(5);
  const std::string sps = "Z0LAHtkDxWhAAAADAEAAAAwDxYuS";
  other.sdp.replace(other.sdp.find(sps), sps.size(), "Z0LAH9kDxWhAAAADAEAAAAwDxYuS");  // level 3.1
  const ScriptedCamera camera({serving(breaking_camera()), serving(other)});
  ElementRunner runner("location=" + camera.url() + kQuick);
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  const auto received = runner.received();
  ck_assert_uint_eq(received.size(), 10);
  ck_assert(received[4].caps.find("level=(string)3,") != std::string::npos);
  ck_assert_msg(received[5].caps.find("level=(string)3.1,") != std::string::npos, "%s",
                received[5].caps.c_str());
}

LAW(caps_follow_a_camera_whose_encoding_has_changed) {
  const auto speaking = [](StandardCamera camera, const std::string& encoding) {
    camera.sdp = "v=0\ns=x\nt=0 0\na=range:npt=0-30\nm=audio 0 RTP/AVP 96\na=rtpmap:96 " + encoding +
                 "/8000\na=control:track1\n";
    return camera;
  };
  StandardCamera before = speaking(breaking_camera(), "PCMA");
  before.sdp.erase(before.sdp.find("a=range"), std::string("a=range:npt=0-30\n").size());
  const ScriptedCamera camera({serving(before), serving(speaking(sample_camera(5), "PCMU"))});
  ElementRunner runner("location=" + camera.url() + kQuick);
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  const auto received = runner.received();
  ck_assert_uint_ge(received.size(), 2);
  ck_assert_msg(received.front().caps.starts_with("audio/x-alaw"), "%s", received.front().caps.c_str());
  ck_assert_msg(received.back().caps.starts_with("audio/x-mulaw"), "%s", received.back().caps.c_str());
}

LAW(a_description_without_the_stream_is_asked_for_again_after_an_outage) {
  StandardCamera starting = sample_camera(0);
  starting.sdp = "v=0\ns=x\nt=0 0\nm=vid\n";
  StandardCamera other = sample_camera(0);
  other.sdp = "v=0\ns=x\nt=0 0\nm=audio 0 RTP/AVP 8\na=control:track1\n";
  const ScriptedCamera camera(
      {serving(breaking_camera()), serving(starting), serving(other), serving(recording_camera(5))});
  ElementRunner runner("media=video location=" + camera.url() + kQuick);
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  ck_assert_uint_eq(runner.received().size(), 10);
  ck_assert_uint_eq(runner.stat("reconnects"), 3);
}

LAW(after_the_last_attempt_the_loss_is_an_error) {
  const ScriptedCamera camera({serving(breaking_camera()), playing(Script().close())});
  ElementRunner runner("location=" + camera.url() + kQuick + " reconnect-attempts=3");
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError);
  ck_assert_uint_eq(runner.stat("reconnects"), 3);
  ck_assert_uint_eq(runner.received().size(), 5);
}

LAW(at_the_first_start_a_failure_is_an_error_at_once) {
  StandardCamera absent = sample_camera(0);
  absent.on("DESCRIBE", Script().status(404, "Not Found"));
  const ScriptedCamera camera(absent);
  ElementRunner runner("location=" + camera.url() + kQuick);
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError);
  ck_assert_uint_eq(outcome.rtsp_status, 404);
  ck_assert_uint_eq(runner.stat("reconnects"), 0);
}

LAW(live_media_that_ends_in_order_is_over_where_no_attempt_is_left) {
  for (const char* attempts : {" reconnect=false", " reconnect=true reconnect-attempts=0"}) {
    const ScriptedCamera camera(sample_camera(5));
    ElementRunner runner("location=" + camera.url() + attempts);
    ck_assert(runner.run().kind == Outcome::Kind::kEos);
    ck_assert_uint_eq(camera.connections(), 1);
    ck_assert_uint_eq(runner.stat("reconnects"), 0);
  }
}

LAW(a_recording_that_ends_is_over) {
  const ScriptedCamera camera(recording_camera(5));
  ElementRunner runner("location=" + camera.url() + kQuick);
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  ck_assert_uint_eq(camera.connections(), 1);
  ck_assert_uint_eq(runner.stat("reconnects"), 0);
}

LAW(a_recording_that_breaks_is_not_played_again) {
  StandardCamera recording = recording_camera(5);
  recording.after_media = Script().send("$").close();
  const ScriptedCamera camera(recording);
  ElementRunner runner("location=" + camera.url() + kQuick);
  ck_assert(runner.run().kind != Outcome::Kind::kTimeout);
  ck_assert_uint_eq(runner.stat("reconnects"), 0);
}

LAW(it_stops_at_once_while_it_waits_for_the_next_attempt) {
  const ScriptedCamera camera({serving(breaking_camera()), playing(Script().close())});
  ElementRunner runner("location=" + camera.url() +
                       " reconnect=true reconnect-delay=60000 reconnect-max-delay=60000");
  runner.start();
  ck_assert(runner.wait_for_buffers(5));
  for (int i = 0; i < 1000 && runner.stat("reconnects") == 0; ++i)
    g_usleep(5000);
  ck_assert_uint_eq(runner.stat("reconnects"), 1);
  ck_assert_msg(runner.stop() < 2 * GST_SECOND, "it waits");
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_reconnect");
}
