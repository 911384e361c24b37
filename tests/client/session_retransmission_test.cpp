// Lost packets that a camera is asked for once more: which, when, how often, and what comes of it.

#include <random>

#include "client/composed_camera.h"
#include "rtp/rtcp.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

constexpr const char* kNack = "a=rtcp-fb:96 nack\r\n";
constexpr const char* kRtx =
    "a=rtcp-fb:96 nack\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96;rtx-time=3000\r\n";

client::Options options_for() {
  client::Options options;
  options.send_rtcp = true;
  options.random_seed = 1;
  options.transports = {true, true, true};
  options.idle_timeout = 0s;
  options.keep_alive = false;
  options.punch_holes = false;
  return options;
}

enum class Way { kTcp, kUdp, kMulticast };

/// Of one stream of H.264, a slice a packet, which stands for its sequence number.
class Camera {
 public:
  explicit Camera(const std::string& attributes, const client::Options& options = options_for(),
                  Way way = Way::kUdp)
      : driver_("rtsp://cam/stream", for_way(options, way)), way_(way) {
    driver_.reach_setup(kH264Sdp + attributes);
    if (way == Way::kUdp) driver_.open_ports(0, 5000);
    driver_.request("SETUP");
    const char* transport = "RTP/AVP/TCP;unicast;interleaved=0-1";
    if (way == Way::kUdp) transport = "RTP/AVP;unicast;server_port=6000-6001";
    if (way == Way::kMulticast) transport = "RTP/AVP;multicast;destination=239.255.0.7;port=5004-5005;ttl=3";
    driver_.reply("200 OK", "Session: 1\r\nTransport: " + std::string(transport) + "\r\n");
    driver_.request("PLAY");
    driver_.reply("200 OK", "Session: 1\r\n");
    ck_assert(driver_.take<client::Playing>().has_value());
  }

  SessionDriver& driver() { return driver_; }
  const client::Statistics& statistics() { return driver_.statistics(); }

  static std::string content(unsigned sequence) {
    return rtp_packet(sequence, sequence * 3600, slice(static_cast<char>('a' + sequence % 26)));
  }
  void send(unsigned sequence) { datagram(content(sequence)); }
  /// RFC 4588 s4: with a sequence number of its own, and the original one before the payload.
  void send_again(unsigned sequence, unsigned own) {
    const std::string payload = be16(sequence) + slice(static_cast<char>('a' + sequence % 26));
    datagram(rtp_packet(own, sequence * 3600, payload, {true, 97, 0xD00D}));
  }
  void datagram(const std::string& bytes) {
    if (way_ == Way::kTcp) {
      driver_.interleaved(0, bytes);
    } else {
      driver_.datagram(0, false, bytes);
    }
    frames_ += take_frames(driver_);
  }
  void report(const std::string& bytes) { driver_.datagram(0, true, bytes); }

  void advance(base::Duration by) {
    driver_.advance(by);
    frames_ += take_frames(driver_);
  }
  /// Packets asked for since the last call: "12 13 ".
  std::string asked() {
    std::string all;
    for (const auto& datagram : driver_.session().datagrams()) {
      rtp::CompoundReader reader(datagram.bytes);
      for (auto packet = reader.next(); packet.has_value() && packet->has_value(); packet = reader.next()) {
        if ((*packet)->type != rtp::kTransportFeedbackType) continue;
        ck_assert(datagram.rtcp && (*packet)->count == 1);
        const base::ByteView body = (*packet)->body;
        ck_assert_uint_eq(base::load_be32(body.data() + 4), 0xCAFE);
        for (std::size_t i = 8; i < body.size(); i += 4) {
          const unsigned first = base::load_be16(body.data() + i);
          all += std::to_string(first) + " ";
          for (unsigned bit = 0; bit < 16; ++bit) {
            if ((base::load_be16(body.data() + i + 2) >> bit & 1) != 0)
              all += std::to_string((first + bit + 1) & 0xFFFF) + " ";
          }
        }
      }
    }
    driver_.session().datagrams().clear();
    return all;
  }
  const std::string& frames() const { return frames_; }

