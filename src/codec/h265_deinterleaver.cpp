#include "codec/h265_deinterleaver.h"

#include <utility>

#include "codec/frame_writer.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

base::Bytes with_header(hevc::NalHeader header, base::ByteView bytes) {
  base::Bytes nal{header.first, header.second};
  nal.insert(nal.end(), bytes.begin(), bytes.end());
  return nal;
}

}  // namespace

void H265Deinterleaver::reset() {
  buffer_.reset();
  fragments_.clear();
  in_fragments_ = joined_ = suspect_ = false;
}

bool H265Deinterleaver::flush() {
  buffer_.flush();
  fragments_.clear();
  return !std::exchange(in_fragments_, false);
}

/// The NAL unit at hand never got its end. Its number will be missing.
void H265Deinterleaver::cut_fragments() {
  if (!std::exchange(in_fragments_, false)) return;
  fragments_.clear();
  buffer_.on_loss(0);
}

base::Result<void> H265Deinterleaver::push(const MediaPacket& packet) {
  if (packet.packets_lost > 0) {
    cut_fragments();
    buffer_.on_loss(packet.packets_lost);
    suspect_ = true;
  }
  const DecodingOrderBuffer::Source source{packet.arrival, packet.timestamp, packet.marker};
  auto payload = read_h265_payload(packet.payload);
  auto pushed = payload ? push_payload(*payload, source)
                        : base::Result<void>(base::Unexpected(std::move(payload).error()));
  if (!pushed) {
    // What it carried will be missing.
    cut_fragments();
    buffer_.on_loss(0);
  }
  return pushed;
}

base::Result<void> H265Deinterleaver::push_payload(const H265Payload& payload,
                                                   const DecodingOrderBuffer::Source& source) {
  if (payload.header.is_forbidden())
    return fail(ErrorCode::kMalformed, 0, "H.265 payload with its forbidden bit set");
  const unsigned type = payload.header.type();
  if (type == hevc::kFragment) return push_fragment(payload, source);
  cut_fragments();
  joined_ = true;
  suspect_ = false;
  if (type == hevc::kAggregation) return push_aggregate(payload.body, source);
  if (type > hevc::kAggregation) return fail(ErrorCode::kUnsupported, 0, "H.265 packet type");
  base::ByteReader reader(payload.body);
  TRY(const std::uint16_t don, reader.u16("H.265 decoding order number"));
  buffer_.store(with_header(payload.header, reader.rest()), don, source);
  return {};
}

base::Result<void> H265Deinterleaver::push_aggregate(base::ByteView body,
                                                     const DecodingOrderBuffer::Source& source) {
  H265AggregationReader reader(body, true);
  for (;;) {
    TRY(const auto unit, reader.next());
    if (!unit) return {};
    buffer_.store({unit->nal.begin(), unit->nal.end()}, unit->don, source);
  }
}

base::Result<void> H265Deinterleaver::push_fragment(const H265Payload& payload,
                                                    const DecodingOrderBuffer::Source& source) {
  TRY(const H265Fragment fragment, read_h265_fragment(payload.body, true));
  if (fragment.start) {
    cut_fragments();
    in_fragments_ = joined_ = true;
    suspect_ = false;
    fragments_don_ = fragment.don.value_or(0);
    fragments_ = with_header(payload.header.with_type(fragment.type), {});
  } else if (!in_fragments_) {
    if (suspect_ || !joined_) return {};  // its start was lost, which is counted, or never came
    return fail(ErrorCode::kInvalidState, 0, "H.265 fragment without a start");
  }
  if (fragments_.size() + fragment.bytes.size() > FrameWriter::kMaxFrameBytes)
    return fail(ErrorCode::kTooLarge, 0, "H.265 NAL unit above 16 MiB");
  fragments_.insert(fragments_.end(), fragment.bytes.begin(), fragment.bytes.end());
  // A marker says that the access unit is complete, and so its last NAL unit, end bit or not.
  if (!fragment.end && !source.marker) return {};
  in_fragments_ = false;
  buffer_.store(std::exchange(fragments_, {}), fragments_don_, source);
  return {};
}

}  // namespace retina::codec
