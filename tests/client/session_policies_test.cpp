// How the session takes what cameras disagree on, under each policy.

#include "client/session_driver.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using client::Failure;
using client::InitialSequence;
using client::InitialTimestamp;
using client::UnassignedChannelData;
using client::UnknownRtcpSsrc;
using test::SessionDriver;

constexpr const char* kTwoStreams =
    "v=0\r\ns=x\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\n"
    "m=video 0 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\na=control:trackID=2\r\n";

std::string bytes(std::initializer_list<unsigned> values) {
  std::string text;
  for (const unsigned value : values)
    text += static_cast<char>(value);
  return text;
}

/// One whole P slice.
std::string media(std::uint8_t sequence, std::uint8_t ssrc = 7) {
  return bytes({0x80, 0xE0, 0, sequence, 0, 0, 0, sequence, 0, 0, 0, ssrc, 0x41, 0x88, 'x'});
}

std::string sender_report(std::uint8_t ssrc) {
  return bytes({0x80, 200, 0, 6, 0, 0, 0, ssrc}) + std::string(20, '\0');
}

std::string bye(std::uint8_t ssrc) {
  return bytes({0x81, 203, 0, 1, 0, 0, 0, ssrc});
}

SessionDriver camera_with(client::Options options) {
  return SessionDriver("rtsp://cam/stream", std::move(options));
}

/// Two streams set up, PLAY asked for.
void reach_play_of_two(SessionDriver& camera) {
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/stream/\r\n",
               kTwoStreams);
  camera.choose({0, 1});
  for (const char* channels : {"0-1", "2-3"}) {
    camera.request("SETUP");
    camera.reply("200 OK",
                 std::string("Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=") + channels + "\r\n");
  }
  camera.request("PLAY");
}

std::string rtp_info(const std::string& items) {
  return items.empty() ? "" : "RTP-Info: " + items + "\r\n";
}

constexpr const char* kBoth =
    "url=rtsp://cam/stream/trackID=1;seq=5;rtptime=1000,url=rtsp://cam/stream/trackID=2;seq=6;rtptime=2000";
constexpr const char* kFirstOnly =
    "url=rtsp://cam/stream/trackID=1;seq=5;rtptime=1000,url=rtsp://cam/stream/trackID=2;seq=6;rtptime=-1";

// --- initial-timestamp ---

LAW(first_timestamps_of_several_streams_are_taken_as_the_policy_says) {
  using Times = std::vector<std::optional<std::uint32_t>>;
  const Times none{std::nullopt, std::nullopt};
  const Times both{1000, 2000};
  struct {
    InitialTimestamp policy;
    const char* info;
    bool plays;
    Times times;
  } const cases[] = {
      {InitialTimestamp::kDefault, kBoth, true, both},
      {InitialTimestamp::kDefault, kFirstOnly, true, none},
      {InitialTimestamp::kDefault, "", true, none},
      {InitialTimestamp::kDefault, "garbage", true, none},
      {InitialTimestamp::kPermissive, kBoth, true, both},
      {InitialTimestamp::kPermissive, kFirstOnly, true, none},
      {InitialTimestamp::kIgnore, kBoth, true, none},
      {InitialTimestamp::kRequire, kBoth, true, both},
      {InitialTimestamp::kRequire, kFirstOnly, false, {}},
      {InitialTimestamp::kRequire, "", false, {}},
  };
  for (const auto& c : cases) {
    client::Options options;
    options.initial_timestamp = c.policy;
    SessionDriver camera = camera_with(options);
    reach_play_of_two(camera);
    camera.reply("200 OK", rtp_info(c.info));
    if (!c.plays) {
      ck_assert(camera.failure(Failure::Kind::kProtocol).text.find("rtptime") != std::string::npos);
      continue;
    }
    ck_assert(camera.take<client::Playing>().has_value());
    for (std::size_t i = 0; i < 2; ++i)
      ck_assert_msg(camera.session().tracks()[i].first_timestamp == c.times[i], "stream %zu of \"%s\"", i,
                    c.info);
  }
}

LAW(one_stream_alone_starts_with_its_first_packet_unless_its_time_is_asked_for) {
  struct {
    InitialTimestamp policy;
    std::optional<std::uint32_t> time;
  } const cases[] = {{InitialTimestamp::kDefault, std::nullopt},
                     {InitialTimestamp::kIgnore, std::nullopt},
                     {InitialTimestamp::kPermissive, 4294967295U},
                     {InitialTimestamp::kRequire, 4294967295U}};
  for (const auto& c : cases) {
    client::Options options;
    options.initial_timestamp = c.policy;
    SessionDriver camera = camera_with(options);
    camera.reach_play();
    camera.request("PLAY");
    camera.reply("200 OK", "RTP-Info: url=rtsp://elsewhere/other;rtptime=4294967295\r\n");
    ck_assert(camera.take<client::Playing>().has_value());
    ck_assert(camera.session().tracks()[0].first_timestamp == c.time);
  }
}

