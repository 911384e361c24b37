#include "rtsp/headers.h"

#include "support/check.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;

// --- Session ---

LAW(a_session_is_its_id_and_a_timeout_of_60_s_by_default) {
  struct {
    const char* value;
    const char* id;
    std::uint32_t timeout_seconds;
  } const cases[] = {
      {"12345678", "12345678", 60},
      {"12345678;timeout=30", "12345678", 30},
      {"        708345999;timeout=60", "708345999", 60},  // Hikvision
      {"9a90de54; timeout=120", "9a90de54", 120},         // GW4089IP
      {"a b$c ; x=y ; Timeout = 5 ; z", "a b$c", 5},
      {"id;timeout=0", "id", 60},
      {"id;timeout=", "id", 60},
      {"id;timeout=soon", "id", 60},
      {"id;timeout=\"15\"", "id", 15},
      {"id;timeout=4294967296", "id", 60},
      {"id;timeout", "id", 60},
      {"id;", "id", 60},
  };
  for (const auto& c : cases) {
    const auto session = rtsp::parse_session(c.value);
    ck_assert_msg(session.has_value(), "%s", c.value);
    ASSERT_TEXT(session->id, c.id);
    ck_assert_msg(session->timeout_seconds.value_or(60) == c.timeout_seconds, "%s", c.value);
  }
}

LAW(a_session_without_id_is_malformed) {
  for (const char* value : {"", "  ", ";timeout=60"})
    ck_assert_msg(!rtsp::parse_session(value), "%s", value);
}

// --- Transport ---

std::string show(const rtsp::TransportHeader& t) {
  std::string text = t.protocol;
  const auto add_pair = [&](const char* name, const auto& pair) {
    if (pair)
      text += std::string(" ") + name + std::to_string(pair->first) + "-" + std::to_string(pair->second);
  };
  if (t.tcp) text += " tcp";
  if (t.multicast) text += " multicast";
  add_pair("i", t.interleaved);
  if (t.ssrc) text += " ssrc" + std::to_string(*t.ssrc);
  add_pair("s", t.server_port);
  add_pair("c", t.client_port);
  add_pair("p", t.port);
  if (!t.source.empty()) text += " from " + t.source;
  if (!t.destination.empty()) text += " to " + t.destination;
  if (t.ttl) text += " ttl" + std::to_string(*t.ttl);
  if (!t.mode.empty()) text += " " + t.mode;
  return text;
}

struct Case {
  const char* value;
  const char* meaning;
};

void check_transports(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    const auto transport = rtsp::parse_transport(c.value);
    ck_assert_msg(transport.has_value(), "%s", c.value);
    ck_assert_msg(show(*transport) == c.meaning, "%s is \"%s\", not \"%s\"", c.value,
                  show(*transport).c_str(), c.meaning);
  }
}

LAW(transports_are_read_as_rfc_2326_writes_them) {
  check_transports({
      {"RTP/AVP/TCP;unicast;interleaved=2-3", "RTP/AVP/TCP tcp i2-3"},
      {"RTP/AVP;unicast;client_port=5000-5001;server_port=6256-6257;source=192.0.2.1",
       "RTP/AVP s6256-6257 c5000-5001 from 192.0.2.1"},
      {"RTP/AVP;multicast;destination=224.2.0.1;port=3456-3457;ttl=16",
       "RTP/AVP multicast p3456-3457 to 224.2.0.1 ttl16"},
      {"RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=30A98EE7;mode=\"PLAY\"",
       "RTP/AVP/TCP tcp i0-1 ssrc816418535 PLAY"},
  });
}

LAW(luckfox_the_order_of_transport_parts_does_not_matter) {
  check_transports({{"RTP/AVP/TCP;ssrc=1;interleaved=0-1;unicast", "RTP/AVP/TCP tcp i0-1 ssrc1"},
                    {"interleaved=0-1;RTP/AVP/TCP", "RTP/AVP/TCP tcp i0-1"}});
}

LAW(white_space_anywhere_in_a_transport_is_ignored) {
  check_transports({
      {"RTP/AVP/TCP; unicast; interleaved=0-1", "RTP/AVP/TCP tcp i0-1"},
      {" RTP/AVP/TCP ;\tunicast ; interleaved = 0 - 1 ", "RTP/AVP/TCP tcp i0-1"},
      {"RTP/AVP/TCP;unicast;interleaved=0-1;ssrc= d6d6627",
       "RTP/AVP/TCP tcp i0-1 ssrc225273383"},  // Hikvision
  });
}

LAW(upper_case_and_quotes_in_a_transport_are_accepted) {
  check_transports(
      {{"rtp/avp/tcp;UNICAST;INTERLEAVED=4-5;SSRC=ABCDEF01", "rtp/avp/tcp tcp i4-5 ssrc2882400001"},
       {"RTP/AVP/TCP;interleaved=\"4-5\";ssrc=\"0x0000000a\"", "RTP/AVP/TCP tcp i4-5 ssrc10"},
       {"RTP/AVP;MultiCast;Port=10", "RTP/AVP multicast p10-11"}});
}

