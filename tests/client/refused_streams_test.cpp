// A camera that refuses SETUP of one of several streams: the others play, and it is told why.

#include <map>

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;
using client::Failure;

const std::string kThreeStreams =
    "v=0\r\ns=x\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track2\r\n"
    "m=audio 0 RTP/AVP 0\r\na=control:track3\r\n";

/// Up to the first SETUP, which has not been asked for yet.
SessionDriver& describe(SessionDriver& camera, const std::vector<std::size_t>& streams = {0, 1, 2}) {
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/stream\r\n",
               kThreeStreams);
  camera.choose(streams);
  return camera;
}

/// The answer to SETUP of each stream by its control URL: "" for one that is set up, else the status.
struct Answers {
  std::string of[3];
};

/// Answers every SETUP, and returns the number of them. The camera knows no multicast.
unsigned answer_setups(SessionDriver& camera, const Answers& answers) {
  unsigned count = 0;
  for (; camera.session().output().starts_with("SETUP"); ++count) {
    const std::string request = camera.request("SETUP");
    const std::string& status = answers.of[url_of(request).back() - '1'];
    const std::string transport = header_of(request, "Transport");
    if (contains(transport, "multicast")) {
      camera.reply("461 Unsupported Transport");
    } else if (!status.empty()) {
      camera.reply(status);
    } else {
      camera.reply("200 OK", "Session: 1\r\nTransport: " + transport + "\r\n");
    }
  }
  return count;
}

std::string packet_on(unsigned channel, unsigned sequence, char content) {
  return on_channel(static_cast<std::uint8_t>(channel),
                    rtp_packet(sequence, sequence * 3600, slice(content)));
}

std::string bye_on(unsigned channel) {
  const std::string packet("\x80\xC9\0\1\0\0\0\0\x81\xCB\0\1\0\0\xCA\xFE", 16);
  return on_channel(static_cast<std::uint8_t>(channel), packet);
}

LAW(a_stream_that_is_refused_is_left_out_and_the_others_play) {
  for (const char* status : {"403 Forbidden", "404 Not Found", "451 Parameter Not Understood",
                             "453 Not Enough Bandwidth", "459 Aggregate Operation Not Allowed",
                             "500 Internal Server Error", "503 Service Unavailable", "551"}) {
    for (std::size_t refused = 0; refused < 2; ++refused) {
      SessionDriver camera;
      describe(camera, {0, 1});
      Answers answers;
      answers.of[refused] = status;
      answer_setups(camera, answers);
      const auto ended = camera.take<client::StreamEnded>();
      ck_assert_msg(ended && ended->stream == refused, "%s", status);
      ck_assert(!camera.saw<client::StreamEnded>());
      ASSERT_TEXT(camera.notes().back(), "The camera refused SETUP of stream " + std::to_string(refused) +
                                             " with " + status + "; going on without that stream.");
      camera.request("PLAY");
      camera.reply("200 OK");
      ck_assert(camera.take<client::Playing>().has_value());
      const std::size_t other = 1 - refused;
      camera.feed(packet_on(static_cast<unsigned>(2 * other), 1, 'a'));
      const auto frame = camera.take<client::FrameReady>();
      ck_assert(frame && frame->stream == other);
      ck_assert_uint_eq(camera.notes().size(), 0);
    }
  }
}

LAW(an_absent_stream_keeps_its_number_and_nothing_is_asked_or_told_of_it) {
  for (const std::size_t absent : {0U, 1U, 2U}) {
    SessionDriver camera;
    std::vector<std::size_t> choices = {0, 1};
    choices.insert(choices.begin() + static_cast<std::ptrdiff_t>(absent), SessionDriver::kAbsent);
    describe(camera, choices);
    // Channels are given without a gap.
    for (const char* channels : {"0-1", "2-3"}) {
      ck_assert(contains(camera.request("SETUP"), std::string("interleaved=") + channels));
      camera.reply("200 OK",
                   std::string("Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=") + channels + "\r\n");
    }
    camera.request("PLAY");
    camera.reply("200 OK");
    ck_assert(camera.take<client::Playing>().has_value());
    for (unsigned i = 0; i < 2; ++i) {
      camera.feed(packet_on(2 * i, 1, 'a'));
      const auto frame = camera.take<client::FrameReady>();
      ck_assert_uint_eq(frame->stream, i + (absent <= i ? 1 : 0));
    }
    ck_assert(!camera.saw<client::StreamEnded>());
    ck_assert_uint_eq(camera.notes().size(), 0);
  }
}

LAW(a_stream_beside_an_absent_one_is_the_only_one) {
  SessionDriver camera;
  describe(camera, {SessionDriver::kAbsent, 0});
  camera.request("SETUP");
  camera.reply("403 Forbidden");
  ck_assert(camera.take<client::Ended>().has_value());
}

