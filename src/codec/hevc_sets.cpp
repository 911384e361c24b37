#include "codec/hevc_sets.h"

#include <algorithm>
#include <array>
#include <vector>

#include "codec/bit_fields.h"
#include "codec/hevc_nal.h"

namespace retina::codec {
namespace {

constexpr std::uint32_t kMaxReferences = 16;

/// No level allows for more (sA.4.1): level 7.2 has 8 times 80216064 samples.
constexpr std::uint32_t kMaxSize = 65535;

/// s7.3.3: what holds for the whole stream.
HevcProfile read_profile(BitFields& fields) {
  HevcProfile profile;
  profile.space = static_cast<std::uint8_t>(fields.bits(2));
  profile.high_tier = fields.flag();
  profile.profile = static_cast<std::uint8_t>(fields.bits(5));
  profile.compatibility = fields.bits(32);
  profile.constraints = std::uint64_t{fields.bits(16)} << 32;
  profile.constraints |= fields.bits(32);
  profile.level = static_cast<std::uint8_t>(fields.bits(8));
  return profile;
}

/// s7.3.3: what holds for the sub-layers below the highest one.
void skip_sub_layer_profiles(BitFields& fields, std::uint32_t max_sub_layers) {
  if (max_sub_layers == 1) return;
  unsigned bits = 0;
  for (std::uint32_t i = 0; i + 1 < max_sub_layers; ++i) {
    if (fields.flag()) bits += 88;  // sub_layer_profile_present_flag
    if (fields.flag()) bits += 8;   // sub_layer_level_present_flag
  }
  fields.skip(2 * (9 - max_sub_layers));  // the flags of eight sub-layers, used or not
  fields.skip(bits);
}

/// s7.3.4.
void skip_scaling_lists(BitFields& fields) {
  for (unsigned size = 0; size < 4; ++size) {
    for (unsigned matrix = 0; matrix < 6 && fields.valid(); matrix += size == 3 ? 3 : 1) {
      if (!fields.flag()) {
        fields.golomb();  // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (size > 1) fields.golomb();  // scaling_list_dc_coef_minus8
      fields.skip_golombs(std::min(64U, 1U << (4 + 2 * size)));
    }
  }
}

/// A short-term reference picture set (s7.3.7): how far the pictures referred to are away, nearest first.
struct ReferenceSet {
  std::vector<std::int64_t> before;  // below 0
  std::vector<std::int64_t> after;   // above 0

  std::size_t size() const { return before.size() + after.size(); }
};

std::vector<std::int64_t> read_distances(BitFields& fields, std::uint32_t count, int direction) {
  std::vector<std::int64_t> distances;
  std::int64_t distance = 0;
  for (std::uint32_t i = 0; i < count && fields.valid(); ++i) {
    distance += direction * (std::int64_t{fields.golomb()} + 1);
    fields.flag();  // used_by_curr_pic
    distances.push_back(distance);
  }
  return distances;
}

/// The set before it, moved, without some of its pictures (equations 7-61 and 7-62).
ReferenceSet predict_references(BitFields& fields, const ReferenceSet& from) {
  const bool negative = fields.flag();
  const std::int64_t magnitude = std::int64_t{fields.golomb()} + 1;
  const std::int64_t shift = negative ? -magnitude : magnitude;
  std::vector<bool> kept(from.size() + 1);
  for (std::size_t i = 0; i < kept.size() && fields.valid(); ++i)
    kept[i] = fields.flag() || fields.flag();  // used_by_curr_pic_flag, else use_delta_flag

  ReferenceSet set;
  const std::size_t first_after = from.before.size();
  for (std::size_t i = from.after.size(); i-- > 0;) {
    if (from.after[i] + shift < 0 && kept[first_after + i]) set.before.push_back(from.after[i] + shift);
  }
  if (shift < 0 && kept.back()) set.before.push_back(shift);
  for (std::size_t i = 0; i < from.before.size(); ++i) {
    if (from.before[i] + shift < 0 && kept[i]) set.before.push_back(from.before[i] + shift);
  }
  for (std::size_t i = from.before.size(); i-- > 0;) {
    if (from.before[i] + shift > 0 && kept[i]) set.after.push_back(from.before[i] + shift);
  }
  if (shift > 0 && kept.back()) set.after.push_back(shift);
  for (std::size_t i = 0; i < from.after.size(); ++i) {
    if (from.after[i] + shift > 0 && kept[first_after + i]) set.after.push_back(from.after[i] + shift);
  }
  return set;
}

void skip_reference_sets(BitFields& fields) {
  const std::uint32_t count = fields.golomb(64);
  ReferenceSet set;
  for (std::uint32_t i = 0; i < count && fields.valid(); ++i) {
    if (i > 0 && fields.flag()) {  // inter_ref_pic_set_prediction_flag
      set = predict_references(fields, set);
      // More pictures than a decoder can hold: garbage, which could make the next set larger still.
      if (set.size() > 2 * kMaxReferences) set = {};
      continue;
    }
    const std::uint32_t before = fields.golomb(kMaxReferences);
    const std::uint32_t after = fields.golomb(kMaxReferences);
    set.before = read_distances(fields, before, -1);
    set.after = read_distances(fields, after, 1);
  }
}

/// Annex E s2.3.
void skip_sub_layer_hrd(BitFields& fields, std::uint32_t buffers, bool sub_pictures) {
  for (std::uint32_t i = 0; i < buffers && fields.valid(); ++i) {
    fields.skip_golombs(sub_pictures ? 4 : 2);
    fields.flag();  // cbr_flag
  }
}

/// Annex E s2.2, with the part that the sub-layers have in common.
void skip_hrd(BitFields& fields, std::uint32_t max_sub_layers) {
  const bool nal = fields.flag();
  const bool vcl = fields.flag();
  bool sub_pictures = false;
  if (nal || vcl) {
    sub_pictures = fields.flag();
    if (sub_pictures) fields.skip(8 + 5 + 1 + 5);
    fields.skip(4 + 4);
    if (sub_pictures) fields.skip(4);
    fields.skip(5 + 5 + 5);
  }
  for (std::uint32_t i = 0; i < max_sub_layers && fields.valid(); ++i) {
    const bool fixed = fields.flag() || fields.flag();  // fixed_pic_rate_general_flag, …_within_cvs_flag
    bool low_delay = false;
    if (fixed) {
      fields.golomb();  // elemental_duration_in_tc_minus1
    } else {
      low_delay = fields.flag();
    }
    const std::uint32_t buffers = low_delay ? 1 : fields.golomb(31) + 1;
    if (nal) skip_sub_layer_hrd(fields, buffers, sub_pictures);
    if (vcl) skip_sub_layer_hrd(fields, buffers, sub_pictures);
  }
}

/// Annex E s2.1, up to min_spatial_segmentation_idc, which is returned; 0 where there is none.
std::uint32_t read_vui(BitFields& fields, std::uint32_t max_sub_layers) {
  constexpr std::uint32_t kExtendedShape = 255;
  if (fields.flag() && fields.bits(8) == kExtendedShape) fields.skip(32);  // aspect ratio
  if (fields.flag()) fields.flag();                                        // overscan
  if (fields.flag()) {                                                     // video signal type
    fields.skip(3 + 1);
    if (fields.flag()) fields.skip(24);  // colour description
  }
  if (fields.flag()) fields.skip_golombs(2);  // chroma sample location
  fields.skip(3);                             // neutral_chroma_indication_flag, fields or frames
  if (fields.flag()) fields.skip_golombs(4);  // default display window
  if (fields.flag()) {                        // timing
    fields.skip(64);
    if (fields.flag()) fields.golomb();
    if (fields.flag()) skip_hrd(fields, max_sub_layers);
  }
  if (!fields.flag()) return 0;  // bitstream_restriction_flag
  fields.skip(3);
  return fields.golomb(4095);
}

/// Takes the margins of both sides off; margins that leave nothing are none.
std::uint32_t cropped(std::uint32_t size, std::uint32_t unit, BitFields& fields) {
  const std::uint64_t before = fields.golomb();
  const std::uint64_t margins = (before + fields.golomb()) * unit;
  return margins < size ? static_cast<std::uint32_t>(size - margins) : size;
}

/// From chroma_format_idc up to log2_max_pic_order_cnt_lsb, which is returned.
std::uint32_t read_sample_format(BitFields& fields, HevcSps& sps) {
  HevcSps read = sps;
  read.chroma_format = fields.golomb(3);
  if (read.chroma_format == 3) fields.flag();  // separate_colour_plane_flag
  read.width = fields.golomb(kMaxSize);
  read.height = fields.golomb(kMaxSize);
  if (fields.flag()) {  // conformance window, in units of chroma samples
    const std::uint32_t unit_width = read.chroma_format == 1 || read.chroma_format == 2 ? 2 : 1;
    const std::uint32_t unit_height = read.chroma_format == 1 ? 2 : 1;
    read.width = cropped(read.width, unit_width, fields);
    read.height = cropped(read.height, unit_height, fields);
  }
  read.luma_bits_over8 = fields.golomb(8);
  read.chroma_bits_over8 = fields.golomb(8);
  read.has_sample_format = fields.valid();
  if (fields.valid()) sps = read;
  return fields.golomb(12) + 4;
}

/// From sps_sub_layer_ordering_info_present_flag up to the VUI.
void skip_coding_tools(BitFields& fields, const HevcSps& sps, std::uint32_t order_bits) {
  const std::uint32_t layers = fields.flag() ? sps.max_sub_layers : 1;
  fields.skip_golombs(3 * layers + 6);  // picture buffers; block sizes
  if (fields.flag() && fields.flag()) skip_scaling_lists(fields);
  fields.skip(2);       // asymmetric partitions, sample adaptive offset
  if (fields.flag()) {  // pulse code modulation
    fields.skip(8);
    fields.skip_golombs(2);
    fields.flag();
  }
  skip_reference_sets(fields);
  if (fields.flag()) {  // long-term references
    const std::uint32_t count = fields.golomb(32);
    fields.skip(count * (order_bits + 1));
  }
  fields.skip(2);  // temporal motion vector prediction, strong intra smoothing
}

}  // namespace

std::optional<HevcSps> read_hevc_sps(base::ByteView nal) {
  if (nal.size() < hevc::kHeaderBytes) return std::nullopt;
  BitFields fields(nal.subspan(hevc::kHeaderBytes));
  HevcSps sps;
  sps.vps_id = fields.bits(4);
  sps.max_sub_layers = fields.bits(3) + 1;
  sps.temporal_id_nesting = fields.flag();
  sps.profile = read_profile(fields);
  if (!fields.valid()) return std::nullopt;
  skip_sub_layer_profiles(fields, sps.max_sub_layers);
  sps.id = fields.golomb();

  const std::uint32_t order_bits = read_sample_format(fields, sps);
  skip_coding_tools(fields, sps, order_bits);
  const bool vui = fields.flag();
  const std::uint32_t segmentation = vui ? read_vui(fields, sps.max_sub_layers) : 0;
  if (fields.valid()) sps.min_spatial_segmentation = segmentation;
  return sps;
}

std::optional<HevcPps> read_hevc_pps(base::ByteView nal) {
  if (nal.size() < hevc::kHeaderBytes) return std::nullopt;
  BitFields fields(nal.subspan(hevc::kHeaderBytes));
  HevcPps pps;
  pps.id = fields.golomb();
  pps.sps_id = fields.golomb();
  if (!fields.valid()) return std::nullopt;

  // dependent_slice_segments, output_flag, num_extra_slice_header_bits, sign_data_hiding, cabac_init.
  fields.skip(1 + 1 + 3 + 1 + 1);
  fields.skip_golombs(3);              // reference counts, init_qp_minus26
  fields.skip(2);                      // constrained_intra_pred_flag, transform_skip_enabled_flag
  if (fields.flag()) fields.golomb();  // diff_cu_qp_delta_depth
  fields.skip_golombs(2);              // chroma offsets
  fields.skip(4);                      // their presence in slices, weighted prediction, transquant bypass
  pps.tiles = fields.flag();
  pps.entropy_sync = fields.flag();
  pps.has_tools = fields.valid();
  return pps;
}

}  // namespace retina::codec
