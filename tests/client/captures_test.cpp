// Replies of real cameras through whole sessions, where a folder of them is at hand (RETINA_CAPTURES);
// without it, there is nothing to test. What a capture lacks of a dialogue, a camera that does everything
// right adds. Each dialogue is cut at every byte.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;

std::optional<std::filesystem::path> captures_folder() {
  const char* folder = std::getenv("RETINA_CAPTURES");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  return folder;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The bytes of a capture; empty when it isn't at hand.
std::string capture(const std::string& name) {
  const auto folder = captures_folder();
  return folder ? read_file(*folder / (name + ".txt")) : std::string();
}

const std::string kSingleSdp =
    "v=0\r\ns=x\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=control:trackID=1\r\n";
const std::string kDoubleSdp = kSingleSdp + "m=audio 0 RTP/AVP 0\r\na=control:trackID=2\r\n";

/// What a session with this composition comes to; nullopt when one of its replies isn't at hand.
std::optional<Transcript> play(const Composition& composition, const std::string& name) {
  for (const ComposedReply& reply : composition.replies) {
    if (reply.bytes.empty()) return std::nullopt;
  }
  return play_at_every_split(composition, name);
}

/// Two frames, the first of which comes two packets after the one that the camera has announced.
std::string media_after(unsigned sequence, std::uint32_t ssrc, unsigned payload_type = 96) {
  const RtpOptions options{true, payload_type, ssrc};
  return on_channel(0, rtp_packet(sequence + 2, 1000, slice('a'), options)) +
         on_channel(0, rtp_packet(sequence + 3, 4600, slice('b'), options));
}

// --- descriptions ---

struct DescribeCase {
  const char* name;
  const char* location;
  std::vector<std::size_t> choose;
  std::vector<std::string> streams;
  std::vector<std::string> setup_urls;
  const char* play_url;
  const char* tool = "";
  std::vector<std::string> notes = {};
};

void check_describe(const DescribeCase& c, const std::string& describe) {
  Composition composition;
  composition.location = c.location;
  composition.streams = c.choose;
  std::vector<std::string> setups;
  for (std::size_t i = 0; i < c.choose.size(); ++i)
    setups.push_back(good_setup(static_cast<unsigned>(2 * i)));
  composition.replies = dialogue(describe, setups, good_play());
  const auto transcript = play(composition, c.name);
  if (!transcript) return;
  ck_assert_msg(transcript->played && transcript->failure.empty(), "%s: %s", c.name,
                transcript->failure.c_str());
  assert_list(transcript->streams, c.streams);
  for (std::size_t i = 0; i < c.setup_urls.size(); ++i) {
    const std::string setup = transcript->request("SETUP", i);
    ASSERT_TEXT(url_of(setup), c.setup_urls[i]);
    ASSERT_TEXT(header_of(setup, "Session"), i == 0 ? "-" : "12345678");
  }
  ASSERT_TEXT(url_of(transcript->request("PLAY")), c.play_url);
  ASSERT_TEXT(header_of(transcript->request("PLAY"), "Session"), "12345678");
  ASSERT_TEXT(transcript->tool, c.tool);
  assert_list(transcript->notes, c.notes);
  ASSERT_TEXT(transcript->keepalive, "GET_PARAMETER");
}

LAW(every_description_is_set_up_where_its_camera_expects_it) {
  const std::string dahua =
      "rtsp://192.168.5.111:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif";
  const std::string hikvision = "rtsp://192.168.5.106:554/Streaming/Channels/101/";
  const std::string hikvision_query = "?transportmode=unicast&profile=Profile_1";
  const std::string gw = "rtsp://192.168.1.110:5050/H264?channel=1&subtype=0&unicast=true&proto=Onvif";
  const std::string hikvision_play = hikvision + hikvision_query;
  const std::string dahua_base = dahua + "/";
  const std::vector<std::string> reolink_streams = {"96 H264/90000 trackID=1",
                                                    "97 MPEG4-GENERIC/16000 trackID=2"};
  const std::vector<std::string> reolink_urls = {"rtsp://192.168.5.206/h264Preview_01_main/trackID=1",
                                                 "rtsp://192.168.5.206/h264Preview_01_main/trackID=2"};
  const DescribeCase cases[] = {
      {"dahua_describe_h264_aac_onvif",
       dahua.c_str(),
       {0, 1, 2},
       {"96 H264/90000 trackID=0", "97 MPEG4-GENERIC/48000 trackID=1",
        "107 vnd.onvif.metadata/90000 trackID=4"},
       {dahua + "/trackID=0", dahua + "/trackID=1", dahua + "/trackID=4"},
       dahua_base.c_str()},
      {"dahua_describe_h265_pcma",
       "rtsp://cam-driveway/cam/realmonitor?channel=1&subtype=2",
       {0, 1},
       {"98 H265/90000 trackID=0", "8 PCMA/8000 trackID=1"},
       {"rtsp://cam-driveway/cam/realmonitor?channel=1&subtype=2/trackID=0",
        "rtsp://cam-driveway/cam/realmonitor?channel=1&subtype=2/trackID=1"},
       "rtsp://cam-driveway/cam/realmonitor?channel=1&subtype=2/"},
      {"hikvision_describe",
       "rtsp://192.168.5.106:554/Streaming/Channels/101",
       {0, 1},
       {"96 H264/90000 " + hikvision + "trackID=1" + hikvision_query,
        "107 vnd.onvif.metadata/90000 " + hikvision + "trackID=3" + hikvision_query},
       {hikvision + "trackID=1" + hikvision_query, hikvision + "trackID=3" + hikvision_query},
       hikvision_play.c_str()},
      {"reolink_describe",
       "rtsp://192.168.5.206/h264Preview_01_main",
       {0, 1},
       reolink_streams,
       reolink_urls,
       "rtsp://192.168.5.206/h264Preview_01_main/",
       "LIVE555 Streaming Media v2013.04.08"},
      {"reolink_describe_control_first",
       "rtsp://192.168.5.206/h264Preview_01_main",
       {0, 1},
       reolink_streams,
       reolink_urls,
       "rtsp://192.168.5.206/h264Preview_01_main/",
       "LIVE555 Streaming Media v2013.04.08"},
      {"anjvision_describe",
       "rtsp://192.168.1.10:554/stream0",
       {0},
       {"96 H265/90000 trackID=1"},
       {"rtsp://192.168.1.10:554/stream0/trackID=1"},
       "rtsp://192.168.1.10:554/stream0/",
       "LIVE555 Streaming Media v2011.05.25 CHAM.LI@ANJVISION.COM"},
      {"foscam_describe",
       "rtsp://192.168.5.107:65534/videoMain",
       {0, 1},
       {"96 H264/90000 track1", "0 PCMU/8000 track2"},
       {"rtsp://192.168.5.107:65534/videoMain/track1", "rtsp://192.168.5.107:65534/videoMain/track2"},
       "rtsp://192.168.5.107:65534/videoMain/",
       "LIVE555 Streaming Media v2014.02.10"},
      {"gw_main_describe",
       gw.c_str(),
       {0, 1},
       {"96 H264/90000 video", "8 PCMU/8000 audio"},
       {gw + "/video", gw + "/audio"},
       gw.c_str()},
      {"ipcam_describe",
       "rtsp://192.168.1.67/",
       {0},
       {"96 H264/90000 trackID=1"},
       {"rtsp://192.168.1.67/trackID=1"},
       "rtsp://192.168.1.67/"},
      {"missing_content_type_describe",
       "rtsp://192.168.1.101/live/test",
       {0, 1},
       {"96 H264/90000 streamid=0", "97 MPEG4-GENERIC/48000 streamid=1"},
       {"rtsp://192.168.1.101/live/test/streamid=0", "rtsp://192.168.1.101/live/test/streamid=1"},
       "rtsp://192.168.1.101/live/test",
       "libavformat 58.25.100",
       {"The camera's description is not announced as application/sdp; read as SDP all the same."}},
  };
  for (const DescribeCase& c : cases)
    check_describe(c, capture(c.name));
}

LAW(every_bare_description_is_set_up_where_its_camera_expects_it) {
  const DescribeCase cases[] = {
      {"tplink_sdp",
       "rtsp://cam/stream1",
       {0, 1},
       {"96 H265/90000 track1", "8 PCMA/8000 track2", "unusable track3"},
       {"rtsp://cam/stream1/track1", "rtsp://cam/stream1/track2"},
       "rtsp://cam/stream1"},
      {"ubiquiti_sdp",
       "rtsp://cam/s0",
       {2, 0},
       {"96 mpeg4-generic/48000 trackID=0", "96 opus/48000 trackID=1", "97 H264/90000 trackID=2"},
       {"rtsp://cam/s0/trackID=2", "rtsp://cam/s0/trackID=0"},
       "rtsp://cam/s0"},
  };
  for (const DescribeCase& c : cases) {
    const std::string sdp = capture(c.name);
    check_describe(c, sdp.empty() ? sdp : good_describe(sdp));
  }
}

// --- whole dialogues ---

LAW(dahua_tells_ssrc_and_first_packet_and_wants_set_parameter) {
  Composition composition;
  composition.location =
      "rtsp://192.168.5.111:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif";
  composition.streams = {0};
  composition.replies = dialogue(capture("dahua_describe_h264_aac_onvif"), {capture("dahua_setup")},
                                 capture("dahua_play"), capture("dahua_options"));
  composition.media = media_after(47121, 0x30a98ee7);
  const auto transcript = play(composition, "dahua");
  if (!transcript) return;
  ASSERT_TEXT(header_of(transcript->request("PLAY"), "Session"), "634214675641");
  assert_list(transcript->tracks, {"0-1 ssrc=30a98ee7 seq=47121 time=-"});
  ASSERT_TEXT(transcript->frames, "ab");
  ck_assert_uint_eq(transcript->packets_lost, 2);
  assert_list(transcript->notes, {});
  ASSERT_TEXT(transcript->keepalive, "SET_PARAMETER");
}

LAW(hikvision_pads_its_session_and_tells_ssrc_and_first_packet) {
  for (const bool space : {false, true}) {
    Composition composition;
    composition.location = "rtsp://192.168.5.106:554/Streaming/Channels/101";
    composition.streams = {0};
    composition.replies = dialogue(capture("hikvision_describe"),
                                   {capture(space ? "hikvision_setup_ssrc_space" : "hikvision_setup")},
                                   capture("hikvision_play"));
    composition.media = media_after(24104, space ? 0x0d6d6627 : 0x4cacc3d1);
    const auto transcript = play(composition, "hikvision");
    if (!transcript) continue;
    ASSERT_TEXT(header_of(transcript->request("PLAY"), "Session"), space ? "708886412" : "708345999");
    assert_list(transcript->tracks,
                {std::string("0-1 ssrc=") + (space ? "0d6d6627" : "4cacc3d1") + " seq=24104 time=-"});
    ASSERT_TEXT(transcript->frames, "ab");
    ck_assert_uint_eq(transcript->packets_lost, 2);
    assert_list(transcript->notes, {});
  }
}

LAW(reolink_tells_the_ssrc_of_each_stream_with_play_only) {
  for (const bool own : {true, false}) {
    Composition composition;
    composition.location = "rtsp://192.168.5.206/h264Preview_01_main";
    composition.streams = {0, 1};
    composition.replies = dialogue(capture("reolink_describe"), {capture("reolink_setup"), good_setup(2)},
                                   capture("reolink_play"));
    composition.media = media_after(16852, own ? 0xdcc4a0d8 : 0x9fc9fff8);
    const auto transcript = play(composition, "reolink");
    if (!transcript) return;
    ASSERT_TEXT(header_of(transcript->request("PLAY"), "Session"), "F8F8E425");
    assert_list(transcript->tracks, {"0-1 ssrc=dcc4a0d8 seq=16852 time=1070938629",
                                     "2-3 ssrc=9fc9fff8 seq=39409 time=3075976528"});
    // Another source than the one that was announced doesn't go on from the announced packet.
    ck_assert_uint_eq(transcript->packets_lost, own ? 2 : 0);
    ASSERT_TEXT(transcript->keepalive, "GET_PARAMETER");
  }
}

LAW(gw4089ip_names_another_url_with_play) {
  Composition composition;
  composition.location = "rtsp://192.168.1.110:5050/H264?channel=1&subtype=0&unicast=true&proto=Onvif";
  composition.streams = {0, 1};
  composition.replies =
      dialogue(capture("gw_main_describe"), {capture("gw_main_setup_video"), capture("gw_main_setup_audio")},
               capture("gw_main_play"));
  composition.media = media_after(271, 0x77);
  const auto transcript = play(composition, "gw_main");
  if (!transcript) return;
  ASSERT_TEXT(header_of(transcript->request("SETUP", 1), "Session"), "9a90de54");
  assert_list(transcript->tracks, {"0-1 ssrc=- seq=271 time=-", "2-3 ssrc=- seq=- time=-"});
  ASSERT_TEXT(transcript->frames, "ab");
  ck_assert_uint_eq(transcript->packets_lost, 2);
  assert_list(transcript->notes, {});
}

LAW(no_rtptime_and_a_guessed_sequence_leave_the_media_as_it_comes) {
  Composition composition;
  composition.location = "rtsp://wowzaec2demo.streamlock.net/vod/mp4:BigBuckBunny_115k.mov";
  composition.streams = {0, 1};
  composition.replies =
      dialogue(good_describe(kDoubleSdp), {good_setup(0), good_setup(2)}, capture("bad_rtptime"));
  composition.media = media_after(1, 0x77);
  const auto transcript = play(composition, "bad_rtptime");
  if (!transcript) return;
  assert_list(transcript->tracks, {"0-1 ssrc=- seq=- time=-", "2-3 ssrc=- seq=- time=-"});
  ASSERT_TEXT(transcript->frames, "ab");
  ck_assert_uint_eq(transcript->packets_lost, 0);
  ck_assert_uint_eq(transcript->packets, 2);
}

LAW(laureii_ends_rtp_info_with_a_semicolon_and_does_not_know_its_sequence) {
  Composition composition;
  composition.location = "rtsp://192.168.1.19:554/0/main";
  composition.streams = {0};
  composition.replies = dialogue(good_describe("v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
                                               "a=control:trackID=0\r\n"),
                                 {good_setup()}, capture("laureii_play"));
  composition.media = media_after(0, 0x77);
  const auto transcript = play(composition, "laureii");
  if (!transcript) return;
  ASSERT_TEXT(transcript->frames, "ab");
  ck_assert_uint_eq(transcript->packets_lost, 0);
  assert_list(transcript->notes, {});
}

LAW(longse_wants_a_digest_and_pads_its_headers) {
  Composition composition;
  composition.location = "rtsp://admin:pw@cam/stream";
  composition.streams = {0};
  composition.replies = dialogue(good_describe(kSingleSdp), {good_setup()}, good_play());
  composition.replies.insert(composition.replies.begin(), {"OPTIONS", capture("longse_unauthorized")});
  const auto transcript = play(composition, "longse");
  if (!transcript) return;
  ck_assert(transcript->played);
  ASSERT_TEXT(header_of(transcript->requests.at(0), "Authorization"), "-");
  for (std::size_t i = 1; i < transcript->requests.size(); ++i) {
    const std::string digest = header_of(transcript->requests[i], "Authorization");
    ck_assert(contains(digest, "username=\"admin\", realm=\"Surveillance Server\", nonce=\"98481030\""));
  }
  assert_list(transcript->notes, {});
}

LAW(reolink_answers_teardown) {
  const std::string answer = capture("reolink_teardown");
  if (answer.empty()) return;
  for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
    SessionDriver camera;
    camera.reach_playing();
    camera.session().teardown(camera.clock().now());
    const std::string reply = renumber(answer, header_of(camera.request("TEARDOWN"), "CSeq"));
    camera.feed(reply.substr(0, cut));
    camera.feed(reply.substr(cut));
    const auto ended = camera.take<client::Ended>();
    ck_assert(ended && !ended->failure && camera.notes().empty());
  }
}

