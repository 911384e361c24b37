// What cameras and servers write that no parser should stumble over: one law per behaviour that was seen,
// named after it; docs/cameras.md lists them. tests/client/quirks_*_test.cpp play whole sessions with the
// same.

#include "rtsp/auth.h"
#include "rtsp/framing.h"
#include "rtsp/headers.h"
#include "rtsp/url.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;

bool contains_text(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string note_text(const Trace& trace) {
  std::string text;
  for (const std::string& note : trace.notes)
    text += note;
  return text;
}

/// The one message of a stream and the notes on it, the same at every split.
void check_message(const std::string& stream, const std::string& expected, const std::string& note = "") {
  const Trace trace = feed_whole(stream);
  ASSERT_TEXT(trace.texts(), expected + "\n");
  const auto split = find_split_that_matters(stream);
  ck_assert_msg(!split, "%s depends on a split at %zu", stream.c_str(), split.value_or(0));
  const std::string notes = note_text(trace);
  ck_assert_msg(note.empty() ? notes.empty() : contains_text(notes, note), "%s: %s", stream.c_str(),
                notes.c_str());
}

LAW(gortsplib_807_the_status_text_is_empty_or_no_space_follows_the_code) {
  check_message("RTSP/1.0 200 \r\nCSeq: 1\r\n\r\n", "200 |CSeq=1");
  check_message("RTSP/1.0 200\r\nCSeq: 1\r\n\r\n", "200 |CSeq=1");
  check_message("RTSP/1.0  401   No way \r\nCSeq: 1\r\n\r\n", "401 No way|CSeq=1");
}

LAW(go2rtc_7_header_names_are_compared_without_regard_to_case) {
  for (const char* name : {"Cseq", "CSEQ", "cseq", "CSeq"}) {
    const Trace trace = feed_whole(std::string("RTSP/1.0 200 OK\r\n") + name + ": 7\r\n\r\n");
    ck_assert(std::get<rtsp::Response>(trace.messages.at(0)).headers.get("CSeq") == "7");
  }
}

LAW(white_space_stands_before_the_colon) {
  check_message("RTSP/1.0 200 OK\r\nCSeq : 1\r\n\r\n", "200 OK|CSeq=1", "white space before its colon");
  check_message("RTSP/1.0 200 OK\r\nCSeq\t : 1\r\n\r\n", "200 OK|CSeq=1", "white space before its colon");
}

LAW(header_lines_are_folded) {
  check_message("RTSP/1.0 200 OK\r\nPublic: OPTIONS,\r\n PLAY,\r\n\t SETUP\r\n\r\n",
                "200 OK|Public=OPTIONS, PLAY, SETUP");
}

LAW(lines_end_with_lf_alone_or_in_turns) {
  check_message("RTSP/1.0 200 OK\nCSeq: 1\n\n", "200 OK|CSeq=1", "LF instead of CR LF");
  check_message("RTSP/1.0 200 OK\r\nCSeq: 1\n\r\n", "200 OK|CSeq=1", "LF instead of CR LF");
  check_message("RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2\n\nab",
                "200 OK|CSeq=1|Content-Length=2|body:ab", "LF instead of CR LF");
}

LAW(stray_blank_lines_stand_before_messages_and_packets) {
  check_message("\r\n\r\n\nRTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", "200 OK|CSeq=1", "Blank lines");
  check_message("\r\n" + interleaved(0, "abc"), "$0:abc", "Blank lines");
}

LAW(longse_pads_its_headers) {
  check_message("RTSP/1.0 200 OK\r\nCSeq: 1 \r\nSession:        77 \t\r\n\r\n", "200 OK|CSeq=1|Session=77");
}

LAW(headers_are_empty_or_not_ascii) {
  check_message("RTSP/1.0 200 OK\r\nServer:\r\nCSeq: 1\r\n\r\n", "200 OK|Server=|CSeq=1");
  check_message("RTSP/1.0 200 OK\r\nServer: \xE4\r\n\r\n", "200 OK|Server=\xE4", "outside of ASCII");
}

LAW(a_body_longer_than_its_content_length_is_skipped_up_to_the_next_start) {
  const std::string first = "RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab";
  const std::string second = "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n";
  ASSERT_FRAMES(first + "cd\r\na=rest of it\r\n" + second, {},
                "200 OK|Content-Length=2|body:ab\n200 OK|CSeq=2\n");
  // Known channels: a packet is found behind the rest as well, once another start confirms it.
  ASSERT_FRAMES(first + "cd" + interleaved(0, rtp("xxxx")) + interleaved(0, rtp("yyyy")), channels({0, 1}),
                "200 OK|Content-Length=2|body:ab\n$0:" + rtp("xxxx") + "\n$0:" + rtp("yyyy") + "\n");
}

LAW(a_body_shorter_than_its_content_length_can_be_ended_by_hand) {
  const std::string start = "RTSP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n";
  for (std::size_t bytes = 0; bytes < 10; ++bytes) {
    rtsp::Framer framer;
    const std::string text = start + std::string(bytes, 'x');
    ck_assert(framer.next(base::as_bytes(text))->kind == rtsp::Framer::Step::Kind::kNeedMore);
    ck_assert(!framer.finish_message(bytes + 1));
    ck_assert(framer.in_message());
    ck_assert(framer.finish_message(bytes));
    ck_assert(!framer.in_message());
    ASSERT_TEXT(std::get<rtsp::Response>(framer.take_message()).body, std::string(bytes, 'x'));
    ck_assert(!framer.finish_message(0));
    ck_assert_uint_eq(framer.take_notes().size(), 1);
    // What comes then is framed again.
    const std::string next = "RTSP/1.0 404 Not Found\r\n\r\n";
    ck_assert(framer.next(base::as_bytes(next))->kind == rtsp::Framer::Step::Kind::kMessage);
    ck_assert_int_eq(std::get<rtsp::Response>(framer.take_message()).status, 404);
  }
}

LAW(only_a_message_whose_body_has_begun_can_be_ended_by_hand) {
  for (const char* text :
       {"", "RTSP/1.0 200 OK\r\n", "RTSP/1.0 200 OK\r\nCSeq: 1\r\n", "RTSP/1.0 20", "$\0\0\5a"}) {
    rtsp::Framer framer;
    (void)framer.next(base::as_bytes(std::string_view(text)));
    ck_assert_msg(!framer.finish_message(0), "%s", text);
  }
}

LAW(go2rtc_framing_is_lost_by_partial_writes_and_found_again) {
  const std::string a = interleaved(0, rtp("aaaaaaaaaa"));
  const std::string b = interleaved(1, rtp("bbbb"));
  for (std::size_t missing = 1; missing < a.size(); ++missing) {
    // The start of a packet is missing.
    const Trace trace = feed_whole(a + a.substr(missing) + b + a, channels({0, 1}));
    ck_assert_msg(trace.error.empty() && trace.items.size() >= 3, "%zu", missing);
    ASSERT_TEXT(trace.items.front().text, "$0:" + rtp("aaaaaaaaaa"));
    ASSERT_TEXT(trace.items.back().text, "$0:" + rtp("aaaaaaaaaa"));
    ck_assert(contains_text(note_text(trace), "neither a message nor media"));
  }
}

LAW(rtsp_text_stands_in_the_middle_of_media) {
  const std::string packet = interleaved(0, rtp("aaaa"));
  const std::string answer = "RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n";
  ASSERT_FRAMES(packet + answer + packet, channels({0, 1}),
                "$0:" + rtp("aaaa") + "\n200 OK|CSeq=9\n$0:" + rtp("aaaa") + "\n");
  // Media stands in the middle of the text: the message is given up, what follows is found.
  const Trace trace = feed_whole(packet + answer.substr(0, 20) + packet + packet + packet, channels({0, 1}));
  ck_assert(trace.error.empty() && trace.items.size() >= 2);
}

// --- values of headers ---

LAW(go2rtc_830_1236_1852_base_urls_are_mended) {
  struct {
    const char* base;
    const char* expected;
  } const cases[] = {
      {"192.168.1.10:554/stream0/", "rtsp://192.168.1.10:554/stream0/"},  // Anjvision
      {"192.168.1.10/stream0/", "rtsp://192.168.1.10:554/stream0/"},
      {"rtsp://rtsp://192.168.1.10:554/stream0/", "rtsp://192.168.1.10:554/stream0/"},
      {"rtsp:/192.168.1.10:554/stream0/", "rtsp://192.168.1.10:554/stream0/"},
      {"rtsp:////192.168.1.10:554/stream0/", "rtsp://192.168.1.10:554/stream0/"},
      {"rtsp://admin:pw@192.168.1.10:554/stream0/", "rtsp://192.168.1.10:554/stream0/"},
      {"rtsp://10.0.0.5:554/stream0/", "rtsp://192.168.1.10:554/stream0/"},
      {"rtsp://192.168.1.10:8554/stream0/", "rtsp://192.168.1.10:554/stream0/"},
      {"", "rtsp://192.168.1.10:554/stream0"},
  };
  for (const auto& c : cases) {
    const std::string base = rtsp::resolve_base(std::string_view(c.base), std::nullopt,
                                                *rtsp::parse_url("rtsp://192.168.1.10:554/stream0"));
    if (base == c.expected) continue;
    // The same server may be written with its default port or without.
    const auto got = rtsp::parse_url(base);
    const auto expected = rtsp::parse_url(c.expected);
    ck_assert_msg(got && got->host == expected->host && got->path_and_query == expected->path_and_query &&
                      (got->port == 0 || got->port == 554),
                  "%s: %s", c.base, base.c_str());
  }
}

LAW(urls_are_joined_as_their_cameras_expect_it) {  // Dahua, GW, live555
  struct {
    const char* base;
    const char* control;
    const char* expected;
  } const cases[] = {
      {"rtsp://h/cam/realmonitor?channel=1&subtype=1/", "trackID=0",
       "rtsp://h/cam/realmonitor?channel=1&subtype=1/trackID=0"},
      {"rtsp://h:5050/H264?channel=1", "video", "rtsp://h:5050/H264?channel=1/video"},
      {"rtsp://h/s", "track1", "rtsp://h/s/track1"},
      {"rtsp://h/s/", "/track1", "rtsp://h/s/track1"},
      {"rtsp://h/s/", "*", "rtsp://h/s/"},
      {"rtsp://h/s/", "rtsp://other/x", "rtsp://other/x"},
  };
  for (const auto& c : cases)
    ASSERT_TEXT(rtsp::join_control(c.base, c.control, rtsp::JoinStyle::kAppend), c.expected);
}

LAW(session_ids_have_spaces_odd_characters_and_extra_parameters) {  // Hikvision
  struct {
    const char* value;
    const char* id;
    std::uint32_t timeout;
  } const cases[] = {
      {"       708345999;timeout=60", "708345999", 60},
      {"9a90de54; timeout=120", "9a90de54", 120},
      {"a b c", "a b c", 60},
      {"{x}#1 ;x=y; Timeout = \"15\" ;z", "{x}#1", 15},
      {"1;timeout=0", "1", 60},
      {"1;timeout=-5", "1", 60},
  };
  for (const auto& c : cases) {
    const auto session = rtsp::parse_session(c.value);
    ck_assert_msg(session && session->id == c.id && session->timeout_seconds.value_or(60) == c.timeout, "%s",
                  c.value);
  }
}

LAW(transports_have_spaces_capitals_single_channels_and_odd_ports) {  // WMS, gortsplib, Hikvision, Luckfox
  struct {
    const char* value;
    int first;  // channel; -1: none
    std::uint32_t ssrc;
  } const cases[] = {
      {"RTP/AVP/TCP;unicast; interleaved=2-3", 2, 0},
      {"RTP/AVP/TCP;UNICAST;Interleaved=2-3", 2, 0},
      {"RTP/AVP/TCP;unicast;interleaved=2", 2, 0},
      {"RTP/AVP/TCP;unicast;client_port=5001-5000;interleaved=2-3", 2, 0},
      {"RTP/AVP/TCP;unicast;client_port=65536-65537;interleaved=2-3", 2, 0},
      {"RTP/AVP/TCP;unicast;interleaved=2-3;ssrc= d6d6627", 2, 0x0d6d6627},
      {"ssrc=12345678;RTP/AVP/TCP;unicast;interleaved=2-3", 2, 0x12345678},
      {"RTP/AVP/TCP;unicast;interleaved=256-257", -1, 0},
  };
  for (const auto& c : cases) {
    const auto transport = rtsp::parse_transport(c.value);
    ck_assert_msg(transport && transport->tcp, "%s", c.value);
    const int first = transport->interleaved ? transport->interleaved->first : -1;
    ck_assert_msg(first == c.first && transport->ssrc.value_or(0) == c.ssrc, "%s", c.value);
  }
}

LAW(gortsplib_1014_the_source_is_a_host_name) {
  const auto transport =
      rtsp::parse_transport("RTP/AVP;unicast;source=cam.local;destination=[fe80::1];server_port=5000");
  ASSERT_TEXT(transport->source, "cam.local");
  ASSERT_TEXT(transport->destination, "fe80::1");
  ck_assert(transport->server_port == rtsp::PortPair(5000, 5001));
}

LAW(rtp_info_has_commas_in_urls_a_semicolon_at_its_end_and_impossible_times) {  // Laureii, OMNY, Wowza
  const auto infos = rtsp::parse_rtp_info(
      "url=rtsp://h/a,b;c/track1;seq=5;rtptime=-1;,url=\"rtsp://h/t2\" ssrc=AB:seq=6;rtptime=7,url=t3;");
  ck_assert_uint_eq(infos.size(), 3);
  ASSERT_TEXT(infos[0].url, "rtsp://h/a,b;c/track1");
  ck_assert(infos[0].seq == 5 && !infos[0].rtptime);
  ck_assert(infos[1].seq == 6 && infos[1].rtptime == 7U && infos[1].ssrc == 0xABU);
  ASSERT_TEXT(infos[2].url, "t3");
}

LAW(challenges_are_unquoted_empty_or_oddly_spaced) {
  for (const char* value :
       {"Digest realm=IP Camera, nonce=abc", "digest REALM=\"\" , NONCE = \"\"",
        "Digest realm=\"r\" nonce=\"n\" algorithm = md5", "Basic", "BASIC  realm = \"x\""}) {
    rtsp::Authenticator auth("user", "pw");
    rtsp::Headers headers;
    headers.add("WWW-Authenticate", value);
    ck_assert_msg(auth.on_unauthorized(headers) == rtsp::Authenticator::Outcome::kRetry, "%s", value);
    ck_assert(auth.authorization("PLAY", "rtsp://h/", "").has_value());
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("rtsp quirks");
}
