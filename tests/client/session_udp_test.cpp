// Media over UDP: the dialogue, falling back to and from TCP, and what becomes of datagrams.

#include <algorithm>

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;
using client::Failure;

client::Options only_udp() {
  client::Options options;
  options.transports.tcp = false;
  return options;
}

constexpr const char* kAnswer =
    "Session: 12345678;timeout=60\r\nTransport: RTP/AVP;unicast;client_port=5000-5001;"
    "server_port=6000-6001;ssrc=0000CAFE\r\n";

void play(SessionDriver& camera) {
  camera.request("PLAY");
  camera.reply("200 OK", "Session: 12345678\r\n");
  ck_assert(camera.take<client::Playing>().has_value());
}

void reach_udp_playing(SessionDriver& camera) {
  camera.reach_setup();
  camera.open_ports(0, 5000);
  camera.request("SETUP");
  camera.reply("200 OK", kAnswer);
  ck_assert(camera.take<client::PeerKnown>().has_value());
  play(camera);
  camera.datagrams();
}

/// A camera that refuses TCP and takes UDP.
void fall_back_to_udp(SessionDriver& camera) {
  camera.reach_setup();
  camera.request("SETUP");
  camera.reply("461 Unsupported Transport");
  camera.open_ports(0, 5000);
  camera.request("SETUP");
  camera.reply("200 OK", kAnswer);
  play(camera);
}

std::string media(unsigned sequence, char content) {
  return rtp_packet(sequence, sequence * 3600, slice(content));
}

// --- choosing ---

LAW(ports_are_asked_for_before_setup_and_the_peer_is_told_after) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  camera.reach_setup();
  ck_assert(camera.silent());
  camera.open_ports(0, 5000);
  ASSERT_TEXT(header_of(camera.request("SETUP"), "Transport"), "RTP/AVP;unicast;client_port=5000-5001");
  camera.reply("200 OK",
               "Session: 1\r\nTransport: RTP/AVP;unicast;source=192.0.2.7;server_port=6000-6003\r\n");
  const auto peer = camera.take<client::PeerKnown>();
  ck_assert(peer.has_value());
  ASSERT_TEXT(peer->source, "192.0.2.7");
  ck_assert_uint_eq(peer->rtp_port, 6000);
  ck_assert_uint_eq(peer->rtcp_port, 6003);
  play(camera);
  ck_assert_uint_eq(camera.statistics().transport.get(), static_cast<std::uint64_t>(client::Transport::kUdp));
}

LAW(each_stream_has_ports_of_its_own) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n",
               std::string(kH264Sdp) + "m=audio 0 RTP/AVP 8\r\na=control:track2\r\n");
  camera.clear_events();
  camera.choose({0, 1});
  for (const unsigned stream : {0U, 1U}) {
    camera.open_ports(stream, static_cast<std::uint16_t>(5000 + 2 * stream));
    const std::string ports = stream == 0 ? "5000-5001" : "5002-5003";
    ASSERT_TEXT(header_of(camera.request("SETUP"), "Transport"), "RTP/AVP;unicast;client_port=" + ports);
    camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP;unicast;client_port=" + ports + "\r\n");
    const auto peer = camera.take<client::PeerKnown>();
    ck_assert(peer && peer->stream == stream && peer->rtp_port == 0 && peer->rtcp_port == 0);
  }
  camera.request("PLAY");
}

LAW(a_setup_answered_without_a_transport_takes_what_was_asked_for) {
  SessionDriver camera("rtspu://cam/stream");
  camera.reach_setup();
  camera.open_ports(0, 5000);
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\n");
  ck_assert(camera.take<client::PeerKnown>().has_value());
  play(camera);
  camera.datagram(0, false, media(1, 'a'));
  ASSERT_TEXT(take_frames(camera), "a");
}

LAW(a_camera_that_answers_with_channels_is_taken_over_tcp) {
  SessionDriver camera("rtspu://cam/stream");
  camera.reach_setup();
  camera.open_ports(0, 5000);
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
  play(camera);
  camera.interleaved(0, media(1, 'a'));
  ASSERT_TEXT(take_frames(camera), "a");
  ck_assert_uint_eq(camera.notes().size(), 1);
}