// --- whatever else is in the folder ---

/// Puts a capture where it belongs in a dialogue, by what it holds.
Composition compose_around(const std::string& bytes) {
  Composition composition;
  composition.location = "rtsp://user:pw@192.168.1.2/stream";
  composition.streams = {0};
  std::string describe = good_describe(kSingleSdp);
  const std::string head = base::to_lower(bytes.substr(0, bytes.find("\r\n\r\n")));
  const bool unauthorized = contains(head, " 401 ");
  const bool bare = !bytes.starts_with("RTSP/");
  const bool description = !bare && contains(bytes, "\r\n\r\n") && contains(bytes, "\nm=");
  if (bare || description) composition.streams = {};
  if (bare || description) describe = bare ? good_describe(bytes) : bytes;
  const bool setup = !bare && !description && contains(head, "\ntransport:");
  const bool play = !bare && !description && contains(head, "\nrtp-info:");
  const bool other = !bare && !description && !unauthorized && !setup && !play;
  composition.replies = dialogue(describe, {setup ? bytes : good_setup()}, play ? bytes : good_play(),
                                 other ? bytes : good_options());
  if (unauthorized) composition.replies.insert(composition.replies.begin(), {"OPTIONS", bytes});
  return composition;
}

/// A session that chooses every stream needs as many answers to SETUP as there are.
void answer_every_setup(Composition& composition) {
  if (!composition.streams.empty()) return;
  const Transcript transcript = ComposedSession(composition).play();
  const auto usable = std::count_if(transcript.streams.begin(), transcript.streams.end(),
                                    [](const std::string& text) { return !text.starts_with("unusable"); });
  for (std::ptrdiff_t i = 1; i < usable; ++i) {
    composition.replies.insert(composition.replies.end() - 1,
                               {"SETUP", good_setup(static_cast<unsigned>(2 * i))});
  }
}

LAW(every_capture_of_the_folder_reaches_playing_at_every_split) {
  unsigned captures = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*captures_folder())) {
    if (entry.path().extension() != ".txt") continue;
    ++captures;
    const std::string name = entry.path().stem().string();
    Composition composition = compose_around(read_file(entry.path()));
    answer_every_setup(composition);
    const Transcript transcript = play_at_every_split(composition, name);
    ck_assert_msg(transcript.played && transcript.failure.empty(), "%s: %s", name.c_str(),
                  transcript.failure.c_str());
  }
  ck_assert_uint_gt(captures, 0);
}

}  // namespace

int main() {
  const char* folder = std::getenv("RETINA_CAPTURES");
  if (folder == nullptr || *folder == '\0') {
    std::puts("SKIP: needs replies of cameras, in the folder RETINA_CAPTURES");
    return 77;
  }
  return retina::test::run_laws("client captures", 100);
}
