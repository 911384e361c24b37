// Media over multicast: when it is asked for, which group it is, and what a group's RTCP means.

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;
using client::Failure;

client::Options only_multicast() {
  client::Options options;
  options.transports = {false, false, true};
  return options;
}

std::string media(unsigned sequence, char content) {
  return rtp_packet(sequence, sequence * 3600, slice(content));
}

constexpr const char* kAnswer =
    "Session: 12345678;timeout=60\r\nTransport: RTP/AVP;multicast;destination=239.255.0.7;port=5004-5005;"
    "ttl=3\r\n";

void reach_multicast_playing(SessionDriver& camera) {
  camera.reach_setup();
  ASSERT_TEXT(header_of(camera.request("SETUP"), "Transport"), "RTP/AVP;multicast");
  camera.reply("200 OK", kAnswer);
  camera.request("PLAY");
  camera.reply("200 OK", "Session: 12345678\r\n");
  ck_assert(camera.take<client::Playing>().has_value());
}

// --- choosing ---

LAW(tcp_then_udp_then_multicast_are_asked_for_in_the_same_session) {
  SessionDriver camera;
  camera.reach_setup();
  ck_assert(contains(header_of(camera.request("SETUP"), "Transport"), "TCP"));
  camera.reply("461 Unsupported Transport");
  camera.open_ports(0, 5000);
  ck_assert(contains(header_of(camera.request("SETUP"), "Transport"), "client_port"));
  camera.reply("461 Unsupported Transport");
  ck_assert(camera.take<client::PortsReleased>().has_value());
  ASSERT_TEXT(header_of(camera.request("SETUP"), "Transport"), "RTP/AVP;multicast");
  camera.reply("200 OK", kAnswer);
  const auto known = camera.take<client::GroupKnown>();
  ck_assert(known && known->stream == 0 && known->group.sources.empty());
  ASSERT_TEXT(known->group.address.text(), "239.255.0.7:5004");
  ck_assert_uint_eq(known->group.rtcp_port, 5005);
  ck_assert_int_eq(*known->group.ttl, 3);
  camera.request("PLAY");
  ck_assert_uint_eq(camera.statistics().transport.get(),
                    static_cast<std::uint64_t>(client::Transport::kMulticast));
  ck_assert(!camera.saw<client::ConnectionNeeded>());
}

LAW(a_refusal_of_all_is_a_clear_failure) {
  SessionDriver camera;
  camera.reach_setup();
  for (int i = 0; i < 3; ++i) {
    if (i == 1) camera.open_ports(0, 5000);
    camera.request("SETUP");
    camera.reply("461 Unsupported Transport");
  }
  const Failure failure = camera.failure(Failure::Kind::kUnsupported);
  ck_assert(contains(failure.text, "doesn't send media over TCP or UDP or multicast."));
}

LAW(the_transport_that_has_worked_is_asked_for_first_and_the_others_after_it) {
  client::Options options;
  options.first_transport = client::Transport::kMulticast;
  SessionDriver camera("rtsp://cam/stream", options);
  camera.reach_setup();
  ASSERT_TEXT(header_of(camera.request("SETUP"), "Transport"), "RTP/AVP;multicast");
  camera.reply("461 Unsupported Transport");
  ck_assert(contains(header_of(camera.request("SETUP"), "Transport"), "TCP"));
  camera.reply("461 Unsupported Transport");
  camera.open_ports(0, 5000);
  camera.request("SETUP");
}

LAW(multicast_that_brings_nothing_is_given_up_for_tcp_or_is_a_failure_that_speaks_of_the_interface) {
  client::Options options;
  options.first_transport = client::Transport::kMulticast;
  SessionDriver camera("rtsp://cam/stream", options);
  reach_multicast_playing(camera);
  // RTCP of another who receives is no sign of the camera.
  camera.datagram(0, true, std::string("\x80\xC9\0\1\0\0\0\7", 8));
  camera.advance(5s);
  assert_list(camera.notes(),
              {"No media has come over multicast (a firewall, perhaps); set up anew over TCP."});
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());

  SessionDriver alone("rtsp://cam/stream", only_multicast());
  reach_multicast_playing(alone);
  alone.advance(10s);
  ck_assert(contains(alone.failure(Failure::Kind::kTimeout).text, "multicast-iface"));
}

LAW(a_camera_that_answers_with_channels_is_taken_over_tcp) {
  SessionDriver camera("rtsp://cam/stream", only_multicast());
  camera.reach_setup();
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.interleaved(0, media(1, 'a'));
  ASSERT_TEXT(take_frames(camera), "a");
  assert_list(camera.notes(), {"The camera was asked for multicast and chose TCP; taken over TCP."});
}

