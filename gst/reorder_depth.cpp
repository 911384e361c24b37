#include "reorder_depth.h"

#include <gst/codecparsers/gsth264parser.h>
#include <gst/codecparsers/gsth265parser.h>

#include <algorithm>
#include <memory>

#include "base/ascii.h"

namespace retina::gst {
namespace {

constexpr unsigned kMost = 16;

struct ParserFree {
  void operator()(GstH264NalParser* parser) const { gst_h264_nal_parser_free(parser); }
  void operator()(GstH265Parser* parser) const { gst_h265_parser_free(parser); }
};

/// The parsers want a start code before the NAL unit.
base::Bytes with_start_code(const base::Bytes& sps) {
  base::Bytes unit(4 + sps.size());
  unit[3] = 1;
  std::copy(sps.begin(), sps.end(), unit.begin() + 4);
  return unit;
}

/// Of a stream that doesn't say. B-frames lie between two pictures that they refer to, and a hierarchy of
/// them needs three; cameras without B-frames keep one. A depth that is too large does no harm, and with one
/// that is too small a muxer leaves pictures out.
unsigned likely_depth(const GstH264SPS& sps) {
  constexpr unsigned kBaseline = 66;
  if (sps.profile_idc == kBaseline || sps.num_ref_frames < 2) return 0;
  return sps.num_ref_frames == 2 ? 1 : 2;
}

unsigned depth_of_h264(const base::Bytes& sps) {
  const base::Bytes unit = with_start_code(sps);
  const std::unique_ptr<GstH264NalParser, ParserFree> parser(gst_h264_nal_parser_new());
  GstH264NalUnit nal;
  GstH264SPS parsed;
  if (gst_h264_parser_identify_nalu_unchecked(parser.get(), unit.data(), 0, unit.size(), &nal) !=
          GST_H264_PARSER_OK ||
      gst_h264_parse_sps(&nal, &parsed) != GST_H264_PARSER_OK) {
    return 0;
  }
  const GstH264VUIParams& vui = parsed.vui_parameters;
  // With picture order count type 2 pictures are shown as they are decoded (ITU-T H.264 s8.2.1.3).
  const bool told = parsed.vui_parameters_present_flag && vui.bitstream_restriction_flag;
  unsigned depth = told ? vui.num_reorder_frames : likely_depth(parsed);
  if (parsed.pic_order_cnt_type == 2) depth = 0;
  gst_h264_sps_clear(&parsed);
  return depth;
}

unsigned depth_of_h265(const base::Bytes& sps) {
  const base::Bytes unit = with_start_code(sps);
  const std::unique_ptr<GstH265Parser, ParserFree> parser(gst_h265_parser_new());
  GstH265NalUnit nal;
  const auto parsed = std::make_unique<GstH265SPS>();
  if (gst_h265_parser_identify_nalu_unchecked(parser.get(), unit.data(), 0, unit.size(), &nal) !=
          GST_H265_PARSER_OK ||
      gst_h265_parser_parse_sps(parser.get(), &nal, parsed.get(), FALSE) != GST_H265_PARSER_OK) {
    return 0;
  }
  const std::size_t layer = std::min<std::size_t>(parsed->max_sub_layers_minus1, GST_H265_MAX_SUB_LAYERS - 1);
  return parsed->max_num_reorder_pics[layer];
}

}  // namespace

int reorder_depth(const sdp::Media& media, const codec::ParameterSets* parameters) {
  if (parameters == nullptr || parameters->sps.empty()) return 0;
  unsigned depth = 0;
  if (base::equals_ignore_case(media.encoding_name, "H264")) depth = depth_of_h264(parameters->sps.front());
  if (base::equals_ignore_case(media.encoding_name, "H265")) depth = depth_of_h265(parameters->sps.front());
  return static_cast<int>(std::min(depth, kMost));
}

}  // namespace retina::gst
