#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "sdp/sprop.h"
#include "sdp_text.h"

// Descriptions that real cameras sent, where the environment variable RETINA_CAPTURES names a folder of them.

namespace {

using namespace retina;

/// The body of the answer (or the bare SDP) in a file of the folder; empty: there is no such file.
std::string body_of(const std::string& name) {
  const char* folder = std::getenv("RETINA_CAPTURES");
  if (folder == nullptr) return {};
  std::ifstream file(std::string(folder) + "/" + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t end_of_head = text.find("\r\n\r\n");
  return text.starts_with("RTSP/") && end_of_head != std::string::npos ? text.substr(end_of_head + 4) : text;
}

struct Expected {
  const char* summary;
  const char* control;
  std::size_t parameter_sets = 0;
  double framerate = 0;
  const char* parameter = nullptr;
  const char* value = nullptr;
};

void check_media(const sdp::Media& media, const Expected& expected, const std::string& name) {
  const std::string got = test::summary(media);
  ck_assert_msg(got == expected.summary, "%s: %s", name.c_str(), got.c_str());
  ck_assert_msg(media.control == expected.control, "%s: %s", name.c_str(), media.control.c_str());
  std::vector<std::string> notes;
  ck_assert_msg(sdp::sprop_parameter_sets(media, notes).size() == expected.parameter_sets, "%s",
                name.c_str());
  ck_assert_msg(notes.empty(), "%s: %s", name.c_str(), notes.empty() ? "" : notes[0].c_str());
  ck_assert_msg(media.framerate.value_or(0) == expected.framerate, "%s", name.c_str());
  ck_assert_msg(!media.backchannel, "%s", name.c_str());
  if (expected.parameter == nullptr) return;
  const std::string* value = media.format_parameter(expected.parameter);
  ck_assert_msg(value != nullptr && *value == expected.value, "%s: %s", name.c_str(), expected.parameter);
}

sdp::Description check_capture(const std::string& name, const std::vector<Expected>& expected) {
  const std::string body = body_of(name);
  if (body.empty()) return {};
  sdp::Description description = test::parse_sdp(body);
  ck_assert_msg(description.media.size() == expected.size(), "%s", name.c_str());
  for (std::size_t i = 0; i < expected.size(); ++i)
    check_media(description.media[i], expected[i], name);
  ck_assert_msg(description.notes.empty(), "%s: %s", name.c_str(),
                description.notes.empty() ? "" : description.notes[0].c_str());
  return description;
}

LAW(dahua) {
  check_capture("dahua_describe_h264_aac_onvif.txt",
                {{"96 H264/90000", "trackID=0", 2, 15, "packetization-mode", "1"},
                 {"97 MPEG4-GENERIC/48000/1", "trackID=1", 0, 0, "config", "1188"},
                 {"107 vnd.onvif.metadata/90000", "trackID=4"}});
  check_capture(
      "dahua_describe_h265_pcma.txt",
      {{"98 H265/90000", "trackID=0", 0, 12, "sprop-pps", "RAHA8saNA7NA"}, {"8 PCMA/8000/1", "trackID=1"}});
}

LAW(hikvision) {
  const std::string base = "rtsp://192.168.5.106:554/Streaming/Channels/101/";
  const std::string query = "?transportmode=unicast&profile=Profile_1";
  const auto description = check_capture(
      "hikvision_describe.txt", {{"96 H264/90000", (base + "trackID=1" + query).c_str(), 2},
                                 {"107 vnd.onvif.metadata/90000", (base + "trackID=3" + query).c_str()}});
  if (description.media.empty()) return;
  ASSERT_TEXT(description.control, base + query);
  ck_assert(description.media[0].bandwidth_kbps == 5000U);
}

LAW(reolink_in_both_orders) {
  for (const char* name : {"reolink_describe.txt", "reolink_describe_control_first.txt"}) {
    const auto description = check_capture(
        name,
        {{"96 H264/90000", "trackID=1", 2}, {"97 MPEG4-GENERIC/16000/1", "trackID=2", 0, 0, "profile", "1"}});
    if (description.media.empty()) continue;
    ASSERT_TEXT(description.tool, "LIVE555 Streaming Media v2013.04.08");
    ASSERT_TEXT(description.control, "*");
  }
}

LAW(anjvision) {
  const auto description =
      check_capture("anjvision_describe.txt", {{"96 H265/90000", "trackID=1", 0, 0, "tier-flag", "0"}});
  if (!description.media.empty()) ASSERT_TEXT(*description.media[0].attribute("x-framerate"), "5");
}

LAW(foscam_with_a_static_payload_type) {
  check_capture("foscam_describe.txt", {{"96 H264/90000", "track1", 2}, {"0 PCMU/8000/1", "track2"}});
}

LAW(gw4089ip_with_start_codes_in_its_parameter_sets) {
  check_capture("gw_main_describe.txt",
                {{"96 H264/90000", "video", 2}, {"8 PCMU/8000/1", "audio", 0, 0, "vad", "no"}});
}

LAW(ipcam_with_two_frame_rates) {
  check_capture("ipcam_describe.txt", {{"96 H264/90000", "trackID=1", 2, 25}});
}

LAW(libavformat) {
  check_capture("missing_content_type_describe.txt",
                {{"96 H264/90000", "streamid=0", 2},
                 {"97 MPEG4-GENERIC/48000/2", "streamid=1", 0, 0, "config", "119056E500"}});
}

LAW(tp_link_with_a_stream_of_its_own_kind) {
  check_capture("tplink_sdp.txt", {{"96 H265/90000", "track1"},
                                   {"8 PCMA/8000/1", "track2"},
                                   {"unusable: it names no payload type", "track3"}});
}

LAW(ubiquiti_with_capitals_and_an_empty_fmtp) {
  check_capture("ubiquiti_sdp.txt", {{"96 mpeg4-generic/48000/1", "trackID=0", 0, 0, "sizelength", "13"},
                                     {"96 opus/48000/2", "trackID=1"},
                                     {"97 H264/90000", "trackID=2", 2}});
}

}  // namespace

int main() {
  const char* folder = std::getenv("RETINA_CAPTURES");
  if (folder == nullptr || *folder == '\0') {
    std::puts("SKIP: needs replies of cameras, in the folder RETINA_CAPTURES");
    return 77;
  }
  return retina::test::run_laws("sdp captures");
}