// --- which group ---

LAW(the_group_is_that_of_the_answer_or_of_the_sdp) {
  const std::string kHead = "v=0\r\ns=x\r\nt=0 0\r\n";
  const std::string kMedia = "a=rtpmap:96 H264/90000\r\na=control:track1\r\n";
  struct {
    const char* what;
    std::string sdp;
    const char* transport;
    const char* address;  // "": refused
    unsigned rtcp_port;
    std::size_t sources;
  } const cases[] = {
      {"the answer's", kHead + "m=video 0 RTP/AVP 96\r\nc=IN IP4 239.1.1.1/16\r\n" + kMedia,
       "multicast;destination=239.2.2.2;port=7000-7001", "239.2.2.2:7000", 7001, 0},
      {"the section's address",
       kHead + "c=IN IP4 0.0.0.0\r\nm=video 0 RTP/AVP 96\r\nc=IN IP4 239.1.1.1/16\r\n" + kMedia,
       "multicast;port=7000", "239.1.1.1:7000", 7001, 0},
      {"the session's address and the section's port",
       kHead + "c=IN IP4 239.1.1.1\r\nm=video 6000 RTP/AVP 96\r\n" + kMedia, "multicast", "239.1.1.1:6000",
       6001, 0},
      {"ports named as the client's", kHead + "m=video 0 RTP/AVP 96\r\n" + kMedia,
       "multicast;destination=239.2.2.2;client_port=7000-7001", "239.2.2.2:7000", 7001, 0},
      {"a unicast destination and a group in the SDP",
       kHead + "m=video 0 RTP/AVP 96\r\nc=IN IP4 239.1.1.1/127\r\n" + kMedia,
       "multicast;destination=192.0.2.1;port=7000-7009", "239.1.1.1:7000", 7009, 0},
      {"IPv6", kHead + "m=video 0 RTP/AVP 96\r\n" + kMedia, "multicast;destination=[ff15::7];port=7000-7001",
       "[ff15::7]:7000", 7001, 0},
      {"a source-filter of the section",
       kHead +
           "m=video 6000 RTP/AVP 96\r\nc=IN IP4 232.1.1.1/16\r\na=source-filter: incl IN IP4 232.1.1.1 "
           "192.0.2.5 192.0.2.6\r\n" +
           kMedia,
       "multicast", "232.1.1.1:6000", 6001, 2},
      {"a source-filter of the session for any group",
       kHead +
           "a=source-filter:incl IN * * 192.0.2.5 a.name 2001:db8::1\r\nm=video 6000 RTP/AVP 96\r\nc=IN IP4 "
           "232.1.1.1/16\r\n" +
           kMedia,
       "multicast", "232.1.1.1:6000", 6001, 1},
      {"a source-filter of another group, and one that excludes",
       kHead +
           "a=source-filter: incl IN IP4 232.1.1.9 192.0.2.5\r\na=source-filter: excl IN IP4 232.1.1.1 "
           "192.0.2.5\r\n"
           "m=video 6000 RTP/AVP 96\r\nc=IN IP4 232.1.1.1/16\r\n" +
           kMedia,
       "multicast", "232.1.1.1:6000", 6001, 0},
      {"the source of the answer, in the range of source-specific groups",
       kHead + "m=video 0 RTP/AVP 96\r\n" + kMedia,
       "multicast;destination=232.2.2.2;source=192.0.2.5;port=7000-7001", "232.2.2.2:7000", 7001, 1},
      {"the source of the answer, elsewhere", kHead + "m=video 0 RTP/AVP 96\r\n" + kMedia,
       "multicast;destination=239.2.2.2;source=192.0.2.5;port=7000-7001", "239.2.2.2:7000", 7001, 0},
      {"no group", kHead + "m=video 0 RTP/AVP 96\r\n" + kMedia, "multicast;port=7000-7001", "", 0, 0},
      {"unicast", kHead + "m=video 0 RTP/AVP 96\r\n" + kMedia, "unicast;server_port=7000-7001", "", 0, 0},
      {"no port", kHead + "m=video 0 RTP/AVP 96\r\n" + kMedia, "multicast;destination=239.2.2.2", "", 0, 0},
  };
  for (const auto& c : cases) {
    SessionDriver camera("rtsp://cam/stream", only_multicast());
    camera.reach_setup(c.sdp);
    camera.request("SETUP");
    camera.reply("200 OK", std::string("Session: 1\r\nTransport: RTP/AVP;") + c.transport + "\r\n");
    const auto known = camera.take<client::GroupKnown>();
    if (*c.address == '\0') {
      ck_assert_msg(!known, "%s", c.what);
      ck_assert(contains(camera.failure(Failure::Kind::kProtocol).text, "protocols"));
      continue;
    }
    ck_assert_msg(known.has_value(), "%s", c.what);
    ck_assert_msg(known->group.address.text() == c.address, "%s: %s", c.what,
                  known->group.address.text().c_str());
    ck_assert_msg(known->group.rtcp_port == c.rtcp_port, "%s: %u", c.what, known->group.rtcp_port);
    ck_assert_msg(known->group.sources.size() == c.sources, "%s: %zu", c.what, known->group.sources.size());
  }
}

