#include "h265_caps.h"

#include "codec/h265_syntax.h"
#include "codec/hevc_record.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;
using gst::H265Format;

codec::ParameterSets sets_of(const HevcSyntax& syntax) {
  codec::ParameterSets sets;
  sets.vps = {make_hevc_vps(syntax)};
  sets.sps = {make_hevc_sps(syntax)};
  sets.pps = {make_hevc_pps(syntax)};
  return sets;
}

/// Main, level 3.1, 640x360 out of 640x368, 25 pictures a second of shape 4:3.
HevcSyntax sample() {
  HevcSyntax syntax;
  syntax.crop_bottom = 4;
  syntax.vui = true;
  syntax.everything_in_vui = true;
  syntax.time_scale = 25;
  return syntax;
}

std::string text_of(const GstCaps* caps) {
  gchar* text = gst_caps_to_string(caps);
  std::string copy = text;
  g_free(text);
  return copy;
}

/// One field of the caps as text; "-": there is none.
std::string field(const gst::CapsRef& caps, const char* name) {
  const GValue* value = gst_structure_get_value(gst_caps_get_structure(caps.get(), 0), name);
  if (value == nullptr) return "-";
  gchar* text = gst_value_serialize(value);
  std::string copy = text;
  g_free(text);
  return copy;
}

