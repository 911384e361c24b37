// Look-alikes of cameras whose replies are told of, but not at hand: whole sessions, written to match what is
// known of each, cut at every byte.

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;

constexpr const char* kSprop = "sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==";

std::string reply(const std::string& headers, const std::string& body = "") {
  return "RTSP/1.0 200 OK\r\nCSeq: 0\r\n" + headers +
         (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + body;
}

/// Two whole frames on channel 0; the first comes this many packets after the one with number `sequence`.
std::string two_frames(unsigned sequence, unsigned after, RtpOptions options = {}) {
  return on_channel(0, rtp_packet(sequence + after, 1000, slice('a'), options)) +
         on_channel(0, rtp_packet(sequence + after + 1, 4600, slice('b'), options));
}

/// The session has reached playing, without a failure, with these notes and frames.
void check_playing(const Transcript& transcript, const std::string& frames,
                   const std::vector<std::string>& notes) {
  ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.failure.c_str());
  ASSERT_TEXT(transcript.frames, frames);
  assert_list(transcript.notes, notes);
}

LAW(wowza_serves_bunny_from_a_path_with_a_colon) {
  const std::string base = "rtsp://media.example.net/vod/mp4:Bunny_115k.mov";
  const std::string sdp =
      "v=0\r\no=- 551045787 551045787 IN IP4 127.0.0.1\r\ns=Bunny_115k.mov\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
      "a=sdplang:en\r\na=range:npt=0- 596.48\r\na=control:*\r\n"
      "m=audio 0 RTP/AVP 96\r\na=rtpmap:96 mpeg4-generic/12000/2\r\na=fmtp:96 "
      "profile-level-id=1;mode=AAC-hbr;"
      "sizelength=13;indexlength=3;indexdeltalength=3;config=1490\r\na=control:trackID=1\r\n"
      "m=video 0 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\na=fmtp:97 "
      "packetization-mode=1;profile-level-id=42C01E;" +
      std::string(kSprop) +
      "\r\na=cliprect:0,0,160,240\r\na=framesize:97 240-160\r\na=framerate:24.0\r\n"
      "a=control:trackID=2\r\n";
  Composition composition;
  composition.location = base;
  composition.streams = {1, 0};
  composition.replies = dialogue(
      "RTSP/1.0 200 OK\r\nContent-Base: " + base +
          "/\r\nDate: Tue, 27 Apr 2021 20:14:14 UTC\r\nContent-Length: " + std::to_string(sdp.size()) +
          "\r\nSession: 551045787;timeout=60\r\nExpires: Tue, 27 Apr 2021 20:14:14 UTC"
          "\r\nCache-Control: no-cache\r\nContent-Type: application/sdp\r\nCSeq: 1\r\n\r\n" +
          sdp,
      {reply("Session: 551045787;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"),
       reply("Session: 551045787;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n")},
      reply("RTP-Info: url=" + base + "/trackID=2;seq=1;rtptime=0,url=" + base +
            "/trackID=1;seq=1;rtptime=0\r\nRange: npt=0.0-596.48\r\nSession: 551045787;timeout=60\r\n"));
  composition.media = two_frames(1, 2, {true, 97, 0x4d});
  const Transcript transcript = play_at_every_split(composition, "Wowza");
  check_playing(transcript, "ab", {});
  assert_list(transcript.streams, {"96 mpeg4-generic/12000 trackID=1", "97 H264/90000 trackID=2"});
  ASSERT_TEXT(url_of(transcript.request("SETUP", 0)), base + "/trackID=2");
  ASSERT_TEXT(header_of(transcript.request("SETUP", 0), "Session"), "-");
  // A sequence of 1 is a guess.
  assert_list(transcript.tracks, {"0-1 ssrc=- seq=- time=0", "2-3 ssrc=- seq=- time=0"});
  ck_assert_uint_eq(transcript.packets_lost, 0);
}

