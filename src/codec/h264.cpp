#include "codec/h264.h"

#include <algorithm>
#include <utility>

#include "codec/annexb.h"
#include "codec/nal.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::uint64_t kKeyFramesToLookThrough = 2;
constexpr std::uint64_t kPicturesToLookThrough = 32;

// RFC 6184 s5.8.
constexpr std::uint8_t kFuStart = 0x80;
constexpr std::uint8_t kFuEnd = 0x40;
constexpr std::uint8_t kFuReserved = 0x20;
constexpr std::uint8_t kFuType = 0x1F;

}  // namespace

H264Depacketizer::H264Depacketizer(const std::vector<base::Bytes>& out_of_band, FrameFormat format,
                                   FrameAllocator& allocator, const H264Interleaving& announced)
    : units_(out_of_band, format, allocator, faults_), announced_(announced) {}

std::optional<Frame> H264Depacketizer::pull() {
  while (!units_.has_frame()) {
    if (!deinterleaver_ || !feed_interleaved()) return std::nullopt;
  }
  return units_.pull();
}

FrameProgress H264Depacketizer::progress() const {
  FrameProgress progress = units_.progress();
  progress.size_bytes += unit_.size() + (deinterleaver_ ? deinterleaver_->size_bytes() : 0);
  return progress;
}

void H264Depacketizer::reset() {
  cut_unit();
  if (deinterleaver_) deinterleaver_->reset();
  units_.reset();
}

void H264Depacketizer::flush() {
  cut_unit();
  if (!deinterleaver_) return units_.flush();
  cut_at_end_ = !deinterleaver_->flush();
  ended_ = true;
}

// --- packets ---

base::Result<void> H264Depacketizer::push(const MediaPacket& packet) {
  if (continues_slice(packet)) {
    units_.set_arrival(packet.arrival);
    if (units_.append(packet.payload.subspan(2))) {
      const bool end = (packet.payload[1] & kFuEnd) != 0;
      if (packet.marker || end) end_slice(packet.marker, end);
      return {};
    }
  }
  const unsigned type = packet.payload.empty() ? 0 : nal::type(packet.payload[0]);
  return deinterleaver_ || nal::is_interleaved(type) ? push_interleaved(packet) : push_in_order(packet, type);
}

/// The short way, which nearly every packet goes: another FU-A of the slice at hand, and nothing else to it.
bool H264Depacketizer::continues_slice(const MediaPacket& packet) const {
  const base::ByteView payload = packet.payload;
  if (unit_kind_ != Unit::kDirect || payload.size() < 3 || (payload[0] & 0x9F) != nal::kFuA) return false;
  if ((payload[1] & ~kFuEnd) != fragment_header_ || packet.packets_lost > 0) return false;
  return units_.continues(packet.timestamp);
}

/// Of one that went the short way the end bit or a marker was seen.
void H264Depacketizer::end_slice(bool marker, bool end) {
  if (!end && !units_.is_broken()) faults_.add(StreamFault::kNoEnd);
  in_fragments_ = false;
  unit_kind_ = Unit::kNone;
  units_.end_slice();
  if (marker) units_.on_marker();
}

/// One result throughout, so that it is never copied.
base::Result<void> H264Depacketizer::push_in_order(const MediaPacket& packet, unsigned type) {
  if (packet.packets_lost > 0) on_loss(packet.packets_lost);
  if (!units_.continues(packet.timestamp)) change_timestamp(packet.timestamp);
  units_.set_arrival(packet.arrival);
  auto result = type == nal::kFuA ? push_fragment(packet.payload) : push_payload(packet.payload);
  if (!result) units_.set_broken();
  if (packet.marker) on_marker(result);
  return result;
}

void H264Depacketizer::on_loss(std::uint32_t packets) {
  units_.on_loss(packets);
  // Of a slice with a hole a decoder may still make something; a parameter set with one would only do harm.
  if (unit_kind_ == Unit::kGathered && (annex_b_ || !nal::is_vcl(nal::type(unit_[0]))))
    unit_kind_ = Unit::kSkipped;
}