LAW(a_refusal_of_tcp_tries_udp_in_the_same_session) {
  for (const char* status : {"461 Unsupported Transport", "400 Bad Request"}) {
    SessionDriver camera;
    camera.reach_setup();
    ASSERT_TEXT(header_of(camera.request("SETUP"), "Transport"), "RTP/AVP/TCP;unicast;interleaved=0-1");
    camera.reply(status);
    camera.open_ports(0, 5000);
    const std::string setup = camera.request("SETUP");
    ASSERT_TEXT(header_of(setup, "Transport"), "RTP/AVP;unicast;client_port=5000-5001");
    ASSERT_TEXT(url_of(setup), "rtsp://cam/stream/track1");
    camera.reply("200 OK", kAnswer);
    play(camera);
    camera.datagram(0, false, media(1, 'a'));
    ASSERT_TEXT(take_frames(camera), "a");
    ck_assert(camera.notes().empty());
  }
}

LAW(a_400_is_taken_for_a_wrong_url_first_and_udp_begins_with_the_usual_one) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/dir/stream\r\n",
               kH264Sdp);
  camera.clear_events();
  camera.choose({0});
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/dir/stream/track1");
  camera.reply("400 Bad Request");
  const std::string other_url = camera.request("SETUP");
  ASSERT_TEXT(url_of(other_url), "rtsp://cam/dir/track1");
  ck_assert(contains(header_of(other_url, "Transport"), "TCP"));
  camera.reply("400 Bad Request");
  camera.open_ports(0, 5000);
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/dir/stream/track1");
}

LAW(a_refusal_of_both_is_a_clear_failure) {
  client::Options options;
  options.transports.multicast = false;
  SessionDriver camera("rtsp://cam/stream", options);
  camera.reach_setup();
  camera.request("SETUP");
  camera.reply("461 Unsupported Transport");
  camera.open_ports(0, 5000);
  camera.request("SETUP");
  camera.reply("461 Unsupported Transport");
  const Failure failure = camera.failure(Failure::Kind::kUnsupported);
  ck_assert_int_eq(failure.status, 461);
  ck_assert(contains(failure.text, "over TCP or UDP; allow udp-mcast in protocols"));
}

LAW(a_scheme_leaves_one_transport_and_its_refusal_says_what_to_allow) {
  SessionDriver tcp("rtspt://cam/stream");
  tcp.reach_setup();
  const std::string setup = tcp.request("SETUP");
  ASSERT_TEXT(url_of(setup), "rtsp://cam/stream/track1");
  tcp.reply("461 Unsupported Transport");
  ck_assert(contains(tcp.failure(Failure::Kind::kUnsupported).text, "the scheme rtspt allows nothing else"));

  SessionDriver udp("rtspu://cam/stream");
  udp.reach_setup();
  udp.open_ports(0, 5000);
  ASSERT_TEXT(url_of(udp.request("SETUP")), "rtsp://cam/stream/track1");
  udp.reply("461 Unsupported Transport");
  ck_assert(contains(udp.failure(Failure::Kind::kUnsupported).text, "the scheme rtspu allows nothing else"));
}

LAW(a_later_stream_that_refuses_tcp_starts_a_new_session_for_all_over_udp) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n",
               std::string(kH264Sdp) + "m=audio 0 RTP/AVP 8\r\na=control:track2\r\n");
  camera.clear_events();
  camera.choose({0, 1});
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
  camera.request("SETUP");
  camera.reply("461 Unsupported Transport");
  ASSERT_TEXT(header_of(camera.request("TEARDOWN"), "Session"), "1");
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  camera.open_ports(0, 5000);
  const std::string first = camera.request("SETUP");
  ck_assert(contains(first, "track1") && contains(first, "client_port=5000-5001"));
  ASSERT_TEXT(header_of(first, "Session"), "-");
}

