// Media over UDP through the element: byte for byte what the camera packetized; which transport it takes.

#include <algorithm>

#include "gst/element_runner.h"
#include "gst/sample_camera.h"
#include "support/h264_packetizer.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

constexpr std::uint8_t kBye[] = {0x80, 0xC9, 0, 1, 0, 0, 0xCA, 0xFE, 0x81, 0xCB, 0, 1, 0, 0, 0xCA, 0xFE};

void add(Media& media, base::Bytes bytes, base::Duration at, bool rtcp = false) {
  MediaPacket packet;
  packet.bytes = std::move(bytes);
  packet.at = at;
  packet.rtcp = rtcp;
  media.packets.push_back(std::move(packet));
}

/// Plays these pictures over UDP only, a millisecond apart, and says BYE.
StandardCamera udp_camera(const std::vector<AccessUnit>& stream, std::size_t most) {
  StandardCamera camera = sample_camera(0);
  camera.tcp = false;
  camera.after_media = Script();
  RtpNumbers numbers;
  base::Duration at{0};
  for (const AccessUnit& unit : stream) {
    for (auto& packet : rtp_packets(unit, most, numbers))
      add(camera.media, std::move(packet), at);
    at += 1ms;
  }
  // In a datagram of its own, which may overtake none of the others: all are in the socket by then.
  base::Bytes bye(std::begin(kBye), std::end(kBye));
  std::copy_n(camera.media.packets.front().bytes.begin() + 8, 4, bye.begin() + 4);
  std::copy_n(camera.media.packets.front().bytes.begin() + 8, 4, bye.begin() + 12);
  add(camera.media, std::move(bye), at, true);
  return camera;
}

void expect_eos(ElementRunner& runner) {
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
}

LAW(frames_over_udp_equal_what_was_packetized_at_every_packet_size) {
  const auto stream = sample_stream(30, 5000);
  for (const std::size_t most : {100U, 1400U, 9000U}) {
    const ScriptedCamera camera(udp_camera(stream, most));
    ElementRunner runner("parameter-sets=never location=" + camera.url(), "video/x-h264,stream-format=avc");
    expect_eos(runner);
    const auto received = runner.received();
    ck_assert_uint_eq(received.size(), stream.size());
    for (std::size_t i = 0; i < stream.size(); ++i)
      ck_assert_msg(received[i].bytes == framed(stream[i], true, false), "picture %zu", i);
    ASSERT_TEXT(runner.transport(), "udp");
    ck_assert_uint_eq(runner.stat("packets-lost"), 0);
    ck_assert_uint_eq(runner.stat("kernel-drops"), 0);
    // TCP was refused first, then it was UDP's turn.
    ck_assert_uint_eq(camera.count("SETUP"), 2);
    ASSERT_TEXT(camera.problems(), "");
  }
}

LAW(packets_as_large_as_datagrams_get_come_whole) {
  const auto stream = sample_stream(3, 60000);
  const ScriptedCamera camera(udp_camera(stream, 65000));
  ElementRunner runner("parameter-sets=never protocols=udp location=" + camera.url(),
                       "video/x-h264,stream-format=avc");
  expect_eos(runner);
  ck_assert_uint_eq(runner.received().size(), 3);
  ck_assert(runner.received()[2].bytes == framed(stream[2], true, false));
  ck_assert_uint_eq(camera.count("SETUP"), 1);
}

LAW(packets_out_of_order_and_twice_make_the_same_frames) {
  const auto stream = sample_stream(20, 5000);
  StandardCamera scripted = udp_camera(stream, 1400);
  auto& packets = scripted.media.packets;
  for (std::size_t i = 1; i + 2 < packets.size(); i += 3)
    std::swap(packets[i].bytes, packets[i + 1].bytes);
  for (std::size_t i = 4; i + 1 < packets.size(); i += 10)
    packets.insert(packets.begin() + static_cast<std::ptrdiff_t>(i), packets[i]);
  const ScriptedCamera camera(std::move(scripted));
  ElementRunner runner("parameter-sets=never location=" + camera.url(), "video/x-h264,stream-format=avc");
  expect_eos(runner);
  const auto received = runner.received();
  ck_assert_uint_eq(received.size(), stream.size());
  for (std::size_t i = 0; i < stream.size(); ++i)
    ck_assert_msg(received[i].bytes == framed(stream[i], true, false), "picture %zu", i);
  ck_assert_uint_eq(runner.stat("packets-lost"), 0);
  ck_assert_uint_gt(runner.stat("packets-duplicate"), 0);
}

