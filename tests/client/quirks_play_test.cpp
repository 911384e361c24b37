// How cameras play: their answers to PLAY and to keep-alives, requests of their own, and what stands on the
// connection beside the media. One law per behaviour that was seen; docs/cameras.md lists them.

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

const std::string kTwoStreams =
    "v=0\r\ns=x\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=control:track1\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track2\r\n";

/// Two streams of video on the channels 0 and 2, up to the request PLAY.
void reach_play_of_two(SessionDriver& camera) {
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/stream/\r\n",
               kTwoStreams);
  camera.choose({0, 1});
  for (const char* channels : {"0-1", "2-3"}) {
    camera.request("SETUP");
    camera.reply("200 OK",
                 std::string("Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=") + channels + "\r\n");
  }
  camera.request("PLAY");
  camera.clear_events();
}

std::string frame(unsigned sequence, char content, RtpOptions options = {}) {
  return on_channel(0, rtp_packet(sequence, sequence * 3600, slice(content), options));
}

// --- RTP-Info ---

LAW(rtp_info_is_matched_by_url_then_by_order) {  // RETINA 8.11, GW4089IP, rtspsrc
  struct {
    const char* value;
    unsigned lost_first;
    unsigned lost_second;
  } const cases[] = {
      {"url=rtsp://cam/stream/track1;seq=100;rtptime=1,url=rtsp://cam/stream/track2;seq=500;rtptime=1", 2, 3},
      {"url=rtsp://cam/stream/track2;seq=500;rtptime=1,url=rtsp://cam/stream/track1;seq=100;rtptime=1", 2, 3},
      {"url=track1;seq=100,url=track2;seq=500", 2, 3},
      {"url=rtsp://192.168.0.10:8554/stream/track1;seq=100,url=rtsps://x/track2;seq=500", 2, 3},
      {"url=rtsp://cam:554/stream/track1;seq=100, url=rtsp://cam:554/stream/track2;seq=500", 2, 3},
      {"url=\"rtsp://cam/stream/track1\" ssrc=CAFE:seq=100;rtptime=1,url=\"rtsp://cam/stream/track2\" "
       "ssrc=CAFE:seq=500;rtptime=1",
       2, 3},
      {"url=rtsp://cam/a,b;c/stream/track1;seq=100;rtptime=1,url=rtsp://cam/a,b;c/stream/track2;seq=500", 2,
       3},
      {"url=rtsp://other/video;seq=100;rtptime=1,url=rtsp://other/audio;seq=500;rtptime=1", 2, 3},
      {"url=rtsp://cam/stream/track1;seq=100;rtptime=1;", 2, 0},
      {"url=rtsp://cam/stream/track2;seq=500;rtptime=1", 0, 3},
      {"url=rtsp://cam/stream/other;seq=100;rtptime=1", 0, 0},
      {"url=rtsp://cam/stream/track1;seq=100;rtptime=-1,url=rtsp://cam/stream/track2;seq=500;rtptime=-1", 2,
       3},
      {"url=rtsp://cam/stream/track1;seq=x;rtptime=1,url=rtsp://cam/stream/track2;seq=99999;rtptime=1", 0, 0},
      {"url=rtsp://cam/stream/track1;seq=0;rtptime=0,url=rtsp://cam/stream/track2;seq=1;rtptime=0", 0, 0},
      {"seq=100;rtptime=1,seq=500;rtptime=1", 2, 3},
      {";,;,", 0, 0},
      {"", 0, 0},
  };
  for (const auto& c : cases) {
    SessionDriver camera;
    reach_play_of_two(camera);
    camera.reply("200 OK", std::string("RTP-Info: ") + c.value + "\r\n");
    ck_assert_msg(camera.take<client::Playing>().has_value(), "%s", c.value);
    camera.feed(frame(102, 'a'));
    const std::uint64_t lost_first = camera.statistics().packets_lost.get();
    camera.feed(on_channel(2, rtp_packet(503, 0, slice('b'))));
    const std::uint64_t lost_second = camera.statistics().packets_lost.get() - lost_first;
    ck_assert_msg(lost_first == c.lost_first && lost_second == c.lost_second, "%s: %u %u", c.value,
                  static_cast<unsigned>(lost_first), static_cast<unsigned>(lost_second));
    ASSERT_TEXT(take_frames(camera), "ab");
  }
}

LAW(control_urls_that_end_alike_are_told_apart) {
  const std::string sdp =
      "v=0\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:1\r\n"
      "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:11\r\n";
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", sdp);
  camera.choose({0, 1});
  for (const char* channels : {"0-1", "2-3"}) {
    camera.request("SETUP");
    camera.reply("200 OK",
                 std::string("Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=") + channels + "\r\n");
  }
  camera.request("PLAY");
  camera.reply("200 OK", "RTP-Info: url=rtsp://cam/stream/1;seq=100,url=rtsp://cam/stream/11;seq=500\r\n");
  camera.feed(frame(102, 'a'));
  ck_assert_uint_eq(camera.statistics().packets_lost.get(), 2);
}

