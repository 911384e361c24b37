#include "codec/h264_slice.h"

#include <algorithm>

#include "codec/bit_reader.h"
#include "codec/nal.h"

namespace retina::codec {
namespace {

/// A BitReader whose first failure lasts: the fields of a header are read one after the other, and looked at
/// in the end.
class Fields {
 public:
  explicit Fields(base::ByteView payload) : reader_(payload) {}

  std::uint32_t bits(unsigned count) { return keep(reader_.bits(count)); }
  bool flag() { return bits(1) != 0; }
  /// ue(v); se(v) too where its value doesn't matter.
  std::uint32_t golomb() { return keep(reader_.exp_golomb()); }
  /// se(v), s9.1.1.
  std::int64_t signed_golomb() {
    const std::int64_t code = golomb();
    return code % 2 != 0 ? (code + 1) / 2 : -(code / 2);
  }
  bool valid() const { return valid_; }

 private:
  std::uint32_t keep(std::optional<std::uint32_t> value) {
    valid_ = valid_ && value;
    return valid_ ? *value : 0;
  }

  BitReader reader_;
  bool valid_ = true;
};

/// s7.3.2.1.1: profiles whose SPS has the chroma format.
bool has_chroma_format(std::uint8_t profile) {
  constexpr std::uint8_t kProfiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135, 144};
  return std::find(std::begin(kProfiles), std::end(kProfiles), profile) != std::end(kProfiles);
}

/// s7.3.2.1.1.1.
void skip_scaling_list(Fields& fields, unsigned size) {
  std::int64_t last = 8;
  std::int64_t next = 8;
  for (unsigned i = 0; i < size && fields.valid(); ++i) {
    if (next != 0) next = (last + fields.signed_golomb() + 256) % 256;
    if (next != 0) last = next;
  }
}

/// True when the stream has separate colour planes.
bool read_chroma_format(Fields& fields) {
  const std::uint32_t chroma_format = fields.golomb();
  const bool colour_planes = chroma_format == 3 && fields.flag();
  fields.golomb();  // luma and chroma bit depths
  fields.golomb();
  fields.flag();  // qpprime_y_zero_transform_bypass_flag
  if (fields.flag()) {
    const unsigned lists = chroma_format == 3 ? 12 : 8;
    for (unsigned i = 0; i < lists && fields.valid(); ++i) {
      if (fields.flag()) skip_scaling_list(fields, i < 6 ? 16 : 64);
    }
  }
  return colour_planes;
}

}  // namespace

bool H264SliceHeader::same_picture(const H264SliceHeader& other) const {
  return frame_number == other.frame_number && picture_parameters == other.picture_parameters &&
         field == other.field && bottom == other.bottom && reference == other.reference && idr == other.idr &&
         idr_picture_id == other.idr_picture_id && order[0] == other.order[0] && order[1] == other.order[1];
}

bool H264SliceHeader::is_field_before(const H264SliceHeader& second) const {
  // s3.30: both are reference fields, or neither; the second one is no IDR picture unless both are.
  return field && second.field && bottom != second.bottom && frame_number == second.frame_number &&
         reference == second.reference && (idr || !second.idr);
}

std::optional<bool> is_intra_slice(base::ByteView payload) {
  Fields fields(payload.first(std::min(payload.size(), std::size_t{16})));
  fields.golomb();  // first_mb_in_slice
  const std::uint32_t type = fields.golomb();
  if (!fields.valid() || type > 9) return std::nullopt;
  return type % 5 == 2 || type % 5 == 4;
}

void H264SliceReader::set_parameters(const ParameterSets& parameters) {
  sequences_.clear();
  pictures_.clear();
  may_have_fields_ = false;
  for (const base::Bytes& sps : parameters.sps)
    add_sequence(sps);
  for (const base::Bytes& pps : parameters.pps)
    add_picture(pps);
}

void H264SliceReader::add_sequence(base::ByteView sps) {
  if (sps.size() < 5) return;
  Fields fields(sps.subspan(4));
  Sequence sequence;
  const std::uint32_t id = fields.golomb();
  if (has_chroma_format(sps[1])) sequence.colour_planes = read_chroma_format(fields);
  const std::uint32_t frame_number_bits_minus4 = fields.golomb();
  sequence.order_type = fields.golomb();
  std::uint32_t order_bits_minus4 = 0;
  if (sequence.order_type == 0) {
    order_bits_minus4 = fields.golomb();
  } else if (sequence.order_type == 1) {
    sequence.order_deltas = !fields.flag();
    fields.golomb();  // offset_for_non_ref_pic
    fields.golomb();  // offset_for_top_to_bottom_field
    const std::uint32_t cycle = fields.golomb();
    if (cycle > 255) return;
    for (std::uint32_t i = 0; i < cycle; ++i)
      fields.golomb();
  }
  fields.golomb();  // max_num_ref_frames
  fields.flag();    // gaps_in_frame_num_value_allowed_flag
  fields.golomb();  // width, height
  fields.golomb();
  sequence.frames_only = fields.flag();
  if (!fields.valid() || frame_number_bits_minus4 > 12 || order_bits_minus4 > 12 || sequence.order_type > 2)
    return;
  sequence.frame_number_bits = frame_number_bits_minus4 + 4;
  sequence.order_bits = order_bits_minus4 + 4;
  may_have_fields_ = may_have_fields_ || !sequence.frames_only;
  sequences_[id] = sequence;
}

void H264SliceReader::add_picture(base::ByteView pps) {
  if (pps.size() < 2) return;
  Fields fields(pps.subspan(1));
  Picture picture;
  const std::uint32_t id = fields.golomb();
  picture.sequence = fields.golomb();
  fields.flag();  // entropy_coding_mode_flag
  picture.order_of_bottom = fields.flag();
  if (fields.valid()) pictures_[id] = picture;
}

std::optional<H264SliceHeader> H264SliceReader::read(std::uint8_t nal_header, base::ByteView payload) const {
  Fields fields(payload);
  H264SliceHeader header;
  header.idr = nal::type(nal_header) == nal::kIdrSlice;
  header.reference = nal::reference(nal_header) != 0;
  header.first_macroblock = fields.golomb();
  fields.golomb();  // slice_type
  header.picture_parameters = fields.golomb();
  const auto picture = pictures_.find(header.picture_parameters);
  if (!fields.valid() || picture == pictures_.end()) return std::nullopt;
  const auto found = sequences_.find(picture->second.sequence);
  if (found == sequences_.end()) return std::nullopt;
  const Sequence& sequence = found->second;

  if (sequence.colour_planes) fields.bits(2);
  header.frame_number = fields.bits(sequence.frame_number_bits);
  if (!sequence.frames_only) {
    header.field = fields.flag();
    header.bottom = header.field && fields.flag();
  }
  if (header.idr) header.idr_picture_id = fields.golomb();
  const bool bottom_too = picture->second.order_of_bottom && !header.field;
  if (sequence.order_type == 0) {
    header.order[0] = fields.bits(sequence.order_bits);
    if (bottom_too) header.order[1] = fields.golomb();
  } else if (sequence.order_deltas) {
    header.order[0] = fields.golomb();
    if (bottom_too) header.order[1] = fields.golomb();
  }
  if (!fields.valid()) return std::nullopt;
  return header;
}

}  // namespace retina::codec
