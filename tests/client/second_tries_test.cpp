// What is tried when a camera refuses what most cameras take, or does otherwise than it has said. One law per
// behaviour; docs/cameras.md lists them.

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;
using client::Failure;

client::Options patient() {
  client::Options options;
  options.idle_timeout = 0s;
  return options;
}

std::string without_session_control() {
  std::string sdp = kH264Sdp;
  return sdp.erase(sdp.find("a=control:*\r\n"), 13);
}

/// Described with these headers; the stream is chosen.
void describe(SessionDriver& camera, const std::string& headers, const std::string& sdp) {
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n" + headers, sdp);
  camera.choose({0});
}

void set_up(SessionDriver& camera, const std::string& session = "1") {
  camera.request("SETUP");
  camera.reply("200 OK", "Session: " + session + "\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
}

std::string frame(unsigned sequence, char content) {
  return on_channel(0, rtp_packet(sequence, sequence * 3600, slice(content)));
}

// --- URLs ---

LAW(play_goes_to_the_content_base_where_the_request_url_is_refused) {
  for (const char* status : {"404 Not Found", "455 Method Not Valid", "451 Parameter Not Understood"}) {
    SessionDriver camera;
    describe(camera, "Content-Base: rtsp://cam/live/ch0/\r\n", without_session_control());
    set_up(camera);
    ASSERT_TEXT(url_of(camera.request("PLAY")), "rtsp://cam/stream");
    camera.reply(status);
    ASSERT_TEXT(url_of(camera.request("PLAY")), "rtsp://cam/live/ch0/");
    camera.reply("200 OK");
    ck_assert(camera.take<client::Playing>().has_value());
    camera.feed(frame(1, 'a'));
    camera.advance(30s);
    // What PLAY has shown holds from then on.
    ASSERT_TEXT(url_of(camera.request("GET_PARAMETER")), "rtsp://cam/live/ch0/");
  }
}

LAW(play_goes_to_the_only_stream_where_the_presentation_is_refused) {
  SessionDriver camera;
  describe(camera, "", kH264Sdp);
  set_up(camera);
  ASSERT_TEXT(url_of(camera.request("PLAY")), "rtsp://cam/stream");
  camera.reply("459 Aggregate Operation Not Allowed");
  ASSERT_TEXT(url_of(camera.request("PLAY")), "rtsp://cam/stream/track1");
  camera.reply("459 Aggregate Operation Not Allowed");
  ck_assert_int_eq(camera.failure(Failure::Kind::kProtocol).status, 459);
  ASSERT_TEXT(url_of(camera.request("TEARDOWN")), "rtsp://cam/stream");
}

LAW(a_control_url_is_joined_to_the_sessions_own_after_the_base) {
  std::string sdp = kH264Sdp;
  sdp.replace(sdp.find("a=control:*"), 11, "a=control:rtsp://cam/live/1/");
  SessionDriver camera;
  describe(camera, "", sdp);
  for (const char* url : {"rtsp://cam/stream/track1", "rtsp://cam/track1", "rtsp://cam/live/1/track1"}) {
    ASSERT_TEXT(url_of(camera.request("SETUP")), url);
    camera.reply("404 Not Found");
  }
  ck_assert_int_eq(camera.failure(Failure::Kind::kNotFound).status, 404);
}

// --- the session's id ---

LAW(a_session_that_is_told_before_setup_is_given_back_where_the_camera_wants_it) {
  for (const char* step : {"OPTIONS", "DESCRIBE"}) {
    const std::string told = step;
    SessionDriver camera;
    camera.request("OPTIONS");
    camera.reply("200 OK", told == "OPTIONS" ? "Session: 777\r\n" : "");
    ASSERT_TEXT(header_of(camera.request("DESCRIBE"), "Session"), "-");
    if (told == "OPTIONS") {
      camera.reply("454 Session Not Found");
      ASSERT_TEXT(header_of(camera.request("DESCRIBE"), "Session"), "777");
    }
    camera.reply(
        "200 OK",
        std::string("Content-Type: application/sdp\r\n") + (told == "OPTIONS" ? "" : "Session: 777\r\n"),
        kH264Sdp);
    camera.choose({0});
    if (told == "DESCRIBE") {
      ASSERT_TEXT(header_of(camera.request("SETUP"), "Session"), "-");
      camera.reply("454 Session Not Found");
    }
    ASSERT_TEXT(header_of(camera.request("SETUP"), "Session"), "777");
    camera.reply("200 OK", "Transport: RTP/AVP/TCP;interleaved=0-1\r\n");
    ASSERT_TEXT(header_of(camera.request("PLAY"), "Session"), "777");
  }
}

LAW(the_latest_session_is_taken_where_the_camera_does_not_know_the_first) {
  const std::string two = std::string(kH264Sdp) + "m=audio 0 RTP/AVP 8\r\na=control:track2\r\n";
  SessionDriver camera;
  camera.reach_setup(two, 2);
  for (const char* reply : {"Session: a\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n",
                            "Session: b\r\nTransport: RTP/AVP/TCP;interleaved=2-3\r\n"}) {
    camera.request("SETUP");
    camera.reply("200 OK", reply);
  }
  ASSERT_TEXT(header_of(camera.request("PLAY"), "Session"), "a");
  camera.reply("454 Session Not Found");
  ASSERT_TEXT(header_of(camera.request("PLAY"), "Session"), "b");
  camera.reply("200 OK");
  ck_assert(camera.take<client::Playing>().has_value());
}

LAW(a_session_that_play_renames_is_kept_alive_under_its_new_name) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_play();
  camera.request("PLAY");
  camera.reply("200 OK", "Session: NEW;timeout=60\r\n");
  camera.feed(frame(1, 'a'));
  camera.advance(30s);
  ASSERT_TEXT(header_of(camera.request("GET_PARAMETER"), "Session"), "12345678");
  camera.reply("454 Session Not Found");
  ASSERT_TEXT(header_of(camera.request("GET_PARAMETER"), "Session"), "NEW");
  camera.reply("200 OK");
  camera.feed(frame(2, 'b'));
  ASSERT_TEXT(take_frames(camera), "ab");
  // Both unknown: the session is over.
  camera.advance(30s);
  camera.request("GET_PARAMETER");
  camera.reply("454 Session Not Found");
  camera.failure(Failure::Kind::kClosed);
}