LAW(a_single_stream_takes_rtp_info_whatever_its_url) {  // GW4089IP
  for (const char* url : {"rtsp://192.168.1.110:5050/H264/main", "*", "", "trackID=7"}) {
    SessionDriver camera;
    camera.reach_play();
    camera.request("PLAY");
    camera.reply("200 OK", "RTP-Info: url=" + std::string(url) + ";seq=273;rtptime=9\r\n");
    camera.feed(frame(275, 'a'));
    ck_assert_msg(camera.statistics().packets_lost.get() == 2, "%s", url);
    ASSERT_TEXT(take_frames(camera), "a");
  }
}

// --- the answer to PLAY ---

LAW(the_answer_to_play_comes_after_the_media) {  // Reolink, v4l2rtspserver
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_play();
  camera.request("PLAY");
  camera.clear_events();
  const std::string report = std::string("\x80\xC8\0\6", 4) + be32(0xCAFE) + std::string(20, '\0');
  camera.feed(on_channel(1, report) + frame(1, 'a') + frame(2, 'b'));
  ck_assert(camera.take<client::Playing>().has_value());
  camera.reply("200 OK", "Session: 12345678\r\nRTP-Info: url=rtsp://cam/stream/track1;seq=1;rtptime=0\r\n");
  camera.feed(frame(3, 'c'));
  ASSERT_TEXT(take_frames(camera), "abc");
  ck_assert(!camera.saw<client::Playing>());
  ck_assert_uint_le(camera.notes().size(), 1);
  camera.advance(30s);
  camera.request("GET_PARAMETER");
}

LAW(play_is_never_answered_but_media_flows) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_play();
  camera.request("PLAY");
  camera.clear_events();
  for (unsigned i = 0; i < 60; ++i) {
    camera.feed(frame(i, 'a'));
    camera.advance(1s);
    ck_assert_msg(!camera.session().ended(), "after %u s", i);
  }
  ASSERT_TEXT(take_frames(camera), std::string(60, 'a'));
  ck_assert_uint_ge(camera.notes().size(), 1);
}

LAW(play_is_never_answered_and_nothing_flows) {
  SessionDriver camera;
  camera.reach_play();
  camera.request("PLAY");
  camera.advance(20s);
  camera.failure(Failure::Kind::kTimeout);
}

// --- keep-alives and the end ---

LAW(a_keep_alive_that_is_refused_gives_way_to_the_next_method) {  // retina#133, mediamtx#2908
  for (const char* status : {"400 Bad Request", "405 Method Not Allowed", "501 Not Implemented",
                             "451 Parameter Not Understood", "551 Option not supported"}) {
    SessionDriver camera("rtsp://cam/stream", patient());
    camera.request("OPTIONS");
    camera.reply("200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER\r\n");
    camera.request("DESCRIBE");
    camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
    camera.choose({0});
    camera.request("SETUP");
    camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
    camera.request("PLAY");
    camera.reply("200 OK");
    unsigned sequence = 0;
    for (const char* method : {"SET_PARAMETER", "GET_PARAMETER", "OPTIONS", "OPTIONS", "OPTIONS"}) {
      camera.advance(30s);
      camera.request(method);
      camera.reply(status);
      camera.feed(frame(++sequence, 'a'));
    }
    ASSERT_TEXT(take_frames(camera), "aaaaa");
    // One for each method.
    ck_assert_uint_eq(camera.notes().size(), 3);
  }
}

LAW(keep_alives_are_options_until_the_camera_says_what_else_it_knows) {
  SessionDriver camera;
  camera.request("OPTIONS");
  camera.reply("200 OK");
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
  camera.choose({0});
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1;timeout=10\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.request("PLAY");
  camera.reply("200 OK");
  unsigned packets = 0;
  const auto keep_alive = [&](const char* method) {
    camera.advance(5s);
    camera.request(method);
    ++packets;
    camera.feed(on_channel(0, rtp_packet(packets, packets * 3600, slice('a'))));
  };
  keep_alive("OPTIONS");
  camera.reply("200 OK");
  keep_alive("OPTIONS");
  camera.reply("200 OK", "Public: OPTIONS, GET_PARAMETER\r\nPublic: SET_PARAMETER\r\n");
  keep_alive("SET_PARAMETER");
  ck_assert(!camera.session().ended() && camera.notes().empty());
}

