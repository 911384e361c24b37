// From descriptions of real cameras to caps, where a folder of captures is at hand (RETINA_CAPTURES); one of
// the test's own stands first.

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "codec/registry.h"
#include "h264_caps.h"
#include "support/check.h"

namespace {

using namespace retina;

std::string capture(const std::string& name) {
  const char* folder = std::getenv("RETINA_CAPTURES");
  if (folder == nullptr) return {};
  std::ifstream file(std::string(folder) + "/" + name + ".txt", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t end_of_head = text.find("\r\n\r\n");
  return text.starts_with("RTSP/") && end_of_head != std::string::npos ? text.substr(end_of_head + 4) : text;
}

/// "704x480 high 3", from the caps of the first H.264 section.
std::string summary(const std::string& sdp_text) {
  const auto description = sdp::parse(sdp_text);
  ck_assert(description.has_value());
  codec::HeapAllocator allocator;
  std::vector<std::string> notes;
  for (const sdp::Media& media : description->media) {
    if (media.encoding_name != "H264") continue;
    const auto depacketizer = codec::make_depacketizer(media, {}, allocator, notes);
    ck_assert(depacketizer.has_value());
    const auto caps = gst::h264_caps(gst::H264Format::kAvc, (*depacketizer)->parameters().get(), media);
    ck_assert_msg(caps != nullptr, "%s", sdp_text.c_str());
    const GstStructure* structure = gst_caps_get_structure(caps.get(), 0);
    gint width = 0;
    gint height = 0;
    gst_structure_get_int(structure, "width", &width);
    gst_structure_get_int(structure, "height", &height);
    const auto text = [&](const char* field) {
      const gchar* value = gst_structure_get_string(structure, field);
      return std::string(value != nullptr ? value : "-");
    };
    return std::to_string(width) + "x" + std::to_string(height) + " " + text("profile") + " " + text("level");
  }
  return "no H.264";
}

LAW(descriptions_of_cameras_tell_size_profile_and_level) {
  ASSERT_TEXT(summary("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 "
                      "sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==;\n"),
              "240x160 constrained-baseline 3");
  struct {
    const char* name;
    const char* expected;
  } const cases[] = {
      {"dahua_describe_h264_aac_onvif", "704x480 high 3"},
      {"hikvision_describe", "1920x1080 main 4.1"},
      {"reolink_describe", "2560x1440 high 5.1"},
      {"reolink_describe_control_first", "2560x1440 high 5.1"},
      {"foscam_describe", "1280x720 main 3.1"},
      {"gw_main_describe", "1920x1080 main 4.2"},
      {"ipcam_describe", "1280x960 main 3.2"},
      {"missing_content_type_describe", "320x180 high 1.3"},
      {"ubiquiti_sdp", "1920x1080 main 4.2"},
  };
  for (const auto& c : cases) {
    const std::string sdp_text = capture(c.name);
    if (sdp_text.empty()) continue;
    const std::string got = summary(sdp_text);
    ck_assert_msg(got == c.expected, "%s: %s", c.name, got.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("caps of cameras");
}
