// Requests for key frames: after which losses, until when, how often, and to which cameras.

#include "client/composed_camera.h"
#include "rtp/rtcp.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

constexpr const char* kPli = "a=rtcp-fb:96 nack pli\r\n";
constexpr const char* kFir = "a=rtcp-fb:* ccm fir\r\n";

enum class Way { kTcp, kUdp, kMulticast };

client::Options options_for(Way way) {
  client::Options options;
  options.send_rtcp = true;
  options.random_seed = 1;
  options.transports = {way == Way::kTcp, way == Way::kUdp, way == Way::kMulticast};
  options.idle_timeout = 0s;
  options.keep_alive = false;
  options.punch_holes = false;
  return options;
}

void reach_playing(SessionDriver& camera, const std::string& attributes, Way way) {
  camera.reach_setup(kH264Sdp + attributes);
  if (way == Way::kUdp) camera.open_ports(0, 5000);
  camera.request("SETUP");
  const char* transport = "RTP/AVP/TCP;unicast;interleaved=0-1";
  if (way == Way::kUdp) transport = "RTP/AVP;unicast;server_port=6000-6001";
  if (way == Way::kMulticast) transport = "RTP/AVP;multicast;destination=239.255.0.7;port=5004-5005;ttl=3";
  camera.reply("200 OK", "Session: 1\r\nTransport: " + std::string(transport) + "\r\n");
  camera.request("PLAY");
  camera.reply("200 OK", "Session: 1\r\n");
  ck_assert(camera.take<client::Playing>().has_value());
  ck_assert(camera.silent() && camera.session().datagrams().empty());
}

/// What has been sent behind a report and a description, as bytes; "" where nothing has, and "-" for a report
/// alone.
std::string feedback_of(base::ByteView compound) {
  rtp::CompoundReader reader(compound);
  std::size_t size = 0;
  for (const unsigned type : {rtp::kReceiverReportType, rtp::kSourceDescriptionType}) {
    const auto packet = reader.next();
    ck_assert(packet.has_value() && packet->has_value());
    ck_assert_uint_eq((*packet)->type, type);
    size += 4 + (*packet)->body.size();
  }
  const std::string rest{base::as_text(compound.subspan(size))};
  return rest.empty() ? "-" : rest;
}

/// Of one stream, whose packets and answers go one way.
class Camera {
 public:
  explicit Camera(const std::string& attributes, Way way = Way::kTcp)
      : Camera(attributes, way, options_for(way)) {}
  Camera(const std::string& attributes, Way way, const client::Options& options, bool pass_incomplete = false)
      : driver_("rtsp://cam/stream", options), way_(way) {
    if (pass_incomplete) driver_.pass_incomplete();
    reach_playing(driver_, attributes, way);
  }

  SessionDriver& driver() { return driver_; }

  void send(const std::string& packet) {
    if (way_ == Way::kTcp) {
      driver_.interleaved(0, packet);
    } else {
      driver_.datagram(0, false, packet);
    }
  }
  void key_frame(unsigned sequence) {
    send(rtp_packet(sequence, sequence * 3600, "\x65\x88" + std::string(20, 'k')));
  }
  void frame(unsigned sequence) { send(rtp_packet(sequence, sequence * 3600, slice('p'))); }