LAW(the_camera_is_told_what_has_arrived) {
  // Interleaved, since the scripted camera keeps what comes there.
  StandardCamera scripted = sample_camera(5);
  scripted.after_media = Script();
  for (const bool wanted : {true, false}) {
    const ScriptedCamera camera(scripted);
    ElementRunner runner("location=" + camera.url() + (wanted ? "" : " do-rtcp=false"));
    runner.start();
    ck_assert(runner.wait_for_buffers(5));
    if (!wanted) {
      runner.stop();
      ck_assert_uint_eq(camera.client_packets().size(), 0);
      continue;
    }
    ck_assert(camera.wait_for_client_packets(1));  // 1 to 3 s
    runner.stop();
    ck_assert(camera.wait_for_client_packets(2));
    const auto packets = camera.client_packets();
    ck_assert_uint_eq(packets[0][0], '$');
    ck_assert_uint_eq(packets[0][1], 1);
    const base::ByteView report = base::ByteView(packets[0]).subspan(4);
    ck_assert_uint_eq(report[1], 201);
    ck_assert_uint_eq(base::load_be32(report.data() + 8), 0xCAFE);
    ck_assert_uint_eq(base::load_be32(report.data() + 16), 104);  // 100 is the first
    // The last one ends with BYE.
    ck_assert_uint_eq(packets[1][packets[1].size() - 7], 203);
  }
}

/// As udp_camera, a recording: its BYE is the end.
StandardCamera udp_recording(const std::vector<AccessUnit>& stream) {
  StandardCamera camera = udp_camera(stream, 1400);
  camera.sdp.insert(camera.sdp.find("m=video"), "a=range:npt=0-30\n");
  return camera;
}

LAW(after_an_outage_the_transport_that_worked_is_asked_for_at_once) {
  const auto stream = sample_stream(2, 500);
  const ScriptedCamera camera({serving(udp_camera(stream, 1400)), serving(udp_recording(stream))});
  ElementRunner runner("reconnect=true reconnect-delay=10 teardown-timeout=5000000000 location=" +
                       camera.url());
  expect_eos(runner);
  runner.stop();
  ASSERT_TEXT(camera.methods(),
              "OPTIONS DESCRIBE SETUP SETUP PLAY TEARDOWN OPTIONS DESCRIBE SETUP PLAY TEARDOWN ");
  ck_assert_uint_eq(runner.stat("frames"), 4);
}

LAW(a_transport_that_works_no_more_is_not_insisted_on) {
  const auto stream = sample_stream(2, 500);
  StandardCamera refusing = sample_camera(2);
  refusing.udp = false;
  refusing.sdp.insert(refusing.sdp.find("m=video"), "a=range:npt=0-30\n");
  const ScriptedCamera camera({serving(udp_camera(stream, 1400)), serving(refusing), serving(refusing)});
  ElementRunner runner("reconnect=true reconnect-delay=10 reconnect-max-delay=20 location=" + camera.url());
  expect_eos(runner);
  ASSERT_TEXT(runner.transport(), "tcp");
  ck_assert_uint_eq(runner.stat("reconnects"), 1);
  ck_assert_uint_eq(runner.stat("frames"), 4);
}

LAW(udp_works_over_ipv6) {
  const auto stream = sample_stream(5, 5000);
  const ScriptedCamera camera({serving(udp_camera(stream, 1400))}, IpFamily::k6);
  ElementRunner runner("location=" + camera.url());
  expect_eos(runner);
  ck_assert_uint_eq(runner.received().size(), 5);
  ASSERT_TEXT(runner.transport(), "udp");
}

