// The reports that a session sends of what it receives, over TCP and UDP.

#include "client/composed_camera.h"
#include "rtp/rtcp.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

client::Options with_rtcp(bool udp = false) {
  client::Options options;
  options.send_rtcp = true;
  options.random_seed = 1;
  options.transports = {!udp, udp};
  options.idle_timeout = 0s;
  options.keep_alive = false;
  return options;
}

void reach_udp_playing(SessionDriver& camera) {
  camera.reach_setup();
  camera.open_ports(0, 5000);
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP;unicast;server_port=6000-6001\r\n");
  camera.request("PLAY");
  camera.reply("200 OK", "Session: 1\r\n");
  camera.datagrams();
}

std::string media(unsigned sequence) {
  return rtp_packet(sequence, sequence * 3600, slice('a'));
}

std::string sender_report(std::uint32_t ssrc) {
  return std::string("\x80\xC8\0\6", 4) + be32(ssrc) + be32(0x11223344) + be32(0x55667788) +
         std::string(12, '\0');
}

struct Report {
  std::uint32_t ssrc = 0;
  std::optional<rtp::ReportBlock> block;
  std::string cname;
  bool bye = false;
};

Report read_report(base::ByteView bytes) {
  Report report;
  rtp::CompoundReader reader(bytes);
  const auto first = reader.next();
  ck_assert(first.has_value() && first->has_value() && (*first)->type == rtp::kReceiverReportType);
  report.ssrc = base::load_be32((*first)->body.data());
  if ((*first)->count > 0) report.block = rtp::parse_report_block(**first, 0).value();
  const auto second = reader.next();
  ck_assert(second.has_value() && second->has_value() && (*second)->type == rtp::kSourceDescriptionType);
  ck_assert_uint_eq((*second)->body[4], 1);
  report.cname = base::as_text((*second)->body.subspan(6, (*second)->body[5]));
  const auto third = reader.next();
  ck_assert(third.has_value());
  report.bye = third->has_value() && (*third)->type == rtp::kByeType;
  return report;
}

/// What is in the output as one interleaved packet, taken off.
Report take_interleaved(SessionDriver& camera, unsigned channel) {
  std::string& output = camera.session().output();
  ck_assert_msg(output.size() > 4 && output[0] == '$', "no report but '%s'", output.c_str());
  ck_assert_uint_eq(static_cast<unsigned char>(output[1]), channel);
  const std::size_t size = base::load_be16(base::as_bytes(output).data() + 2);
  ck_assert_uint_ge(output.size(), 4 + size);
  const Report report = read_report(base::as_bytes(output).subspan(4, size));
  output.erase(0, 4 + size);
  return report;
}

Report take_datagram(SessionDriver& camera) {
  auto& datagrams = camera.session().datagrams();
  ck_assert_uint_eq(datagrams.size(), 1);
  ck_assert(datagrams[0].rtcp && datagrams[0].stream == 0);
  const Report report = read_report(datagrams[0].bytes);
  datagrams.clear();
  return report;
}

/// Until something is sent; returns how long that took.
base::Duration wait_for_report(SessionDriver& camera) {
  const base::TimePoint start = camera.clock().now();
  while (camera.silent() && camera.session().datagrams().empty()) {
    const auto due = camera.session().deadline();
    ck_assert_msg(due && *due < start + 1min, "no report in a minute");
    camera.advance(*due - camera.clock().now());
  }
  return camera.clock().now() - start;
}

LAW(reports_over_tcp_go_out_on_the_channel_of_rtcp_with_what_was_lost) {
  SessionDriver camera("rtsp://cam/stream", with_rtcp());
  camera.reach_playing();
  for (const unsigned sequence : {10U, 11U, 14U, 15U})
    camera.interleaved(0, media(sequence));
  camera.interleaved(1, sender_report(0xCAFE));
  const base::TimePoint reported = camera.clock().now();
  const base::Duration waited = wait_for_report(camera);
  ck_assert(waited > 1s && waited < 3100ms);
  const Report first = take_interleaved(camera, 1);
  ck_assert(first.block.has_value());
  ck_assert_uint_eq(first.block->ssrc, 0xCAFE);
  ck_assert_uint_ne(first.ssrc, 0xCAFE);
  ck_assert_uint_eq(first.block->highest_sequence, 15);
  ck_assert_int_eq(first.block->cumulative_lost, 2);
  ck_assert_uint_eq(first.block->fraction_lost, 2 * 256 / 6);
  ck_assert_uint_eq(first.block->last_sender_report, 0x33445566);
  const double age = first.block->delay_since_last_sender_report / 65536.0;
  const double true_age = std::chrono::duration<double>(camera.clock().now() - reported).count();
  ck_assert(age <= true_age && age > true_age - 0.0001);
  ck_assert(!first.bye);

  camera.interleaved(0, media(16));
  const base::Duration interval = wait_for_report(camera);
  ck_assert(interval > 2s && interval < 6200ms);
  const Report second = take_interleaved(camera, 1);
  ck_assert_uint_eq(second.block->fraction_lost, 0);
  ck_assert_int_eq(second.block->cumulative_lost, 2);
  ck_assert_uint_eq(second.block->highest_sequence, 16);
  ASSERT_TEXT(second.cname, first.cname);
  ck_assert_uint_eq(second.ssrc, first.ssrc);
  ck_assert_uint_eq(second.cname.size(), 16);
}