  /// What the pump does once nothing is left to read; returns what was sent, by feedback_of().
  std::string sent(base::Duration after = 0s) {
    driver_.advance(after);
    std::string& output = driver_.session().output();
    auto& datagrams = driver_.session().datagrams();
    std::string feedback;
    if (!output.empty()) {
      const base::ByteView bytes = base::as_bytes(output);
      ck_assert(bytes.size() > 4 && bytes[0] == '$' && bytes[1] == 1);
      ck_assert_uint_eq(bytes.size(), 4U + base::load_be16(bytes.data() + 2));  // one, and no more
      feedback = take(bytes.subspan(4));
      ck_assert(datagrams.empty());
    } else if (!datagrams.empty()) {
      ck_assert_uint_eq(datagrams.size(), 1);
      ck_assert(datagrams[0].rtcp && datagrams[0].stream == 0);
      feedback = take(datagrams[0].bytes);
    }
    output.clear();
    datagrams.clear();
    return feedback;
  }
  /// The moments, in ms from now, at which requests were sent in so much time, looked at every 10 ms.
  std::vector<int> requests_in(base::Duration time) {
    std::vector<int> moments;
    for (base::Duration passed{0}; passed < time; passed += 10ms) {
      const std::string feedback = sent(passed > 0ms ? 10ms : 0ms);
      if (!feedback.empty() && feedback != "-") moments.push_back(static_cast<int>(passed / 1ms));
    }
    return moments;
  }

  std::string pli() const { return "\x81\xCE" + be16(2) + be32(sender_) + be32(0xCAFE); }
  std::string fir(unsigned number) const {
    return "\x84\xCE" + be16(4) + be32(sender_) + be32(0) + be32(0xCAFE) + be32(number << 24);
  }

 private:
  std::string take(base::ByteView compound) {
    sender_ = base::load_be32(compound.data() + 4);
    return feedback_of(compound);
  }

  SessionDriver driver_;
  Way way_;
  std::uint32_t sender_ = 0;  // of the latest report
};

LAW(a_loss_is_answered_at_once_with_a_picture_loss_behind_a_report) {
  Camera camera(kPli);
  camera.key_frame(10);
  camera.frame(11);
  ck_assert(camera.sent().empty());
  camera.frame(13);
  ck_assert(camera.driver().session().deadline() == camera.driver().clock().now());
  const std::string feedback = camera.sent();
  ck_assert(feedback == camera.pli());
}

LAW(over_udp_it_is_asked_once_the_missing_packet_has_been_given_up) {
  Camera camera(kPli, Way::kUdp);
  camera.key_frame(10);
  camera.frame(12);
  ck_assert(camera.sent(19ms).empty());
  const std::string feedback = camera.sent(1ms);
  ck_assert(feedback == camera.pli());
  Camera reordered(kPli, Way::kUdp);
  reordered.key_frame(10);
  reordered.frame(12);
  reordered.frame(11);
  ck_assert(reordered.sent(20ms).empty());
}

LAW(where_only_full_intra_requests_are_offered_each_has_the_next_number) {
  for (const Way way : {Way::kTcp, Way::kUdp}) {
    Camera camera(kFir, way);
    camera.key_frame(10);
    camera.frame(12);
    std::string feedback = camera.sent(20ms);
    for (unsigned number = 0; number < 258; ++number) {
      ck_assert_msg(feedback == camera.fir(number & 0xFF), "request %u", number);
      feedback = camera.sent(500ms);
    }
  }
}

LAW(a_picture_loss_is_preferred) {
  Camera camera(std::string(kFir) + kPli);
  camera.key_frame(10);
  camera.frame(12);
  const std::string feedback = camera.sent();
  ck_assert(feedback == camera.pli());
}

LAW(it_is_asked_each_half_second_until_a_key_frame_comes) {
  Camera camera(kPli);
  camera.key_frame(10);
  camera.frame(12);
  ck_assert((camera.requests_in(1200ms) == std::vector<int>{0, 500, 1000}));
  camera.key_frame(13);
  ck_assert(camera.requests_in(3s).empty());
}

LAW(further_losses_are_not_asked_for_sooner) {
  Camera camera(kPli);
  camera.key_frame(10);
  std::vector<int> moments;
  for (unsigned i = 0; i < 100; ++i) {
    camera.frame(12 + 2 * i);
    if (!camera.requests_in(10ms).empty()) moments.push_back(static_cast<int>(i));
    camera.driver().clock().advance(10ms);
  }
  ck_assert((moments == std::vector<int>{0, 50}));
}

