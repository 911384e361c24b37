#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/bytes.h"
#include "codec/frame.h"

namespace retina::codec {

/// What the beginning of a slice says of the picture that it is part of (ITU-T H.264 s7.3.3).
struct H264SliceHeader {
  bool idr = false;
  bool reference = false;  ///< nal_ref_idc isn't 0
  std::uint32_t first_macroblock = 0;
  std::uint32_t picture_parameters = 0;  ///< id
  std::uint32_t frame_number = 0;
  bool field = false;
  bool bottom = false;
  std::uint32_t idr_picture_id = 0;
  /// pic_order_cnt_lsb and delta_pic_order_cnt_bottom, or delta_pic_order_cnt[0] and [1], undecoded.
  std::uint32_t order[2] = {0, 0};

  /// s7.4.1.2.4: slices whose headers differ in any of these belong to different pictures.
  bool same_picture(const H264SliceHeader& other) const;
  /// `second`, of another picture, is the other field of this one's frame.
  bool is_field_before(const H264SliceHeader& second) const;
};

/// slice_type, of which only this matters: I and SI slices refer to no other picture. Nullopt when the bytes
/// end before it. `payload`: the slice after its NAL header.
std::optional<bool> is_intra_slice(base::ByteView payload);

/// Reads slice headers; for that it has to know the parameter sets.
class H264SliceReader {
 public:
  /// Sets that can't be read, and the slices that refer to them, aren't.
  void set_parameters(const ParameterSets& parameters);

  /// Pictures of the stream may be fields (frame_mbs_only_flag is 0 in one of the SPS).
  bool may_have_fields() const { return may_have_fields_; }

  /// A slice (types 1, 2 and 5): its NAL header, and what comes after it, or its first bytes.
  std::optional<H264SliceHeader> read(std::uint8_t nal_header, base::ByteView payload) const;

 private:
  /// Of an SPS (s7.3.2.1.1).
  struct Sequence {
    unsigned frame_number_bits = 4;
    unsigned order_bits = 4;
    unsigned order_type = 0;
    bool order_deltas = false;
    bool colour_planes = false;
    bool frames_only = true;
  };
  /// Of a PPS (s7.3.2.2).
  struct Picture {
    std::uint32_t sequence = 0;
    bool order_of_bottom = false;
  };

  void add_sequence(base::ByteView sps);
  void add_picture(base::ByteView pps);

  std::map<std::uint32_t, Sequence> sequences_;
  std::map<std::uint32_t, Picture> pictures_;
  bool may_have_fields_ = false;
};

}  // namespace retina::codec
