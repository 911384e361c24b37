// Caps of packets: those that rtspsrc makes of the same description, with GStreamer's own SDP parser.

#include "rtp_caps.h"

#include <gst/sdp/gstsdpmessage.h>

#include <chrono>
#include <string>

#include "gst/depayloader.h"
#include "sdp/sdp_text.h"

namespace {

using namespace retina;
using namespace retina::test;

const std::string kSession =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=tool:test\r\na=control:*\r\na=range:npt=now-\r\n";

/// As rtspsrc does it: the section's mapping, then the session's attributes and the section's.
gst::CapsRef reference(const std::string& text, int payload_type) {
  GstSDPMessage* message = nullptr;
  ck_assert_int_eq(gst_sdp_message_new_from_text(text.c_str(), &message), GST_SDP_OK);
  const GstSDPMedia* media = gst_sdp_message_get_media(message, 0);
  gst::CapsRef caps(gst_sdp_media_get_caps_from_media(media, payload_type));
  ck_assert(caps != nullptr);
  gst_structure_set_name(gst_caps_get_structure(caps.get(), 0), "application/x-rtp");
  gst_sdp_message_attributes_to_caps(message, caps.get());
  gst_sdp_media_attributes_to_caps(media, caps.get());
  gst_sdp_message_free(message);
  return caps;
}

gst::CapsRef ours(const std::string& text, const gst::RtpCapsDetails& details = {}) {
  const sdp::Description description = parse_sdp(text);
  return gst::rtp_caps(description.media.at(0), description.attributes, details);
}

struct Case {
  const char* media;  // m= line without "m=" and line end
  int payload_type;
  const char* attributes;
};

constexpr Case kCases[] = {
    {"video 0 RTP/AVP 96", 96, "a=rtpmap:96 VP8/90000\r\na=control:track1\r\n"},
    {"video 0 RTP/AVP 98", 98,
     "a=rtpmap:98 VP9/90000\r\na=fmtp:98 profile-id=0; Max-FR=30\r\na=rtcp-fb:98 nack pli\r\na=rtcp-fb:* ccm "
     "fir\r\n"
     "a=rtcp-fb:99 nack\r\n"},
    {"video 0 RTP/AVP 33", 33, "a=control:track1\r\n"},
    {"audio 0 RTP/AVP 14", 14, ""},
    {"audio 0 RTP/AVP 97", 97, "a=rtpmap:97 AC3/48000/6\r\na=ptime:32\r\n"},
    {"video 0 RTP/AVP 96", 96,
     "a=rtpmap:96 theora/90000\r\na=fmtp:96 sampling=YCbCr-4:2:0;width=320;height=240;configuration=AAAB+Q==;"
     "delivery-method=inline\r\n"},
    {"video 0 RTP/AVP 96", 96,
     "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=4D0029;"
     "sprop-parameter-sets=Z00AKZpkA8ARPyzUBAQFAAADA+gAAOpg4YAKrgAr7/4o,aO48gA==\r\n"
     "a=framerate:25.0\r\na=framesize:96 1920-1080\r\na=x-dimensions:1920,1080\r\na=recvonly\r\n"},
    {"audio 0 RTP/AVP 97", 97,
     "a=rtpmap:97 MPEG4-GENERIC/48000/2\r\n"
     "a=fmtp:97 streamtype=5; profile-level-id=15; mode=AAC-hbr; config=1190; SizeLength=13; IndexLength=3;"
     " IndexDeltaLength=3\r\n"},
    {"video 0 RTP/AVP 26", 26, "a=x-framerate:12\r\n"},
    {"audio 0 RTP/AVP 111", 111,
     "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=extmap:1 "
     "urn:ietf:params:rtp-hdrext:"
     "ssrc-audio-level\r\na=extmap:2/recvonly urn:test attributes of it\r\na=ssrc:1234 cname:camera\r\n"},
    {"audio 0 RTP/AVP 96", 96, "a=rtpmap:96 AMR/8000/1\r\na=fmtp:96 octet-align\r\n"},
    {"application 0 RTP/AVP 107", 107, "a=rtpmap:107 vnd.onvif.metadata/90000\r\n"},
    {"video 0 RTP/AVP 96", 96,
     "a=rtpmap:96 MP4V-ES/90000\r\na=fmtp:96 "
     "profile-level-id=1;config=000001B001000001B5;clock-rate=7;payload=5\r\n"},
};

LAW(caps_have_what_rtspsrc_puts_into_them) {
  for (const Case& c : kCases) {
    const std::string text = kSession + "m=" + c.media + "\r\n" + c.attributes;
    const auto expected = reference(text, c.payload_type);
    auto got = ours(text);
    ck_assert(got != nullptr);
    // Ours name the encoding of a static payload type, too.
    GstStructure* fields = gst_caps_get_structure(got.get(), 0);
    if (!gst_structure_has_field(gst_caps_get_structure(expected.get(), 0), "encoding-name")) {
      ck_assert(gst_structure_has_field(fields, "encoding-name"));
      gst_structure_remove_field(fields, "encoding-name");
    }
    ck_assert_msg(gst_caps_is_equal(got.get(), expected.get()), "%s\nis not\n%s", text_of(got.get()).c_str(),
                  text_of(expected.get()).c_str());
  }
}

LAW(depayloaders_take_them) {
  struct {
    const char* depayloader;
    Case section;
  } const cases[] = {
      {"rtpvp8depay", kCases[0]},  {"rtpmp2tdepay", kCases[2]}, {"rtpmpadepay", kCases[3]},
      {"rtpac3depay", kCases[4]},  {"rtph264depay", kCases[6]}, {"rtpmp4gdepay", kCases[7]},
      {"rtpjpegdepay", kCases[8]},
  };
  for (const auto& c : cases) {
    GstHarness* harness = gst_harness_new(c.depayloader);
    GstPad* sink = gst_element_get_static_pad(harness->element, "sink");
    const auto caps = ours(kSession + "m=" + c.section.media + "\r\n" + c.section.attributes);
    ck_assert_msg(gst_pad_query_accept_caps(sink, caps.get()), "%s", c.depayloader);
    gst_object_unref(sink);
    gst_harness_teardown(harness);
  }
}

LAW(what_setup_and_play_told_is_in_typed_fields) {
  gst::RtpCapsDetails details;
  details.ssrc = 0xFEDCBA98;
  details.clock_base = 0xFFFFFFFF;
  details.seqnum_base = 65535;
  details.npt_start = std::chrono::seconds(3);
  const auto caps =
      ours(kSession + "m=video 0 RTP/AVP 26\r\na=fmtp:26 ssrc=1;clock-base=2;npt-start=3\r\n", details);
  const GstStructure* fields = gst_caps_get_structure(caps.get(), 0);
  guint ssrc = 0;
  guint clock_base = 0;
  guint seqnum_base = 0;
  guint64 npt_start = 0;
  ck_assert(gst_structure_get_uint(fields, "ssrc", &ssrc) && ssrc == 0xFEDCBA98);
  ck_assert(gst_structure_get_uint(fields, "clock-base", &clock_base) && clock_base == 0xFFFFFFFF);
  ck_assert(gst_structure_get_uint(fields, "seqnum-base", &seqnum_base) && seqnum_base == 65535);
  ck_assert(gst_structure_get_uint64(fields, "npt-start", &npt_start) && npt_start == 3 * GST_SECOND);
  const auto without =
      ours(kSession + "m=video 0 RTP/AVP 26\r\na=fmtp:26 ssrc=1;clock-base=2;npt-start=3\r\n");
  for (const char* field : {"ssrc", "clock-base", "seqnum-base", "npt-start"})
    ck_assert_msg(!gst_structure_has_field(gst_caps_get_structure(without.get(), 0), field), "%s", field);
}

LAW(a_camera_cannot_say_what_is_not_its_own) {
  const auto caps = ours(
      kSession +
      "m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
      "a=fmtp:96 MEDIA=audio;Payload=3;encoding-name=H264;srtp-key=00;srtp-cipher=null;roc=5;seqnum-offset=1;"
      "a-tool=x;extmap-1=urn:x;good=yes;bad name=1;semi\"colon=2;(int)x=3;=4\r\n"
      "a=key-mgmt:mikey AAAA\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\na=odd name:1\r\na=rtcp-fb:96 "
      "a,b=c\r\n"
      "a=ssrc:1 x,y=(int)2:z\r\na=title:caf\xE9\r\n");
  ASSERT_TEXT(text_of(caps.get()),
              "application/x-rtp, media=(string)video, payload=(int)96, clock-rate=(int)90000, "
              "encoding-name=(string)VP8, good=(string)yes, a-tool=(string)test");
}

LAW(caps_survive_being_printed_and_parsed) {
  for (const Case& c : kCases) {
    const auto caps = ours(kSession + "m=" + c.media + "\r\n" + c.attributes);
    const auto again = caps_of(text_of(caps.get()).c_str());
    ck_assert_msg(again != nullptr && gst_caps_is_equal(caps.get(), again.get()), "%s",
                  text_of(caps.get()).c_str());
  }
}

LAW(a_section_as_cameras_write_it_gives_what_was_meant) {
  struct {
    const char* lines;
    const char* caps;
  } const cases[] = {
      // An rtpmap for another type than the m= line's, and quotes, and a parameter that comes twice.
      {"m=audio 0 RTP/AVP 98\r\na=rtpmap:96 speex/16000\r\na=fmtp:98 vbr=\"on\";vbr=off;\r\n",
       "application/x-rtp, media=audio, payload=98, clock-rate=16000, encoding-name=SPEEX, vbr=on, "
       "a-tool=test"},
      {"m=audio 0 RTP/AVP 10\r\n",
       "application/x-rtp, media=audio, payload=10, clock-rate=44100, encoding-name=L16, "
       "encoding-params=(string)2,"
       " a-tool=test"},
      {"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 flag;sprop-parameter-sets=\r\n",
       "application/x-rtp, media=video, payload=96, clock-rate=90000, encoding-name=H264, flag=(string)1,"
       " sprop-parameter-sets=(string)\"\", a-tool=test"},
  };
  for (const auto& c : cases) {
    const auto caps = ours(kSession + c.lines);
    ck_assert_msg(caps != nullptr && gst_caps_is_equal(caps.get(), caps_of(c.caps).get()), "%s",
                  text_of(caps.get()).c_str());
  }
}

LAW(without_a_clock_rate_there_are_no_caps) {
  sdp::Media media;
  media.kind_text = "video";
  media.encoding_name = "VP8";
  media.payload_type = 96;
  ck_assert(gst::rtp_caps(media) == nullptr);
  media.clock_rate_hz = 0x80000000;
  ck_assert(gst::rtp_caps(media) == nullptr);
  media.clock_rate_hz = 90000;
  ck_assert(gst::rtp_caps(media) != nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("rtp_caps");
}
