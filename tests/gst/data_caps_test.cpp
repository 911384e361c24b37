#include "data_caps.h"

#include <string>

#include "gst/depayloader.h"
#include "rtp_caps.h"
#include "sdp/sdp_text.h"

namespace {

using namespace retina;
using namespace retina::test;

sdp::Media media(const std::string& name) {
  return only_media("m=application 0 RTP/AVP 107\r\na=rtpmap:107 " + name + "/90000\r\n");
}

LAW(metadata_caps_tell_the_compression) {
  struct {
    const char* name;
    const char* compression;
  } const cases[] = {{"vnd.onvif.metadata", "none"},
                     {"VND.ONVIF.METADATA.GZIP", "gzip"},
                     {"vnd.onvif.metadata.exi.onvif", "exi-onvif"},
                     {"vnd.onvif.metadata.exi.ext", "exi-ext"}};
  for (const auto& c : cases) {
    const auto caps = gst::data_caps(media(c.name));
    ASSERT_TEXT(text_of(caps.get()),
                std::string("application/x-onvif-metadata, parsed=(boolean)true, compression=(string)") +
                    c.compression);
    ck_assert(gst_caps_is_subset(caps.get(), gst::data_template_caps().get()));
  }
}

LAW(klv_caps_are_those_of_gstreamers_depayloader) {
  const sdp::Media klv = media("SMPTE336M");
  const auto caps = gst::data_caps(klv);
  base::Bytes packet{0x80, 0x80 | 107, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x06, 0x0E, 0x2B, 0x34};
  packet.resize(12 + 17, 0);
  const auto theirs = depayloaded("rtpklvdepay", gst::rtp_caps(klv).get(), packet);
  ck_assert(theirs != nullptr && gst_caps_is_equal(caps.get(), theirs.get()));
  ck_assert(gst_caps_is_subset(caps.get(), gst::data_template_caps().get()));
}

LAW(other_sections_have_none) {
  ck_assert(gst::data_caps(media("vnd.onvif.metadata.zip")) == nullptr);
  ck_assert(gst::data_caps(media("H264")) == nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("data_caps");
}
