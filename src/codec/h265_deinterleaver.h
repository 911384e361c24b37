#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/decoding_order_buffer.h"
#include "codec/depacketizer.h"
#include "codec/h265_payload.h"

namespace retina::codec {

/// H.265 packets with decoding order numbers (RFC 7798 s4.4.1 to s4.4.3, s6) in order of transmission in, NAL
/// units in decoding order out.
///
/// This mode copies: every NAL unit lies in memory of its own until its turn comes.
class H265Deinterleaver {
 public:
  explicit H265Deinterleaver(const DecodingOrderBuffer::Limits& announced) : buffer_(announced) {}

  /// An error costs what of the packet had not been taken yet.
  base::Result<void> push(const MediaPacket& packet);

  /// The next NAL unit, with its header, whose turn has come.
  std::optional<DecodingOrderBuffer::Unit> pop() { return buffer_.pop(); }

  /// Nothing more comes: everything's turn has come. False when a NAL unit is cut, which is left out.
  bool flush();

  /// Forgets everything that waits; the next NAL unit begins a new order.
  void reset();

  /// Of what waits.
  std::size_t size_bytes() const { return buffer_.size_bytes() + fragments_.size(); }

 private:
  base::Result<void> push_payload(const H265Payload& payload, const DecodingOrderBuffer::Source& source);
  base::Result<void> push_aggregate(base::ByteView body, const DecodingOrderBuffer::Source& source);
  base::Result<void> push_fragment(const H265Payload& payload, const DecodingOrderBuffer::Source& source);
  void cut_fragments();

  DecodingOrderBuffer buffer_;
  bool in_fragments_ = false;
  base::Bytes fragments_;  // the NAL unit so far, with its header
  std::uint16_t fragments_don_ = 0;
  bool joined_ = false;   // a NAL unit has come, so fragments without a start are a fault
  bool suspect_ = false;  // unless something was lost since
};

}  // namespace retina::codec