LAW(media_on_the_channel_that_was_meant_for_a_refused_stream_is_nobodys) {
  SessionDriver camera;
  describe(camera);
  answer_setups(camera, {{"", "404 Not Found", ""}});
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.clear_events();
  camera.feed(packet_on(2, 1, 'a') + packet_on(0, 1, 'b'));
  const auto frame = camera.take<client::FrameReady>();
  ck_assert(frame && frame->stream == 0);
  ck_assert(!camera.saw<client::FrameReady>());
  ck_assert_uint_eq(camera.notes().size(), 1);
}

LAW(a_channel_that_a_refused_stream_would_have_had_may_go_to_another) {
  SessionDriver camera;
  describe(camera, {0, 1});
  camera.request("SETUP");
  camera.reply("403 Forbidden");
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.feed(packet_on(0, 1, 'a'));
  const auto frame = camera.take<client::FrameReady>();
  ck_assert(frame && frame->stream == 1);
}

LAW(only_where_every_stream_is_refused_the_session_fails) {
  SessionDriver camera;
  describe(camera);
  answer_setups(camera, {{"404 Not Found", "500 Internal Server Error", "453 Not Enough Bandwidth"}});
  const Failure failure = camera.failure(Failure::Kind::kProtocol);
  ck_assert_int_eq(failure.status, 453);
  ASSERT_TEXT(failure.reason, "Not Enough Bandwidth");
  ck_assert(contains(failure.text, "SETUP"));
}

LAW(a_session_that_the_camera_has_forgotten_is_no_refusal_of_a_stream) {
  SessionDriver camera;
  describe(camera);
  answer_setups(camera, {{"", "454 Session Not Found", ""}});
  ck_assert_int_eq(camera.failure(Failure::Kind::kNotFound).status, 454);
}

LAW(both_ways_to_join_a_url_are_tried_for_each_until_one_is_set_up) {
  SessionDriver camera;
  describe(camera);
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/stream/track1");
  camera.reply("404 Not Found");
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/track1");
  camera.reply("404 Not Found");
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/stream/track2");
  camera.reply("404 Not Found");
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/track2");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=2-3\r\n");
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/track3");
  camera.reply("404 Not Found");
  camera.request("PLAY");
}

LAW(one_stream_that_comes_over_no_transport_leaves_the_others_on_tcp) {
  for (std::size_t refused = 0; refused < 3; ++refused) {
    SessionDriver camera;
    describe(camera);
    Answers answers;
    answers.of[refused] = "461 Unsupported Transport";
    while (!camera.session().output().starts_with("PLAY")) {
      if (camera.take<client::ConnectionNeeded>()) {
        camera.reconnect();
      } else if (const auto needed = camera.take<client::PortsNeeded>()) {
        camera.session().ports_opened(needed->stream, 5000, camera.clock().now());
        camera.advance(0s);
      } else {
        ck_assert_uint_gt(answer_setups(camera, answers), 0);
      }
    }
    camera.request("PLAY");
    camera.reply("200 OK");
    ck_assert(camera.take<client::Playing>().has_value());
    for (std::size_t i = 0; i < 3; ++i) {
      const client::Track& track = camera.session().tracks()[i];
      ck_assert_msg(track.refused == (i == refused) && track.interleaved(), "stream %zu of %zu", i, refused);
    }
    const auto ended = camera.take<client::StreamEnded>();
    ck_assert(ended && ended->stream == refused);
  }
}

LAW(a_transport_that_another_stream_refuses_costs_the_one_for_whose_sake_it_was_asked_for) {
  SessionDriver camera;
  describe(camera);
  const std::map<char, std::string> only = {{'1', "TCP"}, {'2', "client_port"}, {'3', "TCP"}};
  while (!camera.session().output().starts_with("PLAY")) {
    if (camera.take<client::ConnectionNeeded>()) {
      camera.reconnect();
    } else if (const auto needed = camera.take<client::PortsNeeded>()) {
      camera.session().ports_opened(needed->stream, 5000, camera.clock().now());
      camera.advance(0s);
    } else {
      const std::string request = camera.request("SETUP");
      const std::string transport = header_of(request, "Transport");
      if (contains(transport, only.at(url_of(request).back()))) {
        camera.reply("200 OK", "Session: 1\r\nTransport: " + transport + "\r\n");
      } else {
        camera.reply("461 Unsupported Transport");
      }
    }
  }
  for (std::size_t i = 0; i < 3; ++i)
    ck_assert(camera.session().tracks()[i].refused == (i == 1));
}

