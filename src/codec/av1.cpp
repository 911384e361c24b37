#include "codec/av1.h"

#include <algorithm>
#include <utility>

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

/// The aggregation header, RTP Payload Format For AV1 s4.4.
constexpr std::uint8_t kContinues = 0x80;
constexpr std::uint8_t kGoesOn = 0x40;
constexpr std::uint8_t kNewSequence = 0x08;

/// W, or 0: every element has its size in front.
unsigned element_count(std::uint8_t header) {
  return (header >> 4) & 3;
}

}  // namespace

Av1Depacketizer::Av1Depacketizer(FrameFormat format, FrameAllocator& allocator)
    : format_(format), writer_(allocator) {}

void Av1Depacketizer::reset() {
  cut_element();
  if (unit_.open) drop_temporal_unit();
  finished_.on_gap();
  lost_before_ = true;
}

void Av1Depacketizer::flush() {
  cut_element();
  if (unit_.open) finish_temporal_unit();
}

// --- packets ---

base::Result<void> Av1Depacketizer::push(const MediaPacket& packet) {
  if (packet.packets_lost > 0) on_loss(packet.packets_lost);
  on_timestamp(packet.timestamp);
  unit_.arrival = packet.arrival;
  auto result = push_payload(packet.payload);
  if (!result) {
    cut_element();
    unit_.broken = true;
  }
  if (packet.marker) {
    // A marker says that the temporal unit is complete, and so its last OBU, whatever the Y bit says.
    if (in_element_) {
      in_element_ = false;
      result = end_element();
      if (!result) unit_.broken = true;
    }
    if (unit_.has_frame_data || unit_.broken) finish_temporal_unit();
  }
  return result;
}

void Av1Depacketizer::on_loss(std::uint32_t packets) {
  cut_element();
  finished_.on_lost_packets(packets);
  finished_.on_gap();
  lost_before_ = true;
  if (unit_.open) unit_.broken = true;
}

void Av1Depacketizer::on_timestamp(std::int64_t timestamp) {
  if (unit_.open && timestamp != unit_.timestamp) {
    cut_element();
    if (unit_.has_frame_data || unit_.broken) finish_temporal_unit();
  }
  if (!unit_.open) {
    unit_ = TemporalUnit();
    unit_.open = true;
    unit_.pass_incomplete = format_.pass_incomplete;
    unit_.lost_before = unit_.may_lack_start = std::exchange(lost_before_, false);
  }
  unit_.timestamp = timestamp;
}

base::Result<void> Av1Depacketizer::push_payload(base::ByteView payload) {
  base::ByteReader reader(payload);
  TRY(const std::uint8_t header, reader.u8("AV1 aggregation header"));
  const bool continues = (header & kContinues) != 0;
  if (!continues) cut_element();
  if ((header & kNewSequence) != 0) {
    unit_.new_sequence = true;
    unit_.may_lack_start = false;
  }
  const unsigned count = element_count(header);
  for (unsigned i = 0; i == 0 || (count == 0 ? reader.remaining() > 0 : i < count); ++i) {
    std::size_t size = reader.remaining();
    if (count == 0 || i + 1 < count) {
      TRY(size, obu::read_leb128(reader, "size of an OBU element"));
    }
    TRY(const base::ByteView bytes, reader.bytes(size, "OBU element"));
    const bool last = count == 0 ? reader.remaining() == 0 : i + 1 == count;
    CHECK_OK(push_element(bytes, i == 0 && continues, last && (header & kGoesOn) != 0));
  }
  return {};
}

/// `continues`: it is a fragment whose OBU began in a packet before. `goes_on`: it ends in one behind.
base::Result<void> Av1Depacketizer::push_element(base::ByteView bytes, bool continues, bool goes_on) {
  if (continues && !in_element_) {
    if (std::exchange(unit_.broken, true) || unit_.lost_before) return {};
    return fail(ErrorCode::kInvalidState, 0, "OBU fragment without a start");
  }
  if (!continues) {
    if (bytes.empty()) return fail(ErrorCode::kMalformed, 0, "empty OBU element");
    obu_ = Obu::kHeader;
    header_.clear();
  }
  CHECK_OK(feed(bytes, goes_on));
  in_element_ = goes_on;
  return goes_on ? base::Result<void>() : end_element();
}

// --- OBUs ---

base::Result<void> Av1Depacketizer::feed(base::ByteView bytes, bool goes_on) {
  while (!bytes.empty()) {
    if (obu_ == Obu::kHeader) {
      const auto state = header_.take(bytes);
      if (state == obu::HeaderGatherer::State::kMalformed)
        return fail(ErrorCode::kMalformed, 0, "OBU header");
      if (state == obu::HeaderGatherer::State::kIncomplete) return {};
      obu_bytes_left_ = header_.payload_size();
      CHECK_OK(begin_obu(obu_bytes_left_ || goes_on ? obu_bytes_left_ : std::optional(bytes.size())));
    }
    const std::size_t size = std::min(bytes.size(), obu_bytes_left_.value_or(bytes.size()));
    CHECK_OK(append_obu(bytes.first(size)));
    bytes = bytes.subspan(size);
    if (!obu_bytes_left_) continue;
    *obu_bytes_left_ -= size;
    if (*obu_bytes_left_ == 0) CHECK_OK(end_obu());
  }
  return {};
}

