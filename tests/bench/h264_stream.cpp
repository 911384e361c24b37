#include "h264_stream.h"

#include <algorithm>
#include <bit>

namespace retina::bench {
namespace {

/// Writes the syntax elements of s7.2 most significant bit first.
class BitWriter {
 public:
  BitWriter& u(unsigned width, std::uint32_t value) {
    for (unsigned bit = width; bit-- > 0;)
      put((value >> bit) & 1);
    return *this;
  }
  BitWriter& flag(bool value) { return u(1, value ? 1 : 0); }
  /// s9.1: Exp-Golomb.
  BitWriter& ue(std::uint32_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value + 1));
    return u(width - 1, 0).u(width, value + 1);
  }
  /// s7.3.2.11: a one, then zeros up to the byte's end.
  BitWriter& trailing() {
    put(1);
    while (used_ != 0)
      put(0);
    return *this;
  }
  /// Fills up the last byte with ones: where noise follows.
  BitWriter& align_with_ones() {
    while (used_ != 0)
      put(1);
    return *this;
  }
  const base::Bytes& bytes() const { return bytes_; }

 private:
  void put(std::uint32_t bit) {
    if (used_ == 0) bytes_.push_back(0);
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (bit << (7 - used_)));
    used_ = (used_ + 1) % 8;
  }

  base::Bytes bytes_;
  unsigned used_ = 0;
};

/// s7.3.1: two zeros are never followed by a byte below 4.
base::Bytes to_nal(std::uint8_t header, const base::Bytes& rbsp) {
  base::Bytes nal{header};
  unsigned zeros = 0;
  for (const std::uint8_t byte : rbsp) {
    if (zeros == 2 && byte < 4) {
      nal.push_back(3);
      zeros = 0;
    }
    nal.push_back(byte);
    zeros = byte == 0 ? zeros + 1 : 0;
  }
  return nal;
}

/// s7.3.2.1.1, crop_bottom in units of two rows: 68 macroblocks are 1088 rows.
void write_frame_size(BitWriter& sps) {
  sps.ue(119).ue(67).flag(true).flag(true);
  sps.flag(true).ue(0).ue(0).ue(0).ue(4);
}

/// sE.1.1: nothing but the frame rate and "output order is decode order".
void write_vui(BitWriter& sps, unsigned frames_per_second) {
  sps.flag(false).flag(false).flag(false).flag(false);
  sps.flag(true).u(32, 1).u(32, 2 * frames_per_second).flag(true);
  sps.flag(false).flag(false).flag(false);
  sps.flag(true).flag(true).ue(0).ue(0).ue(16).ue(16).ue(0).ue(1);
}

base::Bytes slice_header(unsigned number) {
  const bool idr = number == 0;
  BitWriter bits;
  bits.ue(0).ue(idr ? 7 : 5).ue(0).u(8, number);
  if (idr) {
    bits.ue(0).flag(false).flag(false);  // idr_pic_id, dec_ref_pic_marking
  } else {
    bits.flag(false).flag(false).flag(false);  // reference list as the SPS says, sliding window
  }
  bits.ue(0).align_with_ones();  // slice_qp_delta
  return to_nal(idr ? 0x65 : 0x41, bits.bytes());
}

}  // namespace

base::Bytes make_sps(unsigned frames_per_second) {
  BitWriter bits;
  bits.u(8, 77).u(8, 0).u(8, 40).ue(0);
  bits.ue(4);  // frame_num has 8 bits
  bits.ue(2);  // output order is decode order
  bits.ue(1).flag(false);
  write_frame_size(bits);
  bits.flag(true);
  write_vui(bits, frames_per_second);
  bits.trailing();
  return to_nal(0x67, bits.bytes());
}

base::Bytes make_pps() {
  BitWriter bits;
  bits.ue(0).ue(0).flag(false).flag(false).ue(0).ue(0).ue(0);
  bits.flag(false).u(2, 0).ue(0).ue(0).ue(0);
  bits.flag(false).flag(false).flag(false).trailing();
  return to_nal(0x68, bits.bytes());
}

base::Bytes make_slice(unsigned number, std::size_t size) {
  base::Bytes nal = slice_header(number);
  nal.reserve(size);
  std::uint32_t noise = 0x9e3779b9u + number;
  while (nal.size() + kStampBytes < size) {
    noise ^= noise << 13;
    noise ^= noise >> 17;
    noise ^= noise << 5;
    nal.push_back(static_cast<std::uint8_t>(1 + noise % 255));
  }
  nal.resize(size, '0');
  return nal;
}

void write_stamp(std::uint8_t* stamp, std::uint64_t time_ns) {
  for (std::size_t i = kStampBytes; i-- > 0; time_ns >>= 4) {
    stamp[i] = static_cast<std::uint8_t>("0123456789abcdef"[time_ns & 15]);
  }
}

bool read_stamp(const std::uint8_t* stamp, std::uint64_t& time_ns) {
  time_ns = 0;
  for (std::size_t i = 0; i < kStampBytes; ++i) {
    const std::uint8_t c = stamp[i];
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return false;
    time_ns = (time_ns << 4) | static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return true;
}

std::string encode_base64(base::ByteView bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t taken = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < taken; ++k)
      group |= std::uint32_t{bytes[i + k]} << (16 - 8 * k);
    for (std::size_t k = 0; k < 4; ++k)
      text += k <= taken ? kAlphabet[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return text;
}

}  // namespace retina::bench