LAW(vstarcam_ends_its_description_with_a_blank_line_and_has_no_parameter_sets) {
  Composition composition;
  composition.location = "rtsp://192.168.1.198:10554/tcp/av0_0";
  composition.streams = {0, 1};
  composition.replies = dialogue(
      good_describe(
          "v=0\r\no=StreamingServer 3331435948 1116907222000 IN IP4 192.168.1.198\r\ns=h264.mp4\r\n"
          "c=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=control:trackID=0\r\n"
          "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1; sprop-parameter-sets=AAAAAWdC,"
          "!broken!\r\nm=audio 0 RTP/AVP 8\r\na=control:trackID=1\r\na=rtpmap:8 PCMA/8000/1\r\n\r\n"),
      {good_setup(0), good_setup(2)}, good_play());
  // Two access units with one timestamp.
  composition.media =
      on_channel(0, rtp_packet(5, 1000, slice('a'))) + on_channel(0, rtp_packet(6, 1000, slice('b')));
  const Transcript transcript = play_at_every_split(composition, "VStarcam");
  check_playing(transcript, "ab",
                {"SDP, media section 0: a part of sprop-parameter-sets isn't base64; skipped.",
                 "The media of stream 0 has several pictures with one timestamp; told apart all the same."});
  ASSERT_TEXT(url_of(transcript.request("SETUP", 1)), "rtsp://192.168.1.198:10554/tcp/av0_0/trackID=1");
}

LAW(gw_sub_stream_names_another_url_with_play_and_has_one_stream) {
  const std::string base = "rtsp://192.168.1.110:5049/H264?channel=1&subtype=1&unicast=true&proto=Onvif";
  Composition composition;
  composition.location = base;
  composition.replies = dialogue(
      good_describe(
          "v=0\r\no=- 1 1 IN IP4 x.y.z.w\r\ns=Session streamed by \"H264Server\"\r\ne=NONE\r\nt=0 0\r\n"
          "a=range:npt=now-\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
          "a=control:video\r\na=fmtp:96 packetization-mode=1;" +
              std::string(kSprop) + "\r\na=appversion:2.0\r\n",
          base),
      {reply(
          "Transport: RTP/AVP/TCP;unicast;destination=192.168.1.210;source=192.168.1.110;interleaved=0-1\r\n"
          "Session: 9b0d0e54; timeout=60\r\n")},
      reply("Range: npt=0.000-\r\nSession: 9b0d0e54; timeout=120\r\n"
            "RTP-Info: url=rtsp://192.168.1.110:5049/H264/main;seq=273;rtptime=1621990950\r\n"));
  composition.media = two_frames(273, 2);
  const Transcript transcript = play_at_every_split(composition, "GW4089IP sub");
  check_playing(transcript, "ab",
                {"The URLs in the camera's RTP-Info are none of its streams'; taken by their order."});
  ASSERT_TEXT(url_of(transcript.request("SETUP")), base + "/video");
  ck_assert_uint_eq(transcript.packets_lost, 2);
}

LAW(macro_video_has_no_origin_and_puts_annex_b_into_single_packets) {
  Composition composition;
  composition.location = "rtsp://192.168.1.30/live/ch00_1";
  composition.replies =
      dialogue(good_describe("v=0\r\ns=streamed by the macro-video rtsp server\r\nt=0 0\r\na=control:*\r\n"
                             "a=range:npt=0-\r\nm=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\nb=AS:500\r\n"
                             "a=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=0;packetization-mode=1;" +
                                 std::string(kSprop) + "\r\na=control:trackID=1\r\n",
                             "rtsp://192.168.1.30/live/ch00_1/"),
               {good_setup()}, good_play());
  const std::string access_unit_delimiter = "\x09\xF0";
  composition.media =
      on_channel(0, rtp_packet(9, 1000, access_unit_delimiter + std::string("\0\0\0\1", 4) + slice('a')));
  const Transcript transcript = play_at_every_split(composition, "macro-video");
  check_playing(transcript, "?",
                {"The media of stream 0 has start codes within NAL units (Annex B); split at them."});
  ASSERT_TEXT(url_of(transcript.request("SETUP")), "rtsp://192.168.1.30/live/ch00_1/trackID=1");
}