LAW(keep_alives_are_sent_while_media_flows_at_half_of_a_short_timeout) {  // gst MR !9577
  SessionDriver camera;
  camera.reach_setup();
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1;timeout=10\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.request("PLAY");
  camera.reply("200 OK");
  unsigned keepalives = 0;
  for (unsigned i = 1; i <= 50; ++i) {
    camera.feed(frame(i, 'a'));
    camera.advance(1s);
    if (camera.silent()) continue;
    camera.request("GET_PARAMETER");
    camera.reply("200 OK");
    ++keepalives;
  }
  ck_assert_uint_eq(keepalives, 10);
}

LAW(a_session_that_is_gone_at_a_keep_alive_ends_so_that_the_user_can_reconnect) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_playing();
  camera.advance(30s);
  camera.request("GET_PARAMETER");
  camera.reply("454 Session Not Found");
  ck_assert_int_eq(camera.failure(Failure::Kind::kClosed).status, 454);
}

LAW(nothing_but_teardown_is_sent_at_the_end) {  // gst1-java-core#218: PAUSE before TEARDOWN makes it fail
  for (const char* status : {"200 OK", "454 Session Not Found", "500 Internal Server Error"}) {
    SessionDriver camera;
    camera.reach_playing();
    camera.session().teardown(camera.clock().now());
    camera.request("TEARDOWN");
    ck_assert(camera.silent());
    camera.feed(frame(1, 'a'));  // unread media stands before the answer
    camera.reply(status);        // Hikvision DS-2CD2032: 500
    const auto ended = camera.take<client::Ended>();
    ck_assert_msg(ended && !ended->failure, "%s", status);
  }
}

LAW(teardown_is_never_answered) {
  SessionDriver camera;
  camera.reach_playing();
  camera.session().teardown(camera.clock().now());
  camera.advance(20s);
  ck_assert(camera.session().ended());
}

// --- requests of the camera ---

LAW(requests_of_the_camera_are_answered_at_once) {  // live555, WMS
  struct {
    const char* request;
    const char* answer;
  } const cases[] = {
      {"OPTIONS rtsp://cam/stream RTSP/1.0\r\nCSeq: 7\r\n\r\n", "RTSP/1.0 200"},
      {"GET_PARAMETER * RTSP/1.0\r\nCSeq: 7\r\n\r\n", "RTSP/1.0 200"},
      {"SET_PARAMETER * RTSP/1.0\r\nCSeq: 7\r\nContent-Length: 6\r\n\r\na: b\r\n", "RTSP/1.0 200"},
      {"ANNOUNCE /stream RTSP/1.0\r\nCSeq: 7\r\nContent-Length: 5\r\n\r\nv=0\r\n", "RTSP/1.0 200"},
      {"PLAY_NOTIFY * RTSP/1.0\r\nCSeq: 7\r\n\r\n", "RTSP/1.0 501"},
      {"X-KEEP * RTSP/1.0\r\nCSeq: 7\r\n\r\n", "RTSP/1.0 501"},
  };
  for (const auto& c : cases) {
    SessionDriver camera;
    camera.reach_playing();
    camera.feed(frame(1, 'a') + c.request + frame(2, 'b'));
    const std::string& output = camera.session().output();
    ck_assert_msg(output.starts_with(c.answer) && contains(output, "\r\nCSeq: 7\r\n"), "%s", output.c_str());
    ASSERT_TEXT(take_frames(camera), "ab");
    ck_assert(!camera.session().ended());
  }
}

LAW(a_request_of_the_camera_before_its_answer_changes_nothing) {
  SessionDriver camera;
  camera.request("OPTIONS");
  camera.feed("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
  camera.session().output().clear();
  camera.feed("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n");
  camera.request("DESCRIBE");
}

LAW(teardown_of_the_camera_is_obeyed) {
  SessionDriver camera;
  camera.reach_playing();
  camera.feed(frame(1, 'a') + "TEARDOWN rtsp://cam/stream RTSP/1.0\r\nCSeq: 7\r\nSession: 12345678\r\n\r\n");
  ck_assert(camera.session().output().starts_with("RTSP/1.0 200"));
  ASSERT_TEXT(take_frames(camera), "a");
  const auto ended = camera.take<client::Ended>();
  ck_assert(ended && !ended->failure);
}

LAW(redirect_of_the_camera_is_obeyed) {  // RFC 2326 s10.10
  SessionDriver camera;
  camera.reach_playing();
  camera.feed("REDIRECT rtsp://cam/stream RTSP/1.0\r\nCSeq: 7\r\nLocation: rtsp://other:8554/path\r\n\r\n");
  ck_assert_msg(camera.take<client::ConnectionNeeded>().has_value(), "it is not followed");
  ASSERT_TEXT(camera.session().endpoint().url.host, "other");
  ck_assert_uint_eq(camera.session().endpoint().url.port, 8554);
  camera.reconnect();
  const std::string request = camera.request("OPTIONS");
  ASSERT_TEXT(url_of(request), "rtsp://other:8554/path");
  ASSERT_TEXT(header_of(request, "Session"), "-");
}

// --- framing ---

const std::string kFramingNote =
    "The camera sent bytes that are neither a message nor media; skipped up to where one starts.";

/// `broken` stands between two frames; a third and a fourth follow. Cut at every byte.
Transcript play_around(const std::string& broken) {
  Composition composition;
  composition.replies = dialogue(good_describe(kH264Sdp), {good_setup()}, good_play());
  composition.media = frame(1, 'a') + broken + frame(3, 'c') + frame(4, 'd');
  return play_at_every_split(composition, "framing");
}

LAW(framing_is_lost_and_found_again) {  // go2rtc, moonfire#302, Hikvision
  for (const std::string& broken : {std::string("garbage"), frame(2, 'b').substr(5), std::string(3000, '\0'),
                                    std::string("RTSP is spoken here")}) {
    const Transcript transcript = play_around(broken);
    ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.failure.c_str());
    ASSERT_TEXT(transcript.frames, "acd");
    assert_list(transcript.notes, {kFramingNote});
    ck_assert_uint_ge(transcript.resyncs, 1);
  }
}

