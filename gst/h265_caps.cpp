#include "h265_caps.h"

#include <algorithm>

#include <gst/codecparsers/gsth265parser.h>
#include <gst/pbutils/codec-utils.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

#include "codec/hevc_record.h"
#include "codec/hevc_sets.h"
#include "framerate_hint.h"

namespace retina::gst {
namespace {

constexpr const char* kNames[] = {"hvc1", "hev1", "byte-stream"};

const char* name_of(H265Format format) {
  return kNames[static_cast<int>(format)];
}

struct ParserFree {
  void operator()(GstH265Parser* parser) const { gst_h265_parser_free(parser); }
};

base::Bytes record_of(H265Format format, const codec::ParameterSets& parameters) {
  return codec::hevc_record(parameters, format == H265Format::kHev1 ? codec::HevcRecordUse::kAlsoInStream
                                                                    : codec::HevcRecordUse::kComplete);
}

/// GStreamer's parser on one NAL unit.
class Parser {
  static constexpr std::size_t kStartCodeBytes = 4;

 public:
  explicit Parser(const base::Bytes& nal)
      : parser_(gst_h265_parser_new()), bytes_(kStartCodeBytes + nal.size()) {
    // It wants a start code before the NAL unit.
    bytes_[kStartCodeBytes - 1] = 1;
    std::copy(nal.begin(), nal.end(), bytes_.begin() + kStartCodeBytes);
    identified_ = gst_h265_parser_identify_nalu_unchecked(parser_.get(), bytes_.data(), 0, bytes_.size(),
                                                          &unit_) == GST_H265_PARSER_OK;
  }

  bool parse(GstH265SPS& sps) {
    return identified_ && gst_h265_parser_parse_sps(parser_.get(), &unit_, &sps, TRUE) == GST_H265_PARSER_OK;
  }
  bool parse(GstH265VPS& vps) {
    return identified_ && gst_h265_parser_parse_vps(parser_.get(), &unit_, &vps) == GST_H265_PARSER_OK;
  }