void H264Depacketizer::change_timestamp(std::int64_t timestamp) {
  abandon_unit();
  units_.change_timestamp(timestamp);
}

/// A marker says that the access unit is complete, and so its last NAL unit, end bit or not.
void H264Depacketizer::on_marker(base::Result<void>& pushed) {
  in_fragments_ = false;
  if (unit_kind_ != Unit::kNone) {
    if (pushed && !units_.is_broken()) faults_.add(StreamFault::kNoEnd);
    const auto ended = end_unit();
    if (!ended) units_.set_broken();
    if (pushed) pushed = ended;
  }
  units_.on_marker();
}

base::Result<void> H264Depacketizer::push_payload(base::ByteView payload) {
  if (payload.empty()) return fail(ErrorCode::kTruncated, 0, "empty H.264 payload");
  const std::uint8_t header = payload[0];
  const unsigned type = nal::type(header);
  abandon_unit();
  if (nal::is_forbidden(header))
    return fail(ErrorCode::kMalformed, 0, "H.264 NAL unit with its forbidden bit set");
  if (type == nal::kStapA) return push_stap_a(payload.subspan(1));
  // Type 0 is none, but a byte stream may begin so.
  if (type > nal::kStapA || (type == 0 && !has_start_code(payload)))
    return fail(ErrorCode::kUnsupported, 0, "H.264 packet type");
  return whole_unit(payload);
}

/// RFC 6184 s5.7.1.
base::Result<void> H264Depacketizer::push_stap_a(base::ByteView units) {
  base::ByteReader reader(units);
  if (reader.remaining() == 0) return fail(ErrorCode::kTruncated, 1, "empty STAP-A");
  while (reader.remaining() > 0) {
    TRY(const std::uint16_t size, reader.u16("STAP-A size"));
    if (size == 0) return fail(ErrorCode::kMalformed, reader.offset(), "empty NAL unit in a STAP-A");
    TRY(const base::ByteView nal, reader.bytes(size, "STAP-A NAL unit"));
    CHECK_OK(whole_unit(nal));
  }
  return {};
}

/// RFC 6184 s5.8. The reserved bit is ignored (Longse sets it); fragments whose type differs go with the
/// first (Tiandy).
base::Result<void> H264Depacketizer::push_fragment(base::ByteView payload) {
  if (payload.size() < 2) return fail(ErrorCode::kTruncated, payload.size(), "FU-A header");
  if (nal::is_forbidden(payload[0]))
    return fail(ErrorCode::kMalformed, 0, "H.264 fragment with its forbidden bit set");
  const std::uint8_t fu = payload[1];
  const base::ByteView bytes = payload.subspan(2);
  if ((fu & kFuStart) != 0) abandon_unit();
  look_at_fragment(fu, bytes);
  if ((fu & kFuStart) != 0) {
    in_fragments_ = true;
    CHECK_OK(begin_unit(static_cast<std::uint8_t>((payload[0] & 0xE0) | (fu & 0x1F)), bytes));
  } else if (!in_fragments_) {
    const bool counted = units_.is_broken() || units_.may_lack_its_start();
    units_.set_broken();
    if (counted) return {};
    return fail(ErrorCode::kInvalidState, 0, "FU-A fragment without a start");
  }
  CHECK_OK(append_unit(bytes));
  if ((fu & kFuEnd) == 0) return {};
  in_fragments_ = false;
  return end_unit();
}