LAW(the_shortest_timeout_that_any_answer_tells_counts) {
  struct {
    const char* setup;
    const char* play;
    std::chrono::milliseconds interval;
  } const cases[] = {
      {"1", "1", 30s},
      {"1;timeout=10", "1", 5s},
      {"1", "1;timeout=10", 5s},
      {"1;timeout=10", "1;timeout=60", 5s},
      {"1;timeout=60", "1;timeout=10", 5s},
      {"1;timeout=90", "1", 30s},
  };
  for (const auto& c : cases) {
    SessionDriver camera("rtsp://cam/stream", patient());
    describe(camera, "", kH264Sdp);
    set_up(camera, c.setup);
    camera.request("PLAY");
    camera.reply("200 OK", std::string("Session: ") + c.play + "\r\n");
    camera.advance(c.interval - 1ms);
    ck_assert_msg(camera.silent(), "%s, %s", c.setup, c.play);
    camera.advance(1ms);
    ck_assert_msg(!camera.silent(), "%s, %s", c.setup, c.play);
  }
}

// --- answers that don't come, or say no ---

LAW(a_camera_that_never_answers_options_is_asked_for_its_description) {
  SessionDriver camera;
  camera.request("OPTIONS");
  camera.advance(5s);
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
  ck_assert(camera.take<client::Described>().has_value());
  ck_assert_uint_eq(camera.notes().size(), 1);

  SessionDriver mute;
  mute.request("OPTIONS");
  mute.advance(5s);
  mute.request("DESCRIBE");
  mute.advance(14999ms);
  ck_assert(!mute.session().ended());
  mute.advance(1ms);
  mute.failure(Failure::Kind::kTimeout);
}

LAW(an_answer_to_options_that_comes_too_late_is_not_taken_for_the_description) {
  SessionDriver camera;
  camera.request("OPTIONS");
  camera.advance(5s);
  camera.request("DESCRIBE");
  camera.feed("RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE\r\n\r\n");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
  ck_assert(camera.take<client::Described>().has_value());
}

LAW(a_camera_that_refuses_the_range_is_asked_without_one) {
  SessionDriver camera;
  camera.reach_play();
  ASSERT_TEXT(header_of(camera.request("PLAY"), "Range"), "npt=0.000-");
  camera.reply("457 Invalid Range");
  ASSERT_TEXT(header_of(camera.request("PLAY"), "Range"), "-");
  camera.reply("457 Invalid Range");
  ck_assert_int_eq(camera.failure(Failure::Kind::kProtocol).status, 457);
}

LAW(media_that_flow_after_a_refusal_of_play_by_the_cameras_own_fault_are_taken) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_play();
  camera.request("PLAY");
  camera.reply("500 Internal Server Error");
  camera.feed(frame(1, 'a'));
  ck_assert(camera.take<client::Playing>().has_value());
  camera.advance(20s);
  camera.feed(frame(2, 'b'));
  ASSERT_TEXT(take_frames(camera), "ab");

  for (const bool closes : {false, true}) {
    SessionDriver silent;
    silent.reach_play();
    silent.request("PLAY");
    silent.reply("500 Internal Server Error");
    closes ? silent.close() : silent.advance(1s);
    ck_assert_int_eq(silent.failure(Failure::Kind::kProtocol).status, 500);
  }
}

