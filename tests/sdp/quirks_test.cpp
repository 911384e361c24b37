// What cameras write into their descriptions that no parser should stumble over: one law per behaviour that
// was seen, named after it; docs/cameras.md lists them. tests/client/quirks_sdp_test.cpp plays whole sessions
// with the same.

#include "sdp/sprop.h"
#include "sdp_text.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using test::only_media;
using test::parse_sdp;
using test::summary;

const std::string kVideo = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n";

/// The lines `lines` before a good section change nothing, and nobody is told.
void check_harmless(const std::string& lines) {
  const auto description = parse_sdp("v=0\r\n" + lines + kVideo);
  ck_assert_uint_eq(description.media.size(), 1);
  ASSERT_TEXT(summary(description.media[0]), "96 H264/90000");
  ASSERT_TEXT(description.media[0].control, "track1");
  ck_assert_msg(description.notes.empty(), "%s", lines.c_str());
}

LAW(gortsplib_468_618_the_origin_is_cut_too_long_or_names_ip) {
  for (const char* origin :
       {"o=\r\n", "o=-\r\n", "o=- 1 1 IP IP4 1.2.3.4\r\n", "o=- 1 2 3 IN IP4 1.2.3.4\r\n",
        "o=- x y IN IP4\r\n", "o=a b c d e f g h i\r\n"}) {
    check_harmless(origin);
  }
}

LAW(macro_video_has_no_origin_and_geovision_no_time) {
  check_harmless("s=x\r\nt=0 0\r\n");
  check_harmless("o=- 1 1 IN IP4 1.2.3.4\r\ns=x\r\n");
}

LAW(gortsplib_288_906_1025_connection_bandwidth_time_and_name_are_bad) {
  for (const char* line : {"c=\r\n", "c=IN\r\n", "c=IN IP4\r\n", "b=\r\n", "b=AS\r\n", "b=AS:x\r\n", "t=\r\n",
                           "t=x y z\r\n", "s=\r\n", "s= \r\n"}) {
    check_harmless(line);
  }
}

LAW(the_connection_stands_behind_attributes) {
  ASSERT_TEXT(
      parse_sdp("v=0\r\na=control:*\r\nc=IN IP4 1.2.3.4/127\r\n" + kVideo).media[0].connection_address,
      "1.2.3.4");
}

LAW(an_address_longer_than_any_name_is_none) {
  ASSERT_TEXT(
      parse_sdp("v=0\r\nc=IN IP4 " + std::string(256, 'x') + "\r\n" + kVideo).media[0].connection_address,
      "");
  ASSERT_TEXT(
      parse_sdp("v=0\r\nc=IN IP4 " + std::string(255, 'x') + "\r\n" + kVideo).media[0].connection_address,
      std::string(255, 'x'));
}

LAW(controls_are_missing_doubled_or_absolute) {
  ASSERT_TEXT(only_media("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n").control, "");
  const auto twice = parse_sdp(kVideo + kVideo);
  ASSERT_TEXT(twice.media[0].control, "track1");
  ASSERT_TEXT(twice.media[1].control, "track1");
  ASSERT_TEXT(only_media("m=video 0 RTP/AVP 26\na=control:first\na=control:second\n").control, "first");
  ASSERT_TEXT(only_media("m=video 0 RTP/AVP 26\na=control:rtsp://10.0.0.1/x y\n").control,
              "rtsp://10.0.0.1/x y");
}

