#include "h264_caps.h"

#include <gst/codecparsers/gsth264parser.h>
#include <gst/pbutils/codec-utils.h>

#include <string_view>

#include "codec/avc_record.h"

namespace retina::gst {
namespace {

constexpr const char* kNames[] = {"avc", "avc3", "byte-stream"};

const char* name_of(H264Format format) {
  return kNames[static_cast<int>(format)];
}

struct ParserFree {
  void operator()(GstH264NalParser* parser) const { gst_h264_nal_parser_free(parser); }
};

/// Picture size, rate and shape, as far as GStreamer's parser can read the SPS.
void set_picture_fields(GstCaps* caps, const base::Bytes& sps) {
  // The parser wants a start code before the NAL unit.
  base::Bytes unit{0, 0, 0, 1};
  unit.insert(unit.end(), sps.begin(), sps.end());

  const std::unique_ptr<GstH264NalParser, ParserFree> parser(gst_h264_nal_parser_new());
  GstH264NalUnit nal;
  GstH264SPS parsed;
  if (gst_h264_parser_identify_nalu_unchecked(parser.get(), unit.data(), 0, unit.size(), &nal) !=
          GST_H264_PARSER_OK ||
      gst_h264_parse_sps(&nal, &parsed) != GST_H264_PARSER_OK) {
    return;
  }
  const int width = parsed.frame_cropping_flag ? parsed.crop_rect_width : parsed.width;
  const int height = parsed.frame_cropping_flag ? parsed.crop_rect_height : parsed.height;
  if (width > 0 && height > 0)
    gst_caps_set_simple(caps, "width", G_TYPE_INT, width, "height", G_TYPE_INT, height, nullptr);

  int numerator = 0;
  int denominator = 1;
  gst_h264_video_calculate_framerate(&parsed, 0, 0, &numerator, &denominator);
  if (numerator > 0 && denominator > 0 && numerator / denominator <= 1000) {
    gst_caps_set_simple(caps, "framerate", GST_TYPE_FRACTION, numerator, denominator, nullptr);
  }
  const GstH264VUIParams& vui = parsed.vui_parameters;
  if (parsed.vui_parameters_present_flag && vui.aspect_ratio_info_present_flag && vui.par_n > 0 &&
      vui.par_d > 0) {
    gst_caps_set_simple(caps, "pixel-aspect-ratio", GST_TYPE_FRACTION, static_cast<int>(vui.par_n),
                        static_cast<int>(vui.par_d), nullptr);
  }
  gst_h264_sps_clear(&parsed);
}

/// a=framerate is a hint, for streams whose SPS doesn't tell.
void set_hinted_framerate(GstCaps* caps, const sdp::Media& media) {
  if (!media.framerate || *media.framerate <= 0 || *media.framerate > 1000) return;
  if (gst_structure_has_field(gst_caps_get_structure(caps, 0), "framerate")) return;
  int numerator = 0;
  int denominator = 1;
  gst_util_double_to_fraction(*media.framerate, &numerator, &denominator);
  gst_caps_set_simple(caps, "framerate", GST_TYPE_FRACTION, numerator, denominator, nullptr);
}

void set_codec_data(GstCaps* caps, const codec::ParameterSets& parameters) {
  const base::Bytes record = codec::avc_record(parameters);
  GstBuffer* codec_data = gst_buffer_new_memdup(record.data(), record.size());
  gst_caps_set_simple(caps, "codec_data", GST_TYPE_BUFFER, codec_data, nullptr);
  gst_buffer_unref(codec_data);
}

}  // namespace

CapsRef h264_template_caps() {
  return CapsRef(gst_caps_from_string(
      "video/x-h264, stream-format=(string){ avc, avc3, byte-stream }, alignment=(string)au"));
}

std::optional<H264Format> choose_h264_format(const GstCaps* peer) {
  const CapsRef ours = h264_template_caps();
  // The peer's order decides between its structures, ours between the formats that one structure allows.
  CapsRef common(gst_caps_intersect_full(const_cast<GstCaps*>(peer), ours.get(), GST_CAPS_INTERSECT_FIRST));
  if (gst_caps_is_empty(common.get())) return std::nullopt;
  if (gst_caps_is_any(common.get())) return H264Format::kAvc;
  common.reset(gst_caps_fixate(common.release()));
  const gchar* chosen = gst_structure_get_string(gst_caps_get_structure(common.get(), 0), "stream-format");
  for (const auto format : {H264Format::kAvc, H264Format::kAvc3, H264Format::kByteStream}) {
    if (chosen != nullptr && std::string_view(chosen) == name_of(format)) return format;
  }
  return H264Format::kAvc;
}

codec::FrameFormat frame_format(H264Format format, codec::ParameterSetInsertion insertion) {
  switch (format) {
    case H264Format::kAvc:
      return {codec::NalFraming::kLengthPrefixed, codec::ParameterSetInsertion::kNever};
    case H264Format::kAvc3:
      return {codec::NalFraming::kLengthPrefixed, insertion};
    case H264Format::kByteStream:
      break;
  }
  return {codec::NalFraming::kStartCode, insertion};
}

CapsRef h264_caps(H264Format format, const codec::ParameterSets* parameters, const sdp::Media& media) {
  const bool known = parameters != nullptr && !parameters->sps.empty() && !parameters->pps.empty();
  const bool needs_codec_data = format != H264Format::kByteStream;
  if (needs_codec_data && (!known || codec::avc_record(*parameters).empty())) return nullptr;

  CapsRef caps(gst_caps_new_simple("video/x-h264", "stream-format", G_TYPE_STRING, name_of(format),
                                   "alignment", G_TYPE_STRING, "au", nullptr));
  if (known) {
    const base::Bytes& sps = parameters->sps.front();
    if (sps.size() >= 4) {
      gst_codec_utils_h264_caps_set_level_and_profile(caps.get(), sps.data() + 1,
                                                      static_cast<guint>(sps.size() - 1));
    }
    set_picture_fields(caps.get(), sps);
    if (needs_codec_data) set_codec_data(caps.get(), *parameters);
  }
  set_hinted_framerate(caps.get(), media);
  return caps;
}

}  // namespace retina::gst