LAW(what_a_key_frame_has_mended_may_break_again_but_the_half_second_holds) {
  Camera camera(kPli);
  camera.key_frame(10);
  camera.frame(12);
  ck_assert((camera.requests_in(100ms) == std::vector<int>{0}));
  camera.key_frame(13);
  camera.frame(15);
  // 90 ms have passed.
  ck_assert((camera.requests_in(500ms) == std::vector<int>{410}));
}

LAW(a_key_frame_from_before_the_loss_mends_nothing) {
  // Of STAP-B (RFC 6184 s5.7.1) in interleaved mode, which comes out when others have come.
  Camera camera(
      "a=fmtp:96 packetization-mode=2;sprop-interleaving-depth=2;sprop-parameter-sets="
      "Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\r\n" +
      std::string(kPli));
  const auto unit = [&camera](unsigned sequence, unsigned number, const std::string& nal) {
    camera.send(rtp_packet(sequence, number * 3600,
                           "\x79" + be16(number) + be16(static_cast<unsigned>(nal.size())) + nal));
  };
  const auto key_frames = [&camera] { return camera.driver().statistics().key_frames.get(); };
  unit(10, 0, slice('a'));
  unit(11, 2, "\x65\x88" + std::string(20, 'k'));  // waits for number 1, which is lost
  ck_assert_uint_eq(key_frames(), 0);
  for (unsigned i = 3; key_frames() == 0 && i < 12; ++i)
    unit(10 + i, i, slice('c'));
  ck_assert_uint_eq(key_frames(), 1);
  ck_assert((camera.requests_in(600ms) == std::vector<int>{0, 500}));
}

LAW(a_key_frame_that_has_lost_a_part_mends_nothing) {
  // Dropped, or passed on as corrupted.
  for (const bool passed : {false, true}) {
    Camera camera(kPli, Way::kTcp, options_for(Way::kTcp), passed);
    camera.key_frame(10);
    // FU-A, RFC 6184 s5.8: begin, and end without what was between.
    camera.send(rtp_packet(11, 39600, "\x7C\x85\x88" + std::string(20, 'k'), {false}));
    ck_assert(camera.sent().empty());
    camera.send(rtp_packet(13, 39600, "\x7C\x45" + std::string(20, 'k')));
    camera.frame(14);
    ck_assert_uint_eq(camera.driver().statistics().frames_corrupted.get(), passed ? 1 : 0);
    ck_assert((camera.requests_in(600ms) == std::vector<int>{0, 500}));
    camera.key_frame(15);
    ck_assert(camera.requests_in(600ms).empty());
  }
}

LAW(a_key_frame_of_an_encoder_that_begins_anew_mends_too) {
  Camera camera(kPli);
  camera.key_frame(1000);
  camera.frame(1002);
  ck_assert((camera.requests_in(10ms) == std::vector<int>{0}));
  const RtpOptions anew{true, 96, 0xBEEF};
  for (const unsigned sequence : {7U, 8U})
    camera.send(rtp_packet(sequence, sequence, "\x65\x88" + std::string(20, 'k'), anew));
  ck_assert(camera.requests_in(3s).empty());
}

LAW(without_a_loss_nothing_is_asked) {
  Camera camera(kPli);
  for (unsigned i = 0; i < 200; ++i) {
    camera.frame(i);  // not even where the stream doesn't begin with a key frame
    ck_assert(camera.requests_in(40ms).empty());
  }
}

LAW(a_request_that_needs_none_any_more_is_not_sent) {
  Camera camera(kPli);
  camera.key_frame(10);
  camera.frame(12);
  camera.key_frame(13);
  ck_assert(camera.requests_in(1s).empty());
}

