#include "codec/h264.h"

#include "codec/annexb.h"
#include "codec/nal.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

constexpr int kKeyFramesToLookThrough = 2;
constexpr int kPicturesToLookThrough = 32;

// RFC 6184 s5.8.
constexpr std::uint8_t kFuStart = 0x80;
constexpr std::uint8_t kFuEnd = 0x40;

/// ue(v) 0 is the single bit 1 (ITU-T H.264 s7.3.3, s9.1). `start`: the slice after its NAL header.
bool is_first_slice(base::ByteView start) {
  return !start.empty() && (start[0] & 0x80) != 0;
}

}  // namespace

H264Depacketizer::H264Depacketizer(const std::vector<base::Bytes>& out_of_band, FrameFormat format,
                                   FrameAllocator& allocator)
    : format_(format), writer_(allocator, format.framing) {
  for (const base::Bytes& nal : out_of_band)
    store_.learn(nal);
  parameters_ = store_.snapshot();
}

void H264Depacketizer::set_format(FrameFormat format) {
  format_ = format;
  writer_.set_framing(format.framing);
}

std::optional<Frame> H264Depacketizer::pull() {
  if (finished_.empty()) return std::nullopt;
  std::optional<Frame> frame(std::move(finished_.front()));
  finished_.pop_front();
  return frame;
}

void H264Depacketizer::reset() {
  if (au_.open) drop_access_unit();
  lost_before_ = discontinuity_ = true;
}

void H264Depacketizer::flush() {
  if (!au_.open) return;
  if (in_fragments_) au_.broken = true;
  finish_access_unit();
}

// --- packets ---

base::Result<void> H264Depacketizer::push(const MediaPacket& packet) {
  arrival_ = packet.arrival;
  if (packet.packets_lost > 0) on_loss(packet);
  on_timestamp(packet.timestamp);
  auto result = push_payload(packet.payload);
  if (!result) au_.broken = true;
  if (packet.marker) {
    // A marker says that the access unit is complete, and so its last NAL unit, end bit or not.
    if (unit_kind_ != Unit::kNone && result) result = end_unit();
    in_fragments_ = false;
    unit_kind_ = Unit::kNone;
    if (au_.has_slice || au_.broken) finish_access_unit();
  }
  return result;
}

void H264Depacketizer::on_loss(const MediaPacket& packet) {
  packets_lost_ += packet.packets_lost;
  discontinuity_ = lost_before_ = true;
  if (au_.open) au_.broken = true;
}

void H264Depacketizer::on_timestamp(std::int64_t timestamp) {
  if (au_.open && timestamp != au_.timestamp) {
    if (in_fragments_) au_.broken = true;
    if (au_.has_slice || au_.broken) finish_access_unit();
  }
  if (!au_.open) {
    au_.open = true;
    au_.needs_first_slice = std::exchange(lost_before_, false);
  }
  au_.timestamp = timestamp;
}

base::Result<void> H264Depacketizer::push_payload(base::ByteView payload) {
  if (payload.empty()) return fail(ErrorCode::kTruncated, 0, "empty H.264 payload");
  const std::uint8_t header = payload[0];
  if (nal::type(header) == nal::kFuA) return push_fragment(payload);
  // The NAL unit before never got its end: it may have been cut.
  if (in_fragments_) {
    in_fragments_ = false;
    unit_kind_ = Unit::kNone;
    au_.broken = true;
  }
  if (nal::is_forbidden(header))
    return fail(ErrorCode::kMalformed, 0, "H.264 NAL unit with its forbidden bit set");
  const unsigned type = nal::type(header);
  if (type == nal::kStapA) return push_stap_a(payload.subspan(1));
  if (type == 0 && has_start_code(payload))
    return whole_unit(payload);  // a byte stream from its first byte on
  if (type == 0 || type > nal::kStapA) return fail(ErrorCode::kUnsupported, 0, "H.264 packet type");
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
  const std::uint8_t fu = payload[1];
  const base::ByteView bytes = payload.subspan(2);
  if ((fu & kFuStart) != 0) {
    if (in_fragments_) au_.broken = true;  // the one before never got its end
    in_fragments_ = true;
    CHECK_OK(begin_unit(static_cast<std::uint8_t>((payload[0] & 0xE0) | (fu & 0x1F)), bytes));
  } else if (!in_fragments_) {
    if (std::exchange(au_.broken, true) || au_.needs_first_slice)
      return {};  // its start was lost; that is counted
    return fail(ErrorCode::kInvalidState, 0, "FU-A fragment without a start");
  }
  CHECK_OK(append_unit(bytes));
  if ((fu & kFuEnd) == 0) return {};
  in_fragments_ = false;
  return end_unit();
}

// --- NAL units ---

bool H264Depacketizer::looks_for_start_codes(unsigned type) const {
  if (annex_b_ || !nal::is_vcl(type)) return true;
  return key_frames_looked_through_ < kKeyFramesToLookThrough &&
         pictures_looked_through_ < kPicturesToLookThrough;
}

base::Unexpected<base::Error> H264Depacketizer::too_large() {
  unit_kind_ = Unit::kSkipped;
  unit_.clear();
  au_.broken = true;
  return fail(ErrorCode::kTooLarge, 0, "H.264 access unit above 16 MiB");
}