LAW(reports_over_udp_are_datagrams_of_the_rtcp_port_and_count_late_packets_as_come) {
  SessionDriver camera("rtsp://cam/stream", with_rtcp(true));
  reach_udp_playing(camera);
  for (const unsigned sequence : {10U, 12U})
    camera.datagram(0, false, media(sequence));
  camera.advance(20ms);
  camera.datagram(0, false, media(11));  // given up already
  camera.datagram(0, false, media(12));  // twice
  wait_for_report(camera);
  const Report report = take_datagram(camera);
  ck_assert_uint_eq(report.block->highest_sequence, 12);
  ck_assert_int_eq(report.block->cumulative_lost, -1);
  ck_assert_uint_eq(report.block->fraction_lost, 0);
}

LAW(without_media_reports_are_empty) {
  SessionDriver camera("rtsp://cam/stream", with_rtcp());
  camera.reach_playing();
  wait_for_report(camera);
  ck_assert(!take_interleaved(camera, 1).block.has_value());
}

LAW(bye_is_said_when_leaving_to_who_has_heard_of_us) {
  for (const bool udp : {false, true}) {
    SessionDriver camera("rtsp://cam/stream", with_rtcp(udp));
    udp ? reach_udp_playing(camera) : camera.reach_playing();
    wait_for_report(camera);
    if (udp) {
      take_datagram(camera);
    } else {
      take_interleaved(camera, 1);
    }
    camera.session().teardown(camera.clock().now());
    ck_assert((udp ? take_datagram(camera) : take_interleaved(camera, 1)).bye);
    camera.request("TEARDOWN");
  }
  // RFC 3550 s6.3.7.
  SessionDriver brief("rtsp://cam/stream", with_rtcp());
  brief.reach_playing();
  brief.session().teardown(brief.clock().now());
  brief.request("TEARDOWN");
  ck_assert(brief.silent());
}

LAW(nothing_is_sent_where_it_is_not_wanted_or_there_is_no_channel_for_it) {
  client::Options silent = with_rtcp();
  silent.send_rtcp = false;
  SessionDriver unwanted("rtsp://cam/stream", silent);
  unwanted.reach_playing();
  ck_assert(!unwanted.session().deadline());

  SessionDriver one_channel("rtsp://cam/stream", with_rtcp());
  one_channel.reach_setup();
  one_channel.request("SETUP");
  one_channel.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-0\r\n");
  one_channel.request("PLAY");
  one_channel.reply("200 OK", "Session: 1\r\n");
  for (int i = 0; i < 10; ++i)
    one_channel.advance(10s);
  ck_assert(one_channel.silent());
}

LAW(a_camera_that_reads_nothing_is_not_sent_reports_without_end) {
  SessionDriver camera("rtsp://cam/stream", with_rtcp());
  camera.reach_playing();
  for (int i = 0; i < 20'000; ++i)
    camera.advance(7s);
  ck_assert_uint_lt(camera.session().output().size(), 70'000);
  ck_assert_uint_gt(camera.session().output().size(), 60'000);
}

LAW(reports_begin_also_where_media_stood_in_for_the_answer_to_play) {
  SessionDriver camera("rtsp://cam/stream", with_rtcp());
  camera.reach_play();
  camera.request("PLAY");
  camera.interleaved(0, media(1));
  wait_for_report(camera);
  ck_assert(take_interleaved(camera, 1).block.has_value());
}

LAW(a_camera_that_restarts_is_reported_anew) {
  SessionDriver camera("rtsp://cam/stream", with_rtcp());
  camera.reach_playing();
  for (const unsigned sequence : {10U, 20U})
    camera.interleaved(0, media(sequence));
  const RtpOptions restarted{true, 96, 0xBEEF};
  for (const unsigned sequence : {500U, 501U, 502U})
    camera.interleaved(0, rtp_packet(sequence, 0, slice('b'), restarted));
  wait_for_report(camera);
  const Report report = take_interleaved(camera, 1);
  ck_assert_uint_eq(report.block->ssrc, 0xBEEF);
  ck_assert_int_eq(report.block->cumulative_lost, 0);
  ck_assert_uint_eq(report.block->highest_sequence, 502);
}

}  // namespace

int main() {
  return retina::test::run_laws("session_rtcp");
}