LAW(what_a_request_reports_is_not_reported_again_soon) {
  // The first report is due after 1 to 3 s, the ones behind it each after 2 to 6.2 s.
  for (const bool loses : {false, true}) {
    Camera camera(kPli);
    camera.key_frame(10);
    ck_assert(camera.sent(1s).empty());
    camera.frame(loses ? 12 : 11);
    const std::string feedback = camera.sent();
    ck_assert(feedback == (loses ? camera.pli() : ""));
    camera.key_frame(13);
    base::Duration waited{0};
    while (camera.sent(10ms).empty())
      waited += 10ms;
    ck_assert(loses == (waited > 2050ms));
    ck_assert(waited < 6200ms);
  }
}

LAW(nobody_is_asked_who_does_not_offer_it_or_where_it_is_not_wanted) {
  struct Case {
    const char* what;
    std::string attributes;
    Way way;
    bool wanted;
    bool rtcp;
  };
  const Case cases[] = {
      {"no offer", "", Way::kTcp, true, true},
      {"of another payload type", "a=rtcp-fb:97 nack pli\r\n", Way::kTcp, true, true},
      {"other feedback", "a=rtcp-fb:96 nack\r\n", Way::kTcp, true, true},
      {"multicast", kPli, Way::kMulticast, true, true},
      {"request-keyframe=false", kPli, Way::kTcp, false, true},
      {"do-rtcp=false", kPli, Way::kTcp, true, false},
  };
  for (const Case& c : cases) {
    client::Options options = options_for(c.way);
    options.request_key_frame = c.wanted;
    options.send_rtcp = c.rtcp;
    Camera camera(c.attributes, c.way, options);
    camera.key_frame(10);
    camera.frame(12);
    ck_assert_msg(camera.driver().session().key_frame_offers() == 0, "%s", c.what);
    camera.driver().session().request_key_frame(0, camera.driver().clock().now());
    ck_assert_msg(camera.requests_in(2s).empty(), "%s", c.what);
  }
}

// --- the user's requests ---

LAW(a_user_is_obeyed_at_once_and_once) {
  for (const char* offer : {kPli, kFir}) {
    Camera camera(offer);
    ck_assert_uint_eq(camera.driver().session().key_frame_offers(), 1);
    camera.key_frame(10);
    camera.driver().session().request_key_frame(0, camera.driver().clock().now());
    const std::string feedback = camera.sent();
    ck_assert(feedback == (offer == kPli ? camera.pli() : camera.fir(0)));
    ck_assert(camera.requests_in(3s).empty());
  }
}

LAW(a_user_who_asks_again_within_half_a_second_waits_for_its_end) {
  Camera camera(kPli);
  camera.key_frame(10);
  std::vector<int> moments;
  for (int i = 0; i < 100; ++i) {
    if (i < 30) camera.driver().session().request_key_frame(0, camera.driver().clock().now());
    if (!camera.sent().empty()) moments.push_back(i);
    camera.driver().clock().advance(10ms);
  }
  ck_assert((moments == std::vector<int>{0, 50}));
}

LAW(a_user_who_waits_is_served_by_a_key_frame_that_comes_meanwhile) {
  Camera camera(kPli);
  camera.key_frame(10);
  camera.frame(12);
  ck_assert((camera.requests_in(100ms) == std::vector<int>{0}));
  camera.driver().session().request_key_frame(0, camera.driver().clock().now());
  camera.key_frame(13);
  ck_assert(camera.requests_in(2s).empty());
}

LAW(before_any_media_and_for_streams_that_are_not_there_nothing_is_asked) {
  Camera camera(kPli);
  for (const std::size_t stream : {std::size_t{0}, std::size_t{1}, std::size_t{64}})
    camera.driver().session().request_key_frame(stream, camera.driver().clock().now());
  ck_assert(camera.requests_in(1s).empty());
  camera.key_frame(10);
  ck_assert(camera.requests_in(1s).empty());
}

}  // namespace

int main() {
  return retina::test::run_laws("session_key_frames");
}