LAW(a_single_channel_or_port_means_it_and_the_next) {
  check_transports({{"RTP/AVP/TCP;interleaved=0", "RTP/AVP/TCP tcp i0-1"},
                    {"RTP/AVP/TCP;interleaved=6-", "RTP/AVP/TCP tcp i6-7"},
                    {"RTP/AVP/TCP;interleaved=255", "RTP/AVP/TCP tcp i255-255"},
                    {"RTP/AVP;server_port=65535", "RTP/AVP s65535-65535"}});
}

LAW(channels_and_ports_out_of_order_are_taken_as_written_and_out_of_range_as_absent) {
  check_transports({{"RTP/AVP;client_port=5001-5000", "RTP/AVP c5001-5000"},
                    {"RTP/AVP;client_port=65536-65537", "RTP/AVP"},
                    {"RTP/AVP;client_port=65535-65536", "RTP/AVP c65535-65535"},
                    {"RTP/AVP/TCP;interleaved=256-257", "RTP/AVP/TCP tcp"},
                    {"RTP/AVP/TCP;interleaved=a-b", "RTP/AVP/TCP tcp"},
                    {"RTP/AVP/TCP;ssrc=123456789", "RTP/AVP/TCP tcp"},
                    {"RTP/AVP;ttl=256", "RTP/AVP"}});
}

LAW(of_several_transports_the_first_counts) {
  check_transports({
      {"RTP/AVP/TCP;interleaved=0-1,RTP/AVP;client_port=5000-5001", "RTP/AVP/TCP tcp i0-1"},
      {"RTP/AVP/TCP;interleaved=0-1 , rtp/avp/udp", "RTP/AVP/TCP tcp i0-1"},
      {"RTP/AVP/TCP;mode=\"PLAY,RECORD\";interleaved=0-1", "RTP/AVP/TCP tcp i0-1 PLAY,RECORD"},
      {"RTP/AVP/TCP;mode=PLAY,RECORD;interleaved=0-1", "RTP/AVP/TCP tcp i0-1 PLAY,RECORD"},
  });
}

LAW(channels_mean_tcp_whatever_the_protocol_says) {
  check_transports(
      {{"RTP/AVP;unicast;interleaved=0-1", "RTP/AVP tcp i0-1"}, {"unicast;interleaved=0-1", " tcp i0-1"}});
}

LAW(sources_may_be_names_and_bracketed_addresses) {
  check_transports(
      {{"RTP/AVP;source=cam.example;destination=[2001:db8::1]", "RTP/AVP from cam.example to 2001:db8::1"},
       {"RTP/AVP;source=;destination=\"h\"", "RTP/AVP to h"}});
}

LAW(an_empty_transport_is_malformed_and_unknown_parts_are_not) {
  for (const char* value : {"", " ", ";;"})
    ck_assert_msg(!rtsp::parse_transport(value), "%s", value);
  check_transports({{"x;y=z;;", ""}});
}

// --- RTP-Info ---

std::string show(const std::vector<rtsp::RtpInfo>& infos) {
  std::string text;
  for (const auto& info : infos) {
    text += "<" + info.url + ">";
    if (info.seq) text += " seq" + std::to_string(*info.seq);
    if (info.rtptime) text += " time" + std::to_string(*info.rtptime);
    if (info.ssrc) text += " ssrc" + std::to_string(*info.ssrc);
    text += "\n";
  }
  return text;
}

void check_rtp_infos(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    const std::string meaning = show(rtsp::parse_rtp_info(c.value));
    ck_assert_msg(meaning == c.meaning, "%s is \"%s\"", c.value, meaning.c_str());
  }
}

LAW(rtp_info_lists_streams) {
  check_rtp_infos({{"url=rtsp://h/a;seq=1;rtptime=2,url=rtsp://h/b;seq=3;rtptime=4;ssrc=ff",
                    "<rtsp://h/a> seq1 time2\n<rtsp://h/b> seq3 time4 ssrc255\n"},
                   {"url=trackID=1;seq=5", "<trackID=1> seq5\n"},
                   {" URL = x ; SEQ = 5 , url=y", "<x> seq5\n<y>\n"},
                   {"url=x;rtptime=7;seq=6;ssrc= 1f", "<x> seq6 time7 ssrc31\n"}});
}

LAW(commas_and_semicolons_inside_rtp_info_urls_belong_to_them) {
  check_rtp_infos({{"url=rtsp://h/a,b;c=d;seq=1,url=rtsp://h/x,y;seq=2",
                    "<rtsp://h/a,b;c=d> seq1\n<rtsp://h/x,y> seq2\n"},
                   {"url=rtsp://h/a?x=1,2&y=3;rtptime=9", "<rtsp://h/a?x=1,2&y=3> time9\n"}});
}

