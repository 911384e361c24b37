#include "h264_caps.h"

#include "base/base64.h"
#include "support/check.h"

namespace {

using namespace retina;
using gst::H264Format;

/// Constrained Baseline, level 3, 240x160, and its PPS.
codec::ParameterSets sample() {
  codec::ParameterSets sets;
  sets.sps.push_back(*base::decode_base64("Z0LAHtkDxWhAAAADAEAAAAwDxYuS"));
  sets.pps.push_back(*base::decode_base64("aMuMsg=="));
  return sets;
}

std::string text_of(const GstCaps* caps) {
  gchar* text = gst_caps_to_string(caps);
  std::string copy = text;
  g_free(text);
  return copy;
}

LAW(caps_say_what_the_parameter_sets_say) {
  const auto sets = sample();
  const auto caps = gst::h264_caps(H264Format::kAvc, &sets, {});
  const GstStructure* structure = gst_caps_get_structure(caps.get(), 0);
  gint width = 0;
  gint height = 0;
  ck_assert(gst_structure_get_int(structure, "width", &width) &&
            gst_structure_get_int(structure, "height", &height));
  ck_assert_int_eq(width, 240);
  ck_assert_int_eq(height, 160);
  ASSERT_TEXT(gst_structure_get_string(structure, "profile"), "constrained-baseline");
  ASSERT_TEXT(gst_structure_get_string(structure, "level"), "3");
  ck_assert(gst_structure_has_field(structure, "codec_data") &&
            gst_structure_has_field(structure, "framerate"));
}

LAW(byte_stream_needs_no_parameter_sets_and_has_no_codec_data) {
  const auto without = gst::h264_caps(H264Format::kByteStream, nullptr, {});
  ASSERT_TEXT(text_of(without.get()),
              "video/x-h264, stream-format=(string)byte-stream, alignment=(string)au");
  const auto sets = sample();
  const auto with = gst::h264_caps(H264Format::kByteStream, &sets, {});
  ck_assert(!gst_structure_has_field(gst_caps_get_structure(with.get(), 0), "codec_data"));
}

LAW(avc_waits_for_parameter_sets) {
  ck_assert(gst::h264_caps(H264Format::kAvc, nullptr, {}) == nullptr);
  auto sets = sample();
  sets.pps.clear();
  ck_assert(gst::h264_caps(H264Format::kAvc3, &sets, {}) == nullptr);
}

LAW(parameter_sets_that_cannot_be_parsed_cost_fields_and_not_the_video) {
  codec::ParameterSets sets;
  sets.sps.push_back({0x67, 0x42, 0xC0, 0x1E, 0xFF});
  sets.pps.push_back({0x68, 0xCB});
  const auto caps = gst::h264_caps(H264Format::kAvc, &sets, {});
  ck_assert(caps != nullptr);
  const GstStructure* structure = gst_caps_get_structure(caps.get(), 0);
  ck_assert(gst_structure_has_field(structure, "codec_data") &&
            gst_structure_has_field(structure, "profile"));
}

LAW(the_sdp_hints_at_the_frame_rate_only_where_the_sps_does_not_tell) {
  sdp::Media media;
  media.framerate = 12.5;
  const auto hinted = gst::h264_caps(H264Format::kByteStream, nullptr, media);
  gint numerator = 0;
  gint denominator = 0;
  ck_assert(gst_structure_get_fraction(gst_caps_get_structure(hinted.get(), 0), "framerate", &numerator,
                                       &denominator));
  ck_assert(numerator == 25 && denominator == 2);
  const auto sets = sample();
  const auto told = gst::h264_caps(H264Format::kByteStream, &sets, media);
  gst_structure_get_fraction(gst_caps_get_structure(told.get(), 0), "framerate", &numerator, &denominator);
  ck_assert(numerator != 25 || denominator != 2);
}

LAW(the_peers_preference_decides_and_avc_where_it_has_none) {
  struct {
    const char* peer;
    std::optional<H264Format> format;
  } const cases[] = {
      {"ANY", H264Format::kAvc},
      {"video/x-h264", H264Format::kAvc},
      {"video/x-h264, stream-format=byte-stream", H264Format::kByteStream},
      {"video/x-h264, stream-format=avc3; video/x-h264, stream-format=avc", H264Format::kAvc3},
      {"video/x-h264, stream-format=byte-stream, alignment=nal; video/x-h264, stream-format=avc",
       H264Format::kAvc},
      {"audio/mpeg", std::nullopt},
      {"EMPTY", std::nullopt},
  };
  for (const auto& c : cases) {
    const gst::CapsRef peer(gst_caps_from_string(c.peer));
    ck_assert_msg(gst::choose_h264_format(peer.get()) == c.format, "%s", c.peer);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("h264_caps");
}
