#include "av1_caps.h"

#include <gst/codecparsers/gstav1parser.h>

#include <memory>
#include <optional>

#include "base/bytes.h"
#include "framerate_hint.h"

namespace retina::gst {
namespace {

struct ParserFree {
  void operator()(GstAV1Parser* parser) const { gst_av1_parser_free(parser); }
};

/// `obu`: with its size field. Nullopt: GStreamer's parser can't read it.
std::optional<GstAV1SequenceHeaderOBU> parse_sequence_header(const base::Bytes& obu) {
  const std::unique_ptr<GstAV1Parser, ParserFree> parser(gst_av1_parser_new());
  GstAV1OBU unit;
  guint32 consumed = 0;
  if (gst_av1_parser_identify_one_obu(parser.get(), obu.data(), static_cast<guint32>(obu.size()), &unit,
                                      &consumed) != GST_AV1_PARSER_OK ||
      unit.obu_type != GST_AV1_OBU_SEQUENCE_HEADER) {
    return std::nullopt;
  }
  GstAV1SequenceHeaderOBU header;
  if (gst_av1_parser_parse_sequence_header_obu(parser.get(), &unit, &header) != GST_AV1_PARSER_OK)
    return std::nullopt;
  return header;
}

const char* profile_name(const GstAV1SequenceHeaderOBU& header) {
  switch (header.seq_profile) {
    case GST_AV1_PROFILE_0:
      return "main";
    case GST_AV1_PROFILE_1:
      return "high";
    case GST_AV1_PROFILE_2:
      return "professional";
    default:
      return nullptr;
  }
}

const char* chroma_format(const GstAV1ColorConfig& color) {
  if (color.mono_chrome) return "4:0:0";
  if (color.subsampling_x == 0) return "4:4:4";
  return color.subsampling_y == 0 ? "4:2:2" : "4:2:0";
}

/// Where the pictures come at a fixed rate (AV1 s6.4.3).
void set_framerate(GstCaps* caps, const GstAV1SequenceHeaderOBU& header) {
  const GstAV1TimingInfo& timing = header.timing_info;
  if (!header.timing_info_present_flag || !timing.equal_picture_interval) return;
  const guint64 ticks =
      guint64{timing.num_units_in_display_tick} * (guint64{timing.num_ticks_per_picture_minus_1} + 1);
  if (timing.time_scale == 0 || timing.time_scale > G_MAXINT || ticks == 0 || ticks > G_MAXINT) return;
  if (timing.time_scale / ticks > 1000) return;
  gst_caps_set_simple(caps, "framerate", GST_TYPE_FRACTION, static_cast<gint>(timing.time_scale),
                      static_cast<gint>(ticks), nullptr);
}

void set_codec_data(GstCaps* caps, const GstAV1SequenceHeaderOBU& header, const base::Bytes& obu) {
  const GstAV1ColorConfig& color = header.color_config;
  const GstAV1OperatingPoint& point = header.operating_points[0];
  const auto flag = [](gboolean value, unsigned bit) { return value ? 1U << bit : 0U; };
  base::Bytes record{0x81,  // marker and version
                     static_cast<std::uint8_t>((static_cast<unsigned>(header.seq_profile) << 5) |
                                               (point.seq_level_idx & 31U)),
                     static_cast<std::uint8_t>(flag(point.seq_tier, 7) | flag(color.high_bitdepth, 6) |
                                               flag(color.twelve_bit, 5) | flag(color.mono_chrome, 4) |
                                               flag(color.subsampling_x, 3) | flag(color.subsampling_y, 2) |
                                               (static_cast<unsigned>(color.chroma_sample_position) & 3U)),
                     0};  // no initial_presentation_delay
  record.insert(record.end(), obu.begin(), obu.end());
  GstBuffer* codec_data = gst_buffer_new_memdup(record.data(), record.size());
  gst_caps_set_simple(caps, "codec_data", GST_TYPE_BUFFER, codec_data, nullptr);
  gst_buffer_unref(codec_data);
}

void set_fields(GstCaps* caps, const GstAV1SequenceHeaderOBU& header) {
  const guint depth = header.bit_depth;
  gst_caps_set_simple(caps, "width", G_TYPE_INT, header.max_frame_width_minus_1 + 1, "height", G_TYPE_INT,
                      header.max_frame_height_minus_1 + 1, "chroma-format", G_TYPE_STRING,
                      chroma_format(header.color_config), "bit-depth-luma", G_TYPE_UINT, depth,
                      "bit-depth-chroma", G_TYPE_UINT, depth, nullptr);
  if (const char* profile = profile_name(header); profile != nullptr)
    gst_caps_set_simple(caps, "profile", G_TYPE_STRING, profile, nullptr);
  set_framerate(caps, header);
}

}  // namespace

CapsRef av1_template_caps() {
  return CapsRef(gst_caps_from_string("video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu"));
}

CapsRef av1_caps(const codec::ParameterSets* parameters, const sdp::Media& media) {
  if (parameters == nullptr || parameters->config.empty()) return nullptr;
  CapsRef caps = av1_template_caps();
  if (const auto header = parse_sequence_header(parameters->config)) {
    set_fields(caps.get(), *header);
    set_codec_data(caps.get(), *header, parameters->config);
  }
  set_framerate_hint(caps.get(), media);
  return caps;
}

}  // namespace retina::gst
