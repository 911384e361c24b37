// More look-alikes of cameras and servers, each with the faults and habits that its kind is known for, in one
// whole session, cut at every byte. See also lookalikes_test.cpp.

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;

constexpr const char* kSprop = "sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==";
const std::string kH264 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";

/// An answer with CSeq in front, where most servers have it.
std::string ok(const std::string& headers, const std::string& body = "") {
  return "RTSP/1.0 200 OK\r\nCSeq: 0\r\n" + headers +
         (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + body;
}

std::string frames_on(unsigned channel, unsigned sequence, RtpOptions options = {}) {
  return on_channel(channel, rtp_packet(sequence, 1000, slice('a'), options)) +
         on_channel(channel, rtp_packet(sequence + 1, 4600, slice('b'), options));
}

/// Plays it at every split; it must have come to playing, to two frames of the first stream, and to these
/// notes.
Transcript check(const Composition& composition, const std::string& name,
                 const std::vector<std::string>& notes = {}) {
  Transcript transcript = play_at_every_split(composition, name);
  ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.text().c_str());
  ck_assert_msg(transcript.frames == "ab", "%s", transcript.text().c_str());
  assert_list(transcript.notes, notes);
  return transcript;
}

LAW(axis_names_absolute_controls_and_a_dns_base) {
  const std::string url = "rtsp://192.168.0.90/axis-media/media.amp?videocodec=h264";
  Composition composition;
  composition.location = url;
  composition.streams = {0, 1};
  composition.replies = dialogue(
      ok("Content-Type: application/sdp\r\nContent-Base: rtsp://axis-00408c.local/axis-media/media.amp/\r\n"
         "Server: GStreamer RTSP server\r\nDate: Thu, 01 Jan 1970 00:00:42 GMT\r\n",
         "v=0\r\no=- 1188340656180883 1 IN IP4 192.168.0.90\r\ns=Session streamed with GStreamer\r\n"
         "i=rtsp-server\r\nt=0 0\r\na=tool:GStreamer\r\na=type:broadcast\r\na=range:npt=now-\r\n"
         "a=control:rtsp://192.168.0.90/axis-media/media.amp?videocodec=h264\r\n"
         "m=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\nb=AS:50000\r\na=rtpmap:96 H264/90000\r\n"
         "a=fmtp:96 packetization-mode=1;profile-level-id=4d0029;" +
             std::string(kSprop) +
             "\r\na=control:rtsp://192.168.0.90/axis-media/media.amp/stream=0?videocodec=h264\r\n"
             "a=framerate:30.000000\r\na=transform:1.000000,0.000000,0.000000;0.000000,1.000000,0.000000;"
             "0.000000,0.000000,1.000000\r\n"
             "m=application 0 RTP/AVP 98\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:98 vnd.onvif.metadata/90000\r\n"
             "a=control:rtsp://192.168.0.90/axis-media/media.amp/stream=1?videocodec=h264\r\n"),
      {ok("Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=4C1F0A3B;mode=\"PLAY\"\r\n"
          "Server: GStreamer RTSP server\r\nSession: Xz2LoNbCfXe3Q-_s;timeout=60\r\n"),
       ok("Transport: RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=A0B1C2D3;mode=\"PLAY\"\r\n"
          "Session: Xz2LoNbCfXe3Q-_s;timeout=60\r\n")},
      ok("RTP-Info: url=rtsp://192.168.0.90/axis-media/media.amp/stream=0?videocodec=h264;seq=9876;"
         "rtptime=3545016342, url=rtsp://192.168.0.90/axis-media/media.amp/stream=1?videocodec=h264;seq=11;"
         "rtptime=77\r\nRange: npt=now-\r\nSession: Xz2LoNbCfXe3Q-_s;timeout=60\r\n"),
      ok("Public: OPTIONS, DESCRIBE, ANNOUNCE, GET_PARAMETER, PAUSE, PLAY, RECORD, SETUP, SET_PARAMETER, "
         "TEARDOWN\r\nServer: GStreamer RTSP server\r\n"));
  composition.media = frames_on(0, 9876, {true, 96, 0x4C1F0A3B});
  const Transcript transcript = check(composition, "Axis");
  ASSERT_TEXT(url_of(transcript.request("SETUP", 1)),
              "rtsp://192.168.0.90/axis-media/media.amp/stream=1?videocodec=h264");
  ASSERT_TEXT(url_of(transcript.request("PLAY")), url);
  assert_list(transcript.tracks,
              {"0-1 ssrc=4c1f0a3b seq=9876 time=3545016342", "2-3 ssrc=a0b1c2d3 seq=11 time=77"});
  ASSERT_TEXT(transcript.keepalive, "SET_PARAMETER");
}