 private:
  static client::Options for_way(client::Options options, Way way) {
    options.transports = {way == Way::kTcp, way == Way::kUdp, way == Way::kMulticast};
    return options;
  }

  SessionDriver driver_;
  Way way_;
  std::string frames_;
};

LAW(a_lost_packet_is_asked_for_and_its_retransmission_fills_the_gap) {
  Camera camera(kRtx);
  camera.send(0);
  camera.send(1);
  camera.send(3);
  ASSERT_TEXT(camera.asked(), "");
  camera.advance(2ms);
  ASSERT_TEXT(camera.asked(), "2 ");
  camera.send_again(2, 700);
  camera.send(4);
  ASSERT_TEXT(camera.frames(), "abcde");
  camera.advance(100ms);
  ASSERT_TEXT(camera.asked(), "");
  ck_assert_uint_eq(camera.statistics().packets_retransmitted.get(), 1);
  ck_assert_uint_eq(camera.statistics().packets_lost.get(), 0);
  ck_assert_uint_eq(camera.statistics().packets_invalid.get(), 0);
  ck_assert_uint_eq(camera.statistics().packets.get(), 5);
}

LAW(a_camera_may_as_well_send_the_same_packet_again) {
  Camera camera(kNack);
  camera.send(0);
  camera.send(2);
  camera.advance(2ms);
  ASSERT_TEXT(camera.asked(), "1 ");
  camera.send(1);
  ASSERT_TEXT(camera.frames(), "abc");
  ck_assert_uint_eq(camera.statistics().packets_lost.get(), 0);
}

LAW(packets_that_were_only_swapped_are_not_asked_for) {
  Camera camera(kRtx);
  camera.send(0);
  camera.send(2);
  camera.advance(1900us);
  camera.send(1);
  camera.advance(1s);
  ASSERT_TEXT(camera.asked(), "");
  ASSERT_TEXT(camera.frames(), "abc");
}

LAW(what_does_not_come_is_asked_for_again_while_the_window_waits_and_lost_once) {
  client::Options options = options_for();
  options.reorder_time = 100ms;
  Camera camera(kRtx, options);
  camera.send(0);
  camera.send(2);
  std::string moments;
  for (int ms = 0; ms <= 300; ++ms) {
    if (camera.asked() == "1 ") moments += std::to_string(ms) + " ";
    camera.advance(1ms);
  }
  ASSERT_TEXT(moments, "2 27 52 77 ");
  ASSERT_TEXT(camera.frames(), "ac");
  ck_assert_uint_eq(camera.statistics().packets_lost.get(), 1);
  // Then it is of no use.
  camera.send_again(1, 700);
  ck_assert_uint_eq(camera.statistics().packets_late.get(), 1);
  ck_assert_uint_eq(camera.statistics().packets_retransmitted.get(), 0);
  ASSERT_TEXT(camera.frames(), "ac");
}

LAW(a_new_gap_is_asked_for_by_itself_and_the_older_ones_in_their_time) {
  Camera camera(kRtx);
  camera.send(0);
  camera.send(2);
  camera.advance(2ms);
  ASSERT_TEXT(camera.asked(), "1 ");
  camera.send(4);
  camera.send(7);
  camera.advance(2ms);
  ASSERT_TEXT(camera.asked(), "3 5 6 ");
  camera.advance(10ms);
  ASSERT_TEXT(camera.asked(), "1 3 5 6 ");
}

LAW(numbers_wrap) {
  Camera camera(kRtx);
  camera.send(65533);
  camera.send(1);
  camera.advance(2ms);
  ASSERT_TEXT(camera.asked(), "65534 65535 0 ");
  camera.send_again(0, 1);
  camera.send_again(65534, 2);
  camera.send_again(65535, 3);
  ck_assert_uint_eq(camera.frames().size(), 5);
  ck_assert_uint_eq(camera.statistics().packets_lost.get(), 0);
}