LAW(rtpmaps_lack_their_rate_have_spaces_or_another_type) {  // Real, rtspsrc2, IPCAM, GW
  struct {
    const char* lines;
    const char* expected;
    std::size_t notes;
  } const cases[] = {
      {"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/0\n", "96 H264/90000", 1},
      {"m=video 0 RTP/AVP 96\na=rtpmap:96 H264\n", "96 H264/90000", 1},
      {"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000 \n", "96 H264/90000", 0},
      {"m=video 0 RTP/AVP 96\na=rtpmap:  96   H264 / 90000 \n", "96 H264/90000", 0},
      {"m=video 0 RTP/AVP 96\na=rtpmap:97 H264/90000\n", "96 H264/90000", 1},
      {"m=audio 0 RTP/AVP 8\na=rtpmap:8 PCMU/8000/1\n", "8 PCMU/8000/1", 0},
      {"m=audio 0 RTP/AVP 0\n", "0 PCMU/8000/1", 0},  // Foscam
      {"m=audio 0 RTP/AVP 0\na=rtpmap:0 mpeg4-generic/16000/2\na=fmtp:0 config=1410\n",
       "0 mpeg4-generic/16000/2", 0},  // Anpviz
      {"m=video 0 RTP/AVP 96\na=fmtp:96 packetization-mode=1\n", "96 H264/90000", 1},
  };
  for (const auto& c : cases) {
    const auto description = parse_sdp(c.lines);
    ASSERT_TEXT(summary(description.media.at(0)), c.expected);
    ck_assert_msg(description.notes.size() == c.notes, "%s", c.lines);
  }
}

LAW(of_several_payload_types_the_first_usable_one_is_taken) {
  ASSERT_TEXT(summary(only_media("m=video 0 RTP/AVP 97 96\na=rtpmap:97 rtx/90000\na=rtpmap:96 H264/90000\n")),
              "96 H264/90000");
  ASSERT_TEXT(summary(only_media("m=audio 0 RTP/AVP 101 0 8\na=rtpmap:101 telephone-event/8000\n")),
              "0 PCMU/8000/1");
  ASSERT_TEXT(summary(only_media("m=video 0 RTP/AVP 96\t \na=rtpmap:96 H264/90000\n")), "96 H264/90000");
}

LAW(fmtp_has_semicolons_spaces_quotes_capitals_and_no_values) {  // gortsplib#479, Ubiquiti, Reolink
  const auto media = only_media(
      "m=audio 0 RTP/AVP 96\na=rtpmap:96 mpeg4-generic/48000/1\n"
      "a=fmtp:96 streamtype=5; SizeLength=13 ;; IndexLength = \"3\";flag; =x; config=1188; profile=1;\n");
  ASSERT_TEXT(*media.format_parameter("sizelength"), "13");
  ASSERT_TEXT(*media.format_parameter("INDEXLENGTH"), "3");
  ASSERT_TEXT(*media.format_parameter("flag"), "");
  ASSERT_TEXT(*media.format_parameter("config"), "1188");
  ASSERT_TEXT(*media.format_parameter("profile"), "1");
  ck_assert(
      only_media("m=audio 0 RTP/AVP 96\na=rtpmap:96 opus/48000/2\na=fmtp:96\n").format_parameters.empty());
}

LAW(gortsplib_658_fmtp_stands_under_another_payload_type) {
  const auto description =
      parse_sdp("m=audio 0 RTP/AVP 96\na=rtpmap:96 mpeg4-generic/48000/1\na=fmtp:97 config=1188\n");
  ASSERT_TEXT(*description.media.at(0).format_parameter("config"), "1188");
  ck_assert_uint_eq(description.notes.size(), 1);
}

LAW(parameter_sets_lack_padding_have_start_codes_or_are_broken) {  // GW, VStarcam #42, VLC #103
  struct {
    const char* sprop;
    std::size_t sets;
    std::size_t notes;
  } const cases[] = {
      {"Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==;", 2, 0},
      {"Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg", 2, 0},
      {"AAAAAWdCwB7ZA8VoQAAAAwBAAAAMA8WLkg==,AAAAAWjLjLI=", 2, 0},
      {"Z00AKpWoHgCJ+WbgICAgQAAAAAE=,aO48gAAAAAE=", 2, 0},
      {"Z0LAHtkDxWhAAAADAEAAAAwDxYuS", 1, 0},
      {"Z0LAHtkDxWhAAAADAEAAAAwDxYuS,!", 1, 1},
      {"not,base64!", 0, 1},
      {"", 0, 0},
  };
  for (const auto& c : cases) {
    const auto media =
        only_media("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets=" +
                   std::string(c.sprop) + "\n");
    std::vector<std::string> notes;
    const std::size_t sets = sdp::sprop_parameter_sets(media, notes).size();
    ck_assert_msg(sets == c.sets && (notes.size() >= c.notes) == true && notes.empty() == (c.notes == 0),
                  "%s: %zu %zu", c.sprop, sets, notes.size());
  }
}

