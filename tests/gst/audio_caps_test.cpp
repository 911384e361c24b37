// Caps of sound: what GStreamer's own depayloaders say of the same section, field by field.

#include "audio_caps.h"

#include <string>
#include <string_view>

#include "gst/depayloader.h"
#include "rtp_caps.h"
#include "sdp/sdp_text.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

std::string section(const char* payload_type, const std::string& attributes) {
  return std::string("m=audio 0 RTP/AVP ") + payload_type + "\r\n" + attributes;
}

/// An RTP packet of this payload type, with something like sound in it.
Bytes packet(unsigned payload_type) {
  Bytes bytes{0x80, static_cast<std::uint8_t>(payload_type), 0, 1, 0, 0, 0, 0, 0, 0, 0, 1};
  bytes.resize(12 + 1440, 0);
  return bytes;
}

LAW(caps_are_those_of_gstreamers_depayloader) {
  struct {
    const char* depayloader;
    const char* payload_type;
    const char* attributes;
  } const cases[] = {
      {"rtppcmadepay", "8", ""},
      {"rtppcmudepay", "0", ""},
      {"rtppcmadepay", "97", "a=rtpmap:97 pcma/16000\r\n"},
      {"rtpL8depay", "97", "a=rtpmap:97 L8/22050\r\n"},
      {"rtpL16depay", "10", ""},
      {"rtpL16depay", "11", ""},
      {"rtpL16depay", "96", "a=rtpmap:96 L16/8000\r\n"},
      {"rtpL16depay", "96", "a=rtpmap:96 L16/48000/2\r\n"},
      {"rtpL16depay", "96", "a=rtpmap:96 L16/48000/3\r\n"},
      {"rtpL16depay", "96", "a=rtpmap:96 L16/48000/7\r\n"},
      {"rtpL24depay", "96", "a=rtpmap:96 L24/44100/2\r\n"},
      {"rtpg722depay", "9", ""},
      {"rtpg722depay", "96", "a=rtpmap:96 G722/8000/2\r\n"},
      {"rtpg723depay", "4", ""},
      {"rtpg726depay", "96", "a=rtpmap:96 G726-16/8000\r\n"},
      {"rtpg726depay", "96", "a=rtpmap:96 G726-24/8000\r\n"},
      {"rtpg726depay", "96", "a=rtpmap:96 G726-32/8000/1\r\n"},
      {"rtpg726depay", "96", "a=rtpmap:96 AAL2-G726-40/8000\r\n"},
      {"rtpgsmdepay", "3", ""},
      {"rtpilbcdepay", "96", "a=rtpmap:96 iLBC/8000\r\na=fmtp:96 mode=20\r\n"},
      {"rtpilbcdepay", "96", "a=rtpmap:96 iLBC/8000\r\n"},
      {"rtpopusdepay", "96", "a=rtpmap:96 opus/48000/2\r\n"},
      {"rtpopusdepay", "96", "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 sprop-stereo=0\r\n"},
      {"rtpopusdepay", "96",
       "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 sprop-stereo=1;sprop-maxcapturerate=16000\r\n"},
      {"rtpopusdepay", "96",
       "a=rtpmap:96 multiopus/48000/6\r\n"
       "a=fmtp:96 num_streams=4;coupled_streams=2;channel_mapping=0,4,1,2,3,5\r\n"},
  };
  for (const auto& c : cases) {
    const sdp::Media media = only_media(section(c.payload_type, c.attributes));
    const auto ours = gst::audio_caps(media);
    const auto theirs = depayloaded(c.depayloader, gst::rtp_caps(media).get(), packet(media.payload_type));
    const gst::CapsRef rateless(gst_caps_copy(ours.get()));
    ck_assert_msg(theirs != nullptr, "%s refused %s", c.depayloader,
                  text_of(gst::rtp_caps(media).get()).c_str());
    // rtpopusdepay tells the rate in newer versions of GStreamer only; ours always does.
    gst_structure_remove_field(gst_caps_get_structure(rateless.get(), 0), "rate");
    const bool same =
        gst_caps_is_equal(ours.get(), theirs.get()) || (std::string_view(c.depayloader) == "rtpopusdepay" &&
                                                        gst_caps_is_equal(rateless.get(), theirs.get()));
    ck_assert_msg(same, "%s %s: %s, not %s", c.depayloader, c.attributes, text_of(ours.get()).c_str(),
                  text_of(theirs.get()).c_str());
  }
}