// --- keep-alives ---

LAW(a_method_at_which_the_connection_ended_is_not_the_next_sessions_keep_alive) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_playing();
  camera.advance(30s);
  camera.request("GET_PARAMETER");
  camera.close();
  camera.failure(Failure::Kind::kClosed);
  client::Options options = patient();
  options.closing_keepalives = camera.session().closing_keepalives();
  SessionDriver again("rtsp://cam/stream", options);
  again.reach_playing();
  again.advance(30s);
  again.request("OPTIONS");
}

LAW(options_that_the_camera_answers_by_closing_are_no_keep_alive) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.request("OPTIONS");
  camera.close();
  camera.reconnect();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
  camera.choose({0});
  set_up(camera);
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.advance(30s);
  camera.request("GET_PARAMETER");
}

LAW(an_answer_that_announces_too_large_a_body_while_playing_costs_itself) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_playing();
  camera.feed(frame(1, 'a'));
  camera.advance(30s);
  camera.request("GET_PARAMETER");
  camera.reply("200 OK", "Content-Length: 2000000\r\n");
  for (unsigned i = 2; i < 6; ++i)
    camera.feed(frame(i, static_cast<char>('a' + i - 1)));
  ck_assert(!camera.session().ended());
  ASSERT_TEXT(take_frames(camera), "abcde");
  ck_assert_uint_eq(camera.statistics().resyncs.get(), 1);
}

// --- channels ---

LAW(media_on_another_channel_than_agreed_are_found_there) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_playing();
  std::string expected;
  for (unsigned i = 1; i <= 6; ++i)
    camera.feed(on_channel(4, rtp_packet(i, i * 3600, slice(static_cast<char>('a' + i)))));
  // The last one too: a channel that is known needs no next packet to be sure of.
  ASSERT_TEXT(take_frames(camera), "efg");
  const std::string moved =
      "The camera sends stream 0 on channel 4 and not on the one that it was given; taken from there.";
  const auto notes = camera.notes();
  ck_assert(std::find(notes.begin(), notes.end(), moved) != notes.end());
}

LAW(a_stream_whose_own_channel_brings_something_is_taken_from_there) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_playing();
  for (unsigned i = 1; i <= 5; ++i)
    camera.feed(on_channel(4, rtp_packet(i, i * 3600, slice('x'), {true, 96, 0xBEEF})));
  for (unsigned i = 1; i <= 4; ++i)
    camera.feed(frame(i, static_cast<char>('a' + i)));
  for (unsigned i = 6; i <= 9; ++i)
    camera.feed(on_channel(4, rtp_packet(i, i * 3600, slice('x'), {true, 96, 0xBEEF})));
  camera.feed(frame(5, 'f'));
  const std::string frames = take_frames(camera);
  ck_assert_msg(frames.ends_with("cdef") || frames.ends_with("def"), "%s", frames.c_str());
}

LAW(media_of_other_types_or_beside_the_streams_own_is_not_its) {
  for (const bool own : {true, false}) {
    SessionDriver camera("rtsp://cam/stream", patient());
    camera.reach_playing();
    if (own) camera.feed(frame(1, 'a'));
    for (unsigned i = 1; i <= 20; ++i)
      camera.feed(on_channel(4, rtp_packet(i, 0, slice('x'), {true, own ? 96U : 97U, 0xBEEF})));
    camera.feed(frame(2, 'b'));
    ASSERT_TEXT(take_frames(camera), own ? "ab" : "b");
  }
}

LAW(media_on_the_channel_of_rtcp_are_media) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_playing();
  for (unsigned i = 1; i <= 3; ++i)
    camera.feed(on_channel(1, rtp_packet(i, i * 3600, slice(static_cast<char>('a' + i)))));
  ASSERT_TEXT(take_frames(camera), "bcd");
  assert_list(camera.notes(), {"The camera sends media on the RTCP channel of stream 0; taken as media."});
}

// --- stray bytes ---

/// A frame in three packets (RFC 6184 s5.8), each with `stray` behind it.
std::string fragmented(unsigned sequence, char content, const std::string& stray) {
  const std::string part = '\x88' + std::string(40, content);
  std::string bytes;
  for (unsigned i = 0; i < 3; ++i) {
    const std::string head = std::string("\x7C") + static_cast<char>(i == 0 ? 0x85 : i == 2 ? 0x45 : 0x05);
    bytes +=
        on_channel(0, rtp_packet(sequence + i, sequence * 1200, head + part, {i == 2, 96, 0xCAFE})) + stray;
  }
  return bytes;
}

