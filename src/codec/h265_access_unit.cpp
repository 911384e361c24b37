#include "codec/h265_access_unit.h"

#include <utility>

#include "codec/h264_sei.h"

namespace retina::codec {
namespace {

/// first_slice_segment_in_pic_flag (s7.3.6.1). `start`: the slice segment after its NAL header.
bool is_first_slice(base::ByteView start) {
  return !start.empty() && (start[0] & 0x80) != 0;
}

/// s7.3.5, sD.2.8: as in H.264, but for the header, of which that reads one byte.
bool has_recovery_point(base::ByteView nal) {
  return recovery_point(nal.subspan(1)).has_value();
}

}  // namespace

H265AccessUnits::H265AccessUnits(const std::vector<base::Bytes>& out_of_band, FrameFormat format,
                                 FrameAllocator& allocator, StreamFaults& faults)
    : faults_(faults), format_(format), writer_(allocator, format.framing) {
  for (const base::Bytes& nal : out_of_band)
    learn(nal);
}

void H265AccessUnits::set_format(FrameFormat format) {
  format_ = format;
  writer_.set_framing(format.framing);
}

void H265AccessUnits::reset() {
  on_gap();
  if (au_.open) drop_access_unit();
  marked_timestamp_.reset();
  starts_anew_ = true;
}

void H265AccessUnits::flush() {
  if (au_.open) finish_access_unit();
}

base::Unexpected<base::Error> H265AccessUnits::too_large() {
  return base::fail(base::ErrorCode::kTooLarge, 0, "H.265 access unit above 16 MiB");
}

// --- what surrounds the NAL units ---

void H265AccessUnits::on_gap() {
  frames_.on_gap();
  lost_before_ = gap_before_ = true;
  forget_held_units();
  if (!au_.open) return;
  if (au_.has_slice || au_.broken) {
    au_.broken = true;
    return;
  }
  forget_headless_units();
}

void H265AccessUnits::open_access_unit() {
  au_.open = true;
  au_.needs_first_slice = std::exchange(lost_before_, false);
  au_.after_gap = std::exchange(gap_before_, false);
}

void H265AccessUnits::change_timestamp(std::int64_t timestamp) {
  if (au_.has_slice || au_.broken) {
    if (!held_.empty()) faults_.add(StreamFault::kForeignTimestamp);
    finish_access_unit();
  } else if (au_.after_gap) {
    forget_headless_units();
  }
  if (is_headless()) faults_.add(StreamFault::kForeignTimestamp);
  if (!au_.open) open_access_unit();
  au_.timestamp = timestamp;
}

void H265AccessUnits::on_marker() {
  if (!au_.has_slice && !au_.broken) {
    if (is_headless()) faults_.add(StreamFault::kEarlyMarker);
    if (au_.after_gap) forget_headless_units();
    return;
  }
  if (markers_in_pictures_) return;
  au_.arrival = arrival_;
  if (!au_.broken) marked_timestamp_ = au_.timestamp;
  finish_access_unit();
}

// --- NAL units ---

bool H265AccessUnits::learn(base::ByteView nal) {
  if (!store_.learn(nal)) return false;
  parameters_ = store_.snapshot();
  return true;
}

base::Result<void> H265AccessUnits::add_unit(base::ByteView nal) {
  if (nal.size() < hevc::kHeaderBytes) return base::fail(base::ErrorCode::kTruncated, 0, "H.265 NAL unit");
  const hevc::NalHeader header{nal[0], nal[1]};
  const unsigned type = header.type();
  if (!header.is_valid())
    return base::fail(base::ErrorCode::kMalformed, 0, "H.265 NAL unit with a forbidden header");
  // Unspecified ones (table 7-1) are for decoders to ignore, and on the wire they would be packets.
  if (type >= hevc::kAggregation) {
    faults_.add(StreamFault::kUnspecifiedUnit);
    return {};
  }
  if (au_.has_slice && hevc::precedes_picture(type) && hold(nal)) return {};
  // Without a picture before them in their access unit: it is gone already, or lost.
  if (!au_.has_slice && hevc::follows_picture(type)) return {};
  au_.arrival = arrival_;
  if (hevc::is_parameter_set(type) && learn(nal)) return {};
  if (hevc::is_vcl(type)) CHECK_OK(open_slice(header, nal.subspan(hevc::kHeaderBytes)));
  return write_unit(header, nal);
}

base::Result<void> H265AccessUnits::write_unit(hevc::NalHeader header, base::ByteView nal) {
  const unsigned type = header.type();
  if (type == hevc::kEndOfSequence || type == hevc::kEndOfBitstream) starts_anew_ = true;
  if (type == hevc::kPrefixSei && !au_.has_slice && has_recovery_point(nal)) au_.recovery_point = true;
  if (!writer_.begin_nal(header.first)) return too_large();
  const bool fits = writer_.append(nal.subspan(1));
  writer_.end_nal();
  if (!fits) return too_large();
  if (type == hevc::kAccessUnitDelimiter && !au_.has_slice) au_.parameter_place = writer_.size();
  return {};
}

base::Result<void> H265AccessUnits::begin_slice(hevc::NalHeader header, base::ByteView start) {
  CHECK_OK(open_slice(header, start));
  au_.arrival = arrival_;
  if (!writer_.begin_nal(header.first) || !writer_.append({&header.second, 1})) return too_large();
  return {};
}

base::Result<void> H265AccessUnits::open_slice(hevc::NalHeader header, base::ByteView start) {
  if (start.empty()) return base::fail(base::ErrorCode::kTruncated, hevc::kHeaderBytes, "H.265 slice");
  // The pictures of further layers belong to the access unit of the one in layer 0.
  const bool first_slice = is_first_slice(start);
  if (au_.has_slice && first_slice && header.layer() == 0) {
    const std::int64_t timestamp = au_.timestamp;
    faults_.add(StreamFault::kSharedTimestamp);
    finish_access_unit();
    if (!au_.open) begin_next_access_unit(timestamp);
    au_.arrival = arrival_;
  } else if (!held_.empty()) {
    place_held_units();
  }
  if (may_be_referred_to(header)) au_.reference = true;
  if (std::exchange(au_.has_slice, true)) return {};
  return open_picture(header.type(), first_slice);
}

/// The first slice of an access unit.
base::Result<void> H265AccessUnits::open_picture(unsigned type, bool first_slice) {
  if (!first_slice && au_.needs_first_slice) au_.broken = true;
  if (!au_.needs_first_slice && marked_timestamp_ == au_.timestamp) {
    if (!first_slice) markers_in_pictures_ = au_.broken = true;
    faults_.add(first_slice ? StreamFault::kSharedTimestamp : StreamFault::kMarkedSlices);
  }
  note_entry(type);
  if (au_.undecodable) return {};
  if (au_.key_frame && !writer_.expect_key_frame()) return too_large();
  if (!inserter_.insert(writer_, au_.parameter_place, parameters_, format_.parameter_sets, au_.key_frame))
    return too_large();
  return {};
}

void H265AccessUnits::note_entry(unsigned type) {
  au_.undecodable = hevc::is_rasl(type) && rasl_is_undecodable_;
  if (hevc::is_irap(type)) {
    au_.first_entry = std::exchange(starts_anew_, false);
    rasl_is_undecodable_ = au_.first_entry || hevc::is_bla(type);
    pictures_since_irap_ = 0;
    au_.key_frame = true;
    return;
  }
  au_.key_frame = au_.recovery_point && pictures_since_irap_ >= kEntryPatience;
  if (pictures_since_irap_ < kEntryPatience) ++pictures_since_irap_;
}

bool H265AccessUnits::may_be_referred_to(hevc::NalHeader header) const {
  if (!hevc::is_sub_layer_non_reference(header.type())) return true;
  const auto highest = store_.highest_temporal_id();
  return !highest || header.temporal_id_plus1() - 1 < *highest;
}

// --- NAL units behind the slices ---

bool H265AccessUnits::hold(base::ByteView nal) {
  if (held_.size() == kMaxHeldUnits || held_bytes_ + nal.size() > kMaxHeldBytes) return false;
  held_bytes_ += nal.size();
  held_.emplace_back(nal.begin(), nal.end());
  return true;
}

std::vector<base::Bytes> H265AccessUnits::take_held_units() {
  held_bytes_ = 0;
  return std::exchange(held_, {});
}

/// The picture goes on: they stand where they came. A delimiter within a picture would cut it in two.
void H265AccessUnits::place_held_units() {
  for (const base::Bytes& nal : take_held_units()) {
    const hevc::NalHeader header{nal[0], nal[1]};
    if (header.type() == hevc::kAccessUnitDelimiter) continue;
    if (hevc::is_parameter_set(header.type()) && learn(nal)) continue;
    if (!write_unit(header, nal)) au_.broken = true;
  }
}

/// What they announced may be lost; parameter sets are good for more than one picture.
void H265AccessUnits::forget_held_units() {
  for (const base::Bytes& nal : take_held_units())
    learn(nal);
}

/// Of an access unit without slices: they may belong to a picture that is lost.
void H265AccessUnits::forget_headless_units() {
  lost_before_ = lost_before_ || au_.needs_first_slice;
  gap_before_ = gap_before_ || au_.after_gap;
  writer_.discard();
  au_ = AccessUnit();
}

// --- access units ---

void H265AccessUnits::finish_access_unit() {
  const std::int64_t timestamp = au_.timestamp;
  if (au_.has_slice && !au_.broken) {
    ++pictures_;
    if (au_.key_frame) ++key_frames_;
  }
  if (au_.has_slice && !au_.undecodable && (!au_.broken || format_.pass_incomplete) && frames_.has_room()) {
    emit_frame();
  } else {
    drop_access_unit();
  }
  if (!held_.empty()) begin_next_access_unit(timestamp);
}

/// With what was held back for it.
void H265AccessUnits::begin_next_access_unit(std::int64_t timestamp) {
  open_access_unit();
  au_.timestamp = timestamp;
  for (const base::Bytes& nal : take_held_units()) {
    if (!add_unit(nal)) au_.broken = true;
  }
}

void H265AccessUnits::drop_access_unit() {
  const bool left_out = au_.undecodable && !au_.broken;
  if ((au_.has_slice || au_.broken) && !left_out) frames_.on_dropped();
  if (au_.first_entry) starts_anew_ = true;
  inserter_.on_dropped();
  writer_.discard();
  au_ = AccessUnit();
}

void H265AccessUnits::emit_frame() {
  Frame frame;
  frame.timestamp = au_.timestamp;
  frame.arrival = au_.arrival;
  frame.key_frame = au_.key_frame;
  frame.disposable = !au_.reference && !au_.key_frame;
  frame.corrupted = au_.broken;
  writer_.finish(frame);
  frames_.add(std::move(frame), parameters_);
  inserter_.on_finished();
  au_ = AccessUnit();
}

}  // namespace retina::codec
