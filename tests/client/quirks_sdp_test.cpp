// Descriptions that break the rules, through whole sessions: what matters is that the camera plays. One law
// per behaviour that was seen; docs/cameras.md lists them. tests/sdp/quirks_test.cpp has what the parser
// makes of each.

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;

const std::string kHead = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=x\r\nt=0 0\r\na=control:*\r\n";
const std::string kVideo = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
const std::string kControl = "a=control:track1\r\n";

/// Plays the first stream that can be played of a description, to two frames.
Transcript play(const std::string& sdp, std::size_t stream = 0) {
  Composition composition;
  composition.streams = {stream};
  composition.replies = dialogue(good_describe(sdp, "rtsp://cam/stream/"), {good_setup()}, good_play());
  composition.media =
      on_channel(0, rtp_packet(1, 0, slice('a'))) + on_channel(0, rtp_packet(2, 3600, slice('b')));
  return sdp.size() > 2000 ? ComposedSession(composition).play() : play_at_every_split(composition, sdp);
}

void check_plays(const std::string& sdp, const std::string& setup_url = "rtsp://cam/stream/track1",
                 std::size_t notes = 0, std::size_t stream = 0) {
  const Transcript transcript = play(sdp, stream);
  ck_assert_msg(transcript.played && transcript.failure.empty(), "%s\n%s", sdp.substr(0, 2000).c_str(),
                transcript.failure.c_str());
  ck_assert_msg(transcript.frames == "ab", "%s\n%s", sdp.substr(0, 2000).c_str(), transcript.frames.c_str());
  ASSERT_TEXT(url_of(transcript.request("SETUP")), setup_url);
  ck_assert_msg(transcript.notes.size() == notes, "%s\n%s", sdp.substr(0, 2000).c_str(),
                transcript.text().c_str());
}

LAW(the_origin_is_missing_cut_or_too_long) {  // gortsplib#468 #618, mediamtx#5292, macro-video, TP-Link
  for (const char* origin : {"", "o=\r\n", "o=-\r\n", "o=- 1\r\n", "o=- 1 1 IP IP4 10.0.0.1\r\n",
                             "o=- 1 2 3 IN IP4 10.0.0.1\r\n", "o=- -1 99999999999999999999999 IN IP4\r\n"}) {
    check_plays("v=0\r\n" + std::string(origin) + "s=x\r\nt=0 0\r\n" + kVideo + kControl);
  }
}

LAW(connection_bandwidth_time_and_name_are_bad_or_missing) {  // gortsplib#288 #906 #1025, Geovision
  for (const char* lines : {"", "s=\r\n", "s=x\r\n", "t=\r\n", "t=now\r\n", "c=\r\n", "c=IN\r\n",
                            "c=IN IP4 \r\n", "c=0.0.0.0\r\n", "b=\r\n", "b=AS\r\n", "b=AS:\r\n",
                            "b=AS:-5\r\n", "b=X-YZ:128 kbit\r\n", "b=AS:99999999999999\r\n"}) {
    check_plays("v=0\r\n" + std::string(lines) + kVideo + lines + kControl);
  }
}

LAW(lines_stand_in_odd_order_or_are_unknown) {
  check_plays("a=control:*\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nv=0\r\n" + kVideo + kControl);
  check_plays("v=0\r\nQ=?\r\nhello\r\n=\r\ne=NONE\r\nk=clear\r\n" + kVideo + "x=y\r\n" + kControl);
  check_plays(kHead + "m=video 0 RTP/AVP 96\r\n" + kControl + "a=fmtp:96 a=b\r\na=rtpmap:96 H264/90000\r\n");
}

LAW(the_control_of_the_only_stream_is_missing) {
  check_plays(kHead + kVideo, "rtsp://cam/stream/");
  check_plays("v=0\r\ns=x\r\n" + kVideo, "rtsp://cam/stream");
}

LAW(the_control_is_absolute_with_another_host) {
  check_plays(kHead + kVideo + "a=control:rtsp://192.168.0.10/stream/track1\r\n",
              "rtsp://192.168.0.10/stream/track1");
}

