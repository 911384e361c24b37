#include "codec/h264_interleaved.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "codec/nal.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::uint8_t kFuStart = 0x80;
constexpr std::uint8_t kFuEnd = 0x40;

/// Farther back than this, a number isn't late but belongs to a new count.
constexpr std::int64_t kMaxLate = 2048;
constexpr std::size_t kMaxLateInARow = 32;

/// RFC 6184 s8.1: of sprop-interleaving-depth and sprop-max-don-diff.
constexpr std::uint32_t kLargestNumber = 32767;

std::optional<std::uint32_t> number(const sdp::Media& media, const char* name, std::uint32_t largest) {
  const std::string* text = media.format_parameter(name);
  if (text == nullptr) return std::nullopt;
  const auto value = base::parse_number<std::uint32_t>(base::trim(*text));
  return value && *value <= largest ? value : std::nullopt;
}

}  // namespace

H264Interleaving h264_interleaving(const sdp::Media& media) {
  H264Interleaving announced;
  announced.depth = number(media, "sprop-interleaving-depth", kLargestNumber);
  announced.max_don_diff = number(media, "sprop-max-don-diff", kLargestNumber);
  announced.buffer_bytes = number(media, "sprop-deint-buf-req", UINT32_MAX);
  return announced;
}

H264Deinterleaver::H264Deinterleaver(const H264Interleaving& announced)
    : depth_(std::min<std::size_t>(
          announced.depth.value_or(announced.max_don_diff ? kMaxDepth : kDefaultDepth), kMaxDepth)),
      max_don_diff_(announced.max_don_diff),
      // The announced size is what a receiver needs at most. A camera that says 0 is not taken at its word.
      max_bytes_(
          std::clamp(std::size_t{announced.buffer_bytes.value_or(kMaxBytes)}, kMaxBytes / 16, kMaxBytes)),
      announced_(announced.depth || announced.max_don_diff) {}

void H264Deinterleaver::reset() {
  waiting_.clear();
  stamps_.clear();
  slices_ = bytes_ = 0;
  flushing_ = ordered_ = popped_any_ = in_fragments_ = shares_numbers_ = late_dropped_ = false;
  late_in_a_row_ = suspect_ = 0;
  packets_lost_ = 0;
  fragments_.clear();
}

bool H264Deinterleaver::flush() {
  flushing_ = true;
  fragments_.clear();
  return !std::exchange(in_fragments_, false);
}

// --- packets ---

base::Result<void> H264Deinterleaver::push(const MediaPacket& packet) {
  flushing_ = false;
  if (packet.packets_lost > 0) on_loss(packet.packets_lost);
  const Source source{packet.arrival, packet.timestamp, packet.marker};
  base::ByteReader reader(packet.payload);
  TRY(const std::uint8_t header, reader.u8("empty H.264 payload"));
  const unsigned type = nal::type(header);
  if (type == nal::kFuA || type == nal::kFuB) return push_fragment(reader, header, source);
  // The NAL unit before never got its end.
  if (std::exchange(in_fragments_, false)) on_loss(0);
  if (nal::is_forbidden(header))
    return fail(ErrorCode::kMalformed, 0, "H.264 NAL unit with its forbidden bit set");
  switch (type) {
    case nal::kStapA:
      return push_single_time(reader, next_place(), source);
    case nal::kStapB: {
      TRY(const std::uint16_t don, reader.u16("STAP-B decoding order number"));
      return push_single_time(reader, place(don), source);
    }
    case nal::kMtap16:
      return push_multi_time(reader, 2, source);
    case nal::kMtap24:
      return push_multi_time(reader, 3, source);
    default:
      break;
  }
  if (type == 0 || type > nal::kFuB) return fail(ErrorCode::kUnsupported, 0, "H.264 packet type");
  store({packet.payload.begin(), packet.payload.end()}, next_place(), source);
  return {};
}