LAW(ports_that_can_not_be_had_are_a_failure_of_the_settings) {
  SessionDriver camera("rtspu://cam/stream");
  camera.reach_setup();
  ck_assert(camera.take<client::PortsNeeded>().has_value());
  camera.session().ports_failed("No pair is free.", camera.clock().now());
  camera.advance(0s);
  ASSERT_TEXT(camera.failure(Failure::Kind::kSettings).text, "No pair is free.");
}

// --- silence ---

LAW(udp_that_brings_nothing_starts_again_over_tcp_in_a_new_session) {
  SessionDriver camera;
  fall_back_to_udp(camera);
  camera.clear_events();
  camera.advance(5s - 1ns);
  ck_assert(camera.silent());
  camera.advance(1ns);
  ASSERT_TEXT(header_of(camera.request("TEARDOWN"), "Session"), "12345678");
  ck_assert(camera.take<client::PortsReleased>().has_value());
  const auto notes = camera.notes();
  ck_assert_uint_eq(notes.size(), 1);
  ck_assert(contains(notes[0], "over UDP"));
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  const std::string setup = camera.request("SETUP");
  ASSERT_TEXT(header_of(setup, "Transport"), "RTP/AVP/TCP;unicast;interleaved=0-1");
  ASSERT_TEXT(header_of(setup, "Session"), "-");
  camera.reply("200 OK", "Session: 99\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
  play(camera);
  camera.interleaved(0, media(7, 'x'));
  ASSERT_TEXT(take_frames(camera), "x");
  ck_assert_uint_eq(camera.statistics().transport.get(), static_cast<std::uint64_t>(client::Transport::kTcp));
  // What still comes over UDP is of the session before.
  camera.datagram(0, false, media(8, 'y'));
  ASSERT_TEXT(take_frames(camera), "");
}

LAW(tcp_that_is_refused_again_ends_it_with_both_reasons) {
  SessionDriver camera;
  fall_back_to_udp(camera);
  camera.advance(5s);
  camera.session().output().clear();
  camera.clear_events();
  camera.reconnect();
  camera.request("SETUP");
  camera.reply("461 Unsupported Transport");
  ASSERT_TEXT(header_of(camera.request("SETUP"), "Transport"), "RTP/AVP;multicast");
  camera.reply("461 Unsupported Transport");
  const std::string text = camera.failure(Failure::Kind::kUnsupported).text;
  ck_assert(contains(text, "over TCP or multicast, and nothing came over UDP: a firewall, perhaps"));
}

LAW(one_datagram_is_enough_to_stay_with_udp) {
  for (const bool rtcp : {false, true}) {
    client::Options options;
    options.idle_timeout = 0s;
    SessionDriver camera("rtsp://cam/stream", options);
    fall_back_to_udp(camera);
    camera.datagram(
        0, rtcp,
        rtcp ? std::string("\x80\xC8\0\6", 4) + be32(0xCAFE) + std::string(20, '\1') : media(1, 'a'));
    camera.advance(20s);
    ck_assert(camera.silent());
  }
}

LAW(where_only_udp_is_allowed_silence_is_a_failure_that_speaks_of_firewalls) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  camera.advance(10s);
  ck_assert(contains(camera.failure(Failure::Kind::kTimeout).text, "firewall"));
}

LAW(media_that_ceases_over_udp_is_a_failure) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  camera.datagram(0, false, media(1, 'a'));
  camera.advance(10s - 1ns);
  ck_assert(!camera.saw<client::Ended>());
  camera.advance(1ns);
  ck_assert(!contains(camera.failure(Failure::Kind::kTimeout).text, "firewall"));
}

// --- the connection breaks ---