LAW(a_packet_that_is_cut_costs_what_its_length_says_and_little_more) {
  const std::string dollar = "$";
  for (const std::string& broken :
       {frame(2, 'b').substr(0, 20), dollar + std::string(50, 'x'), std::string(5, '$'),
        std::string("$\0\x20\0", 4) + std::string(40, 'y')}) {
    SessionDriver camera("rtsp://cam/stream", patient());
    camera.reach_playing();
    camera.feed(frame(1, 'a') + broken);
    for (unsigned i = 3; i < 2003; ++i)
      camera.feed(frame(i, 'c'));
    const std::string frames = take_frames(camera);
    ck_assert_msg(frames.starts_with("a") && frames.size() > 1000, "%zu", frames.size());
    ck_assert_uint_ge(camera.notes().size(), 1);
    ck_assert_uint_le(camera.notes().size(), 2);
  }
}

LAW(rtsp_text_stands_in_the_middle_of_media) {
  for (const char* text :
       {"RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n", "\r\nRTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: 1\r\n\r\n"}) {
    const Transcript transcript = play_around(text);
    ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.failure.c_str());
    ASSERT_TEXT(transcript.frames, "acd");
    ck_assert_uint_eq(transcript.resyncs, 0);
  }
}

LAW(rtcp_over_tcp_is_oversized_or_malformed) {  // Hikvision
  const std::string report = std::string("\x80\xC9\0\1", 4) + be32(0xCAFE);
  for (const std::string& odd :
       {report + std::string(2000, '\0'), std::string("\x80\xC8\xFF\xFF", 4) + be32(0xCAFE),
        std::string("\x00\x00", 2), std::string()}) {
    const Transcript transcript = play_around(on_channel(1, odd));
    ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.failure.c_str());
    ASSERT_TEXT(transcript.frames, "acd");
    ck_assert_uint_eq(transcript.resyncs, 0);
    ck_assert_uint_le(transcript.notes.size(), 1);
  }
}

LAW(rtcp_comes_on_the_channel_of_rtp) {  // rtspsrc
  const std::string report = std::string("\x80\xC8\0\6", 4) + be32(0xCAFE) + std::string(20, '\0');
  const Transcript transcript = play_around(on_channel(0, report));
  ASSERT_TEXT(transcript.frames, "acd");
  ck_assert_uint_eq(transcript.packets_invalid, 0);
}

LAW(media_comes_on_channels_that_were_never_set_up) {  // moonfire#213
  const Transcript transcript = play_around(on_channel(2, rtp_packet(1, 0, slice('x'))) + on_channel(9, "y") +
                                            on_channel(2, rtp_packet(2, 0, slice('x'))));
  ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.failure.c_str());
  ASSERT_TEXT(transcript.frames, "acd");
  ck_assert_uint_eq(transcript.notes.size(), 1);
}

LAW(media_of_another_source_comes_on_the_connection) {  // moonfire#114, Reolink RLC-410
  const Transcript transcript = play_around(frame(900, 'x', {true, 96, 0xBEEF}));
  ASSERT_TEXT(transcript.frames, "acd");
  ck_assert_uint_eq(transcript.packets_invalid, 1);
  ck_assert_uint_eq(transcript.notes.size(), 1);
}

LAW(a_packet_of_payload_type_50_comes_with_a_used_number) {  // Geovision
  const Transcript transcript = play_around(frame(1, 'x', {true, 50, 0xCAFE}));
  ASSERT_TEXT(transcript.frames, "acd");
  ck_assert_uint_eq(transcript.packets_lost, 1);
}

}  // namespace

int main() {
  return retina::test::run_laws("quirks of playing", 60);
}
