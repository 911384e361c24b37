#include "codec/h265.h"

#include <algorithm>
#include <utility>

#include "codec/annexb.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::uint64_t kKeyFramesToLookThrough = 2;
constexpr std::uint64_t kPicturesToLookThrough = 32;

/// A payload can't begin with a NAL header of zeros: it is a byte stream, which begins with its start code.
bool begins_with_start_code(base::ByteView payload) {
  return payload.size() > 2 && payload[0] == 0 && payload[1] == 0 && payload[2] <= 1 &&
         has_start_code(payload.first(std::min<std::size_t>(payload.size(), 8)));
}

}  // namespace

H265Depacketizer::H265Depacketizer(const H265Announcement& announced, FrameFormat format,
                                   FrameAllocator& allocator)
    : units_(announced.parameter_sets, format, allocator, faults_) {
  if (announced.has_decoding_order_numbers) deinterleaver_.emplace(announced.reordering);
}

std::optional<Frame> H265Depacketizer::pull() {
  while (!units_.has_frame()) {
    if (!deinterleaver_ || !feed_in_order()) return std::nullopt;
  }
  return units_.pull();
}

FrameProgress H265Depacketizer::progress() const {
  FrameProgress progress = units_.progress();
  progress.size_bytes += unit_.size() + (deinterleaver_ ? deinterleaver_->size_bytes() : 0);
  return progress;
}

void H265Depacketizer::reset() {
  cut_unit();
  if (deinterleaver_) deinterleaver_->reset();
  units_.reset();
}

void H265Depacketizer::flush() {
  cut_unit();
  if (!deinterleaver_) return units_.flush();
  cut_at_end_ = !deinterleaver_->flush();
  ended_ = true;
}

// --- packets ---

base::Result<void> H265Depacketizer::push(const MediaPacket& packet) {
  if (continues_slice(packet)) {
    units_.set_arrival(packet.arrival);
    if (units_.append(packet.payload.subspan(hevc::kHeaderBytes + 1))) {
      const bool end = ends_h265_unit(packet.payload[hevc::kHeaderBytes]);
      if (packet.marker || end) end_slice(packet.marker, end);
      return {};
    }
  }
  if (!deinterleaver_) return push_in_order(packet);
  ended_ = false;
  return deinterleaver_->push(packet);
}

/// The short way, which nearly every packet goes: another fragment of the slice at hand, and nothing else to
/// it. With decoding order numbers there never is a slice at hand: NAL units come whole.
bool H265Depacketizer::continues_slice(const MediaPacket& packet) const {
  const base::ByteView payload = packet.payload;
  if (unit_kind_ != Unit::kDirect || payload.size() <= hevc::kHeaderBytes + 1) return false;
  const hevc::NalHeader header{payload[0], payload[1]};
  if (header.type() != hevc::kFragment || !header.is_valid()) return false;
  // Neither a start nor another type than before; the end bit doesn't matter.
  if ((payload[hevc::kHeaderBytes] & 0xBF) != fragment_type_ || packet.packets_lost > 0) return false;
  return units_.continues(packet.timestamp);
}

/// Of one that went the short way the end bit or a marker was seen.
void H265Depacketizer::end_slice(bool marker, bool end) {
  if (!end && !units_.is_broken()) faults_.add(StreamFault::kNoEnd);
  in_fragments_ = false;
  unit_kind_ = Unit::kNone;
  units_.end_slice();
  if (marker) units_.on_marker();
}

/// One result throughout, so that it is never copied.
base::Result<void> H265Depacketizer::push_in_order(const MediaPacket& packet) {
  if (packet.packets_lost > 0) on_loss(packet.packets_lost);
  if (!units_.continues(packet.timestamp)) change_timestamp(packet.timestamp);
  units_.set_arrival(packet.arrival);
  auto result = push_payload(packet.payload);
  if (!result) units_.set_broken();
  if (packet.marker) on_marker(result);
  return result;
}