base::Bytes codec_data(const gst::CapsRef& caps) {
  GstBuffer* buffer = nullptr;
  if (!gst_structure_get(gst_caps_get_structure(caps.get(), 0), "codec_data", GST_TYPE_BUFFER, &buffer,
                         nullptr))
    return {};
  base::Bytes bytes(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  gst_buffer_unref(buffer);
  return bytes;
}

LAW(caps_say_what_the_parameter_sets_say) {
  const auto sets = sets_of(sample());
  const auto caps = gst::h265_caps(H265Format::kHvc1, &sets, {});
  ASSERT_TEXT(field(caps, "stream-format"), "hvc1");
  ASSERT_TEXT(field(caps, "alignment"), "au");
  ASSERT_TEXT(field(caps, "profile"), "main");
  ASSERT_TEXT(field(caps, "tier"), "main");
  ASSERT_TEXT(field(caps, "level"), "3.1");
  ASSERT_TEXT(field(caps, "width"), "640");
  ASSERT_TEXT(field(caps, "height"), "360");
  ASSERT_TEXT(field(caps, "framerate"), "25/1");
  ASSERT_TEXT(field(caps, "pixel-aspect-ratio"), "4/3");
  ck_assert(codec_data(caps) == codec::hevc_record(sets, codec::HevcRecordUse::kComplete));
}

LAW(profiles_tiers_and_levels_are_told) {
  struct {
    unsigned profile;
    std::uint32_t compatibility;
    bool high_tier;
    unsigned level;
    const char* expected;
  } const cases[] = {
      {1, 0x60000000, false, 30, "main main 1"},
      {2, 0x20000000, true, 153, "main-10 high 5.1"},
      {3, 0x70000000, false, 93, "main-still-picture main 3.1"},
  };
  for (const auto& c : cases) {
    HevcSyntax syntax;
    syntax.profile = c.profile;
    syntax.compatibility = c.compatibility;
    syntax.high_tier = c.high_tier;
    syntax.level = c.level;
    const auto sets = sets_of(syntax);
    const auto caps = gst::h265_caps(H265Format::kByteStream, &sets, {});
    ASSERT_TEXT(field(caps, "profile") + " " + field(caps, "tier") + " " + field(caps, "level"), c.expected);
  }
}

LAW(the_record_of_hev1_leaves_room_for_sets_in_the_stream) {
  const auto sets = sets_of(sample());
  const auto caps = gst::h265_caps(H265Format::kHev1, &sets, {});
  ASSERT_TEXT(field(caps, "stream-format"), "hev1");
  ck_assert(codec_data(caps) == codec::hevc_record(sets, codec::HevcRecordUse::kAlsoInStream));
}

LAW(byte_stream_needs_no_parameter_sets_and_has_no_codec_data) {
  const auto without = gst::h265_caps(H265Format::kByteStream, nullptr, {});
  ASSERT_TEXT(text_of(without.get()),
              "video/x-h265, stream-format=(string)byte-stream, alignment=(string)au");
  const auto sets = sets_of(sample());
  const auto with = gst::h265_caps(H265Format::kByteStream, &sets, {});
  ASSERT_TEXT(field(with, "codec_data"), "-");
  ASSERT_TEXT(field(with, "width"), "640");
}

LAW(hvc1_waits_for_parameter_sets) {
  for (const auto format : {H265Format::kHvc1, H265Format::kHev1}) {
    ck_assert(gst::h265_caps(format, nullptr, {}) == nullptr);
    auto sets = sets_of(sample());
    sets.pps.clear();
    ck_assert(gst::h265_caps(format, &sets, {}) == nullptr);
  }
}

LAW(parameter_sets_that_cannot_be_parsed_cost_fields_and_not_the_video) {
  const base::Bytes whole = make_hevc_sps(sample());
  for (std::size_t size = 18; size < whole.size(); ++size) {
    auto sets = sets_of(sample());
    sets.sps.front().resize(size);
    for (const auto format : {H265Format::kHvc1, H265Format::kHev1, H265Format::kByteStream}) {
      const auto caps = gst::h265_caps(format, &sets, {});
      ck_assert_msg(caps != nullptr, "%zu bytes", size);
      ASSERT_TEXT(field(caps, "profile"), "main");
      ck_assert(codec_data(caps).empty() == (format == H265Format::kByteStream));
      // Behind the size only the VUI and the tools are missing, and muxers need the size.
      if (size >= 26) ASSERT_TEXT(field(caps, "height"), "360");
    }
  }
}

LAW(without_a_picture_rate_in_the_sps_the_vps_tells) {
  HevcSyntax timed;
  timed.time_scale = 30;
  auto sets = sets_of({});
  sets.vps = {make_hevc_vps(timed)};
  const auto caps = gst::h265_caps(H265Format::kHvc1, &sets, {});
  ASSERT_TEXT(field(caps, "framerate"), "30/1");
}

LAW(the_sdp_hints_at_the_frame_rate_only_where_the_sets_do_not_tell) {
  sdp::Media media;
  media.framerate = 12.5;
  ASSERT_TEXT(field(gst::h265_caps(H265Format::kByteStream, nullptr, media), "framerate"), "25/2");
  const auto sets = sets_of(sample());
  ASSERT_TEXT(field(gst::h265_caps(H265Format::kByteStream, &sets, media), "framerate"), "25/1");
}

LAW(the_peers_preference_decides_and_hvc1_where_it_has_none) {
  struct {
    const char* peer;
    std::optional<H265Format> format;
  } const cases[] = {
      {"ANY", H265Format::kHvc1},
      {"video/x-h265", H265Format::kHvc1},
      {"video/x-h265, stream-format=byte-stream", H265Format::kByteStream},
      {"video/x-h265, stream-format=hev1; video/x-h265, stream-format=hvc1", H265Format::kHev1},
      {"video/x-h265, stream-format=byte-stream, alignment=nal; video/x-h265, stream-format=hvc1",
       H265Format::kHvc1},
      {"video/x-h264", std::nullopt},
      {"EMPTY", std::nullopt},
  };
  for (const auto& c : cases) {
    const gst::CapsRef peer(gst_caps_from_string(c.peer));
    ck_assert_msg(gst::choose_h265_format(peer.get()) == c.format, "%s", c.peer);
  }
}

LAW(the_format_decides_on_framing_and_where_sets_go) {
  constexpr auto kAsked = codec::ParameterSetInsertion::kOnChange;
  const auto hvc1 = gst::frame_format(H265Format::kHvc1, kAsked);
  ck_assert(hvc1.framing == codec::NalFraming::kLengthPrefixed);
  ck_assert(hvc1.parameter_sets == codec::ParameterSetInsertion::kNever);
  const auto hev1 = gst::frame_format(H265Format::kHev1, kAsked);
  ck_assert(hev1.framing == codec::NalFraming::kLengthPrefixed && hev1.parameter_sets == kAsked);
  const auto bytes = gst::frame_format(H265Format::kByteStream, kAsked);
  ck_assert(bytes.framing == codec::NalFraming::kStartCode && bytes.parameter_sets == kAsked);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("h265_caps");
}