LAW(vstarcam_ends_with_a_blank_line_and_anpviz_without_any) {
  for (const char* end : {"\r\n\r\n", "\r\n", "", "\r\n \r\n", "\n\n\n"}) {
    const auto description =
        parse_sdp("v=0\r\nm=video 0 RTP/AVP 96\r\na=control:t\r\na=rtpmap:96 H264/90000" + std::string(end));
    ASSERT_TEXT(summary(description.media.at(0)), "96 H264/90000");
  }
}

LAW(tp_link_names_a_format_of_its_own) {
  const auto media =
      only_media("m=application/TP-LINK 0 RTP/AVP smart/1/90000\r\na=rtpmap:95 TP-LINK/90000\r\n");
  ck_assert(!media.unusable.empty());
}

LAW(mediamtx_5074_media_of_unknown_kind_leave_the_others_alone) {
  for (const char* other : {"m=video 0 UDP/TS 33\r\n", "m=message 0 TCP/MSRP *\r\n",
                            "m=audio 0 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
                            "m=x y z\r\n", "m=\r\n", "m=application 9 DTLS/SCTP 5000\r\n"}) {
    const auto description = parse_sdp("v=0\r\n" + std::string(other) + kVideo);
    ck_assert_uint_eq(description.media.size(), 2);
    ck_assert_msg(!description.media[0].unusable.empty(), "%s", other);
    ASSERT_TEXT(summary(description.media[1]), "96 H264/90000");
  }
}

LAW(go2rtc_771_directions_are_the_wrong_way_round) {
  for (const char* direction : {"sendonly", "recvonly", "inactive", "sendrecv"}) {
    const auto description =
        parse_sdp(kVideo + "a=" + direction + "\r\nm=audio 0 RTP/AVP 0\r\na=" + direction + "\r\n");
    ck_assert_msg(description.media[0].unusable.empty() && !description.media[0].backchannel, "%s",
                  direction);
    ck_assert_msg(!description.media[1].backchannel, "%s", direction);
  }
}

LAW(ranges_are_live_reversed_or_have_decimal_commas) {
  const auto range_of = [](const char* text) {
    return *parse_sdp("a=range:" + std::string(text) + "\n" + kVideo).range;
  };
  ck_assert(range_of("npt=now-").live);
  ck_assert(range_of("npt=0-").start == 0s && !range_of("npt=0-").end);
  ck_assert(range_of("npt=12.5-2").start == 2s && range_of("npt=12.5-2").end == 12500ms);
  ck_assert(range_of("npt=0,5-2,25").start == 500ms && range_of("npt=0,5-2,25").end == 2250ms);
  ck_assert(range_of("npt=0- 596.48").end == 596480ms);  // Wowza
  for (const char* text : {"clock=20200101T000000Z-", "smpte=0:0:0-", "npt=", "x"}) {
    const auto range = range_of(text);
    ck_assert_msg(!range.live && !range.start && !range.end, "%s", text);
  }
}

LAW(ipcam_sends_two_frame_rates_and_the_first_is_none) {
  ck_assert(only_media("m=video 0 RTP/AVP 26\na=framerate:0S\na=framerate:25\n").framerate == 25.0);
  ck_assert(only_media("m=video 0 RTP/AVP 26\na=framerate:25\na=framerate:0S\n").framerate == 25.0);
  for (const char* hint : {"framerate:x", "framerate:-1", "framerate:", "x-dimensions: 1280, 720",
                           "framesize:96 0-0", "cliprect:0,0,x"}) {
    const auto media = only_media("m=video 0 RTP/AVP 26\na=" + std::string(hint) + "\n");
    ck_assert_msg(media.unusable.empty() && !media.framerate, "%s", hint);
  }
}

LAW(names_have_any_bytes_and_nul_ends_a_line) {
  using namespace std::string_literals;
  ASSERT_TEXT(parse_sdp("s=Cam\xE9ra \xFF\0junk\r\n"s + kVideo).session_name, "Cam\xE9ra \xFF");
}

}  // namespace

int main() {
  return retina::test::run_laws("sdp quirks");
}
