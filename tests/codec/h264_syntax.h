#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

/// Parameter sets and slices with true headers, bit by bit (ITU-T H.264 s7.3).
namespace retina::test {

class BitWriter {
 public:
  BitWriter& u(unsigned width, std::uint32_t value) {
    for (unsigned i = width; i-- > 0;)
      bits_.push_back(((value >> i) & 1U) != 0);
    return *this;
  }
  BitWriter& ue(std::uint32_t value) {
    unsigned width = 0;
    while (((std::uint64_t{value} + 1) >> (width + 1)) != 0)
      ++width;
    return u(width, 0).u(width + 1, value + 1);
  }
  BitWriter& se(std::int32_t value) {
    return ue(value > 0 ? static_cast<std::uint32_t>(2 * value - 1) : static_cast<std::uint32_t>(-2 * value));
  }

  /// A NAL unit: `start` as it is, the bits with trailing bits, emulation prevented.
  base::Bytes nal(base::Bytes start) const {
    std::vector<bool> all = bits_;
    all.push_back(true);
    all.resize((all.size() + 7) / 8 * 8);
    unsigned zeros = 0;
    for (std::size_t i = 0; i < all.size(); i += 8) {
      unsigned byte = 0;
      for (std::size_t bit = i; bit < i + 8; ++bit)
        byte = byte * 2 + (all[bit] ? 1 : 0);
      if (zeros >= 2 && byte <= 3) {
        start.push_back(3);
        zeros = 0;
      }
      zeros = byte == 0 ? zeros + 1 : 0;
      start.push_back(static_cast<std::uint8_t>(byte));
    }
    return start;
  }

 private:
  std::vector<bool> bits_;
};

/// What of an SPS and a PPS shapes slice headers.
struct Syntax {
  std::uint8_t profile = 77;
  std::uint32_t sequence_id = 0;
  std::uint32_t picture_id = 0;
  unsigned chroma_format = 1;  ///< profile 100 and its like
  bool colour_planes = false;
  bool scaling_lists = false;
  unsigned frame_number_bits = 8;
  unsigned order_type = 0;
  unsigned order_bits = 8;
  bool fields = false;
  bool order_of_bottom = false;
  std::uint8_t level = 30;
  unsigned macroblocks_wide = 20;
};

inline base::Bytes make_sps(const Syntax& syntax) {
  BitWriter bits;
  bits.ue(syntax.sequence_id);
  if (syntax.profile >= 100) {
    bits.ue(syntax.chroma_format);
    if (syntax.chroma_format == 3) bits.u(1, syntax.colour_planes);
    bits.ue(0).ue(0).u(1, 0).u(1, syntax.scaling_lists);
    if (syntax.scaling_lists) {
      // A list in full, one cut short (a delta of -8 makes next_scale 0), the others absent.
      bits.u(1, 1);
      for (int i = 0; i < 16; ++i)
        bits.se(i % 2 == 0 ? 3 : -3);
      bits.u(1, 1).se(-8);
      bits.u(syntax.chroma_format == 3 ? 10 : 6, 0);
    }
  }
  bits.ue(syntax.frame_number_bits - 4).ue(syntax.order_type);
  if (syntax.order_type == 0) bits.ue(syntax.order_bits - 4);
  if (syntax.order_type == 1) bits.u(1, 0).se(-5).se(7).ue(2).se(1).se(-1);
  bits.ue(1).u(1, 0).ue(syntax.macroblocks_wide - 1).ue(14).u(1, syntax.fields ? 0 : 1);
  if (syntax.fields) bits.u(1, 0);
  bits.u(1, 1).u(1, 0).u(1, 0);
  return bits.nal({0x67, syntax.profile, 0, syntax.level});
}

inline base::Bytes make_pps(const Syntax& syntax) {
  BitWriter bits;
  bits.ue(syntax.picture_id).ue(syntax.sequence_id).u(1, 0).u(1, syntax.order_of_bottom).ue(0).ue(0).ue(0);
  bits.u(1, 0).u(2, 0).se(0).se(0).se(0).u(1, 1).u(1, 0).u(1, 0);
  return bits.nal({0x68});
}

struct Slice {
  bool idr = false;
  unsigned reference = 2;
  std::uint32_t first_macroblock = 0;
  std::uint32_t type = 5;  ///< 5 P, 6 B, 7 I
  std::uint32_t frame_number = 0;
  bool field = false;
  bool bottom = false;
  std::uint32_t idr_picture_id = 0;
  std::uint32_t order = 0;
  std::int32_t order_delta = 0;
  std::uint8_t filling = 0xA5;
};

/// `size` bytes: the header, and the filling behind it.
inline base::Bytes make_slice(const Syntax& syntax, const Slice& slice, std::size_t size = 60) {
  BitWriter bits;
  bits.ue(slice.first_macroblock).ue(slice.type).ue(syntax.picture_id);
  if (syntax.colour_planes) bits.u(2, 1);
  bits.u(syntax.frame_number_bits, slice.frame_number);
  if (syntax.fields) {
    bits.u(1, slice.field);
    if (slice.field) bits.u(1, slice.bottom);
  }
  if (slice.idr) bits.ue(slice.idr_picture_id);
  const bool bottom_too = syntax.order_of_bottom && !slice.field;
  if (syntax.order_type == 0) {
    bits.u(syntax.order_bits, slice.order);
    if (bottom_too) bits.se(slice.order_delta);
  } else if (syntax.order_type == 1) {
    bits.se(static_cast<std::int32_t>(slice.order));
    if (bottom_too) bits.se(slice.order_delta);
  }
  bits.u(16, 0xFFFF);
  base::Bytes nal = bits.nal({static_cast<std::uint8_t>((slice.reference << 5) | (slice.idr ? 5U : 1U))});
  nal.resize(std::max(nal.size(), size), slice.filling);
  return nal;
}

/// An SEI NAL unit of `messages`: type and payload of each.
struct SeiMessage {
  std::uint32_t type = 0;
  base::Bytes payload;
};
inline base::Bytes make_sei(const std::vector<SeiMessage>& messages) {
  base::Bytes nal{0x06};
  const auto number = [&nal](std::size_t value) {
    for (; value >= 255; value -= 255)
      nal.push_back(255);
    nal.push_back(static_cast<std::uint8_t>(value));
  };
  for (const SeiMessage& message : messages) {
    number(message.type);
    number(message.payload.size());
    nal.insert(nal.end(), message.payload.begin(), message.payload.end());
  }
  nal.push_back(0x80);
  return nal;
}

/// recovery_frame_cnt, exact_match_flag, broken_link_flag, changing_slice_group_idc (sD.1.8).
inline SeiMessage recovery_message(std::uint32_t frames) {
  base::Bytes payload = BitWriter().ue(frames).u(1, 1).u(1, 0).u(2, 0).nal({});
  return {6, payload};
}

}  // namespace retina::test