LAW(bosch_answers_with_lower_case_ids_and_a_tunnel_path) {
  Composition composition;
  composition.location = "rtsp://192.168.0.1/?inst=1&h26x=4";
  composition.replies = dialogue(
      ok("Content-Base: rtsp://192.168.0.1/?inst=1&h26x=4/\r\nContent-Type: application/sdp\r\n",
         "v=0\r\no=- 0 0 IN IP4 192.168.0.1\r\ns=LIVE VIEW\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
         "a=control:rtsp://192.168.0.1/?inst=1&h26x=4/\r\nm=video 0 RTP/AVP 35\r\n"
         "a=rtpmap:35 H264/90000\r\na=control:rtsp://192.168.0.1/?inst=1&h26x=4/trackID=1\r\n"
         "a=recvonly\r\na=fmtp:35 packetization-mode=1;profile-level-id=4d4028;" +
             std::string(kSprop) + "\r\n"),
      {ok("Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=5b2d8f11\r\nSession: 1b3f0d;timeout=60\r\n")},
      ok("Session: 1b3f0d\r\nRange: npt=now-\r\nRTP-Info: url=rtsp://192.168.0.1/?inst=1&h26x=4/trackID=1;"
         "seq=51;rtptime=100\r\n"));
  composition.media = frames_on(0, 51, {true, 35, 0x5b2d8f11});
  const Transcript transcript = check(composition, "Bosch");
  ASSERT_TEXT(url_of(transcript.request("SETUP")), "rtsp://192.168.0.1/?inst=1&h26x=4/trackID=1");
  ASSERT_TEXT(url_of(transcript.request("PLAY")), "rtsp://192.168.0.1/?inst=1&h26x=4/");
}

LAW(uniview_sends_h265_with_ranges_of_its_own_and_pads_its_session) {
  const std::string url = "rtsp://192.168.1.13:554/media/video1";
  Composition composition;
  composition.location = url;
  composition.replies = dialogue(
      ok("Content-Base: " + url + "\r\nContent-Type: application/sdp\r\nServer: Rtsp Server/2.0\r\n",
         "v=0\r\no=- 1001 1 IN IP4 192.168.1.13\r\ns=VCP IPC Realtime stream\r\nm=video 0 RTP/AVP 105\r\n"
         "c=IN IP4 192.168.1.13\r\na=control:" +
             url +
             "/video\r\na=rtpmap:105 H264/90000\r\na=fmtp:105 profile-level-id=4D0028; "
             "packetization-mode=1; " +
             kSprop +
             "\r\na=recvonly\r\nm=application 0 RTP/AVP 107\r\nc=IN IP4 192.168.1.13\r\na=control:" + url +
             "/metadata\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\na=fmtp:107 DecoderTag=h3c-v3 RTCP=0\r\n"
             "a=recvonly\r\n"),
      {ok("Session: 7a8f3c21;timeout=60\r\nTransport: "
          "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0;mode=\"PLAY\"\r\n"),
       ok("Session: 7a8f3c21;timeout=60\r\nTransport: "
          "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=0;mode=\"PLAY\"\r\n")},
      ok("Session: 7a8f3c21\r\nRTP-Info: url=" + url + "/video;seq=0;rtptime=0,url=" + url +
         "/metadata;seq=0;rtptime=0\r\n"));
  composition.media = frames_on(0, 3001, {true, 105, 0x99});
  const Transcript transcript = check(composition, "Uniview");
  ASSERT_TEXT(url_of(transcript.request("SETUP", 1)), url + "/metadata");
  assert_list(transcript.tracks, {"0-1 ssrc=- seq=- time=0", "2-3 ssrc=- seq=- time=0"});
}

