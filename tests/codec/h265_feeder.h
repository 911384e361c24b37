#pragma once

#include <vector>

#include "codec/h265.h"
#include "codec/h265_syntax.h"
#include "codec/packet_feeder.h"
#include "support/h265_packetizer.h"

namespace retina::test {

/// Byte stream frames, unless told otherwise; no decoding order numbers.
inline codec::FrameFormat hevc_format(
    codec::ParameterSetInsertion insertion = codec::ParameterSetInsertion::kNever,
    bool pass_incomplete = false) {
  codec::FrameFormat format;
  format.framing = codec::NalFraming::kStartCode;
  format.parameter_sets = insertion;
  format.pass_incomplete = pass_incomplete;
  return format;
}

inline codec::H265Announcement with_sets(std::vector<base::Bytes> sets) {
  codec::H265Announcement announcement;
  announcement.parameter_sets = std::move(sets);
  return announcement;
}

class H265Feeder : public PacketFeeder<codec::H265Depacketizer> {
 public:
  explicit H265Feeder(codec::FrameFormat format = hevc_format(),
                      const codec::H265Announcement& announced = {})
      : PacketFeeder(announced, format) {}

  using PacketFeeder::push;
  /// Every packet must be taken.
  void push(const HevcUnit& unit, std::size_t most = 1400, bool aggregate = true) {
    for (const HevcPayload& payload : packetize(unit, most, aggregate))
      ck_assert(push(payload.bytes, unit.timestamp, payload.marker));
  }
  void flush() {
    depacketizer.flush();
    pull();
  }
};

/// As a byte stream frame has them.
inline base::Bytes annexb(const std::vector<base::Bytes>& nals) {
  return hevc_framed(nals, false);
}

inline base::Bytes joined(std::initializer_list<base::Bytes> parts) {
  base::Bytes all;
  for (const base::Bytes& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace retina::test