LAW(a_required_first_timestamp_is_waited_for_although_media_comes_before) {
  client::Options options;
  options.initial_timestamp = InitialTimestamp::kRequire;
  SessionDriver late = camera_with(options);
  late.reach_play();
  late.request("PLAY");
  late.interleaved(0, media(1));
  ck_assert(late.saw<client::FrameReady>() && !late.saw<client::Playing>());
  late.reply("200 OK", "RTP-Info: url=x;rtptime=9\r\n");
  ck_assert(late.take<client::Playing>().has_value());

  SessionDriver never = camera_with(options);
  never.reach_play();
  never.request("PLAY");
  never.interleaved(0, media(1));
  never.advance(20s);
  never.failure(Failure::Kind::kTimeout);
}

LAW(rtp_info_after_the_first_media_still_tells_first_timestamps) {
  client::Options options;
  options.initial_timestamp = InitialTimestamp::kPermissive;
  SessionDriver camera = camera_with(options);
  camera.reach_play();
  camera.request("PLAY");
  camera.interleaved(0, media(1));
  ck_assert(camera.take<client::Playing>().has_value());
  camera.reply("200 OK", "RTP-Info: url=x;rtptime=77\r\n");
  ck_assert(camera.session().tracks()[0].first_timestamp == 77U);
}

LAW(rtp_info_finds_its_stream_by_url_then_by_ending_then_by_order) {
  struct {
    const char* info;
    std::optional<std::uint32_t> first;
    std::optional<std::uint32_t> second;
  } const cases[] = {
      // The other way round.
      {"url=rtsp://cam/stream/trackID=2;rtptime=2,url=rtsp://cam/stream/trackID=1;rtptime=1", 1, 2},
      // Another host, port and scheme; a query behind.
      {"url=rtsp://10.0.0.9:554/stream/trackID=2;rtptime=2,url=http://nat/trackID=1;rtptime=1", 1, 2},
      {"url=trackID=2;rtptime=2,url=trackID=1;rtptime=1", 1, 2},
      // Names that tell nothing.
      {"url=rtsp://cam/a;rtptime=1,url=rtsp://cam/b;rtptime=2", 1, 2},
      // One that is no stream of ours between two that are.
      {"url=rtsp://cam/stream/trackID=1;rtptime=1,url=rtsp://cam/stream/trackID=9;rtptime=9,"
       "url=rtsp://cam/stream/trackID=2;rtptime=2",
       1, 2},
      // trackID=11 isn't trackID=1, but here only the order is left.
      {"url=rtsp://cam/stream/xtrackID=1;rtptime=1,url=rtsp://cam/stream/trackID=22;rtptime=2", 1, 2},
      {"url=rtsp://cam/stream/xtrackID=1;rtptime=1", std::nullopt, std::nullopt},
  };
  for (const auto& c : cases) {
    SessionDriver camera;
    reach_play_of_two(camera);
    camera.reply("200 OK", rtp_info(c.info));
    ck_assert(camera.take<client::Playing>().has_value());
    ck_assert_msg(camera.session().tracks()[0].first_timestamp == c.first, "%s", c.info);
    ck_assert_msg(camera.session().tracks()[1].first_timestamp == c.second, "%s", c.info);
  }
}

// --- initial-seq ---

LAW(the_first_sequence_number_counts_as_the_policy_says) {
  struct {
    InitialSequence policy;
    const char* seq;
    std::optional<std::uint16_t> expected;
  } const cases[] = {
      {InitialSequence::kDefault, "0", std::nullopt},
      {InitialSequence::kDefault, "1", std::nullopt},
      {InitialSequence::kDefault, "2", 2},
      {InitialSequence::kDefault, "65536", std::nullopt},
      {InitialSequence::kRespect, "0", 0},
      {InitialSequence::kRespect, "1", 1},
      {InitialSequence::kRespect, "900", 900},
      {InitialSequence::kIgnore, "900", std::nullopt},
  };
  for (const auto& c : cases) {
    client::Options options;
    options.initial_sequence = c.policy;
    SessionDriver camera = camera_with(options);
    camera.reach_play();
    camera.request("PLAY");
    camera.reply("200 OK", std::string("RTP-Info: url=x;seq=") + c.seq + "\r\n");
    ck_assert_msg(camera.session().tracks()[0].first_sequence == c.expected, "seq=%s", c.seq);
  }
}

LAW(packets_missing_after_a_respected_first_sequence_number_are_lost) {
  client::Options options;
  options.initial_sequence = InitialSequence::kRespect;
  for (const bool respected : {true, false}) {
    if (!respected) options.initial_sequence = InitialSequence::kIgnore;
    SessionDriver camera = camera_with(options);
    camera.reach_play();
    camera.request("PLAY");
    camera.reply("200 OK", "RTP-Info: url=x;seq=10\r\n");
    camera.interleaved(0, media(13));
    ck_assert_uint_eq(camera.statistics().packets_lost.get(), respected ? 3U : 0U);
  }
}