LAW(the_rtpmap_has_no_rate_spaces_or_another_payload_type) {  // Real, rtspsrc2, IPCAM
  check_plays(kHead + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000 \r\n" + kControl);
  check_plays(kHead + "m=video 0 RTP/AVP 96\r\na=rtpmap: 96  H264 / 90000\r\n" + kControl);
  for (const char* rtpmap : {"a=rtpmap:96 H264/0\r\n", "a=rtpmap:96 H264\r\n", "a=rtpmap:96 H264/\r\n",
                             "a=rtpmap:97 H264/90000\r\n"}) {
    check_plays(kHead + "m=video 0 RTP/AVP 96\r\n" + rtpmap + kControl, "rtsp://cam/stream/track1", 1);
  }
  check_plays(kHead + "m=video 0 RTP/AVP 96\r\na=fmtp:96 packetization-mode=1\r\n" + kControl,
              "rtsp://cam/stream/track1", 1);
}

LAW(several_payload_types_stand_on_one_line) {
  check_plays(kHead + "m=video 0 RTP/AVP 97 96\r\na=rtpmap:97 rtx/90000\r\na=rtpmap:96 H264/90000\r\n" +
              kControl);
  check_plays(kHead + "m=video 0 RTP/AVP 96 97\r\na=rtpmap:97 H265/90000\r\na=rtpmap:96 H264/90000\r\n" +
              kControl);
  check_plays(kHead + "m=video 0 RTP/AVP 96\t \r\na=rtpmap:96 H264/90000\r\n" + kControl);
}

LAW(the_fmtp_is_written_in_many_ways) {  // gortsplib#479 #658, VLC
  const std::string sps = "Z0LAHtkDxWhAAAADAEAAAAwDxYuS";
  struct {
    std::string fmtp;
    std::size_t notes;
  } const cases[] = {
      {"96 packetization-mode=1;sprop-parameter-sets=" + sps + ",aMuMsg==;", 0},
      {"96 packetization-mode=1; sprop-parameter-sets=" + sps + ",aMuMsg== ; ", 0},
      {"96 PACKETIZATION-MODE=1;Sprop-Parameter-Sets=" + sps + ",aMuMsg==", 0},
      {"96 sprop-parameter-sets=\"" + sps + ",aMuMsg==\"", 0},
      {"96 sprop-parameter-sets=" + sps + ",aMuMsg", 0},  // padding
      {"96 sprop-parameter-sets = " + sps + " , aMuMsg==", 0},
      {"96  ;;packetization-mode;=;x=;sprop-parameter-sets=" + sps + ",aMuMsg==", 0},
      {"96", 0},
      {"96 ", 0},
      {"", 0},
      {"97 sprop-parameter-sets=" + sps + ",aMuMsg==", 1},
      {"96 sprop-parameter-sets=!!,??", 1},
      {"96 sprop-parameter-sets=AAAA,BBBB", 1},
      {"96 sprop-parameter-sets=", 0},
  };
  for (const auto& c : cases) {
    check_plays(kHead + kVideo + "a=fmtp:" + c.fmtp + "\r\n" + kControl, "rtsp://cam/stream/track1", c.notes);
  }
}

LAW(lines_end_with_lf_cr_nul_or_not_at_all) {
  const std::string sdp = kHead + kVideo + kControl;
  for (const std::string& end : {std::string("\n"), std::string("\r"), std::string(1, '\0'),
                                 std::string("\r\n\r\n"), std::string(" \r\n")}) {
    std::string changed;
    for (const char c : sdp) {
      if (c == '\n') changed += end;
      if (c != '\n' && c != '\r') changed += c;
    }
    check_plays(changed);
    while (!changed.empty() && base::is_space(changed.back()))
      changed.pop_back();
    check_plays(changed);  // Anpviz
  }
  check_plays(sdp + "\r\n");  // VStarcam
}

LAW(titles_are_not_utf_8_and_descriptions_are_long) {
  check_plays(
      "v=0\r\ns=Einfahrt S\xFC"
      "d \xFF\xFE\x01\r\n" +
      kVideo + kControl);
  std::string filler;
  for (int i = 0; i < 1000; ++i)
    filler += "i=" + std::string(98, 'x') + "\r\n";
  check_plays("v=0\r\n" + filler + kVideo + kControl);
}

LAW(streams_that_cannot_be_used_leave_the_others_alone) {  // mediamtx#5074, TP-Link
  for (const char* other : {"m=video 0 UDP/TS 33\r\na=control:track0\r\n",
                            "m=application/TP-LINK 0 RTP/AVP smart/1/90000\r\na=rtpmap:95 TP-LINK/90000\r\n",
                            "m=audio 0 RTP/AVP 99\r\na=control:track0\r\n", "m=\r\n", "m=video\r\n",
                            "m=audio 0 RTP/SAVP 0\r\na=control:track0\r\n",
                            "m=application 0 RTP/AVP 107\r\na=rtpmap:107 x-unknown/90000\r\n"}) {
    Composition composition;
    composition.streams = {1};
    composition.replies = dialogue(good_describe(kHead + other + kVideo + kControl, "rtsp://cam/stream/"),
                                   {good_setup()}, good_play());
    const Transcript transcript = play_at_every_split(composition, other);
    ck_assert_msg(transcript.played && transcript.failure.empty(), "%s: %s", other,
                  transcript.failure.c_str());
  }
}

LAW(a_back_channel_is_offered_twice_and_never_chosen) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  const std::string back = "m=audio 0 RTP/AVP 0\r\na=sendonly\r\na=control:back\r\n";
  camera.reply("200 OK", "Content-Type: application/sdp\r\n",
               kHead + kVideo + "a=recvonly\r\n" + kControl + back + back);
  const auto& media = camera.session().description().media;
  ck_assert_uint_eq(media.size(), 3);
  ck_assert(client::obstacle(media[0]).empty());
  ck_assert(!client::obstacle(media[1]).empty() && !client::obstacle(media[2]).empty());
}

LAW(directions_the_wrong_way_round_are_ignored) {  // go2rtc#771 (D-Link)
  for (const char* direction : {"sendonly", "recvonly", "sendrecv", "inactive"})
    check_plays(kHead + kVideo + "a=" + direction + "\r\n" + kControl);
}

LAW(ranges_are_live_reversed_in_other_units_or_nonsense) {
  for (const char* range : {"npt=now-", "npt=0-", "npt=0,000-12,5", "npt=12.5-0", "clock=20200101T000000Z-",
                            "smpte=0:0:0-", "npt=", "x", "", "0-10"}) {
    check_plays(kHead + "a=range:" + range + "\r\n" + kVideo + "a=range:" + range + "\r\n" + kControl);
  }
}

LAW(hints_are_only_hints) {
  for (const char* hint : {"framerate:0S", "framerate:abc", "framerate:-1", "x-dimensions: 1280, 720",
                           "framesize:96 0-0", "cliprect:0,0,-1,99999", "ptime:", "x-framerate: 5"}) {
    check_plays(kHead + kVideo + "a=" + hint + "\r\n" + kControl);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("quirks of descriptions", 60);
}
