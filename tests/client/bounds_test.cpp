// Messages, descriptions and connections without end or measure: see hostile_camera.h.

#include "client/hostile_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

LAW(the_counter_counts) {
  HostileCamera camera;
  const std::size_t before = live_bytes;
  {
    const std::string text(kMiB, 'x');
    ck_assert_uint_ge(live_bytes - before, kMiB);
  }
  ck_assert_uint_eq(live_bytes, before);
  ck_assert_uint_ge(peak_bytes - before, kMiB);
}

// --- one message without end ---

LAW(a_header_line_without_end) {
  const std::string chunk = repeated("x", 64 * 1024);
  HostileCamera camera;
  camera.say("RTSP/1.0 200 OK\r\nX: ");
  flood(camera, chunk, 64 * kMiB);
  ck_assert_msg(camera.ended(), "it goes on");

  HostileCamera slow;
  slow.say("RTSP/1.0 200 OK\r\nX: ");
  check_trickle(slow, chunk, 20s);
}

LAW(a_start_line_without_end) {
  for (const char* start : {"RTSP/1.0 200 ", "OPTIONS ", "R", "GET_PARAMETER rtsp://x "}) {
    HostileCamera camera;
    camera.say(start);
    flood(camera, repeated("x", 64 * 1024), 64 * kMiB);
    ck_assert_msg(camera.ended(), "%s", start);
  }
}

LAW(header_lines_without_end) {
  for (const char* line : {"A: b\r\n", "A\r\n", " folded\r\n", ": \r\n", "Content-Length: 5\r\n"}) {
    HostileCamera camera;
    camera.say("RTSP/1.0 200 OK\r\n");
    flood(camera, repeated(line, 64 * 1024), 64 * kMiB);
    ck_assert_msg(camera.ended(), "%s", line);
  }
}

LAW(blank_lines_without_end) {
  HostileCamera camera;
  flood(camera, repeated("\r\n", 64 * 1024), 64 * kMiB);
  camera.pass(20s);
  ck_assert(camera.ended());
  HostileCamera slow;
  check_trickle(slow, "\r\n", 20s);
}

LAW(a_content_length_of_a_gibibyte_and_more) {
  for (const char* length : {"1073741824", "18446744073709551615", "99999999999999999999999999"}) {
    HostileCamera camera;
    camera.answer("200 OK", std::string("Content-Length: ") + length + "\r\n\r\n");
    ck_assert_msg(camera.ended(), "%s", length);
  }
}

LAW(a_body_that_never_comes_whole) {
  HostileCamera camera;
  camera.answer("200 OK", "Content-Length: 1048576\r\n\r\n");
  flood(camera, repeated("x", 64 * 1024), kMiB - 64 * 1024);
  camera.pass(20s);
  // What has come is taken for the answer to OPTIONS, and DESCRIBE waited for as long.
  camera.pass(20s);
  ck_assert(camera.ended());

  HostileCamera slow;
  slow.answer("200 OK", "Content-Length: 1048576\r\n\r\n");
  check_trickle(slow, "x", 40s);

  HostileCamera description;
  description.reach_describe();
  description.answer("200 OK", "Content-Length: 1048576\r\n\r\n");
  flood(description, repeated("a=x\r\n", 64 * 1024), kMiB - 64 * 1024);
  description.pass(20s);
  ck_assert(description.ended());
}

// --- messages without end ---

LAW(bodies_of_the_allowed_size_over_and_over) {
  const std::string body = repeated("x", kMiB).substr(0, kMiB);
  const std::string request = "SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 1048576\r\n\r\n" + body;
  const std::string response = "RTSP/1.0 200 OK\r\nContent-Length: 1048576\r\n\r\n" + body;
  HostileCamera waiting;
  flood(waiting, request, 64 * kMiB);
  waiting.pass(20s);
  ck_assert(waiting.ended());
  for (const std::string& message : {request, response}) {
    HostileCamera camera;
    camera.reach_playing();
    flood(camera, message, 64 * kMiB);
    ck_assert(camera.playing());
    camera.pass(10s);
    ck_assert(camera.ended());
  }
}

LAW(interim_responses_without_end) {
  HostileCamera camera;
  flood(camera, repeated("RTSP/1.0 100 Continue\r\nCSeq: 1\r\n\r\n", 64 * 1024), 16 * kMiB);
  ck_assert(!camera.ended());
  camera.pass(20s);
  ck_assert(camera.ended());
  HostileCamera slow;
  check_trickle(slow, "RTSP/1.0 100 Continue\r\nCSeq: 1\r\n\r\n", 20s);
}

LAW(answers_that_nobody_asked_for_without_end) {
  HostileCamera camera;
  camera.reach_playing();
  flood(camera, repeated("RTSP/1.0 404 Not Found\r\nCSeq: 2\r\n\r\n", 64 * 1024), 16 * kMiB);
  ck_assert(camera.playing());
  camera.pass(10s);
  ck_assert(camera.ended());
}

LAW(redirects_without_end) {
  const std::string far = "Location: rtsp://cam/" + std::string(8000, 'x') + "\r\n\r\n";
  HostileCamera camera;
  for (int i = 0; i < 1000 && !camera.ended(); ++i)
    camera.answer("302 Found", far);
  ck_assert(camera.ended());
  ck_assert_uint_le(camera.connections(), 6);
  // By requests of its own, from session to session.
  HostileCamera asking;
  for (int i = 0; i < 1000 && !asking.ended(); ++i)
    asking.say("REDIRECT * RTSP/1.0\r\nCSeq: 1\r\n" + far);
  ck_assert(asking.ended());
  ck_assert_uint_le(asking.connections(), 6);
}

