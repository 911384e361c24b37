#include "codec/h265_payload.h"

#include <algorithm>

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

// RFC 7798 s4.4.3.
constexpr std::uint8_t kFuType = 0x3F;

}  // namespace

base::Result<H265Payload> read_h265_payload(base::ByteView payload) {
  if (payload.size() < hevc::kHeaderBytes) return fail(ErrorCode::kTruncated, 0, "H.265 payload header");
  const hevc::NalHeader header{payload[0], payload[1]};
  const base::ByteView body = payload.subspan(hevc::kHeaderBytes);
  if (header.type() != hevc::kPaci || !header.is_valid()) return H265Payload{header, body, payload};

  // A(1) cType(6) PHSsize(5) F0..2(3) Y(1): the header of what is carried has A and cType, and the layer and
  // temporal id of the payload header.
  base::ByteReader reader(body);
  TRY(const std::uint16_t fields, reader.u16("PACI header"));
  const unsigned type = (fields >> 9) & 0x3F;
  const std::size_t extension_bytes = (fields >> 4) & 0x1F;
  if (type == hevc::kPaci) return fail(ErrorCode::kMalformed, 2, "PACI within a PACI");
  TRY(const base::ByteView extension, reader.bytes(extension_bytes, "PACI header extension"));
  static_cast<void>(extension);
  hevc::NalHeader carried = header.with_type(type);
  if ((fields & 0x8000) != 0) carried.first |= 0x80;
  return H265Payload{carried, reader.rest(), {}};
}

base::Result<H265Fragment> read_h265_fragment(base::ByteView body, bool numbered) {
  base::ByteReader reader(body);
  TRY(const std::uint8_t fu, reader.u8("H.265 fragment header"));
  H265Fragment fragment;
  fragment.start = starts_h265_unit(fu);
  fragment.end = ends_h265_unit(fu);
  fragment.type = fu & kFuType;
  if (fragment.start && fragment.type >= hevc::kAggregation)
    return fail(ErrorCode::kMalformed, 2, "H.265 fragment of what is no NAL unit");
  if (numbered && fragment.start) {
    TRY(fragment.don, reader.u16("H.265 fragment decoding order number"));
  }
  fragment.bytes = reader.rest();
  return fragment;
}

bool H265AggregationReader::is_at_padding() const {
  const base::ByteView rest = reader_.rest();
  const std::size_t fields = numbered_ ? 3 : 2;
  return units_ > 0 && (rest.size() < fields ||
                        std::all_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte == 0; }));
}

base::Result<std::optional<H265AggregationReader::Unit>> H265AggregationReader::next() {
  if (is_at_padding()) return std::optional<Unit>();
  if (units_ == kMaxUnits) return fail(ErrorCode::kTooLarge, reader_.offset(), "NAL units in a packet");
  Unit unit;
  if (numbered_ && units_ == 0) {
    TRY(don_, reader_.u16("decoding order number"));
  } else if (numbered_) {
    TRY(const std::uint8_t difference, reader_.u8("decoding order number difference"));
    don_ = static_cast<std::uint16_t>(don_ + difference + 1);
  }
  unit.don = don_;
  TRY(const std::uint16_t size, reader_.u16("size in an H.265 aggregation packet"));
  if (size < hevc::kHeaderBytes)
    return fail(ErrorCode::kMalformed, reader_.offset(),
                "NAL unit without a header in an aggregation packet");
  TRY(unit.nal, reader_.bytes(size, "NAL unit in an H.265 aggregation packet"));
  ++units_;
  return std::optional<Unit>(unit);
}

}  // namespace retina::codec