LAW(laureii_a_trailing_semicolon_in_rtp_info_is_ignored) {
  check_rtp_infos({{"url=rtsp://h/0;seq=0;rtptime=0;", "<rtsp://h/0> seq0 time0\n"},
                   {"url=a;seq=1;,url=b;seq=2;;", "<a> seq1\n<b> seq2\n"},
                   {"url=a;", "<a>\n"},
                   {"url=a,", "<a>\n"}});
}

LAW(omny_an_rtptime_of_minus_one_is_none) {
  check_rtp_infos({{"url=a;seq=1;rtptime=-1,url=b;seq=2;rtptime=-1", "<a> seq1\n<b> seq2\n"},
                   {"url=a;seq=65536;rtptime=4294967296;ssrc=xyz", "<a>\n"},
                   {"url=a;seq=;rtptime=", "<a>\n"}});
}

LAW(rtp_info_in_the_style_of_rtsp_2_0_is_read) {
  check_rtp_infos(
      {{"url=\"rtsp://h/a,b;c\" ssrc=0A13C760:seq=45102;rtptime=12345678,url=\"rtsp://h/v\" "
        "ssrc=9A9DE123:seq=30211;rtptime=29567112",
        "<rtsp://h/a,b;c> seq45102 time12345678 ssrc169068384\n"
        "<rtsp://h/v> seq30211 time29567112 ssrc2594038051\n"}});
}

LAW(rtp_info_without_url_is_read) {
  check_rtp_infos({{"seq=1;rtptime=2,seq=3", "<> seq1 time2\n<> seq3\n"},
                   {"trackID=1;seq=4,trackID=2;seq=5", "<trackID=1> seq4\n<trackID=2> seq5\n"},
                   {"url=;seq=4", "<> seq4\n"}});
}

LAW(unknown_parts_of_rtp_info_are_ignored) {
  check_rtp_infos(
      {{"url=a;seq=1;x=y;rtptime=2 z", "<a> seq1 time2\n"}, {"", ""}, {" ,;, ", ""}, {"\"", "<>\n"}});
}

LAW(rtp_info_is_bounded) {
  std::string value;
  for (std::size_t i = 0; i < 2 * rtsp::kMaxRtpInfos; ++i)
    value += "url=a;seq=1,";
  ck_assert_uint_eq(rtsp::parse_rtp_info(value).size(), rtsp::kMaxRtpInfos);
}

// --- Public, Range ---

LAW(methods_of_public_are_listed_once_in_upper_case) {
  std::string text;
  for (const auto& method : rtsp::parse_public("OPTIONS, describe,SETUP  PLAY,, GET_PARAMETER;PLAY, x-Y.1")) {
    text += method + " ";
  }
  ASSERT_TEXT(text, "OPTIONS DESCRIBE SETUP PLAY GET_PARAMETER X-Y.1 ");
  ck_assert(rtsp::parse_public(" ,;").empty());
}

LAW(play_time_is_seconds_or_hours_minutes_seconds) {
  struct {
    const char* value;
    std::optional<base::Duration> start;
    std::optional<base::Duration> end;
    bool now;
  } const cases[] = {
      {"npt=0.000-", 0s, std::nullopt, false},
      {"npt=0.0-596.48", 0s, 596480ms, false},
      {"npt=now-", std::nullopt, std::nullopt, true},
      {"NPT = 1:02:03.5 - 1:02:04", 3723500ms, 3724s, false},
      {"npt=-10", std::nullopt, 10s, false},
      {"npt=1,5-2", 1500ms, 2s, false},
      {"npt=0.123456789987-", 123456789ns, std::nullopt, false},
      {"npt=5", 5s, std::nullopt, false},
      {"npt=1.2.3-x", std::nullopt, std::nullopt, false},
      {"npt=99999999999-", std::nullopt, std::nullopt, false},
      {"npt=4294967295:4294967295:4294967295-1000000001", std::nullopt, std::nullopt, false},
      {"npt=1:1:1:1-1;time=19970123T143720Z", std::nullopt, 1s, false},
  };
  for (const auto& c : cases) {
    const auto range = rtsp::parse_range(c.value);
    ck_assert_msg(range && range->unit == "npt", "%s", c.value);
    ck_assert_msg(range->start == c.start && range->end == c.end && range->now == c.now, "%s", c.value);
  }
}

LAW(ranges_in_other_units_stay_text) {
  const auto range = rtsp::parse_range("clock=19961108T142300Z-19961108T143520Z");
  ck_assert(range && !range->start && !range->end && !range->now);
  ASSERT_TEXT(range->unit + " " + range->start_text + " " + range->end_text,
              "clock 19961108T142300Z 19961108T143520Z");
  for (const char* value : {"", "npt", "=0-", "0-10"})
    ck_assert_msg(!rtsp::parse_range(value), "%s", value);
}

}  // namespace

int main() {
  return retina::test::run_laws("headers");
}