/// RFC 6184 s5.7.1. `order`: of the first NAL unit; each further one has the next.
base::Result<void> H264Deinterleaver::push_single_time(base::ByteReader reader, std::int64_t order,
                                                       const Source& source) {
  if (reader.remaining() == 0) return fail(ErrorCode::kTruncated, reader.offset(), "empty STAP");
  for (std::size_t i = 0; reader.remaining() > 0; ++i) {
    if (i == kMaxUnitsInPacket) return fail(ErrorCode::kTooLarge, reader.offset(), "NAL units in a STAP");
    TRY(const std::uint16_t size, reader.u16("STAP size"));
    if (size == 0) return fail(ErrorCode::kMalformed, reader.offset(), "empty NAL unit in a STAP");
    TRY(const base::ByteView nal, reader.bytes(size, "STAP NAL unit"));
    if (i > 0) order = next_place();
    store({nal.begin(), nal.end()}, order,
          {source.arrival, source.timestamp, source.marker && reader.remaining() == 0});
  }
  return {};
}

/// RFC 6184 s5.7.2: the packet's timestamp is the earliest, each NAL unit has its offset from it.
base::Result<void> H264Deinterleaver::push_multi_time(base::ByteReader reader, unsigned offset_bytes,
                                                      const Source& source) {
  TRY(const std::uint16_t base_number, reader.u16("MTAP decoding order number base"));
  if (reader.remaining() == 0) return fail(ErrorCode::kTruncated, reader.offset(), "empty MTAP");
  for (std::size_t i = 0; reader.remaining() > 0; ++i) {
    if (i == kMaxUnitsInPacket) return fail(ErrorCode::kTooLarge, reader.offset(), "NAL units in an MTAP");
    TRY(const std::uint16_t size, reader.u16("MTAP size"));
    if (size == 0) return fail(ErrorCode::kMalformed, reader.offset(), "empty NAL unit in an MTAP");
    TRY(const std::uint8_t difference, reader.u8("MTAP decoding order number difference"));
    std::int64_t offset = 0;
    for (unsigned byte = 0; byte < offset_bytes; ++byte) {
      TRY(const std::uint8_t next, reader.u8("MTAP timestamp offset"));
      offset = (offset << 8) | next;
    }
    TRY(const base::ByteView nal, reader.bytes(size, "MTAP NAL unit"));
    store({nal.begin(), nal.end()}, place(static_cast<std::uint16_t>(base_number + difference)),
          {source.arrival, source.timestamp + offset, source.marker && reader.remaining() == 0});
  }
  return {};
}

/// RFC 6184 s5.8: an FU-B is the first fragment, FU-As follow. What a camera makes of that is taken as it can
/// be: FU-Bs throughout, a first FU-A.
base::Result<void> H264Deinterleaver::push_fragment(base::ByteReader reader, std::uint8_t indicator,
                                                    const Source& source) {
  TRY(const std::uint8_t fu, reader.u8("FU header"));
  std::optional<std::uint16_t> don;
  if (nal::type(indicator) == nal::kFuB) {
    TRY(don, reader.u16("FU-B decoding order number"));
  }
  if ((fu & kFuStart) != 0) {
    if (in_fragments_) on_loss(0);
    in_fragments_ = true;
    fragments_order_ = don ? place(*don) : next_place();
    fragments_.assign(1, static_cast<std::uint8_t>((indicator & 0xE0) | (fu & 0x1F)));
  } else if (!in_fragments_) {
    if (suspect_ > 0 || !popped_any_) return {};  // its start was lost, which is counted, or never came
    return fail(ErrorCode::kInvalidState, 0, "FU fragment without a start");
  }
  const base::ByteView bytes = reader.rest();
  if (fragments_.size() + bytes.size() > max_bytes_) {
    in_fragments_ = false;
    on_loss(0);
    return fail(ErrorCode::kTooLarge, 0, "H.264 NAL unit above 16 MiB");
  }
  fragments_.insert(fragments_.end(), bytes.begin(), bytes.end());
  // A marker says that the access unit is complete, and so its last NAL unit, end bit or not.
  if ((fu & kFuEnd) == 0 && !source.marker) return {};
  in_fragments_ = false;
  store(std::move(fragments_), fragments_order_, source);
  fragments_ = {};
  return {};
}