void H265Depacketizer::on_loss(std::uint32_t packets) {
  units_.on_lost_packets(packets);
  if (in_fragments_) units_.set_broken();
  units_.on_gap();
  // Of a slice with a hole a decoder may still make something; of anything else it would only do harm.
  const bool harmful = unit_kind_ == Unit::kGathered && (annex_b_ || !hevc::is_vcl(unit_header_.type()));
  if (harmful || unit_kind_ == Unit::kAwaited) unit_kind_ = Unit::kSkipped;
}

void H265Depacketizer::change_timestamp(std::int64_t timestamp) {
  abandon_unit();
  units_.change_timestamp(timestamp);
}

/// A marker says that the access unit is complete, and so its last NAL unit, end bit or not.
void H265Depacketizer::on_marker(base::Result<void>& pushed) {
  in_fragments_ = false;
  if (unit_kind_ != Unit::kNone) {
    if (pushed && !units_.is_broken()) faults_.add(StreamFault::kNoEnd);
    const auto ended = end_unit();
    if (!ended) units_.set_broken();
    if (pushed) pushed = ended;
  }
  units_.on_marker();
}

base::Result<void> H265Depacketizer::push_payload(base::ByteView bytes) {
  if (begins_with_start_code(bytes)) {
    abandon_unit();
    return whole_unit(bytes);
  }
  TRY(const H265Payload payload, read_h265_payload(bytes));
  const unsigned type = payload.header.type();
  // What the NAL units are worth, their own headers say; a byte stream in pieces has none at its beginning.
  if (payload.header.is_forbidden()) {
    abandon_unit();
    return fail(ErrorCode::kMalformed, 0, "H.265 payload with its forbidden bit set");
  }
  if (type == hevc::kFragment) return push_fragment(payload);
  abandon_unit();
  if (type == hevc::kAggregation) return push_aggregate(payload.body);
  if (type > hevc::kAggregation) return fail(ErrorCode::kUnsupported, 0, "H.265 packet type");
  if (!payload.whole.empty()) return whole_unit(payload.whole);
  begin_unit(payload.header);
  CHECK_OK(append_unit(payload.body));
  return end_unit();
}

base::Result<void> H265Depacketizer::push_aggregate(base::ByteView body) {
  H265AggregationReader reader(body, false);
  for (;;) {
    TRY(const auto unit, reader.next());
    if (!unit) return {};
    CHECK_OK(whole_unit(unit->nal));
  }
}

/// Fragments whose type differs go with the first (Tiandy).
base::Result<void> H265Depacketizer::push_fragment(const H265Payload& payload) {
  TRY(const H265Fragment fragment, read_h265_fragment(payload.body, false));
  if (fragment.start) abandon_unit();
  look_at_fragment(fragment);
  if (fragment.start) {
    in_fragments_ = true;
    begin_unit(payload.header.with_type(fragment.type));
  } else if (!in_fragments_) {
    const bool counted = units_.is_broken() || units_.may_lack_its_start();
    units_.set_broken();
    if (counted) return {};
    return fail(ErrorCode::kInvalidState, 0, "H.265 fragment without a start");
  }
  CHECK_OK(append_unit(fragment.bytes));
  if (!fragment.end) return {};
  in_fragments_ = false;
  return end_unit();
}

/// What is tolerated of the header of one that doesn't go the short way.
void H265Depacketizer::look_at_fragment(const H265Fragment& fragment) {
  if (fragment.start && fragment.end) faults_.add(StreamFault::kWholeFragment);
  if (!fragment.start && in_fragments_ && fragment.type != unit_header_.type())
    faults_.add(StreamFault::kFragmentType);
  if (fragment.bytes.empty()) faults_.add(StreamFault::kEmptyFragment);
  fragment_type_ = fragment.type;
}