 private:
  std::unique_ptr<GstH265Parser, ParserFree> parser_;
  base::Bytes bytes_;
  GstH265NalUnit unit_{};
  bool identified_ = false;
};

bool has_field(const GstCaps* caps, const char* name) {
  return gst_structure_has_field(gst_caps_get_structure(caps, 0), name);
}

void set_size(GstCaps* caps, int width, int height) {
  if (width > 0 && height > 0)
    gst_caps_set_simple(caps, "width", G_TYPE_INT, width, "height", G_TYPE_INT, height, nullptr);
}

void set_framerate(GstCaps* caps, guint64 numerator, guint64 denominator) {
  if (numerator == 0 || denominator == 0 || numerator > G_MAXINT || denominator > G_MAXINT) return;
  if (numerator / denominator > 1000) return;
  gst_caps_set_simple(caps, "framerate", GST_TYPE_FRACTION, static_cast<int>(numerator),
                      static_cast<int>(denominator), nullptr);
}

void set_shape(GstCaps* caps, const GstH265VUIParams& vui) {
  if (!vui.aspect_ratio_info_present_flag || vui.par_n == 0 || vui.par_d == 0) return;
  gst_caps_set_simple(caps, "pixel-aspect-ratio", GST_TYPE_FRACTION, static_cast<int>(vui.par_n),
                      static_cast<int>(vui.par_d), nullptr);
}

/// Picture size, rate and shape.
void set_picture_fields(GstCaps* caps, const codec::ParameterSets& parameters) {
  const auto sps = std::make_unique<GstH265SPS>();
  if (Parser(parameters.sps.front()).parse(*sps)) {
    const bool cropped = sps->conformance_window_flag != 0;
    set_size(caps, cropped ? sps->crop_rect_width : sps->width,
             cropped ? sps->crop_rect_height : sps->height);
    if (sps->fps_num > 0 && sps->fps_den > 0)
      set_framerate(caps, static_cast<guint64>(sps->fps_num), static_cast<guint64>(sps->fps_den));
    if (sps->vui_parameters_present_flag) set_shape(caps, sps->vui_params);
  } else if (const auto ours = codec::read_hevc_sps(parameters.sps.front())) {
    // Muxers don't do without the size, so it is worth a second look.
    set_size(caps, static_cast<int>(ours->width), static_cast<int>(ours->height));
  }
  if (has_field(caps, "framerate") || parameters.vps.empty()) return;
  const auto vps = std::make_unique<GstH265VPS>();
  if (Parser(parameters.vps.front()).parse(*vps) && vps->timing_info_present_flag)
    set_framerate(caps, vps->time_scale, vps->num_units_in_tick);
}

/// The record has profile_tier_level() as GStreamer wants it: without emulation prevention.
void set_profile(GstCaps* caps, const base::Bytes& record) {
  constexpr std::size_t kOffset = 1;
  constexpr guint kSize = 12;
  gst_codec_utils_h265_caps_set_level_tier_and_profile(caps, record.data() + kOffset, kSize);
}

void set_codec_data(GstCaps* caps, const base::Bytes& record) {
  GstBuffer* codec_data = gst_buffer_new_memdup(record.data(), record.size());
  gst_caps_set_simple(caps, "codec_data", GST_TYPE_BUFFER, codec_data, nullptr);
  gst_buffer_unref(codec_data);
}

}  // namespace

CapsRef h265_template_caps() {
  return CapsRef(gst_caps_from_string(
      "video/x-h265, stream-format=(string){ hvc1, hev1, byte-stream }, alignment=(string)au"));
}

std::optional<H265Format> choose_h265_format(const GstCaps* peer) {
  const CapsRef ours = h265_template_caps();
  // The peer's order decides between its structures, ours between the formats that one structure allows.
  CapsRef common(gst_caps_intersect_full(const_cast<GstCaps*>(peer), ours.get(), GST_CAPS_INTERSECT_FIRST));
  if (gst_caps_is_empty(common.get())) return std::nullopt;
  if (gst_caps_is_any(common.get())) return H265Format::kHvc1;
  common.reset(gst_caps_fixate(common.release()));
  const gchar* chosen = gst_structure_get_string(gst_caps_get_structure(common.get(), 0), "stream-format");
  for (const auto format : {H265Format::kHvc1, H265Format::kHev1, H265Format::kByteStream}) {
    if (chosen != nullptr && std::string_view(chosen) == name_of(format)) return format;
  }
  return H265Format::kHvc1;
}

codec::FrameFormat frame_format(H265Format format, codec::ParameterSetInsertion insertion) {
  switch (format) {
    case H265Format::kHvc1:
      return {codec::NalFraming::kLengthPrefixed, codec::ParameterSetInsertion::kNever};
    case H265Format::kHev1:
      return {codec::NalFraming::kLengthPrefixed, insertion};
    case H265Format::kByteStream:
      break;
  }
  return {codec::NalFraming::kStartCode, insertion};
}

CapsRef h265_caps(H265Format format, const codec::ParameterSets* parameters, const sdp::Media& media) {
  const bool known = parameters != nullptr && !parameters->sps.empty() && !parameters->pps.empty();
  const base::Bytes record = known ? record_of(format, *parameters) : base::Bytes();
  const bool needs_codec_data = format != H265Format::kByteStream;
  if (needs_codec_data && record.empty()) return nullptr;

  CapsRef caps(gst_caps_new_simple("video/x-h265", "stream-format", G_TYPE_STRING, name_of(format),
                                   "alignment", G_TYPE_STRING, "au", nullptr));
  if (known) set_picture_fields(caps.get(), *parameters);
  if (!record.empty()) set_profile(caps.get(), record);
  if (needs_codec_data) set_codec_data(caps.get(), record);
  set_framerate_hint(caps.get(), media);
  return caps;
}

}  // namespace retina::gst