LAW(luckfox_puts_the_ssrc_first_in_its_transport) {
  // Over UDP the reply differs in what follows; whoever asked for TCP gets channels.
  for (const char* transport : {"ssrc=12345678;RTP/AVP/TCP;unicast;interleaved=0-1",
                                "ssrc=12345678;interleaved=0-1;unicast;RTP/AVP/TCP;mode=\"PLAY\""}) {
    Composition composition;
    composition.location = "rtsp://172.32.0.93/live/0";
    composition.replies = dialogue(
        good_describe("v=0\r\no=- 1 1 IN IP4 172.32.0.93\r\ns=rkipc\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
                      "a=rtpmap:96 H264/90000\r\na=control:rtsp://172.32.0.93/live/0/track0\r\n"),
        {reply(std::string("Date: Sat, Jan 1 2022 00:00:00 GMT\r\nTransport: ") + transport +
               "\r\nSession: 2A5B8F01\r\n")},
        reply("Session: 2A5B8F01\r\nRTP-Info: url=rtsp://172.32.0.93/live/0/track0;seq=7000;rtptime=1\r\n"));
    composition.media = two_frames(7000, 3, {true, 96, 0x12345678});
    const Transcript transcript = play_at_every_split(composition, "Luckfox");
    check_playing(transcript, "ab", {});
    ASSERT_TEXT(url_of(transcript.request("SETUP")), "rtsp://172.32.0.93/live/0/track0");
    assert_list(transcript.tracks, {"0-1 ssrc=12345678 seq=7000 time=-"});
    ck_assert_uint_eq(transcript.packets_lost, 3);
  }
}

LAW(h264dvr_gives_each_stream_a_session_of_its_own) {
  Composition composition;
  composition.location = "rtsp://192.168.1.88:554/user=admin&password=&channel=1&stream=0.sdp";
  composition.streams = {0, 1};
  composition.replies = dialogue(
      "RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\nServer: H264DVR 1.0\r\nCseq: 2\r\n"
      "Content-Base: rtsp://192.168.1.88:554/user=admin&password=&channel=1&stream=0.sdp\r\n"
      "Cache-Control: private\r\nx-Accept-Retransmit: our-retransmit\r\nContent-Length: 312\r\n\r\n"
      "v=0\r\no=- 38990265062388 38990265062388 IN IP4 192.168.1.88\r\ns=RTSP Session\r\nc=IN IP4 "
      "192.168.1.88\r\n"
      "t=0 0\r\na=control:*\r\na=range:npt=0-\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
      "a=framerate:0S\r\na=framerate:20\r\na=control:trackID=3\r\nm=audio 0 RTP/AVP 8\r\na=rtpmap:8 "
      "PCMA/8000\r\n"
      "a=control:trackID=4\r\n",
      {"RTSP/1.0 200 OK\r\nServer: H264DVR 1.0\r\nCseq: 3\r\nSession: 1000;timeout=60\r\n"
       "Transport: RTP/AVP/TCP;unicast;mode=PLAY;source=192.168.1.88;interleaved=0-1;ssrc=00000000\r\n\r\n",
       "RTSP/1.0 200 OK\r\nServer: H264DVR 1.0\r\nCseq: 4\r\nSession: 1001;timeout=60\r\n"
       "Transport: RTP/AVP/TCP;unicast;mode=PLAY;source=192.168.1.88;interleaved=2-3;ssrc=00000000\r\n\r\n"},
      "RTSP/1.0 200 OK\r\nServer: H264DVR 1.0\r\nCseq: 5\r\nSession: 1000\r\n"
      "RTP-Info: url=trackID=3;seq=0;rtptime=0,url=trackID=4;seq=0;rtptime=0\r\n\r\n");
  std::string& describe = composition.replies[1].bytes;
  const std::size_t body = describe.size() - (describe.find("\r\n\r\n") + 4);
  describe.replace(describe.find("312"), 3, std::to_string(body));
  composition.media = two_frames(0, 1);
  const Transcript transcript = play_at_every_split(composition, "H264DVR");
  check_playing(transcript, "ab", {"The camera changed the session's id; the first one is kept."});
  ASSERT_TEXT(header_of(transcript.request("SETUP", 1), "Session"), "1000");
  assert_list(transcript.tracks, {"0-1 ssrc=- seq=- time=0", "2-3 ssrc=- seq=- time=0"});
  ASSERT_TEXT(header_of(transcript.request("PLAY"), "Session"), "1000");
}