LAW(what_gstreamer_has_no_depayloader_for_has_caps_too) {
  struct {
    const char* payload_type;
    const char* attributes;
    const char* caps;
  } const cases[] = {
      {"5", "", "audio/x-raw, format=S16LE, layout=interleaved, rate=8000, channels=1"},
      {"17", "", "audio/x-raw, format=S16LE, layout=interleaved, rate=22050, channels=1"},
      {"96", "a=rtpmap:96 PCMU/8000/2\r\n", "audio/x-mulaw, rate=8000, channels=2"},
      {"96", "a=rtpmap:96 G722/16000\r\n", "audio/G722, rate=16000, channels=1"},
      {"96", "a=rtpmap:96 L16/48000/5\r\n",
       "audio/x-raw, format=S16BE, layout=interleaved, rate=48000, channels=5, channel-mask=(bitmask)0xc07"},
      {"96", "a=rtpmap:96 L16/48000/4\r\na=fmtp:96 channel-order=DV.LRLsRs\r\n",
       "audio/x-raw, format=S16BE, layout=interleaved, rate=48000, channels=4, channel-mask=(bitmask)0xc03"},
      {"96", "a=rtpmap:96 L16/48000/6\r\n",
       "audio/x-raw, format=S16BE, layout=interleaved, rate=48000, channels=6, channel-mask=(bitmask)0"},
      {"96", "a=rtpmap:96 L16/48000/5\r\na=fmtp:96 channel-order=DV.LRLsRsC\r\n",
       "audio/x-raw, format=S16BE, layout=interleaved, rate=48000, channels=5, channel-mask=(bitmask)0"},
      {"96", "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 sprop-maxcapturerate=0\r\n",
       "audio/x-opus, channel-mapping-family=0, channels=2, rate=48000"},
  };
  for (const auto& c : cases) {
    const auto ours = gst::audio_caps(only_media(section(c.payload_type, c.attributes)));
    ck_assert_msg(ours != nullptr && gst_caps_is_equal(ours.get(), caps_of(c.caps).get()), "%s",
                  text_of(ours.get()).c_str());
  }
}

LAW(other_encodings_have_none) {
  for (const char* attributes : {"a=rtpmap:96 mpeg4-generic/48000/2\r\n", "a=rtpmap:96 multiopus/48000/6\r\n",
                                 "a=rtpmap:96 G726-32/8000/2\r\n", "a=rtpmap:96 AMR/8000\r\n"}) {
    ck_assert_msg(gst::audio_caps(only_media(section("96", attributes))) == nullptr, "%s", attributes);
  }
}

LAW(every_caps_fits_the_template) {
  const auto all = gst::audio_template_caps();
  for (const char* name : {"PCMA/8000", "PCMU/8000/2", "L8/44100", "L16/44100/2", "L24/96000/8", "G722/8000",
                           "G722/16000", "G723/8000", "G726-16/8000", "AAL2-G726-40/16000", "DVI4/11025",
                           "GSM/8000", "iLBC/8000", "opus/48000/2"}) {
    const auto caps = gst::audio_caps(only_media(section("96", std::string("a=rtpmap:96 ") + name + "\r\n")));
    ck_assert_msg(
        caps != nullptr && gst_caps_is_fixed(caps.get()) && gst_caps_is_subset(caps.get(), all.get()), "%s",
        name);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("audio_caps");
}
