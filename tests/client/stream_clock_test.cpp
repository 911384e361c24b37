#include "client/stream_clock.h"

#include "support/check.h"

namespace {

using namespace retina;
using Order = client::StreamClock::Order;

sdp::Description parse(const std::string& session, const std::string& media) {
  const auto description = sdp::parse("v=0\r\ns=x\r\nt=0 0\r\n" + session + media);
  ck_assert(description.has_value() && !description->media.empty());
  return *description;
}

LAW(the_encoding_tells_how_frames_follow_each_other) {
  const struct {
    const char* media;
    Order order;
    bool secondary;
  } cases[] = {
      {"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n", Order::kAny, false},
      {"m=video 0 RTP/AVP 96\r\na=rtpmap:96 h265/90000\r\n", Order::kAny, false},
      {"m=video 0 RTP/AVP 26\r\n", Order::kRising, false},
      {"m=audio 0 RTP/AVP 0\r\n", Order::kRising, false},
      {"m=application 0 RTP/AVP 96\r\na=rtpmap:96 vnd.onvif.metadata/90000\r\n", Order::kRising, true},
  };
  for (const auto& one : cases) {
    const auto description = parse("", one.media);
    const auto clock = client::stream_clock(description.media[0], false);
    ck_assert_msg(clock.order == one.order && clock.secondary == one.secondary, "%s", one.media);
    ck_assert_uint_eq(clock.rate_hz, description.media[0].clock_rate_hz);
    ck_assert(client::stream_clock(description.media[0], true).order == Order::kPackets);
  }
}

LAW(extmap_lines_name_the_times_of_rfc_6051) {
  const std::string urn = "urn:ietf:params:rtp-hdrext:";
  const struct {
    std::string session, media;
    unsigned ntp_64, ntp_56;
  } cases[] = {
      {"", "a=extmap:3 " + urn + "ntp-64\r\n", 3, 0},
      {"", "a=extmap:3/sendonly " + urn + "ntp-56 more\r\na=extmap:4  " + urn + "NTP-64\r\n", 4, 3},
      {"a=extmap:7 " + urn + "ntp-64\r\n", "", 7, 0},
      {"a=extmap:7 " + urn + "ntp-64\r\n", "a=extmap:8 " + urn + "ntp-64\r\n", 8, 0},
      {"", "a=extmap:3 " + urn + "ssrc-audio-level\r\n", 0, 0},
      {"", "a=extmap:256 " + urn + "ntp-64\r\n", 0, 0},
      {"", "a=extmap:99999999999999999999 " + urn + "ntp-64\r\n", 0, 0},
      {"", "a=extmap:0 " + urn + "ntp-64\r\n", 0, 0},
      {"", "a=extmap:5\r\na=extmap:\r\na=extmap\r\na=extmap:x " + urn + "ntp-64\r\na=extmap:5 \r\n", 0, 0},
  };
  for (const auto& one : cases) {
    const auto description = parse(one.session, "m=video 0 RTP/AVP 26\r\n" + one.media);
    const auto ids = client::extension_ids(description, description.media[0]);
    ck_assert_msg(ids.ntp_64 == one.ntp_64 && ids.ntp_56 == one.ntp_56, "%s", one.media.c_str());
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("stream_clock");
}