LAW(challenges_without_end) {
  const std::string padding(50000, 'x');
  for (const char* stale : {"", ", stale=true"}) {
    HostileCamera camera;
    for (int i = 0; i < 1000 && !camera.ended(); ++i) {
      camera.answer("401 Unauthorized", "WWW-Authenticate: Digest realm=\"" + padding + "\", nonce=\"" +
                                            std::to_string(i) + "\"" + stale + "\r\n\r\n");
    }
    ck_assert(camera.ended());
  }
}

LAW(requests_without_end_whose_answers_are_not_read) {
  const std::string chunk = repeated("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", 64 * 1024);
  for (const bool playing : {false, true}) {
    HostileCamera camera;
    if (playing) camera.reach_playing();
    camera.stop_reading();
    flood(camera, chunk, 64 * kMiB);
    ck_assert(camera.ended());
  }
  // Read, they harm nobody.
  HostileCamera camera;
  camera.reach_playing();
  flood(camera, chunk.substr(0, 31 * 100), 16 * kMiB);
  ck_assert_msg(camera.playing(), "%s", camera.failure().c_str());
}

LAW(keep_alives_without_end_that_are_not_read) {
  // A camera that sends media and reads nothing: 20000 of them would be some 2 MiB.
  HostileCamera camera;
  camera.reach_playing();
  camera.stop_reading();
  for (unsigned i = 0; i < 20000; ++i) {
    camera.say(on_channel(0, rtp_packet(i, i * 3600, slice('a'))));
    camera.pass(5s);
  }
  ck_assert_msg(camera.playing(), "%s", camera.failure().c_str());
}

LAW(connections_closed_again_and_again) {
  for (const int answers : {0, 1, 2, 3}) {
    HostileCamera camera;
    for (int i = 0; i < 1000 && !camera.ended(); ++i) {
      for (int n = 0; n < answers; ++n)
        camera.answer("200 OK", "Public: OPTIONS\r\nSession: 1\r\nContent-Length: 0\r\n\r\n");
      if (!camera.ended()) camera.hang_up();
    }
    ck_assert_msg(camera.ended(), "%d", answers);
    ck_assert_uint_le(camera.connections(), 20);
  }
}

// --- descriptions ---

LAW(descriptions_that_are_too_much) {
  const std::string video = "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n";
  const std::string sections = repeated(video + repeated("a=x\n", 4 * 60), 63 * 300);
  std::string many_parameters;
  for (int i = 0; i < 60; ++i)
    many_parameters += video + "a=fmtp:96 " + repeated("a;", 3000) + "\n";
  std::string many_formats;
  for (int i = 0; i < 60; ++i) {
    many_formats += "m=video 0 RTP/AVP";
    for (int type = 0; type < 128; ++type)
      many_formats += " " + std::to_string(type);
    many_formats += "\n" + repeated("a=rtpmap:1 x\n", 600);
  }
  struct {
    const char* name;
    std::string sdp;
  } const cases[] = {
      {"10^5 media", repeated("m=\n", 300000)},
      {"10^5 good media", repeated(video, 1000000)},
      {"as many media as are allowed", repeated(video, video.size() * 63)},
      {"media with attributes", sections},
      {"attributes of the session", repeated("a=x\n", kMiB - 100) + video},
      {"4096 attributes", video + repeated("a=x\n", 4 * 1023) + video + repeated("a=x\n", 4 * 1023) + video +
                              repeated("a=x\n", 4 * 1023) + video + repeated("a=x\n", 4 * 1000)},
      {"parameters", many_parameters},
      {"formats", many_formats},
      {"one line", "s=" + std::string(kMiB - 200, 'x') + "\n" + video},
      {"long lines", repeated("i=" + std::string(60000, 'x') + "\n", 200000) + video},
      {"long attributes",
       video + repeated("a=" + std::string(30000, 'x') + ":" + std::string(30000, 'y') + "\n", 180000)},
      {"a long address", "c=IN IP4 " + std::string(60000, 'x') + "\n" + repeated(video, video.size() * 60)},
      {"a long control",
       "a=control:" + std::string(60000, 'x') + "\n" + video + "a=control:" + std::string(60000, 'y') + "\n"},
      {"long parameter sets",
       video + "a=fmtp:96 sprop-parameter-sets=" + repeated("Z0LAHtkDxWhAAAADAEAAAAwDxYuS,", 60000) + "\n"},
      {"blank lines", repeated("\n", kMiB - 200) + video},
      {"nothing", std::string(kMiB - 1, '\0')},
  };
  for (const auto& c : cases) {
    HostileCamera camera;
    camera.reach_describe();
    camera.describe(c.sdp);
    // It is refused, or the session goes on with SETUP.
    if (camera.ended()) continue;
    camera.answer("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n");
    camera.answer("200 OK", "\r\n");
    ck_assert_msg(camera.playing(), "%s", c.name);
  }
}

LAW(headers_that_are_too_much) {
  const std::string long_list = repeated("url=rtsp://cam/x,y;z;seq=5;rtptime=6,", 60000);
  for (const std::string& header :
       {"RTP-Info: " + long_list, "Session: " + std::string(60000, 'x'),
        "Transport: " + repeated("a=b;", 60000), "Public: " + repeated("AB,", 60000),
        "Range: npt=" + std::string(60000, '9')}) {
    HostileCamera camera;
    camera.reach_describe();
    camera.describe(kH264Sdp);
    for (int i = 0; i < 2; ++i)
      camera.answer("200 OK", header + "\r\n\r\n");
    ck_assert_msg(camera.playing(), "%.20s: %s", header.c_str(), camera.failure().c_str());
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("bounds", 100);
}
