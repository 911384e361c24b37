#include "sdp/picture_size.h"

#include "sdp_text.h"

namespace {

using namespace retina;
using sdp::PictureSize;
using test::only_media;

const std::string kVideo = "m=video 0 RTP/AVP 26\n";

LAW(the_size_is_read_from_any_attribute_that_has_it) {
  struct {
    const char* lines;
    std::optional<PictureSize> size;
  } const cases[] = {
      {"a=framesize:26 1920-1080", PictureSize{1920, 1080}},
      {"a=FrameSize: 26  3840 - 2160 ", PictureSize{3840, 2160}},
      {"a=x-dimensions:2592,1944", PictureSize{2592, 1944}},
      {"a=x-dimensions: 2592, 1944", PictureSize{2592, 1944}},
      {"a=x-dimensions:2592x1944", PictureSize{2592, 1944}},
      {"a=cliprect:0,0,1080,1920", PictureSize{1920, 1080}},
      {"a=cliprect:8,16,1080,1920", PictureSize{1904, 1072}},
      {"a=x-dimensions:65535,1", PictureSize{65535, 1}},
      {"a=framesize:26 bad\na=framesize:26 640-480", PictureSize{640, 480}},
      {"a=cliprect:0,0,16,16\na=x-dimensions:32,32\na=framesize:26 64-64", PictureSize{64, 64}},
      {"a=x-dimensions:0,0\na=cliprect:0,0,16,32", PictureSize{32, 16}},
  };
  for (const auto& c : cases)
    ck_assert_msg(sdp::picture_size(only_media(kVideo + c.lines)) == c.size, "%s", c.lines);
}

LAW(what_is_no_size_is_none) {
  for (const char* lines :
       {"", "a=framesize:26", "a=framesize:26 640", "a=framesize:26 640-480-2-1",
        "a=x-dimensions:", "a=x-dimensions:640", "a=x-dimensions:0,480", "a=x-dimensions:65536,480",
        "a=x-dimensions:99999999999999999999,1", "a=cliprect:0,0,0,0", "a=cliprect:10,0,5,100",
        "a=cliprect:0,0,16", "a=framerate:25"}) {
    ck_assert_msg(!sdp::picture_size(only_media(kVideo + lines)).has_value(), "%s", lines);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("picture_size");
}