LAW(anpviz_sends_aac_as_payload_type_0_and_no_last_line_end) {
  Composition composition;
  composition.location = "rtsp://192.168.1.64:554/live/main";
  composition.replies = dialogue(
      good_describe("v=0\r\no=- 1 1 IN IP4 192.168.1.64\r\ns=streamed by the RTSP server\r\nt=0 0\r\n"
                    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track0\r\n"
                    "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 mpeg4-generic/16000/2\r\na=fmtp:0 config=1410\r\n"
                    "a=control:track1"),
      {good_setup(0), good_setup(2)}, good_play());
  composition.media = two_frames(1000, 0);
  const Transcript transcript = play_at_every_split(composition, "Anpviz");
  check_playing(transcript, "ab", {});
  assert_list(transcript.streams, {"96 H264/90000 track0", "0 mpeg4-generic/16000 track1"});
  ASSERT_TEXT(url_of(transcript.request("SETUP", 1)), "rtsp://192.168.1.64:554/live/main/track1");
}

LAW(geovision_has_no_time_line_and_sends_odd_packets_with_used_numbers) {
  Composition composition;
  composition.location = "rtsp://192.168.5.50:554/ch1";
  composition.replies = dialogue(
      good_describe("v=0\r\no=- 1001 1 IN IP4 192.168.5.50\r\ns=GeoVision IP Camera\r\nc=IN IP4 0.0.0.0\r\n"
                    "a=control:*\r\na=range:npt=now-\r\nm=video 0 RTP/AVP 96\r\nb=AS:5000\r\n"
                    "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"),
      {good_setup()}, good_play());
  composition.media = on_channel(0, rtp_packet(10, 1000, slice('a'))) +
                      on_channel(0, rtp_packet(10, 1000, "GeoVision", {true, 50, 0xCAFE})) +
                      on_channel(0, rtp_packet(11, 4600, slice('b')));
  const Transcript transcript = play_at_every_split(composition, "Geovision");
  ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.failure.c_str());
  ASSERT_TEXT(transcript.frames, "ab");
  ck_assert_uint_eq(transcript.packets_lost, 0);
  ck_assert_uint_le(transcript.notes.size(), 1);
}

LAW(tp_link_writes_white_space_behind_its_formats_and_a_stream_of_its_own) {
  Composition composition;
  composition.location = "rtsp://192.168.2.29/stream1";
  composition.streams = {0, 1};
  composition.replies = dialogue(
      good_describe(
          "v=0\r\no=- 14665860 31787219 1 IN IP4 192.168.2.29\r\ns=Session streamed by \"TP-LINK\"\r\n"
          "t=0 0\r\na=control:*\r\nc=IN IP4 0.0.0.0\r\nm=video 0 RTP/AVP 96\t \r\n"
          "a=rtpmap:96 H264/90000 \r\na=control:track1\r\nm=audio 0 RTP/AVP 8\r\na=control:track2\r\n"
          "m=application/TP-LINK 0 RTP/AVP smart/1/90000\r\na=rtpmap:95 TP-LINK/90000\r\n"
          "a=control:track3\r\n"),
      {good_setup(0), good_setup(2)}, good_play());
  composition.media = two_frames(1, 0);
  const Transcript transcript = play_at_every_split(composition, "TP-Link");
  check_playing(transcript, "ab", {});
  assert_list(transcript.streams, {"96 H264/90000 track1", "8 PCMA/8000 track2", "unusable track3"});
}

LAW(a_lazy_server_ends_lines_with_lf_and_pads_everything) {
  const std::string sdp = "v=0\ns=x\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:track1\n";
  Composition composition;
  composition.replies = dialogue(
      "RTSP/1.0 200\nCSEQ : 0 \nContent-type:application/SDP; charset=utf-8\nContent-length:  " +
          std::to_string(sdp.size()) + " \n\n" + sdp,
      {"\n\nRTSP/1.0 200 OK\nCseq:0\nSession:  a b ;Timeout = 20 ;x\n"
       "Transport: rtp/avp/tcp ; UNICAST ; Interleaved = 0\n\n"},
      "rtsp/1.0  200  OK\ncseq: 0\n\n", "RTSP/1.0 200\nCSeq:0\nPublic: options,\n set_parameter\n\n");
  composition.media = "\r\n\r\n" + two_frames(1, 0);
  const Transcript transcript = play_at_every_split(composition, "lazy server");
  ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.failure.c_str());
  ASSERT_TEXT(transcript.frames, "ab");
  ASSERT_TEXT(header_of(transcript.request("PLAY"), "Session"), "a b");
  ASSERT_TEXT(transcript.keepalive, "SET_PARAMETER");
}

}  // namespace

int main() {
  return retina::test::run_laws("look-alikes", 60);
}