/// `start`: the first bytes after the header, not consumed.
base::Result<void> H264Depacketizer::begin_unit(std::uint8_t header, base::ByteView start) {
  if (looks_for_start_codes(nal::type(header))) {
    unit_kind_ = Unit::kGathered;
    unit_.assign(1, header);
    return {};
  }
  unit_kind_ = Unit::kDirect;
  return write_unit_header(header, start);
}

base::Result<void> H264Depacketizer::append_unit(base::ByteView bytes) {
  switch (unit_kind_) {
    case Unit::kDirect:
      if (!writer_.append(bytes)) return too_large();
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
  if (kind == Unit::kDirect) writer_.end_nal();
  if (kind != Unit::kGathered) return {};
  base::Bytes gathered = std::move(unit_);
  auto result = whole_unit(gathered);
  gathered.clear();
  unit_ = std::move(gathered);  // keeps the memory for the next one
  return result;
}

base::Result<void> H264Depacketizer::whole_unit(base::ByteView nal) {
  if (!looks_for_start_codes(nal::type(nal[0])) || !has_start_code(nal)) return whole_plain_unit(nal);
  annex_b_ = true;
  AnnexBReader reader(nal);
  for (base::ByteView part = reader.next(); !part.empty(); part = reader.next())
    CHECK_OK(whole_plain_unit(part));
  return {};
}

/// A NAL unit without start codes.
base::Result<void> H264Depacketizer::whole_plain_unit(base::ByteView nal) {
  if (nal::is_parameter_set(nal::type(nal[0])) && store_.learn(nal)) {
    parameters_ = store_.snapshot();
    return {};
  }
  CHECK_OK(write_unit_header(nal[0], nal.subspan(1)));
  if (!writer_.append(nal.subspan(1))) return too_large();
  writer_.end_nal();
  return {};
}

base::Result<void> H264Depacketizer::write_unit_header(std::uint8_t header, base::ByteView start) {
  const unsigned type = nal::type(header);
  if (nal::is_vcl(type)) CHECK_OK(open_slice(header, start));
  if (!writer_.begin_nal(header)) return too_large();
  if (type == nal::kAccessUnitDelimiter &&
      au_.parameter_place == writer_.size() - FrameWriter::kPrefixBytes - 1) {
    au_.parameter_place = writer_.size() + start.size();
  }
  return {};
}

base::Result<void> H264Depacketizer::open_slice(std::uint8_t header, base::ByteView start) {
  const unsigned type = nal::type(header);
  const bool first = !std::exchange(au_.has_slice, true);
  if (first && au_.needs_first_slice && (type == nal::kSlice || type == nal::kIdrSlice) &&
      !is_first_slice(start)) {
    au_.broken = true;
  }
  if (nal::reference(header) != 0) au_.reference = true;
  if (type == nal::kIdrSlice) au_.key_frame = true;
  if (!first) return {};
  if (au_.key_frame && !writer_.expect_key_frame()) return too_large();
  return insert_parameters();
}

base::Result<void> H264Depacketizer::insert_parameters() {
  if (!parameters_ || format_.parameter_sets == ParameterSetInsertion::kNever) return {};
  const bool changed = parameters_ != inserted_ && (inserted_ || au_.key_frame);
  const bool wanted =
      format_.parameter_sets == ParameterSetInsertion::kKeyFrames ? au_.key_frame || changed : changed;
  if (!wanted) return {};
  std::size_t place = au_.parameter_place;
  for (const auto* sets : {&parameters_->sps, &parameters_->pps}) {
    for (const base::Bytes& nal : *sets) {
      if (!writer_.insert_nal(place, nal)) return too_large();
      place += FrameWriter::kPrefixBytes + nal.size();
    }
  }
  inserted_ = parameters_;
  return {};
}

// --- access units ---

void H264Depacketizer::drop_access_unit() {
  ++frames_dropped_;
  discontinuity_ = true;
  inserted_ = nullptr;  // what was inserted went with it
  writer_.discard();
  unit_.clear();
  unit_kind_ = Unit::kNone;
  in_fragments_ = false;
  au_ = AccessUnit();
}

void H264Depacketizer::finish_access_unit() {
  if (au_.has_slice && !au_.broken) {
    ++pictures_looked_through_;
    if (au_.key_frame) ++key_frames_looked_through_;
  }
  if (!au_.has_slice || (au_.broken && !pass_incomplete_)) return drop_access_unit();
  if (unit_kind_ == Unit::kDirect) writer_.end_nal();  // cut, and passed on so

  Frame frame;
  frame.timestamp = au_.timestamp;
  frame.arrival = arrival_;
  frame.key_frame = au_.key_frame;
  frame.disposable = !au_.reference;
  frame.corrupted = au_.broken;
  frame.discontinuity = std::exchange(discontinuity_, false);
  frame.packets_lost = std::exchange(packets_lost_, 0);
  if (parameters_ != returned_) frame.parameters = returned_ = parameters_;
  writer_.finish(frame);
  finished_.push_back(std::move(frame));

  unit_.clear();
  unit_kind_ = Unit::kNone;
  in_fragments_ = false;
  au_ = AccessUnit();
}

}  // namespace retina::codec