LAW(a_stream_refused_over_udp_gets_no_datagrams_and_the_others_do) {
  SessionDriver camera("rtspu://cam/stream");
  describe(camera, {0, 1});
  camera.open_ports(0, 5000);
  camera.request("SETUP");
  camera.reply("404 Not Found");
  camera.request("SETUP");  // joined the other way
  camera.reply("404 Not Found");
  camera.open_ports(1, 5002);
  answer_setups(camera, {});
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.datagram(0, false, rtp_packet(1, 0, slice('a')));
  camera.datagram(1, false, rtp_packet(1, 0, slice('b')));
  const auto frame = camera.take<client::FrameReady>();
  ck_assert(frame && frame->stream == 1);
  ck_assert(!camera.saw<client::FrameReady>());
}

LAW(a_camera_that_closes_after_a_refusal_is_asked_for_the_others_only) {
  SessionDriver camera;
  describe(camera);
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.request("SETUP");
  camera.reply("404 Not Found");
  camera.request("SETUP");
  camera.clear_events();
  camera.close();
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  for (const char* track : {"track1", "track3"}) {
    const std::string request = camera.request("SETUP");
    ASSERT_TEXT(url_of(request), std::string("rtsp://cam/stream/") + track);
    camera.reply("200 OK", "Session: 2\r\nTransport: " + header_of(request, "Transport") + "\r\n");
  }
  camera.request("PLAY");
}

LAW(what_is_set_up_anew_leaves_the_refused_stream_out) {
  SessionDriver camera;
  describe(camera);
  answer_setups(camera, {{"", "403 Forbidden", ""}});
  camera.request("PLAY");
  camera.clear_events();
  camera.reply("454 Session Not Found");
  ck_assert_uint_eq(answer_setups(camera, {}), 2);
  camera.request("PLAY");
  ck_assert(!camera.saw<client::StreamEnded>());
}

LAW(credentials_that_were_good_for_one_stream_may_not_be_for_another) {
  SessionDriver camera("rtsp://user:pw@cam/stream");
  describe(camera, {0, 1});
  const std::string challenge = "WWW-Authenticate: Basic realm=\"r\"\r\n";
  camera.request("SETUP");
  camera.reply("401 Unauthorized", challenge);
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  camera.request("SETUP");
  camera.reply("401 Unauthorized", challenge);
  camera.request("PLAY");
  const auto ended = camera.take<client::StreamEnded>();
  ck_assert(ended && ended->stream == 1);
}

LAW(wrong_credentials_are_not_tried_on_every_stream) {
  SessionDriver camera("rtsp://user:pw@cam/stream");
  describe(camera);
  for (int i = 0; i < 2; ++i) {
    camera.request("SETUP");
    camera.reply("401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n");
  }
  camera.failure(Failure::Kind::kNotAuthorized);
  ck_assert(camera.silent());
}

LAW(the_session_ends_when_all_streams_that_play_have_said_bye) {
  SessionDriver camera;
  describe(camera, {0, 1});
  answer_setups(camera, {{"", "403 Forbidden", ""}});
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.feed(packet_on(0, 1, 'a') + bye_on(1));
  const auto ended = camera.take<client::Ended>();
  ck_assert(ended && !ended->failure);
}

LAW(rtp_info_without_known_urls_goes_by_the_order_of_the_streams_that_play) {
  SessionDriver camera;
  describe(camera);
  answer_setups(camera, {{"403 Forbidden", "", ""}});
  camera.request("PLAY");
  camera.reply("200 OK",
               "RTP-Info: url=rtsp://cam/x;seq=10;rtptime=100,url=rtsp://cam/y;seq=20;rtptime=200\r\n");
  const auto& tracks = camera.session().tracks();
  ck_assert(!tracks[0].first_timestamp && tracks[1].first_timestamp == 100U &&
            tracks[2].first_timestamp == 200U);
  ck_assert(tracks[1].first_sequence == 10 && tracks[2].first_sequence == 20);
}

LAW(a_refused_stream_has_no_start_that_could_be_required) {
  client::Options options;
  options.initial_timestamp = client::InitialTimestamp::kRequire;
  SessionDriver camera("rtsp://cam/stream", options);
  describe(camera, {0, 1});
  answer_setups(camera, {{"", "403 Forbidden", ""}});
  camera.request("PLAY");
  camera.reply("200 OK", "RTP-Info: url=rtsp://cam/stream/track1;seq=10;rtptime=100\r\n");
  ck_assert(camera.take<client::Playing>().has_value());
}

LAW(no_report_goes_out_for_a_refused_stream) {
  client::Options options;
  options.send_rtcp = true;
  options.idle_timeout = 0s;
  SessionDriver camera("rtsp://cam/stream", options);
  describe(camera, {0, 1});
  answer_setups(camera, {{"", "403 Forbidden", ""}});
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.feed(packet_on(0, 1, 'a'));
  for (int i = 0; i < 20; ++i)
    camera.advance(1s);
  const std::string& output = camera.session().output();
  ck_assert_msg(output.starts_with("$\x01"), "no report of the stream that plays");
  ck_assert(!contains(output, "$\x03"));
}

}  // namespace

int main() {
  return retina::test::run_laws("refused streams");
}