/// With decoding order numbers: the next NAL unit whose turn has come. False: there is none.
bool H265Depacketizer::feed_in_order() {
  const auto unit = deinterleaver_->pop();
  if (!unit) {
    if (!std::exchange(ended_, false)) return false;
    if (std::exchange(cut_at_end_, false)) units_.set_broken();
    units_.flush();
    return true;
  }
  units_.on_lost_packets(unit->packets_lost);
  if (unit->after_gap) units_.on_gap();
  if (!units_.continues(unit->timestamp)) {
    units_.change_timestamp(unit->timestamp);
    latest_arrival_ = unit->arrival;
  }
  // A frame is there when the last of its packets is, whichever NAL unit that brought.
  latest_arrival_ = std::max(latest_arrival_, unit->arrival);
  units_.set_arrival(latest_arrival_);
  if (!whole_unit(unit->nal)) units_.set_broken();
  if (unit->last) units_.on_marker();
  return true;
}

// --- NAL units ---

bool H265Depacketizer::looks_for_start_codes(unsigned type) const {
  if (annex_b_ || !hevc::is_vcl(type)) return true;
  return units_.key_frames() < kKeyFramesToLookThrough && units_.pictures() < kPicturesToLookThrough;
}

base::Unexpected<base::Error> H265Depacketizer::too_large() {
  if (unit_kind_ == Unit::kDirect) units_.end_slice();
  unit_kind_ = Unit::kSkipped;
  unit_.clear();
  return H265AccessUnits::too_large();
}

void H265Depacketizer::begin_unit(hevc::NalHeader header) {
  unit_header_ = header;
  unit_kind_ = Unit::kAwaited;
  // A header of zeros is none, but a byte stream may begin so.
  if (header.is_valid() && !looks_for_start_codes(header.type())) return;
  unit_kind_ = Unit::kGathered;
  unit_.assign({header.first, header.second});
}

base::Result<void> H265Depacketizer::append_unit(base::ByteView bytes) {
  switch (unit_kind_) {
    case Unit::kAwaited:
      // What picture a slice is part of, its first byte tells.
      if (bytes.empty()) return {};
      unit_kind_ = Unit::kSkipped;
      CHECK_OK(units_.begin_slice(unit_header_, bytes));
      unit_kind_ = Unit::kDirect;
      [[fallthrough]];
    case Unit::kDirect:
      if (!units_.append(bytes)) return too_large();
      return {};
    case Unit::kGathered:
      if (unit_.size() + bytes.size() > FrameWriter::kMaxFrameBytes) return too_large();
      unit_.insert(unit_.end(), bytes.begin(), bytes.end());
      return {};
    case Unit::kNone:
    case Unit::kSkipped:
      break;
  }
  return {};
}

base::Result<void> H265Depacketizer::end_unit() {
  const Unit kind = std::exchange(unit_kind_, Unit::kNone);
  if (kind == Unit::kDirect) units_.end_slice();
  if (kind != Unit::kGathered) return {};
  base::Bytes gathered = std::move(unit_);
  auto result = whole_unit(gathered);
  gathered.clear();
  unit_ = std::move(gathered);  // keeps the memory for the next one
  return result;
}

/// Another NAL unit comes before the end of the one at hand.
void H265Depacketizer::abandon_unit() {
  if (in_fragments_ && !units_.is_broken()) faults_.add(StreamFault::kCutFragments);
  cut_unit();
}

/// The NAL unit at hand never got its end: it may have been cut.
void H265Depacketizer::cut_unit() {
  if (!std::exchange(in_fragments_, false)) return;
  if (unit_kind_ == Unit::kDirect) units_.end_slice();
  unit_kind_ = Unit::kNone;
  unit_.clear();
  units_.set_broken();
}

base::Result<void> H265Depacketizer::whole_unit(base::ByteView nal) {
  const bool empty_header = begins_with_start_code(nal);
  const bool looks = empty_header || looks_for_start_codes(hevc::NalHeader{nal[0], nal[1]}.type());
  if (!looks || !has_start_code(nal)) return units_.add_unit(nal);
  annex_b_ = true;
  faults_.add(StreamFault::kStartCodes);
  AnnexBReader reader(nal);
  for (base::ByteView part = reader.next(); !part.empty(); part = reader.next())
    CHECK_OK(units_.add_unit(part));
  return {};
}

}  // namespace retina::codec
