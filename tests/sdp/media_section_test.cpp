#include "sdp/media_section.h"

#include <cmath>

#include "sdp_text.h"

namespace {

using namespace retina;
using sdp::Direction;
using sdp::MediaKind;
using test::only_media;
using test::parse_sdp;
using test::summary;

const std::string kVideo = "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n";

LAW(an_m_line_tells_kind_port_and_protocol) {
  struct {
    const char* word;
    MediaKind kind;
  } const cases[] = {
      {"video", MediaKind::kVideo},
      {"Audio", MediaKind::kAudio},
      {"application", MediaKind::kApplication},
      {"text", MediaKind::kText},
      {"message", MediaKind::kMessage},
      {"image", MediaKind::kImage},
      {"control", MediaKind::kOther},
      {"application/X", MediaKind::kOther},
  };
  for (const auto& c : cases) {
    const auto media = only_media("m=" + std::string(c.word) + " 5004/2 RTP/AVPF 96");
    ck_assert_msg(media.kind == c.kind, "%s", c.word);
    ASSERT_TEXT(media.kind_text, c.word);
    ck_assert_uint_eq(media.port, 5004);
    ASSERT_TEXT(media.protocol, "RTP/AVPF");
    ck_assert_uint_eq(media.payload_type, 96);
  }
}

LAW(port_0_is_as_good_as_any) {
  ck_assert(only_media(kVideo).unusable.empty());
}

LAW(an_incomplete_m_line_is_read_as_far_as_it_goes) {
  struct {
    const char* line;
    const char* expected;
    const char* protocol;
  } const cases[] = {
      {"m=audio RTP/AVP 8", "8 PCMA/8000/1", "RTP/AVP"},
      {"m=audio 0 8", "8 PCMA/8000/1", "RTP/AVP"},
      {"m=audio x RTP/AVP 8", "8 PCMA/8000/1", "RTP/AVP"},
      {"m=audio 99999 RTP/AVP 8", "8 PCMA/8000/1", "RTP/AVP"},
      {"m=  audio   0\tRTP/AVP  8", "8 PCMA/8000/1", "RTP/AVP"},
      {"m=audio 0", "unusable: it names no payload type", "RTP/AVP"},
      {"m=", "unusable: it names no payload type", "RTP/AVP"},
  };
  for (const auto& c : cases) {
    const auto media = only_media(c.line);
    const std::string got = summary(media);
    ck_assert_msg(got == c.expected, "%s: %s", c.line, got.c_str());
    ASSERT_TEXT(media.protocol, c.protocol);
    ck_assert_uint_eq(media.port, 0);
  }
}

LAW(media_that_is_not_rtp_is_unusable) {
  struct {
    const char* protocol;
    const char* expected;
  } const cases[] = {
      {"RTP/AVP", "8 PCMA/8000/1"},
      {"rtp/avp", "8 PCMA/8000/1"},
      {"RTP/AVPF", "8 PCMA/8000/1"},
      {"RTP", "8 PCMA/8000/1"},
      {"AVP", "8 PCMA/8000/1"},
      {"TCP/RTP/AVP", "8 PCMA/8000/1"},
      {"RTP/AVP/TCP", "8 PCMA/8000/1"},
      {"udp", "unusable: its transport udp isn't RTP"},
      {"TCP/XRTP", "unusable: its transport TCP/XRTP isn't RTP"},
      {"\x01\x80", "unusable: its transport \\x01\\x80 isn't RTP"},
  };
  for (const auto& c : cases) {
    const std::string got = summary(only_media("m=audio 0 " + std::string(c.protocol) + " 8"));
    ck_assert_msg(got == c.expected, "%s: %s", c.protocol, got.c_str());
  }
}

LAW(media_is_encrypted_where_there_are_keys) {
  struct {
    const char* protocol;
    const char* keys;
    const char* expected;
  } const cases[] = {
      {"RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x",
       "unusable: its media are encrypted (RTP/SAVP)"},
      {"RTP/SAVP", "a=key-mgmt:mikey AAAA", "unusable: its media are encrypted (RTP/SAVP)"},
      {"UDP/TLS/RTP/SAVPF", "a=fingerprint:sha-256 00",
       "unusable: its media are encrypted (UDP/TLS/RTP/SAVPF)"},
      {"RTP/SAVP", "a=x", "8 PCMA/8000/1"},
  };
  for (const auto& c : cases) {
    const std::string got =
        summary(only_media("m=audio 0 " + std::string(c.protocol) + " 8\r\n" + c.keys + "\r\n"));
    ck_assert_msg(got == c.expected, "%s %s: %s", c.protocol, c.keys, got.c_str());
  }
}

LAW(an_unusable_section_keeps_its_place) {
  const auto description = parse_sdp("m=video 0 udp 96\n" + kVideo + "m=x\nm=audio 0 RTP/AVP 0");
  ck_assert_uint_eq(description.media.size(), 4);
  ck_assert(!description.media[0].unusable.empty() && !description.media[2].unusable.empty());
  ASSERT_TEXT(summary(description.media[1]), "96 H264/90000");
  ASSERT_TEXT(summary(description.media[3]), "0 PCMU/8000/1");
}

LAW(the_first_control_that_says_something_counts) {
  ASSERT_TEXT(only_media(kVideo).control, "");
  ASSERT_TEXT(only_media(kVideo + "a=control:track1").control, "track1");
  ASSERT_TEXT(only_media(kVideo + "a=control\na=control:\na=CONTROL: rtsp://h:1/a?b=c \na=control:x").control,
              "rtsp://h:1/a?b=c");
}

LAW(of_several_frame_rates_the_last_good_one_counts) {
  struct {
    const char* lines;
    std::optional<double> expected;
  } const cases[] = {
      {"", std::nullopt},
      {"a=framerate:25", 25.0},
      {"a=framerate: 15.000000 ", 15.0},
      {"a=framerate:12,5", 12.5},
      {"a=framerate:0S\na=framerate:25", 25.0},
      {"a=framerate:25\na=framerate:0S\na=framerate:0\na=framerate:-3", 25.0},
      {"a=framerate:30/1", 30.0},
      {"a=framerate:1/0", std::nullopt},
      {"a=framerate:", std::nullopt},
  };
  for (const auto& c : cases)
    ck_assert_msg(only_media(kVideo + c.lines).framerate == c.expected, "%s", c.lines);
  ck_assert(std::abs(*only_media(kVideo + "a=framerate:30000/1001").framerate - 29.97) < 0.001);
}

LAW(bandwidth_is_as_in_kilobits_else_tias_in_bits) {
  struct {
    const char* lines;
    std::optional<std::uint32_t> expected;
  } const cases[] = {
      {"", std::nullopt},
      {"b=AS:500", 500U},
      {"b=TIAS:64000", 64U},
      {"b=TIAS:64000\nb=AS:70", 70U},
      {"b=AS:70\nb=TIAS:64000", 70U},
      {"b=AS:0", std::nullopt},
      {"b=AS:x", std::nullopt},
      {"b=as: 96 ", 96U},
      {"b=RR:100", std::nullopt},
      {"b=", std::nullopt},
      {"b=TIAS:1", 1U},
  };
  for (const auto& c : cases)
    ck_assert_msg(only_media(kVideo + c.lines).bandwidth_kbps == c.expected, "%s", c.lines);
}

LAW(bandwidth_of_the_session_is_not_that_of_a_section) {
  ck_assert(!only_media("b=AS:5050\n" + kVideo).bandwidth_kbps);
}

LAW(the_address_is_the_sections_else_the_sessions) {
  ASSERT_TEXT(only_media(kVideo).connection_address, "");
  ASSERT_TEXT(only_media("c=IN IP4 10.0.0.1\n" + kVideo).connection_address, "10.0.0.1");
  ASSERT_TEXT(only_media("c=IN IP4 10.0.0.1\n" + kVideo + "c=IN IP4 224.2.0.1/127/2").connection_address,
              "224.2.0.1");
  ASSERT_TEXT(only_media(kVideo + "c=IP IP6 ff15::101").connection_address, "ff15::101");
  ASSERT_TEXT(only_media(kVideo + "c=").connection_address, "");
  ASSERT_TEXT(only_media("a=x\nc=IN IP4 10.0.0.1\n" + kVideo).connection_address, "10.0.0.1");
}

LAW(attributes_are_kept_as_sent_and_found_ignoring_case) {
  const auto media =
      only_media(kVideo + "a=x-dimensions: 1280, 720\na=Flag\na=flag:second\na=cliprect:0,0,576,704");
  ck_assert_uint_eq(media.attributes.size(), 5);
  ASSERT_TEXT(media.attributes[1].name, "x-dimensions");
  ASSERT_TEXT(*media.attribute("X-Dimensions"), "1280, 720");
  ASSERT_TEXT(*media.attribute("flag"), "");
  ck_assert(media.attribute("missing") == nullptr);
}

LAW(directions_are_kept) {
  ck_assert(only_media(kVideo).direction == Direction::kUnspecified);
  ck_assert(only_media(kVideo + "a=sendrecv").direction == Direction::kSendReceive);
  ck_assert(only_media(kVideo + "a=SendOnly").direction == Direction::kSendOnly);
  ck_assert(only_media(kVideo + "a=recvonly").direction == Direction::kReceiveOnly);
  ck_assert(only_media(kVideo + "a=inactive").direction == Direction::kInactive);
}

LAW(key_frame_feedback_is_that_of_the_chosen_payload_type_or_of_all) {
  struct {
    const char* lines;
    bool pli;
    bool fir;
  } const cases[] = {
      {"", false, false},
      {"a=rtcp-fb:96 nack pli\n", true, false},
      {"a=rtcp-fb:96 ccm fir\n", false, true},
      {"a=rtcp-fb:* nack pli\na=rtcp-fb:96 ccm fir\n", true, true},
      {"a=RTCP-FB:  96\tNACK  PLI \n", true, false},
      {"a=rtcp-fb:* ccm fir\na=rtcp-fb:* nack\n", false, true},
      {"a=rtcp-fb:97 nack pli\na=rtcp-fb:97 ccm fir\n", false, false},
      {"a=rtcp-fb:96 nack\na=rtcp-fb:96 nack sli\na=rtcp-fb:96 ccm tmmbr\n", false, false},
      {"a=rtcp-fb:96 ack pli\na=rtcp-fb:96 nack fir\na=rtcp-fb:96 ccm pli\n", false, false},
      {"a=rtcp-fb:96 nack plix\na=rtcp-fb:96 nackpli\na=rtcp-fb:96\na=rtcp-fb\n", false, false},
      {"a=rtcp-fb:nack pli\na=rtcp-fb:352 nack pli\na=rtcp-fb:96x nack pli\n", false, false},
  };
  // The attributes may come before the rtpmap that decides the choice.
  for (const char* head : {"m=video 0 RTP/AVPF 96 97\n", "m=video 0 RTP/AVP 96 97\n"}) {
    for (const auto& c : cases) {
      const auto media = only_media(std::string(head) + c.lines + "a=rtpmap:96 H264/90000\n");
      ck_assert(media.unusable.empty());
      ck_assert_msg(media.feedback.pli == c.pli && media.feedback.fir == c.fir, "%s%s", head, c.lines);
    }
  }
}

LAW(retransmission_is_that_of_the_chosen_payload_type) {
  struct {
    const char* lines;
    bool nack;
    int payload_type;   // -1: none
    std::int64_t ssrc;  // -1: not told
  } const cases[] = {
      {"", false, -1, -1},
      {"a=rtcp-fb:96 nack\n", true, -1, -1},
      {"a=rtcp-fb:* NACK \n", true, -1, -1},
      {"a=rtcp-fb:96 nack pli\na=rtcp-fb:97 nack\na=rtcp-fb:96 nackx\n", false, -1, -1},
      {"a=rtcp-fb:96 nack\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96;rtx-time=3000\n", true, 97, -1},
      {"a=fmtp:97 rtx-time=200; APT=96\na=rtpmap:97 RTX/90000\n", false, 97, -1},
      {"a=rtpmap:97 rtx/90000\na=fmtp:97 apt=98\n", false, -1, -1},
      {"a=rtpmap:97 H265/90000\na=fmtp:97 apt=96\n", false, -1, -1},
      {"a=rtpmap:97 rtx/90000\na=fmtp:97 apt=\na=fmtp:apt=96\na=fmtp:98 apt=96\n", false, -1, -1},
      {"a=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\na=ssrc-group:FID 11 4294967295\n", false, 97, 4294967295},
      {"a=ssrc-group:FID 11\na=ssrc-group:FEC 11 12\na=ssrc-group:\na=ssrc-group\n", false, -1, -1},
  };
  for (const auto& c : cases) {
    const auto media =
        only_media("m=video 0 RTP/AVPF 96 97\n" + std::string(c.lines) + "a=rtpmap:96 H264/90000\n");
    ck_assert(media.payload_type == 96);
    const auto& found = media.retransmission;
    ck_assert_msg(found.nack == c.nack, "%s", c.lines);
    ck_assert_msg((found.payload_type ? *found.payload_type : -1) == c.payload_type, "%s", c.lines);
    ck_assert_msg((found.ssrc ? std::int64_t{*found.ssrc} : -1) == c.ssrc, "%s", c.lines);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("sdp media section");
}