// --- decoding order ---

/// Something that has come nearby, or should have, is missing.
void H264Deinterleaver::on_loss(std::uint32_t packets) {
  packets_lost_ += packets;
  suspect_ = waiting_.size() + 4 * (depth_ + 1) + 64;
  if (packets > 0) in_fragments_ = false;
}

/// Where a decoding order number stands in the order that has no end.
std::int64_t H264Deinterleaver::place(std::uint16_t number) {
  const auto difference = static_cast<std::int16_t>(static_cast<std::uint16_t>(number - number_));
  std::int64_t place = order_ + difference;
  if (!ordered_ || (popped_any_ && place < popped_ - kMaxLate)) {
    // The first of all, or an encoder that has started anew: behind all that is here.
    place = waiting_.empty() ? popped_ + 1 : std::max(popped_, waiting_.rbegin()->first) + 1;
  }
  if (is_late(place)) return place;
  ordered_ = true;
  number_ = number;
  order_ = place;
  return place;
}

void H264Deinterleaver::on_late_unit() {
  late_dropped_ = true;
  if (++late_in_a_row_ >= kMaxLateInARow) {
    // The order that was thought to be is none.
    ordered_ = false;
    late_in_a_row_ = 0;
    return;
  }
  depth_ = std::min(kMaxDepth, 2 * depth_ + 1);
}

void H264Deinterleaver::store(base::Bytes nal, std::int64_t order, const Source& source) {
  if (is_late(order)) return on_late_unit();
  late_in_a_row_ = 0;
  if (waiting_.contains(order) || (popped_any_ && order == popped_)) shares_numbers_ = true;
  Unit unit;
  unit.nal = std::move(nal);
  unit.timestamp = source.timestamp;
  unit.arrival = source.arrival;
  Stamp& stamp = stamps_[source.timestamp];
  ++stamp.units;
  stamp.marked = stamp.marked || source.marker;
  if (nal::is_vcl(nal::type(unit.nal[0]))) ++slices_;
  bytes_ += unit.nal.size();
  waiting_.emplace(order, std::move(unit));
}

/// RFC 6184 s7.2.2, and our bounds.
bool H264Deinterleaver::has_turn() const {
  if (waiting_.empty()) return false;
  if (flushing_ || slices_ > depth_ || bytes_ > max_bytes_ || waiting_.size() > kMaxUnits) return true;
  const std::int64_t first = waiting_.begin()->first;
  if (max_don_diff_ && waiting_.rbegin()->first - first > *max_don_diff_) return true;
  return !announced_ && (!popped_any_ || first <= popped_ + 1);
}

std::optional<H264Deinterleaver::Unit> H264Deinterleaver::pop() {
  if (!has_turn()) return std::nullopt;
  auto node = waiting_.extract(waiting_.begin());
  Unit unit = std::move(node.mapped());
  bytes_ -= unit.nal.size();
  if (nal::is_vcl(nal::type(unit.nal[0]))) --slices_;

  const auto stamp = stamps_.find(unit.timestamp);
  if (--stamp->second.units == 0) {
    // Nothing of its time waits; but what was lost may have been of it, behind this one.
    unit.last = stamp->second.marked && suspect_ == 0;
    stamps_.erase(stamp);
  }

  const bool gap = popped_any_ && node.key() > popped_ + 1;
  unit.after_gap = std::exchange(late_dropped_, false);
  if (suspect_ > 0) {
    --suspect_;
    unit.after_gap = unit.after_gap || gap || shares_numbers_;
  }
  unit.packets_lost = std::exchange(packets_lost_, 0);
  popped_any_ = true;
  popped_ = node.key();
  return unit;
}

}  // namespace retina::codec