LAW(amcrest_asks_for_digest_at_each_step_with_a_login_realm) {
  const std::string url = "rtsp://admin:pw@192.168.1.108:554/cam/realmonitor?channel=1&subtype=0";
  const std::string base = "rtsp://192.168.1.108:554/cam/realmonitor?channel=1&subtype=0";
  const std::string locked =
      "RTSP/1.0 401 Unauthorized\r\nCSeq: 0\r\nWWW-Authenticate: Digest realm=\"Login to "
      "AMC0123456789ABCD\", nonce=\"b1d8d0a4c0ffee00\"\r\n\r\n";
  Composition composition;
  composition.location = url;
  composition.replies = dialogue(
      ok("x-Accept-Dynamic-Rate: 1\r\nContent-Base: " + base +
             "/\r\nCache-Control: must-revalidate\r\nContent-Type: application/sdp\r\n",
         "v=0\r\no=- 2252310609 2252310609 IN IP4 0.0.0.0\r\ns=Media Server\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
         "a=control:*\r\na=packetization-supported:DH\r\na=rtppayload-supported:DH\r\na=range:npt=now-\r\n"
         "m=video 0 RTP/AVP 96\r\na=control:trackID=0\r\na=framerate:20.000000\r\na=rtpmap:96 H264/90000\r\n"
         "a=fmtp:96 packetization-mode=1;profile-level-id=64001F;" +
             std::string(kSprop) + "\r\na=recvonly\r\n"),
      {ok("Session: 1185366879788;timeout=60\r\nTransport: "
          "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0A1B2C3D\r\n"
          "x-Dynamic-Rate: 1\r\n")},
      ok("Session: 1185366879788\r\nRTP-Info: url=trackID=0;seq=64012;rtptime=2872321650\r\n"));
  composition.replies.insert(composition.replies.begin() + 1, {"DESCRIBE", locked});
  composition.media = frames_on(0, 64012, {true, 96, 0x0A1B2C3D});
  const Transcript transcript = check(composition, "Amcrest");
  ASSERT_TEXT(url_of(transcript.request("SETUP")), base + "/trackID=0");
  for (const char* method : {"SETUP", "PLAY"})
    ck_assert(contains(header_of(transcript.request(method), "Authorization"),
                       "Digest username=\"admin\", realm=\"Login to AMC0123456789ABCD\""));
  ck_assert(!contains(transcript.text(), "pw@"));
  assert_list(transcript.tracks, {"0-1 ssrc=0a1b2c3d seq=64012 time=-"});
}

LAW(tapo_offers_a_back_channel_and_guesses_its_sequence) {
  Composition composition;
  composition.location = "rtsp://192.168.1.40:554/stream1";
  composition.streams = {0, 1};
  const std::string url = "rtsp://192.168.1.40:554/stream1";
  composition.replies = dialogue(
      ok("Content-Type: application/sdp\r\nContent-Base: " + url + "/\r\n",
         "v=0\r\no=- 14665860 31787219 1 IN IP4 192.168.1.40\r\ns=Session streamed by \"TP-LINK RTSP "
         "Server\"\r\n"
         "t=0 0\r\nm=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\nb=AS:4096\r\na=range:npt=0-\r\n"
         "a=control:track1\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1; "
         "profile-level-id=640028; " +
             std::string(kSprop) +
             "\r\nm=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:track2\r\n"
             "m=application/TP-LINK 0 RTP/AVP smart/1/90000\r\na=rtpmap:95 TP-LINK/90000\r\n"
             "a=control:track3\r\n"),
      {ok("Transport: RTP/AVP/TCP;unicast;destination=192.168.1.2;source=192.168.1.40;interleaved=0-1\r\n"
          "Session: 50AF97BD;timeout=60\r\n"),
       ok("Transport: RTP/AVP/TCP;unicast;destination=192.168.1.2;source=192.168.1.40;interleaved=2-3\r\n"
          "Session: 50AF97BD;timeout=60\r\n")},
      ok("Range: npt=0.000-\r\nSession: 50AF97BD\r\nRTP-Info: url=" + url +
         "/track1;seq=1;rtptime=0,url=" + url + "/track2;seq=1;rtptime=0\r\n"));
  // Its reports have an SSRC that nothing else has.
  const std::string report = std::string("\x80\xC8\0\6", 4) + be32(0x1234) + std::string(20, '\1');
  composition.media = on_channel(0, rtp_packet(27000, 1000, slice('a'))) + on_channel(1, report) +
                      on_channel(0, rtp_packet(27001, 4600, slice('b')));
  const Transcript transcript =
      check(composition, "Tapo", {"The camera sends RTCP of another SSRC than stream 0 has; ignored."});
  assert_list(transcript.tracks, {"0-1 ssrc=- seq=- time=0", "2-3 ssrc=- seq=- time=0"});
  ck_assert_uint_eq(transcript.packets_lost, 0);
}