LAW(udp_that_brings_nothing_goes_on_over_tcp_in_the_same_element) {
  // TCP is refused the first time only; over UDP nothing comes.
  const auto stream = sample_stream(5, 5000);
  StandardCamera scripted = udp_camera(stream, 1400);
  scripted.tcp = true;
  scripted.on("SETUP", Script().status(461, "Unsupported Transport"), 1);
  scripted.on(
      "SETUP",
      Script().ok("Session: 4A3B2C1D\nTransport: RTP/AVP;unicast;client_port=5000-5001;server_port=9-10\n"),
      1);
  scripted.on("PLAY", Script().ok("Session: 4A3B2C1D\n"), 1);
  const ScriptedCamera camera(std::move(scripted));
  ElementRunner runner("timeout=200000 location=" + camera.url());
  expect_eos(runner);
  ck_assert_uint_eq(runner.received().size(), 5);
  ASSERT_TEXT(runner.transport(), "tcp");
  ck_assert_uint_eq(camera.connections(), 2);
  ck_assert_msg(camera.methods().starts_with("OPTIONS DESCRIBE SETUP SETUP PLAY TEARDOWN SETUP PLAY "), "%s",
                camera.methods().c_str());
  const bool told =
      std::any_of(runner.warnings().begin(), runner.warnings().end(),
                  [](const std::string& text) { return text.find("over UDP") != std::string::npos; });
  ck_assert(told);
}

LAW(local_ports_are_those_of_port_range) {
  const ScriptedCamera camera(udp_camera(sample_stream(2, 500), 1400));
  ElementRunner runner("protocols=udp port-range=24680-24681 location=" + camera.url());
  expect_eos(runner);
  for (const RtspRequest& request : camera.requests()) {
    if (request.method == "SETUP")
      ASSERT_TEXT(request.header_or_empty("Transport"), "RTP/AVP;unicast;client_port=24680-24681");
  }
}

LAW(a_system_that_limits_the_receive_buffer_is_a_warning_that_says_what_to_set) {
  const ScriptedCamera camera(udp_camera(sample_stream(2, 500), 1400));
  ElementRunner runner("protocols=udp udp-buffer-size=1000000000 location=" + camera.url());
  expect_eos(runner);
  const bool told = std::any_of(
      runner.warnings().begin(), runner.warnings().end(),
      [](const std::string& text) { return text.find("net.core.rmem_max=1000000000") != std::string::npos; });
  ck_assert(told);
}

LAW(settings_that_leave_no_transport_are_refused_with_a_sentence) {
  for (const auto& [properties, word] : {std::pair{"protocols=http location=rtsp://cam/s", "protocols"},
                                         {"protocols=udp location=rtspt://cam/s", "protocols"},
                                         {"protocols=tcp location=rtspu://cam/s", "protocols"},
                                         {"port-range=5001-5002 location=rtsp://cam/s", "port-range"}}) {
    ElementRunner runner(properties);
    const Outcome outcome = runner.run();
    ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_SETTINGS);
    ck_assert_msg(outcome.text.find(word) != std::string::npos, "%s", outcome.text.c_str());
  }
}

LAW(ports_that_are_all_taken_are_a_clear_error_and_are_free_again_after_the_end) {
  const ScriptedCamera camera(udp_camera(sample_stream(2, 500), 1400));
  const std::string properties = "protocols=udp port-range=24690-24691 location=" + camera.url();
  for (int round = 0; round < 2; ++round) {
    ElementRunner runner(properties);
    expect_eos(runner);
  }
  ElementRunner first(properties);
  StandardCamera endless = udp_camera(sample_stream(2, 500), 1400);
  endless.media.packets.pop_back();
  const ScriptedCamera silent(std::move(endless));
  ElementRunner holder("protocols=udp port-range=24690-24691 location=" + silent.url());
  holder.start();
  ck_assert(holder.wait_for_buffers(2));
  const Outcome outcome = first.run();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_SETTINGS);
  ck_assert_msg(outcome.text.find("port-range") != std::string::npos, "%s", outcome.text.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return run_laws("retinasrc_udp", 60);
}