LAW(a_connection_that_breaks_while_media_comes_is_made_anew_and_the_session_goes_on) {
  for (const char* error : {"", "reset by peer"}) {
    SessionDriver camera("rtsp://cam/stream", only_udp());
    reach_udp_playing(camera);
    camera.datagram(0, false, media(1, 'a'));
    camera.close(error);
    const auto needed = camera.take<client::ConnectionNeeded>();
    ck_assert(needed && needed->playing);
    ck_assert(camera.session().connect_timeout() <= 1s);
    // Meanwhile, and after.
    camera.datagram(0, false, media(2, 'b'));
    camera.datagram(0, false, media(3, 'c'));
    ck_assert(camera.silent());
    camera.reconnect();
    const std::string alive = camera.request("GET_PARAMETER");
    ASSERT_TEXT(header_of(alive, "Session"), "12345678");
    camera.reply("200 OK");
    camera.datagram(0, false, media(4, 'd'));
    ck_assert(take_frames(camera).size() > 0);
    ck_assert(!camera.saw<client::Ended>() && !camera.saw<client::PortsReleased>());
    ck_assert_uint_eq(camera.statistics().frames.get(), 4);
    ck_assert_uint_eq(camera.statistics().packets_lost.get(), 0);
    ck_assert_uint_eq(camera.notes().size(), 1);
    // The next keep-alive comes when it is due.
    camera.datagram(0, false, media(5, 'e'));
    ck_assert(camera.silent());
  }
}

LAW(a_session_that_ended_with_its_connection_is_lost) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  camera.datagram(0, false, media(1, 'a'));
  camera.close();
  camera.reconnect();
  camera.request("GET_PARAMETER");
  camera.reply("454 Session Not Found");
  camera.failure(Failure::Kind::kClosed);
}

LAW(a_connection_that_breaks_soon_again_is_not_followed_by_others_without_end) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  for (unsigned i = 0; i < 3; ++i) {
    camera.datagram(0, false, media(1 + i, 'a'));
    camera.close();
    camera.reconnect();
    camera.request("GET_PARAMETER");
    camera.reply("200 OK");
    ck_assert(!camera.saw<client::Ended>());
    camera.advance(5s);
  }
  camera.close();
  camera.reconnect();
  camera.advance(5s - 1ns);
  camera.close("reset by peer");
  camera.failure(Failure::Kind::kRead);
}

LAW(without_media_or_where_it_cannot_be_made_a_broken_connection_ends_the_session) {
  SessionDriver silent("rtsp://cam/stream", only_udp());
  reach_udp_playing(silent);
  silent.close();
  silent.failure(Failure::Kind::kClosed);

  SessionDriver gone("rtsp://cam/stream", only_udp());
  reach_udp_playing(gone);
  gone.datagram(0, false, media(1, 'a'));
  gone.close();
  gone.session().failed({Failure::Kind::kConnect, "Refused.", 0, ""});
  while (auto event = gone.session().next_event())
    ck_assert(std::holds_alternative<client::Ended>(*event));
  ck_assert(gone.session().take_unfinished_teardown(gone.clock().now()).has_value());
}

// --- datagrams ---

LAW(holes_are_punched_from_both_ports_of_each_stream_once) {
  for (const bool wanted : {true, false}) {
    client::Options options = only_udp();
    options.punch_holes = wanted;
    SessionDriver camera("rtsp://cam/stream", options);
    camera.reach_setup();
    camera.open_ports(0, 5000);
    camera.request("SETUP");
    ASSERT_TEXT(camera.datagrams(), "");
    camera.reply("200 OK", kAnswer);
    ASSERT_TEXT(camera.datagrams(),
                wanted ? "0 rtp 800000000000000000000000\n0 rtcp 80c9000100000000\n" : "");
    play(camera);
    ASSERT_TEXT(camera.datagrams(), "");
  }
}