LAW(stray_bytes_between_packets_cost_nothing) {
  for (const std::string& stray : {std::string(1, '\0'), std::string(4, '\0'), std::string("junkjunk"),
                                   std::string(" "), std::string("\0$\0", 3)}) {
    SessionDriver camera("rtsp://cam/stream", patient());
    camera.reach_playing();
    camera.feed(fragmented(1, 'a', ""));
    for (unsigned i = 1; i < 20; ++i)
      camera.feed(fragmented(1 + 3 * i, static_cast<char>('a' + i), stray));
    std::size_t frames = 0;
    while (const auto ready = camera.take<client::FrameReady>()) {
      ck_assert(!ready->frame.corrupted && (frames == 0 || !ready->frame.discontinuity));
      ++frames;
    }
    ck_assert_msg(frames >= 19, "%zu behind %s", frames, base::printable(stray).c_str());
    ck_assert_uint_eq(camera.statistics().packets_lost.get(), 0);
    ck_assert_uint_eq(camera.statistics().frames_dropped.get(), 0);
  }
}

LAW(longer_garbage_in_a_frame_costs_that_frame_and_is_counted) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_playing();
  const std::string whole = fragmented(1, 'a', "");
  camera.feed(whole.substr(0, whole.size() / 3) + std::string(100, 'g') + whole.substr(whole.size() / 3));
  camera.feed(fragmented(4, 'b', "") + "\r\n");
  const auto ready = camera.take<client::FrameReady>();
  ck_assert(ready && ready->frame.discontinuity && !camera.take<client::FrameReady>());
  ck_assert_uint_ge(camera.statistics().frames_dropped.get(), 1);
}

// --- credentials that come back ---

LAW(a_password_that_the_camera_repeats_is_not_told) {
  for (const char* said : {"no access for s3cret!", "bad token YWRtaW46czNjcmV0IQ=="}) {
    SessionDriver camera("rtsp://admin:s3cret!@cam/stream");
    camera.request("OPTIONS");
    camera.reply("401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n");
    camera.request("OPTIONS");
    camera.reply("200 OK");
    camera.request("DESCRIBE");
    camera.reply(std::string("403 ") + said);
    const Failure failure = camera.failure(Failure::Kind::kNotAuthorized);
    for (const std::string& text : {failure.text, failure.reason})
      ck_assert_msg(!contains(text, "s3cret") && !contains(text, "YWRt") && contains(text, "***"), "%s",
                    text.c_str());
  }
  SessionDriver camera("rtsp://admin:s3cret!@cam/stream");
  std::string sdp = kH264Sdp;
  sdp.replace(sdp.find("Front door"), 10, "Door s3cret!");
  describe(camera, "", sdp + "m=audio 0 s3cret! 8\r\nm=audio 0 RTP/AVP 99\r\na=rtpmap:99 s3cret!/8000\r\n");
  ASSERT_TEXT(camera.session().description().session_name, "Door ***");
  ASSERT_TEXT(camera.session().description().media[2].encoding_name, "***");
  ASSERT_TEXT(camera.session().description().media[1].unusable, "its transport *** isn't RTP");
  for (const std::string& note : camera.notes())
    ck_assert_msg(!contains(note, "s3cret"), "%s", note.c_str());
}

// --- hooks ---

LAW(on_sdp_may_mend_the_description_and_never_sees_one_that_is_too_large) {
  unsigned shown = 0;
  client::Options options;
  options.hooks.on_sdp = [&shown](std::string_view) {
    ++shown;
    return std::optional<std::string>(kH264Sdp);
  };
  SessionDriver camera("rtsp://cam/stream", options);
  describe(camera, "", "v=0\r\nno media here\r\n");
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/stream/track1");
  ck_assert_uint_eq(shown, 1);

  std::string large = kH264Sdp;
  for (int i = 0; i < 2000; ++i)
    large += "m=audio 0 RTP/AVP 0\r\n";
  SessionDriver bomb("rtsp://cam/stream", options);
  bomb.reach_describe();
  bomb.request("DESCRIBE");
  bomb.reply("200 OK", "Content-Type: application/sdp\r\n", large);
  bomb.failure(Failure::Kind::kProtocol);
  ck_assert_uint_eq(shown, 1);
}

LAW(an_answer_to_the_user_is_bounded) {
  for (const bool large : {false, true}) {
    SessionDriver camera;
    camera.reach_playing();
    camera.session().submit({7, "GET_PARAMETER", "", {}, "position"}, camera.clock().now());
    camera.request("GET_PARAMETER");
    camera.reply("200 OK", "", std::string(large ? 16385 : 16384, '\xFF'));
    const auto answer = camera.take<client::UserResponse>();
    ck_assert(answer && answer->response.has_value() != large && answer->failure.empty() != large);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("second tries");
}
