// Replies of real cameras, where a folder of them is at hand (RETINA_CAPTURES); without it, there is nothing
// to test.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "rtsp/auth.h"
#include "rtsp/framing.h"
#include "rtsp/headers.h"
#include "rtsp/url.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;

/// The bytes of a capture; nullopt when it isn't at hand.
std::optional<std::string> read_capture(const std::string& name) {
  const char* folder = std::getenv("RETINA_CAPTURES");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  std::ifstream file(std::filesystem::path(folder) / (name + ".txt"), std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// The one message of a capture, the same at every split.
std::optional<rtsp::Response> read_response(const std::string& name) {
  const auto bytes = read_capture(name);
  if (!bytes) return std::nullopt;
  const Trace trace = feed_whole(*bytes);
  ck_assert_msg(trace.error.empty() && trace.messages.size() == 1, "%s: %s", name.c_str(),
                trace.error.c_str());
  const auto split = find_split_that_matters(*bytes);
  ck_assert_msg(!split, "%s depends on a split at %zu", name.c_str(), split.value_or(0));
  return std::get<rtsp::Response>(trace.messages[0]);
}

LAW(every_description_is_one_message_with_its_whole_body) {
  for (const char* name :
       {"anjvision_describe", "dahua_describe_h264_aac_onvif", "dahua_describe_h265_pcma", "foscam_describe",
        "gw_main_describe", "hikvision_describe", "ipcam_describe", "missing_content_type_describe",
        "reolink_describe", "reolink_describe_control_first"}) {
    const auto response = read_response(name);
    if (!response) continue;
    ck_assert_msg(response->status == 200 && response->body.starts_with("v=0"), "%s", name);
    ASSERT_TEXT(std::to_string(response->body.size()), *response->headers.get("Content-Length"));
  }
}

LAW(every_setup_names_session_and_channels) {
  struct {
    const char* name;
    const char* session;
    std::uint32_t timeout_seconds;
    std::uint8_t channel;
    std::optional<std::uint32_t> ssrc;
  } const cases[] = {
      {"dahua_setup", "634214675641", 60, 0, 0x30a98ee7},
      {"gw_main_setup_video", "9a90de54", 60, 0, std::nullopt},
      {"gw_main_setup_audio", "9a90de54", 60, 2, std::nullopt},
      {"hikvision_setup", "708345999", 60, 0, 0x4cacc3d1},
      {"hikvision_setup_ssrc_space", "708886412", 60, 0, 0x0d6d6627},
      {"reolink_setup", "F8F8E425", 60, 0, std::nullopt},
  };
  for (const auto& c : cases) {
    const auto response = read_response(c.name);
    if (!response) continue;
    const auto session = rtsp::parse_session(*response->headers.get("Session"));
    const auto transport = rtsp::parse_transport(*response->headers.get("Transport"));
    ck_assert_msg(session && transport && transport->tcp, "%s", c.name);
    ASSERT_TEXT(session->id, c.session);
    ck_assert_uint_eq(session->timeout_seconds.value_or(60), c.timeout_seconds);
    ck_assert_uint_eq(transport->interleaved->first, c.channel);
    ck_assert_uint_eq(transport->interleaved->second, c.channel + 1);
    ck_assert_msg(transport->ssrc == c.ssrc, "%s", c.name);
  }
}

LAW(every_play_names_where_its_streams_start) {
  using Info = rtsp::RtpInfo;
  struct {
    const char* name;
    std::vector<Info> infos;
  } const cases[] = {
      {"dahua_play",
       {{"trackID=0", 47121, 3475222385, {}},
        {"trackID=1", 45186, 2234446919, {}},
        {"trackID=4", 36583, 816418535, {}}}},
      {"hikvision_play",
       {{"rtsp://192.168.5.106:554/Streaming/Channels/101/trackID=1?transportmode=unicast&profile=Profile_1",
         24104,
         1270711678,
         {}}}},
      {"reolink_play",
       {{"trackID=1", 16852, 1070938629, 0xdcc4a0d8}, {"trackID=2", 39409, 3075976528, 0x9fc9fff8}}},
      {"gw_main_play", {{"rtsp://192.168.1.110:5050/H264/video", 271, 1621990950, {}}}},
      {"laureii_play", {{"rtsp://192.168.1.19:554/0/main/trackID=0", 0, 0, {}}}},
      {"bad_rtptime",
       {{"trackID=1", 1, {}, {}},
        {"rtsp://wowzaec2demo.streamlock.net/vod/mp4:BigBuckBunny_115k.mov/trackID=2", 1, {}, {}}}},
  };
  for (const auto& c : cases) {
    const auto response = read_response(c.name);
    if (!response) continue;
    const auto infos = rtsp::parse_rtp_info(*response->headers.get("RTP-Info"));
    ck_assert_uint_eq(infos.size(), c.infos.size());
    for (std::size_t i = 0; i < infos.size(); ++i) {
      ASSERT_TEXT(infos[i].url, c.infos[i].url);
      ck_assert_msg(infos[i].seq == c.infos[i].seq && infos[i].rtptime == c.infos[i].rtptime &&
                        infos[i].ssrc == c.infos[i].ssrc,
                    "%s, stream %zu", c.name, i);
    }
  }
}

LAW(dahua_knows_set_parameter) {
  const auto response = read_response("dahua_options");
  if (!response) return;
  const auto methods = rtsp::parse_public(*response->headers.joined("Public"));
  ck_assert(std::find(methods.begin(), methods.end(), "SET_PARAMETER") != methods.end());
  ck_assert_uint_eq(methods.size(), 10);
}

LAW(reolink_answers_teardown) {
  const auto response = read_response("reolink_teardown");
  if (response) ck_assert(response->status == 200 && response->headers.get("CSeq") == "7");
}

LAW(longse_wants_a_digest) {
  const auto response = read_response("longse_unauthorized");
  if (!response) return;
  ck_assert(response->status == 401 && response->headers.get("CSeq") == "1");
  rtsp::Authenticator auth("user", "pass");
  ck_assert(auth.on_unauthorized(response->headers) == rtsp::Authenticator::Outcome::kRetry);
  const std::string value = *auth.authorization("DESCRIBE", "rtsp://h/", "");
  ck_assert(value.find("realm=\"Surveillance Server\", nonce=\"98481030\"") != std::string::npos);
}

LAW(bases_and_controls_join_to_what_the_cameras_expect) {
  struct {
    const char* name;
    const char* request;
    const char* control;
    const char* joined;
  } const cases[] = {
      {"anjvision_describe", "rtsp://192.168.1.10:554/stream0", "trackID=1",
       "rtsp://192.168.1.10:554/stream0/trackID=1"},
      {"dahua_describe_h264_aac_onvif",
       "rtsp://192.168.5.111:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif", "trackID=0",
       "rtsp://192.168.5.111:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif/trackID=0"},
      {"gw_main_describe", "rtsp://192.168.1.110:5050/H264?channel=1&subtype=0&unicast=true&proto=Onvif",
       "video", "rtsp://192.168.1.110:5050/H264?channel=1&subtype=0&unicast=true&proto=Onvif/video"},
      {"missing_content_type_describe", "rtsp://192.168.1.101/live/test", "streamid=0",
       "rtsp://192.168.1.101/live/test/streamid=0"},
  };
  for (const auto& c : cases) {
    const auto response = read_response(c.name);
    if (!response) continue;
    const std::string base =
        rtsp::resolve_base(response->headers.get("Content-Base"), response->headers.get("Content-Location"),
                           *rtsp::parse_url(c.request));
    ASSERT_TEXT(rtsp::join_control(base, c.control, rtsp::JoinStyle::kAppend), c.joined);
  }
}

}  // namespace

int main() {
  const char* folder = std::getenv("RETINA_CAPTURES");
  if (folder == nullptr || *folder == '\0') {
    std::puts("SKIP: needs replies of cameras, in the folder RETINA_CAPTURES");
    return 77;
  }
  return retina::test::run_laws("captures", 60);
}