LAW(a_source_filter_without_end_is_bounded) {
  std::string filter = "a=source-filter: incl IN IP4 *";
  for (int i = 0; i < 200; ++i)
    filter += " 192.0.2." + std::to_string(i);
  SessionDriver camera("rtsp://cam/stream", only_multicast());
  camera.reach_setup("v=0\r\nm=video 6000 RTP/AVP 96\r\nc=IN IP4 232.1.1.1\r\n" + filter +
                     "\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n");
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP;multicast\r\n");
  ck_assert_uint_eq(camera.take<client::GroupKnown>()->group.sources.size(), client::kMaxSources);
}

LAW(a_group_that_can_not_be_joined_is_a_failure_of_the_settings) {
  SessionDriver camera("rtsp://cam/stream", only_multicast());
  camera.reach_setup();
  camera.request("SETUP");
  camera.reply("200 OK", kAnswer);
  camera.session().ports_failed("There is no network interface eth7.", camera.clock().now());
  camera.advance(0s);
  ASSERT_TEXT(camera.failure(Failure::Kind::kSettings).text, "There is no network interface eth7.");
}

// --- what comes ---

LAW(datagrams_of_a_group_make_frames_and_no_hole_is_punched) {
  SessionDriver camera("rtsp://cam/stream", only_multicast());
  reach_multicast_playing(camera);
  ASSERT_TEXT(camera.datagrams(), "");
  camera.datagram(0, false, media(1, 'a'));
  camera.datagram(0, false, media(3, 'c'));
  camera.datagram(0, false, media(2, 'b'));
  ASSERT_TEXT(take_frames(camera), "abc");
}

LAW(rtcp_of_others_who_receive_is_neither_told_nor_the_streams_end) {
  for (const bool process : {false, true}) {
    client::Options options = only_multicast();
    if (process) options.unknown_rtcp_ssrc = client::UnknownRtcpSsrc::kProcess;
    SessionDriver camera("rtsp://cam/stream", options);
    reach_multicast_playing(camera);
    const std::string report("\x80\xC9\0\1\0\0\0\7", 8);
    const std::string bye("\x80\xC9\0\1\0\0\0\7\x81\xCB\0\1\0\0\0\7", 16);
    for (int round = 0; round < 2; ++round) {  // before media, and after it
      camera.datagram(0, true, report);
      camera.datagram(0, true, bye);
      ck_assert(!camera.session().ended());
      camera.datagram(0, false, media(static_cast<unsigned>(round), 'a'));
    }
    ASSERT_TEXT(take_frames(camera), "aa");
    assert_list(camera.notes(), {});
    camera.datagram(0, true, std::string("\x80\xC9\0\1\0\0\xCA\xFE\x81\xCB\0\1\0\0\xCA\xFE", 16));
    ck_assert(camera.session().ended());
  }
}

LAW(a_crowd_in_the_group_makes_reports_rare) {
  const auto reports = [](unsigned others) {
    client::Options options = only_multicast();
    options.idle_timeout = 0s;
    options.send_rtcp = true;
    SessionDriver camera("rtsp://cam/stream", options);
    reach_multicast_playing(camera);
    for (unsigned i = 0; i < others; ++i)
      camera.datagram(0, true, std::string("\x80\xC9\0\1", 4) + be32(1000 + i));
    camera.datagram(0, false, media(1, 'a'));
    unsigned count = 0;
    for (int i = 0; i < 600; ++i) {
      camera.advance(1s);
      camera.session().output().clear();
      count += camera.datagrams().empty() ? 0 : 1;
    }
    return count;
  };
  const unsigned alone = reports(0);
  ck_assert_msg(alone > 90 && alone < 150, "%u", alone);
  const unsigned crowd = reports(900);
  ck_assert_msg(crowd <= 5, "%u", crowd);
}

}  // namespace

int main() {
  return retina::test::run_laws("session_multicast");
}
