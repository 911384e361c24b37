#include "codec/h264_access_unit.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "codec/h264_sei.h"
#include "codec/nal.h"

namespace retina::codec {
namespace {

/// Slices that begin with first_mb_in_slice (ITU-T H.264 s7.3.2.8, s7.3.2.9.1).
bool has_slice_header(unsigned type) {
  return type == nal::kSlice || type == nal::kPartitionA || type == nal::kIdrSlice;
}

/// first_mb_in_slice is 0: ue(v) 0 is the single bit 1 (s7.3.3, s9.1). `start`: the slice after its NAL
/// header.
bool is_first_slice(base::ByteView start) {
  return !start.empty() && (start[0] & 0x80) != 0;
}

/// Behind the slices of a picture, with its timestamp: for the next one all the same.
bool goes_with_next_picture(unsigned type) {
  return type == nal::kAccessUnitDelimiter || nal::is_parameter_set(type) || type == nal::kSubsetSps ||
         type == nal::kPrefix;
}

}  // namespace

H264AccessUnits::H264AccessUnits(const std::vector<base::Bytes>& out_of_band, FrameFormat format,
                                 FrameAllocator& allocator, StreamFaults& faults)
    : faults_(faults), format_(format), next_format_(format), writer_(allocator, format.framing) {
  for (const base::Bytes& nal : out_of_band)
    learn(nal);
}

void H264AccessUnits::set_format(FrameFormat format) {
  next_format_ = format;
}

void H264AccessUnits::reset() {
  for (const base::Bytes& nal : std::exchange(held_, {}))
    learn(nal);
  held_bytes_ = 0;
  if (au_.open) drop_access_unit();
  lost_before_ = true;
  fields_apart_ = markers_in_pictures_ = false;
  marked_timestamp_.reset();
  frames_.on_gap();
}

void H264AccessUnits::flush() {
  if (au_.open) finish_access_unit(End::kStream);
}

base::Unexpected<base::Error> H264AccessUnits::too_large() {
  return base::fail(base::ErrorCode::kTooLarge, 0, "H.264 access unit above 16 MiB");
}

// --- what surrounds the NAL units ---

void H264AccessUnits::on_loss(std::uint64_t packets) {
  frames_.on_lost_packets(packets);
  frames_.on_gap();
  lost_before_ = true;
  if (au_.open) au_.broken = true;
}

void H264AccessUnits::open_access_unit() {
  au_.open = true;
  format_ = next_format_;
  writer_.set_framing(format_.framing);
  au_.needs_first_slice = std::exchange(lost_before_, false);
}

void H264AccessUnits::change_timestamp(std::int64_t timestamp) {
  if (au_.has_slice || au_.broken) {
    if (au_.lone_field && !au_.broken) fields_apart_ = true;
    finish_access_unit(End::kTimestamp);
  }
  if (is_headless()) faults_.add(StreamFault::kForeignTimestamp);
  if (!au_.open) open_access_unit();
  au_.timestamp = timestamp;
}

void H264AccessUnits::on_marker() {
  if (!au_.has_slice && !au_.broken) {
    if (is_headless()) faults_.add(StreamFault::kEarlyMarker);
    return;
  }
  if (au_.lone_field && !fields_apart_ && !au_.broken) return;
  if (markers_in_pictures_) return;
  au_.arrival = arrival_;
  if (!au_.broken) marked_timestamp_ = au_.timestamp;
  finish_access_unit(End::kMarker);
}

// --- NAL units ---

bool H264AccessUnits::learn(base::ByteView nal) {
  if (!store_.learn(nal)) return false;
  auto latest = store_.snapshot();
  if (latest == parameters_) return true;
  parameters_ = std::move(latest);
  slices_.set_parameters(*parameters_);
  return true;
}

base::Result<void> H264AccessUnits::add_unit(base::ByteView nal) {
  const unsigned type = nal::type(nal[0]);
  if (nal::is_forbidden(nal[0]))
    return base::fail(base::ErrorCode::kMalformed, 0, "H.264 NAL unit with its forbidden bit set");
  // Unspecified ones (table 7-1) are for decoders to ignore, and on the wire they would be packets.
  if (type == 0 || type >= nal::kStapA) {
    faults_.add(StreamFault::kUnspecifiedUnit);
    return {};
  }
  if (nal::is_vcl(type)) {
    CHECK_OK(open_slice(nal[0], nal.subspan(1)));
    au_.arrival = arrival_;
    if (!writer_.add_nal(nal)) return too_large();
    return {};
  }
  // What comes behind one that waits, waits too.
  if (au_.has_slice && (nal::precedes_picture(type) || !held_.empty()) && hold(nal)) return {};
  au_.arrival = arrival_;
  if (nal::is_parameter_set(type) && learn(nal)) return {};
  return write_unit(nal);
}

base::Result<void> H264AccessUnits::write_unit(base::ByteView nal) {
  const unsigned type = nal::type(nal[0]);
  if (type == nal::kSei && !au_.has_slice && recovery_point(nal)) au_.entry = true;
  const bool first = writer_.size() == 0;
  if (!writer_.add_nal(nal)) return too_large();
  if (first && type == nal::kAccessUnitDelimiter) au_.parameter_place = writer_.size();
  return {};
}

base::Result<void> H264AccessUnits::begin_slice(std::uint8_t header, base::ByteView start) {
  CHECK_OK(open_slice(header, start));
  au_.arrival = arrival_;
  if (!writer_.begin_nal(header)) return too_large();
  return {};
}

base::Result<void> H264AccessUnits::open_slice(std::uint8_t header, base::ByteView start) {
  if (au_.has_slice && has_slice_header(nal::type(header)) && is_first_slice(start) &&
      begins_picture(header, start)) {
    faults_.add(StreamFault::kSharedTimestamp);
    finish_access_unit(End::kPicture);
  } else if (!held_.empty()) {
    place_held_units();
  }
  const bool first = !std::exchange(au_.has_slice, true);
  if (nal::reference(header) != 0) au_.reference = true;
  if (nal::type(header) == nal::kIdrSlice) au_.entry = true;
  if (first) return open_picture(header, start);
  if (au_.intra) au_.intra = is_intra_slice(start).value_or(true);
  return {};
}

/// The first slice of an access unit.
base::Result<void> H264AccessUnits::open_picture(std::uint8_t header, base::ByteView start) {
  const bool begins = has_slice_header(nal::type(header)) && is_first_slice(start);
  if (!begins && au_.needs_first_slice) au_.broken = true;
  if (!au_.needs_first_slice && marked_timestamp_ == au_.timestamp) {
    if (!begins) markers_in_pictures_ = au_.broken = true;
    if (!begins) faults_.add(StreamFault::kMarkedSlices);
    if (begins && !slices_.may_have_fields()) faults_.add(StreamFault::kSharedTimestamp);
  }
  remember_slice(header, start);
  if (slices_.may_have_fields()) {
    const auto slice = remembered_slice();
    au_.lone_field = slice && slice->field;
    if (au_.lone_field && marked_timestamp_ == au_.timestamp) fields_apart_ = false;
  }
  if (au_.entry) {
    pictures_since_entry_ = 0;
  } else if (pictures_since_entry_ < kEntryPatience) {
    ++pictures_since_entry_;
  }
  if (pictures_since_entry_ >= kEntryPatience) au_.intra = is_intra_slice(start).value_or(false);
  if (is_key_frame() && !writer_.expect_key_frame()) return too_large();
  if (!inserter_.insert(writer_, au_.parameter_place, parameters_, format_.parameter_sets, is_key_frame()))
    return too_large();
  return {};
}

void H264AccessUnits::remember_slice(std::uint8_t header, base::ByteView start) {
  slice_.header = header;
  slice_.size = std::min(start.size(), slice_.bytes.size());
  if (slice_.size == slice_.bytes.size()) {
    std::memcpy(slice_.bytes.data(), start.data(), slice_.bytes.size());  // a size the compiler knows
  } else if (slice_.size > 0) {
    std::memcpy(slice_.bytes.data(), start.data(), slice_.size);
  }
}

std::optional<H264SliceHeader> H264AccessUnits::remembered_slice() const {
  return slices_.read(slice_.header, base::ByteView(slice_.bytes).first(slice_.size));
}

/// Whether this slice, the first one of a picture, begins another access unit than the slices that are here.
/// The other field of their frame doesn't, and is noted. What can't be told counts as the same.
bool H264AccessUnits::begins_picture(std::uint8_t header, base::ByteView start) {
  const auto before = remembered_slice();
  const auto next = slices_.read(header, start);
  if (before && next && !au_.both_fields && before->is_field_before(*next)) {
    au_.both_fields = true;
    au_.lone_field = false;
    remember_slice(header, start);
    return false;
  }
  // Only a prefix may stand between two slices of a picture (s7.4.1.2.3).
  const bool separated = std::any_of(
      held_.begin(), held_.end(), [](const base::Bytes& nal) { return nal::type(nal[0]) != nal::kPrefix; });
  return separated || (before && next && !before->same_picture(*next));
}

// --- NAL units behind the slices ---

/// False when too much waits: then it has waited in vain.
bool H264AccessUnits::hold(base::ByteView nal) {
  if (held_.size() == kMaxHeldUnits || held_bytes_ + nal.size() > kMaxHeldBytes) {
    place_held_units();
    return false;
  }
  held_bytes_ += nal.size();
  held_.emplace_back(nal.begin(), nal.end());
  return true;
}

/// The picture goes on: they stand where they came. A delimiter within a picture would cut it in two.
void H264AccessUnits::place_held_units() {
  held_bytes_ = 0;
  for (const base::Bytes& nal : std::exchange(held_, {})) {
    const unsigned type = nal::type(nal[0]);
    if (type == nal::kAccessUnitDelimiter && !au_.both_fields) continue;
    if (nal::is_parameter_set(type) && learn(nal)) continue;
    if (!write_unit(nal)) au_.broken = true;
  }
}

/// The access unit ends: takes out of held_ what belongs to it.
void H264AccessUnits::end_with_held_units(End end) {
  if (end == End::kPicture) return;
  const auto next = std::find_if(held_.begin(), held_.end(), [](const base::Bytes& nal) {
    return goes_with_next_picture(nal::type(nal[0]));
  });
  if (next != held_.end() && end == End::kTimestamp) faults_.add(StreamFault::kForeignTimestamp);
  for (auto unit = held_.begin(); unit != next; ++unit) {
    au_.arrival = arrival_;
    if (!write_unit(*unit)) au_.broken = true;
    held_bytes_ -= unit->size();
  }
  held_.erase(held_.begin(), next);
}

/// A new access unit begins with them.
void H264AccessUnits::replay_held_units() {
  held_bytes_ = 0;
  for (const base::Bytes& nal : std::exchange(held_, {})) {
    if (!add_unit(nal)) au_.broken = true;
  }
}

// --- access units ---

void H264AccessUnits::finish_access_unit(End end) {
  const std::int64_t timestamp = au_.timestamp;
  if (!held_.empty()) end_with_held_units(end);
  if (au_.has_slice && !au_.broken) {
    ++pictures_;
    if (au_.entry) ++key_frames_;
  }
  if (au_.has_slice && (!au_.broken || format_.pass_incomplete) && frames_.has_room()) {
    emit_frame();
  } else {
    drop_access_unit();
  }
  if (held_.empty() && end != End::kPicture) return;
  open_access_unit();
  au_.timestamp = timestamp;
  replay_held_units();
}

void H264AccessUnits::drop_access_unit() {
  if (au_.has_slice || au_.broken) frames_.on_dropped();
  inserter_.on_dropped();
  writer_.discard();
  au_ = AccessUnit();
}

void H264AccessUnits::emit_frame() {
  Frame frame;
  frame.timestamp = au_.timestamp;
  frame.arrival = au_.arrival;
  frame.key_frame = is_key_frame();
  frame.disposable = !au_.reference && !frame.key_frame;
  frame.corrupted = au_.broken;
  writer_.finish(frame);
  inserter_.on_finished();
  frames_.add(std::move(frame), parameters_);
  au_ = AccessUnit();
}

}  // namespace retina::codec
