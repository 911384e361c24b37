#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/hevc_nal.h"

namespace retina::codec {

/// An RTP payload of H.265 (RFC 7798 s4.4), with its PACI taken off.
struct H265Payload {
  hevc::NalHeader header;
  base::ByteView body;   ///< behind the header
  base::ByteView whole;  ///< header and body; empty where a PACI stood between them
};

/// Splits a payload. A PACI (s4.4.4) gives way to what it carries: its extensions are hints on temporal
/// scalability, which no frame depends on. Errors: kTruncated, and kMalformed for a PACI within a PACI.
base::Result<H265Payload> read_h265_payload(base::ByteView payload);

/// s4.4.3.
struct H265Fragment {
  bool start = false;
  bool end = false;
  unsigned type = 0;                 ///< of the NAL unit
  std::optional<std::uint16_t> don;  ///< of a start, where there are numbers
  base::ByteView bytes;              ///< may be empty, which s4.4.3 forbids and cameras send
};
base::Result<H265Fragment> read_h265_fragment(base::ByteView body, bool numbered);

/// What the header of a fragment says by itself.
constexpr bool starts_h265_unit(std::uint8_t fragment_header) {
  return (fragment_header & 0x80) != 0;
}
constexpr bool ends_h265_unit(std::uint8_t fragment_header) {
  return (fragment_header & 0x40) != 0;
}

/// Walks the NAL units of an aggregation packet (s4.4.2).
class H265AggregationReader {
 public:
  /// More are garbage.
  static constexpr std::size_t kMaxUnits = 1024;

  struct Unit {
    base::ByteView nal;     ///< at least as long as a header
    std::uint16_t don = 0;  ///< where there are numbers
  };

  /// `body`: behind the payload header; borrowed. `numbered`: there are decoding order numbers.
  H265AggregationReader(base::ByteView body, bool numbered) : reader_(body), numbered_(numbered) {}

  /// The next one; nullopt at the end. What is left behind the last one is tolerated when it can't be one: a
  /// byte or two, or zeros.
  base::Result<std::optional<Unit>> next();

 private:
  bool is_at_padding() const;

  base::ByteReader reader_;
  bool numbered_;
  std::size_t units_ = 0;
  std::uint16_t don_ = 0;  // of the unit before
};

}  // namespace retina::codec