LAW(nobody_is_asked_who_does_not_offer_it_or_where_it_is_of_no_use) {
  client::Options silent = options_for();
  silent.send_rtcp = false;
  client::Options impatient = options_for();
  impatient.reorder_time = 0ms;
  struct Case {
    const char* what;
    const char* attributes;
    Way way;
    client::Options options;
  };
  const Case cases[] = {
      {"no offer", "", Way::kUdp, options_for()},
      {"of another payload type", "a=rtcp-fb:97 nack\r\n", Way::kUdp, options_for()},
      {"key frames only", "a=rtcp-fb:96 nack pli\r\n", Way::kUdp, options_for()},
      {"TCP", kRtx, Way::kTcp, options_for()},
      {"multicast", kRtx, Way::kMulticast, options_for()},
      {"do-rtcp=false", kRtx, Way::kUdp, silent},
      {"reorder-time=0", kRtx, Way::kUdp, impatient},
  };
  for (const Case& each : cases) {
    Camera camera(each.attributes, each.options, each.way);
    camera.send(0);
    for (unsigned i = 2; i < 40; i += 2) {
      camera.send(i);
      camera.advance(3ms);
      const std::string asked = camera.asked();
      ck_assert_msg(asked.empty(), "%s: %s", each.what, asked.c_str());
    }
  }
}

LAW(retransmissions_of_what_has_come_are_duplicates) {
  Camera camera(kRtx);
  camera.send(0);
  camera.send(1);
  camera.send_again(1, 700);
  ASSERT_TEXT(camera.frames(), "ab");
  ck_assert_uint_eq(camera.statistics().packets_duplicate.get(), 1);
}

LAW(retransmissions_before_any_media_and_broken_ones_cost_only_themselves) {
  Camera camera(kRtx);
  camera.send_again(5, 1);
  ASSERT_TEXT(camera.frames(), "");
  camera.send(0);
  camera.datagram(rtp_packet(2, 3600, "", {true, 97, 0xD00D}));
  camera.datagram(rtp_packet(3, 3600, "\x01", {true, 97, 0xD00D}));
  ck_assert_uint_eq(camera.statistics().packets_invalid.get(), 2);
  camera.send(1);
  ASSERT_TEXT(camera.frames(), "ab");
}

/// RFC 3550 s6.4.1.
std::string sender_report(std::uint32_t ssrc) {
  return "\x80\xC8" + be16(6) + be32(ssrc) + be32(0xE0000000) + be32(0) + be32(0) + be32(1) + be32(1);
}

LAW(reports_of_the_retransmissions_are_no_strangers) {
  client::Options options = options_for();
  options.unknown_rtcp_ssrc = client::UnknownRtcpSsrc::kAbort;
  for (const bool told : {false, true}) {
    Camera camera(kRtx + std::string(told ? "a=ssrc-group:FID 51966 53261\r\n" : ""), options);
    camera.send(0);
    if (!told) {
      camera.send(2);
      camera.send_again(1, 700);
    }
    camera.report(sender_report(0xD00D));
    ck_assert(!camera.driver().session().ended());
    camera.report(sender_report(0xBAD));
    ck_assert(camera.driver().session().ended());
  }
}

LAW(an_encoder_that_begins_anew_is_asked_by_its_new_name) {
  Camera camera(kRtx);
  camera.send(10);
  for (const unsigned sequence : {500U, 501U, 503U})
    camera.datagram(rtp_packet(sequence, sequence * 3600, slice('n'), {true, 96, 0xBEEF}));
  camera.advance(2ms);
  auto& datagrams = camera.driver().session().datagrams();
  ck_assert_uint_eq(datagrams.size(), 1);
  const base::Bytes& sent = datagrams.front().bytes;
  ck_assert(sent.size() > 8);
  ck_assert_uint_eq(base::load_be32(sent.data() + sent.size() - 8), 0xBEEF);
  ck_assert_uint_eq(base::load_be32(sent.data() + sent.size() - 4), 502U << 16);
}