LAW(foscam_resets_its_clock_and_calls_every_stream_by_an_index) {
  const std::string url = "rtsp://192.168.5.107:88/videoMain";
  Composition composition;
  composition.location = url;
  composition.streams = {0, 1};
  const auto dated = [](const std::string& rest) {
    return ok("Date: Sat, Jan 01 2000 00:00:07 GMT\r\n" + rest);
  };
  composition.replies = dialogue(
      ok("Date: Sat, Jan 01 2000 00:00:07 GMT\r\nContent-Base: " + url +
             "/\r\nContent-Type: application/sdp\r\n",
         "v=0\r\no=- 946684800000001 1 IN IP4 192.168.5.107\r\ns=IP Camera Video\r\ni=videoMain\r\nt=0 0\r\n"
         "a=tool:LIVE555 Streaming Media v2014.02.10\r\na=type:broadcast\r\na=control:*\r\na=range:npt=0-\r\n"
         "a=x-qt-text-nam:IP Camera Video\r\na=x-qt-text-inf:videoMain\r\nm=video 0 RTP/AVP 96\r\n"
         "c=IN IP4 0.0.0.0\r\nb=AS:96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;"
         "profile-level-id=4D001F;" +
             std::string(kSprop) +
             "\r\na=control:track1\r\nm=audio 0 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\nb=AS:64\r\n"
             "a=control:track2\r\n"),
      {dated("Transport: RTP/AVP/TCP;unicast;destination=192.168.5.1;source=192.168.5.107;interleaved=0-1\r\n"
             "Session: 7F5E3D2C;timeout=65\r\n"),
       dated("Transport: RTP/AVP/TCP;unicast;destination=192.168.5.1;source=192.168.5.107;interleaved=2-3\r\n"
             "Session: 7F5E3D2C;timeout=65\r\n")},
      dated("Range: npt=0.000-\r\nSession: 7F5E3D2C\r\nRTP-Info: url=" + url +
            "/track1;seq=33000;rtptime=5,url=" + url + "/track2;seq=21;rtptime=6\r\n"));
  composition.media = frames_on(0, 33000);
  const Transcript transcript = check(composition, "Foscam");
  ASSERT_TEXT(transcript.tool, "LIVE555 Streaming Media v2014.02.10");
  assert_list(transcript.streams, {"96 H264/90000 track1", "0 PCMU/8000 track2"});
}

LAW(v4l2rtspserver_sends_media_before_its_answer_to_play_and_an_empty_fmtp) {
  const std::string url = "rtsp://192.168.1.50:8554/unicast";
  Composition composition;
  composition.location = url;
  composition.replies = dialogue(
      ok("Content-Base: " + url + "/\r\nContent-Type: application/sdp\r\n",
         "v=0\r\no=- 1712345678901234 1 IN IP4 192.168.1.50\r\ns=LIVE555 Streaming Media\r\ni=unicast\r\nt=0 "
         "0\r\n"
         "a=tool:LIVE555 Streaming Media "
         "v2023.11.30\r\na=type:broadcast\r\na=control:*\r\na=range:npt=now-\r\n" +
             kH264 +
             "a=fmtp:96 packetization-mode=1;profile-level-id=000000;sprop-parameter-sets=\r\n"
             "a=fmtp:96\r\na=control:track1\r\n"),
      {ok("Transport: RTP/AVP/TCP;unicast;destination=192.168.1.2;source=192.168.1.50;interleaved=0-1\r\n"
          "Session: 1A2B3C4D;timeout=65\r\n")},
      frames_on(0, 500) + ok("Range: npt=0.000-\r\nSession: 1A2B3C4D\r\nRTP-Info: url=" + url +
                             "/track1;seq=500;rtptime=1000\r\n"));
  check(composition, "v4l2rtspserver",
        {"The camera's media came before its answer to PLAY; taken as the answer."});
}

LAW(mediamtx_has_control_urls_with_a_slash_at_their_end_and_lists_get_parameter_only) {
  const std::string url = "rtsp://10.0.0.5:8554/cam1";
  Composition composition;
  composition.location = url;
  composition.streams = {0, 1};
  composition.replies =
      dialogue(ok("Content-Base: " + url + "/\r\nContent-Type: application/sdp\r\nServer: gortsplib\r\n",
                  "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=No Name\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
                  "m=video 0 RTP/AVP 96\r\na=control:" +
                      url + "/trackID=0\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1; " +
                      "profile-level-id=42C01E; " + kSprop + "\r\nm=audio 0 RTP/AVP 97\r\na=control:" + url +
                      "/trackID=1\r\na=rtpmap:97 opus/48000/2\r\na=fmtp:97 sprop-stereo=1\r\n"),
               {ok("Server: gortsplib\r\nSession: 6d5b1c6f0a3e4b8fb0ac3e4b6d5b1c6f;timeout=60\r\n"
                   "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0D3C5A17\r\n"),
                ok("Server: gortsplib\r\nSession: 6d5b1c6f0a3e4b8fb0ac3e4b6d5b1c6f;timeout=60\r\n"
                   "Transport: RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=8E11F00D\r\n")},
               ok("RTP-Info: url=" + url + "/trackID=0;seq=40210;rtptime=91234,url=" + url +
                  "/trackID=1\r\nServer: gortsplib\r\nSession: 6d5b1c6f0a3e4b8fb0ac3e4b6d5b1c6f\r\n"),
               ok("Public: DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, PAUSE, GET_PARAMETER, TEARDOWN\r\n"));
  composition.media = frames_on(0, 40210, {true, 96, 0x0D3C5A17});
  const Transcript transcript = check(composition, "mediamtx");
  assert_list(transcript.tracks, {"0-1 ssrc=0d3c5a17 seq=40210 time=-", "2-3 ssrc=8e11f00d seq=- time=-"});
  ASSERT_TEXT(transcript.keepalive, "GET_PARAMETER");
}