// --- unknown-rtcp-ssrc ---

LAW(reports_of_another_ssrc_are_dropped_with_one_note) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, media(1));
  camera.interleaved(1, sender_report(7));
  ck_assert(camera.notes().empty());
  for (int i = 0; i < 3; ++i)
    camera.interleaved(1, sender_report(9));
  ck_assert_uint_eq(camera.notes().size(), 1);
  camera.interleaved(1, bye(9));
  ck_assert(!camera.session().ended());
  camera.interleaved(1, bye(7));
  ck_assert(camera.session().ended());
}

LAW(reports_of_another_ssrc_end_the_session_where_that_is_asked_for) {
  client::Options options;
  options.unknown_rtcp_ssrc = UnknownRtcpSsrc::kAbort;
  SessionDriver camera = camera_with(options);
  camera.reach_playing();
  // Before media it is not known what the stream's SSRC is.
  camera.interleaved(1, sender_report(9));
  camera.interleaved(0, media(1));
  camera.interleaved(1, sender_report(7));
  ck_assert(!camera.session().ended());
  camera.interleaved(1, sender_report(9));
  ck_assert(camera.failure(Failure::Kind::kProtocol).text.find("SSRC") != std::string::npos);
}

LAW(rtcp_of_another_ssrc_can_be_taken_for_the_streams) {
  client::Options options;
  options.unknown_rtcp_ssrc = UnknownRtcpSsrc::kProcess;
  SessionDriver camera = camera_with(options);
  camera.reach_playing();
  camera.interleaved(0, media(1));
  camera.interleaved(1, sender_report(9));
  ck_assert(camera.notes().empty() && !camera.session().ended());
  camera.interleaved(1, bye(9));
  ck_assert(camera.session().ended());
}

// --- BYE of one stream of several ---

/// Both have sent a frame, of SSRC 7 and 8.
void reach_media_of_two(SessionDriver& camera) {
  reach_play_of_two(camera);
  camera.reply("200 OK", "Session: 1\r\n");
  camera.interleaved(0, media(1, 7));
  camera.interleaved(2, media(1, 8));
}

LAW(a_bye_said_twice_does_not_end_the_other_stream) {
  SessionDriver camera;
  reach_media_of_two(camera);
  for (int i = 0; i < 3; ++i)
    camera.interleaved(1, bye(7));
  ck_assert(!camera.session().ended());
  camera.interleaved(3, bye(8));
  ck_assert(camera.session().ended());
}

LAW(a_stream_that_goes_on_after_its_bye_has_not_ended) {
  SessionDriver camera;
  reach_media_of_two(camera);
  camera.interleaved(1, bye(7));
  camera.interleaved(0, media(2, 7));
  camera.interleaved(3, bye(8));
  ck_assert(!camera.session().ended());
  camera.interleaved(1, bye(7));
  ck_assert(camera.session().ended());
}

// --- session-id ---

LAW(a_session_id_that_changes_is_kept_or_refused) {
  for (const auto policy : {client::SessionId::kUseFirst, client::SessionId::kRequireMatch}) {
    client::Options options;
    options.session_id = policy;
    SessionDriver camera = camera_with(options);
    camera.reach_describe();
    camera.request("DESCRIBE");
    camera.reply("200 OK", "Content-Type: application/sdp\r\n", kTwoStreams);
    camera.choose({0, 1});
    camera.request("SETUP");
    camera.reply("200 OK", "Session: first\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
    camera.request("SETUP");
    camera.reply("200 OK", "Session: second\r\nTransport: RTP/AVP/TCP;interleaved=2-3\r\n");
    if (policy == client::SessionId::kRequireMatch) {
      ck_assert(camera.failure(Failure::Kind::kProtocol).text.find("session-id") != std::string::npos);
      continue;
    }
    ck_assert_uint_eq(camera.notes().size(), 1);
    ck_assert(camera.request("PLAY").find("Session: first\r\n") != std::string::npos);
  }
}

LAW(a_session_id_that_stays_suits_every_policy) {
  client::Options options;
  options.session_id = client::SessionId::kRequireMatch;
  SessionDriver same = camera_with(options);
  same.reach_playing();

  SessionDriver changed = camera_with(options);
  changed.reach_play();
  changed.request("PLAY");
  changed.reply("200 OK", "Session: other\r\n");
  changed.failure(Failure::Kind::kProtocol);
}

// --- do-rtsp-keep-alive ---

LAW(without_keep_alives_a_playing_session_is_silent) {
  client::Options options;
  options.keep_alive = false;
  options.idle_timeout = 0s;
  SessionDriver camera = camera_with(options);
  camera.reach_playing();
  camera.advance(1h);
  ck_assert(camera.silent() && !camera.session().ended());
}

}  // namespace

int main() {
  return retina::test::run_laws("session_policies");
}