LAW(a_camera_that_refuses_the_plain_profile_is_asked_for_the_one_that_it_describes) {
  std::string description = kH264Sdp;
  description.replace(description.find("RTP/AVP"), 7, "RTP/AVPF");
  SessionDriver camera("rtsp://cam/stream", options_for());
  camera.reach_setup(description);
  std::string profiles;
  // TCP is refused by both names, and UDP by the plain one.
  for (const char* answer :
       {"461 Unsupported Transport", "461 Unsupported Transport", "461 Unsupported Transport"}) {
    if (profiles.find("TCP;") != std::string::npos && profiles.find("AVPF/TCP;") != std::string::npos)
      camera.open_ports(0, 5000);
    const std::string transport = header_of(camera.request("SETUP"), "Transport");
    profiles += transport.substr(0, transport.find(';')) + "; ";
    camera.reply(answer);
  }
  camera.open_ports(0, 5000);
  const std::string transport = header_of(camera.request("SETUP"), "Transport");
  ASSERT_TEXT(profiles + transport.substr(0, transport.find(';')),
              "RTP/AVP/TCP; RTP/AVPF/TCP; RTP/AVP; RTP/AVPF");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVPF;unicast;server_port=6000-6001\r\n");
  camera.request("PLAY");
}

/// A network that loses, swaps and doubles, there and back, and a camera that does as it is asked.
LAW(whatever_the_network_does_frames_are_in_order_and_nothing_waits_longer_than_allowed) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    const auto chance = [&random](unsigned percent) { return random() % 100 < percent; };
    client::Options options = options_for();
    options.reorder_time = 60ms;
    options.reorder_packets = 256;
    Camera camera(kRtx, options);
    struct Arrival {
      int ms;
      unsigned sequence;
      bool again;
    };
    std::vector<Arrival> network;
    const unsigned first = 65000;
    unsigned own = 0;
    constexpr unsigned kPackets = 1500;
    std::string expected;
    for (int ms = 0; ms < static_cast<int>(kPackets) + 200; ++ms) {
      if (ms < static_cast<int>(kPackets)) {
        const unsigned sequence = (first + static_cast<unsigned>(ms)) & 0xFFFF;
        expected += static_cast<char>('a' + sequence % 26);
        const bool safe = ms == 0 || ms + 1 == static_cast<int>(kPackets);
        if (safe || !chance(15)) network.push_back({ms + (!safe && chance(10) ? 3 : 0), sequence, false});
        if (!safe && chance(5)) network.push_back({ms + 4, sequence, false});
      }
      for (const Arrival& each : network) {
        if (each.ms == ms) each.again ? camera.send_again(each.sequence, own++) : camera.send(each.sequence);
      }
      std::erase_if(network, [ms](const Arrival& each) { return each.ms <= ms; });
      // Half of the answers are lost too; asked three times, one in eight stays away.
      const std::string asked = camera.asked();
      for (std::size_t at = 0; at < asked.size(); at = asked.find(' ', at) + 1) {
        if (chance(50))
          network.push_back({ms + 8, static_cast<unsigned>(std::stoul(asked.substr(at))), true});
      }
      camera.advance(1ms);
    }
    const std::string& frames = camera.frames();
    std::size_t at = 0;
    for (const char frame : frames) {
      at = expected.find(frame, at);
      ck_assert_msg(at != std::string::npos, "seed %u: out of order", seed);
      ++at;
    }
    const auto lost = static_cast<std::size_t>(camera.statistics().packets_lost.get());
    ck_assert_msg(frames.size() + lost == kPackets, "seed %u: %zu frames, %zu lost", seed, frames.size(),
                  lost);
    ck_assert_msg(lost < kPackets * 15 / 100 / 3, "seed %u: %zu lost", seed, lost);
    ck_assert(camera.statistics().packets_retransmitted.get() > kPackets / 20);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("session_retransmission");
}