LAW(a_hisilicon_board_writes_its_own_headers_and_a_description_in_one_line_end) {
  // "Hisilicon Ipcam": no Content-Base, a session without a time-out, RTP-Info with the whole URL twice.
  const std::string url =
      "rtsp://192.168.1.10/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp?real_stream";
  Composition composition;
  composition.location = url;
  composition.replies = dialogue(
      "RTSP/1.0 200 OK\r\nServer: HiIpcam/V100R003 VodServer/1.0.0\r\nCseq: 0 "
      "\r\nContent-Type:application/sdp\r\n"
      "Content-length: 148     \r\n\r\n"
      "v=0\no=StreamingServer 3331435948 1116907222000 IN IP4 192.168.1.10\ns=\\11\nc=IN IP4 0.0.0.0\n"
      "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:trackID=0\n",
      {"RTSP/1.0 200 OK\r\nServer: HiIpcam/V100R003 VodServer/1.0.0\r\nCseq: 0\r\nSession: 4124567\r\n"
       "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=play\r\n\r\n"},
      "RTSP/1.0 200 OK \r\nServer: HiIpcam/V100R003 VodServer/1.0.0\r\nCseq: 0\r\nSession: 4124567\r\n"
      "RTP-Info:url=" +
          url + "/" + url + "/trackID=0;seq=0;rtptime=0\r\n\r\n",
      "RTSP/1.0 200 OK\r\nServer: HiIpcam/V100R003 VodServer/1.0.0\r\nCseq: 0\r\n"
      "Public: DESCRIBE, SETUP, TEARDOWN, PLAY\r\n\r\n");
  std::string& describe = composition.replies[1].bytes;
  const std::size_t body = describe.size() - (describe.find("\r\n\r\n") + 4);
  describe.replace(describe.find("148"), 3, std::to_string(body));
  composition.media = frames_on(0, 12);
  const Transcript transcript = check(composition, "Hisilicon");
  ASSERT_TEXT(url_of(transcript.request("SETUP")), url + "/trackID=0");
  assert_list(transcript.tracks, {"0-1 ssrc=- seq=- time=-"});
  ASSERT_TEXT(transcript.keepalive, "OPTIONS");
}

LAW(an_nvr_redirects_to_the_camera_that_closes_after_its_401_and_uses_basic) {
  const std::string sdp =
      "v=0\r\no=- 1 1 IN IP4 10.1.1.7\r\ns=ch3\r\nt=0 0\r\n" + kH264 + "a=control:trackID=1\r\n";
  Composition composition;
  composition.location = "rtsp://admin:pw@10.1.1.1/ch3";
  composition.replies =
      dialogue(ok("Content-Type: application/sdp\r\nContent-Location: rtsp://10.1.1.7/ch3/\r\n", sdp),
               {ok("Session: 1;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")},
               ok("Session: 1\r\n"));
  composition.replies.insert(composition.replies.begin(),
                             {"OPTIONS",
                              "RTSP/1.0 302 Moved Temporarily\r\nCSeq: 0\r\n"
                              "Location: rtsp://admin:pw@10.1.1.7:554/ch3\r\n\r\n"});
  composition.replies.insert(composition.replies.begin() + 2,
                             {"DESCRIBE",
                              "RTSP/1.0 401 Unauthorized\r\nCSeq: 0\r\n"
                              "WWW-Authenticate: Basic realm=\"/\"\r\n\r\n"});
  composition.media = frames_on(0, 12);
  const Transcript transcript = check(composition, "NVR");
  ASSERT_TEXT(url_of(transcript.request("SETUP")), "rtsp://10.1.1.7/ch3/trackID=1");
  ASSERT_TEXT(header_of(transcript.request("PLAY"), "Authorization"), "Basic YWRtaW46cHc=");
}

}  // namespace

int main() {
  return retina::test::run_laws("more look-alikes", 60);
}