base::Result<void> Av1Depacketizer::end_element() {
  const bool between = obu_ == Obu::kHeader && header_.empty();
  if (between) return {};
  if (obu_ == Obu::kHeader) return fail(ErrorCode::kTruncated, 0, "OBU header");
  if (obu_bytes_left_.value_or(0) > 0) {
    cut_element();
    return fail(ErrorCode::kTruncated, 0, "OBU");
  }
  return end_obu();
}

/// The rest of the OBU at hand won't come.
void Av1Depacketizer::cut_element() {
  if (std::exchange(in_element_, false)) unit_.broken = true;
  if (obu_ == Obu::kKept) writer_.drop_unit();
  obu_ = Obu::kHeader;
  header_.clear();
}

base::Result<void> Av1Depacketizer::begin_obu(std::optional<std::size_t> payload_size) {
  type_ = obu::type(header_.header());
  obu_ = Obu::kLeftOut;
  awaits_first_byte_ = false;
  switch (type_) {
    case obu::Type::kTemporalDelimiter:
      unit_.may_lack_start = false;
      return {};
    case obu::Type::kTileList:
      return {};
    case obu::Type::kSequenceHeader:
      unit_.may_lack_start = false;
      unit_.has_sequence_header = true;
      break;
    case obu::Type::kFrameHeader:
    case obu::Type::kFrame:
      unit_.has_frame_header = false;  // until it is whole
      unit_.has_frame_data = awaits_first_byte_ = true;
      break;
    case obu::Type::kTileGroup:
      unit_.has_frame_data = true;
      if (unit_.has_frame_header) break;
      if (std::exchange(unit_.broken, true) || unit_.lost_before) return {};
      return fail(ErrorCode::kInvalidState, 0, "tile group without a frame header");
    default:
      break;
  }
  if (unit_.new_sequence && !writer_.expect_key_frame()) return too_large();
  if (!writer_.begin(header_.header(), header_.extension(), payload_size)) return too_large();
  obu_ = Obu::kKept;
  return {};
}

base::Result<void> Av1Depacketizer::append_obu(base::ByteView bytes) {
  if (obu_ != Obu::kKept || bytes.empty()) return {};
  if (std::exchange(awaits_first_byte_, false)) on_frame_header(bytes[0]);
  if (!writer_.append(bytes)) return too_large();
  return {};
}

base::Result<void> Av1Depacketizer::end_obu() {
  const Obu kind = std::exchange(obu_, Obu::kHeader);
  header_.clear();
  if (kind != Obu::kKept) return {};
  if (!writer_.end()) {
    writer_.drop_unit();
    return too_large();
  }
  if (obu::is_frame_data(type_)) unit_.has_frame_header = unit_.has_whole_frame_data = true;
  if (type_ == obu::Type::kSequenceHeader) learn_sequence_header();
  return {};
}

base::Unexpected<base::Error> Av1Depacketizer::too_large() {
  return fail(ErrorCode::kTooLarge, 0, "AV1 temporal unit above 16 MiB");
}

void Av1Depacketizer::learn_sequence_header() {
  const base::ByteView header = writer_.unit();
  if (header.size() > kMaxSequenceHeaderBytes || writer_.payload().empty()) return;
  if (parameters_ &&
      std::equal(header.begin(), header.end(), parameters_->config.begin(), parameters_->config.end()))
    return;
  auto parameters = std::make_shared<ParameterSets>();
  parameters->config.assign(header.begin(), header.end());
  reduced_still_picture_ = obu::is_reduced_still_picture(writer_.payload());
  parameters_ = std::move(parameters);
}

void Av1Depacketizer::on_frame_header(std::uint8_t first_byte) {
  const auto start = obu::read_frame_start(first_byte, reduced_still_picture_);
  if (std::exchange(unit_.may_lack_start, false)) check_start(start);
  const bool first = !unit_.has_whole_frame_data;
  if (first && start.key_frame && start.shown) {
    unit_.key_frame = true;
    keys_have_sequence_ = unit_.has_sequence_header;
  }
  if (!start.shown) hidden_frames_ = true;
}

/// A loss before this temporal unit may have been its start. `start`: its first frame.
void Av1Depacketizer::check_start(const obu::FrameStart& start) {
  const unsigned spatial_layer = (header_.extension().value_or(0) >> 3) & 3;
  const bool lacks_sequence = start.key_frame && keys_have_sequence_;
  const bool lacks_hidden_frames = start.shown && hidden_frames_;
  if (spatial_layer > 0 || lacks_sequence || lacks_hidden_frames) unit_.broken = true;
}

// --- temporal units ---

void Av1Depacketizer::drop_temporal_unit() {
  finished_.on_dropped();
  writer_.discard();
  unit_ = TemporalUnit();
}

void Av1Depacketizer::finish_temporal_unit() {
  const bool passed = !unit_.broken || unit_.pass_incomplete;
  if (!unit_.has_whole_frame_data || !passed) return drop_temporal_unit();

  Frame frame;
  frame.timestamp = unit_.timestamp;
  frame.arrival = unit_.arrival;
  frame.key_frame = unit_.key_frame;
  frame.corrupted = unit_.broken;
  writer_.finish(frame);
  finished_.add(std::move(frame), parameters_);
  unit_ = TemporalUnit();
}

}  // namespace retina::codec