LAW(packets_out_of_order_make_frames_in_order_and_the_lost_ones_are_counted) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  camera.datagram(0, false, media(1, 'a'));
  camera.datagram(0, false, media(3, 'c'));
  ASSERT_TEXT(take_frames(camera), "a");
  camera.datagram(0, false, media(2, 'b'));
  ASSERT_TEXT(take_frames(camera), "bc");
  camera.datagram(0, false, media(5, 'e'));
  camera.datagram(0, false, media(6, 'f'));
  ck_assert(*camera.session().deadline() == camera.clock().now() + 20ms);
  camera.advance(20ms - 1ns);
  ASSERT_TEXT(take_frames(camera), "");
  camera.advance(1ns);
  ASSERT_TEXT(take_frames(camera), "ef");
  camera.datagram(0, false, media(4, 'd'));
  camera.datagram(0, false, media(6, 'f'));
  ASSERT_TEXT(take_frames(camera), "");
  const client::Statistics& statistics = camera.statistics();
  ck_assert_uint_eq(statistics.packets.get(), 5);
  ck_assert_uint_eq(statistics.packets_lost.get(), 1);
  ck_assert_uint_eq(statistics.packets_late.get(), 1);
  ck_assert_uint_eq(statistics.packets_duplicate.get(), 1);
}

LAW(the_arrival_of_a_held_packet_is_when_it_came) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  camera.datagram(0, false, media(1, 'a'));
  take_frames(camera);
  const base::TimePoint came = camera.clock().now();
  camera.datagram(0, false, media(3, 'c'));
  camera.clock().advance(7ms);
  camera.datagram(0, false, media(2, 'b'));
  ck_assert(camera.take<client::FrameReady>()->frame.arrival == came + 7ms);
  ck_assert(camera.take<client::FrameReady>()->frame.arrival == came);
}

LAW(rtcp_on_the_port_of_rtp_is_taken_as_rtcp) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  camera.datagram(0, false, media(1, 'a'));
  camera.datagram(0, false, std::string("\x81\xCB\0\1", 4) + be32(0xCAFE));
  ASSERT_TEXT(take_frames(camera), "a");
  const auto ended = camera.take<client::Ended>();
  ck_assert(ended && !ended->failure);
}

LAW(bye_ends_the_stream_behind_what_was_held) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  camera.datagram(0, false, media(1, 'a'));
  camera.datagram(0, false, media(3, 'c'));
  camera.datagram(0, false, media(4, 'd'));
  camera.datagram(0, true, std::string("\x81\xCB\0\1", 4) + be32(0xCAFE));
  ASSERT_TEXT(take_frames(camera), "acd");
  const auto ended = camera.take<client::Ended>();
  ck_assert(ended && !ended->failure);
}

LAW(broken_and_early_datagrams_cost_just_themselves) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  camera.reach_setup();
  camera.open_ports(0, 5000);
  camera.request("SETUP");
  camera.datagram(0, false, media(1, 'z'));
  camera.reply("200 OK", kAnswer);
  play(camera);
  for (const std::string& bad : {std::string(), std::string("x"), std::string(11, '\x80'),
                                 std::string(12, '\0'), std::string(200, '\xFF')}) {
    camera.datagram(0, false, bad);
    camera.datagram(0, true, bad);
    camera.datagram(1, false, bad);  // no such stream
  }
  camera.datagram(0, false, media(5, 'a'));
  ASSERT_TEXT(take_frames(camera), "a");
  ck_assert(!camera.saw<client::Ended>());
}

LAW(media_before_the_answer_to_play_is_usual_over_udp) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  camera.reach_setup();
  camera.open_ports(0, 5000);
  camera.request("SETUP");
  camera.reply("200 OK", kAnswer);
  camera.request("PLAY");
  camera.datagram(0, false, media(1, 'a'));
  camera.reply("200 OK", "Session: 12345678\r\n");
  ASSERT_TEXT(take_frames(camera), "a");
  ck_assert(camera.notes().empty());
}

LAW(interleaved_data_in_a_session_over_udp_is_nobodys) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  camera.interleaved(0, media(1, 'a'));
  ASSERT_TEXT(take_frames(camera), "");
  ck_assert_uint_eq(camera.notes().size(), 1);
}

LAW(an_abandoned_session_over_udp_is_given_back_in_the_background) {
  SessionDriver camera("rtsp://cam/stream", only_udp());
  reach_udp_playing(camera);
  camera.close("reset");
  ck_assert(camera.session().take_unfinished_teardown(camera.clock().now()).has_value());
}

}  // namespace

int main() {
  return retina::test::run_laws("session_udp");
}