/// What is tolerated of the header of one that doesn't go the short way.
void H264Depacketizer::look_at_fragment(std::uint8_t fu, base::ByteView bytes) {
  if ((fu & kFuStart) != 0) {
    if ((fu & kFuEnd) != 0) faults_.add(StreamFault::kWholeFragment);
    fragment_type_ = fu & kFuType;
  } else if (in_fragments_ && (fu & kFuType) != fragment_type_) {
    faults_.add(StreamFault::kFragmentType);
  }
  if ((fu & kFuReserved) != 0) faults_.add(StreamFault::kReservedBit);
  if (bytes.empty()) faults_.add(StreamFault::kEmptyFragment);
  fragment_header_ = fu & (kFuReserved | kFuType);
}

// --- the interleaved mode ---

base::Result<void> H264Depacketizer::push_interleaved(const MediaPacket& packet) {
  if (!deinterleaver_) {
    cut_unit();
    deinterleaver_ = std::make_unique<H264Deinterleaver>(announced_);
  }
  ended_ = false;
  return deinterleaver_->push(packet);
}

/// The next NAL unit whose turn has come. False: there is none.
bool H264Depacketizer::feed_interleaved() {
  const auto unit = deinterleaver_->pop();
  if (!unit) {
    if (!std::exchange(ended_, false)) return false;
    if (std::exchange(cut_at_end_, false)) units_.set_broken();
    units_.flush();
    return true;
  }
  if (unit->after_gap || unit->packets_lost > 0) units_.on_loss(unit->packets_lost);
  if (!units_.continues(unit->timestamp)) {
    units_.change_timestamp(unit->timestamp);
    interleaved_arrival_ = unit->arrival;
  }
  // A frame is there when the last of its packets is, whichever NAL unit that brought.
  interleaved_arrival_ = std::max(interleaved_arrival_, unit->arrival);
  units_.set_arrival(interleaved_arrival_);
  if (!whole_unit(unit->nal)) units_.set_broken();
  if (unit->last) units_.on_marker();
  return true;
}

// --- NAL units ---

bool H264Depacketizer::looks_for_start_codes(unsigned type) const {
  if (annex_b_ || !nal::is_vcl(type)) return true;
  return units_.key_frames() < kKeyFramesToLookThrough && units_.pictures() < kPicturesToLookThrough;
}

base::Unexpected<base::Error> H264Depacketizer::too_large() {
  if (unit_kind_ == Unit::kDirect) units_.end_slice();
  unit_kind_ = Unit::kSkipped;
  unit_.clear();
  return H264AccessUnits::too_large();
}

/// `start`: the first bytes after the header, not consumed.
base::Result<void> H264Depacketizer::begin_unit(std::uint8_t header, base::ByteView start) {
  if (looks_for_start_codes(nal::type(header))) {
    unit_kind_ = Unit::kGathered;
    unit_.assign(1, header);
    return {};
  }
  unit_kind_ = Unit::kSkipped;
  CHECK_OK(units_.begin_slice(header, start));
  unit_kind_ = Unit::kDirect;
  return {};
}

base::Result<void> H264Depacketizer::append_unit(base::ByteView bytes) {
  switch (unit_kind_) {
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

base::Result<void> H264Depacketizer::end_unit() {
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
void H264Depacketizer::abandon_unit() {
  if (in_fragments_ && !units_.is_broken()) faults_.add(StreamFault::kCutFragments);
  cut_unit();
}

/// The NAL unit at hand never got its end: it may have been cut.
void H264Depacketizer::cut_unit() {
  if (!std::exchange(in_fragments_, false)) return;
  if (unit_kind_ == Unit::kDirect) units_.end_slice();
  unit_kind_ = Unit::kNone;
  unit_.clear();
  units_.set_broken();
}

base::Result<void> H264Depacketizer::whole_unit(base::ByteView nal) {
  if (!looks_for_start_codes(nal::type(nal[0])) || !has_start_code(nal)) return units_.add_unit(nal);
  annex_b_ = true;
  faults_.add(StreamFault::kStartCodes);
  AnnexBReader reader(nal);
  for (base::ByteView part = reader.next(); !part.empty(); part = reader.next())
    CHECK_OK(units_.add_unit(part));
  return {};
}

}  // namespace retina::codec
