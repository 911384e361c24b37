#include "codec/aac.h"

#include <algorithm>
#include <utility>

#include "codec/adts.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

base::Result<AacConfig> read_config(const sdp::Media& media) {
  if (const std::string* text = media.format_parameter("config")) {
    if (auto bytes = decode_config(*text)) {
      const auto parsed = parse_audio_specific_config(*bytes);
      if (parsed) return AacConfig{std::move(*bytes), *parsed};
      if (parsed.error().code == ErrorCode::kUnsupported) return base::Unexpected(parsed.error());
    }
  }
  auto bytes = make_audio_specific_config(media.clock_rate_hz, media.channels);
  if (!bytes)
    return fail(ErrorCode::kUnsupported, 0, "AAC without a config, at a rate that is none of AAC's");
  TRY(const AudioSpecificConfig parsed, parse_audio_specific_config(*bytes));
  return AacConfig{std::move(*bytes), parsed};
}

Deinterleaver::Limits limits_of(const AacPayloadFormat& format, std::uint32_t clock_rate_hz) {
  const std::int64_t displacement = format.max_displacement;
  return {displacement, format.deinterleave_buffer_bytes,
          std::max<std::int64_t>(displacement * 4, clock_rate_hz)};
}

}  // namespace

base::Result<std::unique_ptr<AacDepacketizer>> AacDepacketizer::create(const sdp::Media& media,
                                                                       FrameFormat format,
                                                                       FrameAllocator& allocator) {
  TRY(const AacPayloadFormat payload_format, read_aac_payload_format(media));
  TRY(const AacConfig config, read_config(media));
  const std::uint32_t clock = media.clock_rate_hz != 0 ? media.clock_rate_hz : config.parsed.core_rate_hz;
  std::unique_ptr<AacDepacketizer> made(new AacDepacketizer(payload_format, clock, format, allocator));
  made->frames_.set_config(config.bytes, config.parsed);
  return made;
}

AacDepacketizer::AacDepacketizer(const AacPayloadFormat& payload_format, std::uint32_t clock_rate_hz,
                                 FrameFormat format, FrameAllocator& allocator)
    : payload_format_(payload_format), frames_(clock_rate_hz, format, allocator) {
  frames_.set_unit_ticks(payload_format.constant_duration);
  if (payload_format.is_interleaved()) deinterleaver_.emplace(limits_of(payload_format, clock_rate_hz));
}

void AacDepacketizer::reset() {
  if (fragment_.open && !fragment_.broken) frames_.on_drop();
  fragment_ = {};
  drain(true);
  if (deinterleaver_) deinterleaver_->restart();
  frames_.on_cut();
  lost_before_ = true;
}

void AacDepacketizer::flush() {
  close_fragments();
  drain(true);
}

// --- packets ---

base::Result<void> AacDepacketizer::push(const MediaPacket& packet) {
  if (packet.packets_lost > 0) {
    frames_.on_loss(packet.packets_lost);
    break_fragments();
    lost_before_ = true;
  }
  auto data = parse_aac_packet(payload_format_, packet.payload, units_);
  if (!data) {
    close_fragments();
    lost_before_ = false;
    if (!may_hold_adts() || !is_adts(packet.payload)) {
      frames_.on_drop();
      return base::Unexpected(data.error());
    }
    // ADTS alone, without AU headers.
    units_.assign(1, AacUnit{packet.payload.size(), 0, std::nullopt});
    data = packet.payload;
  }
  if (is_fragment(*data)) return push_fragment(*data, packet);
  close_fragments();
  lost_before_ = false;
  arrival_ = packet.arrival;
  return push_units(*data, packet.timestamp);
}

/// Of a unit that is longer; or of one that only the marker ends.
bool AacDepacketizer::is_fragment(base::ByteView data) const {
  if (units_.size() != 1) return false;
  return units_[0].size_bytes > data.size() || !payload_format_.has_sizes();
}

/// Whole ones. A unit without any bytes is none, but takes its time. One that fails costs itself.
base::Result<void> AacDepacketizer::push_units(base::ByteView data, std::int64_t timestamp) {
  base::Result<void> result;
  std::uint64_t extra = 0;  // frames above one a unit
  for (const AacUnit& unit : units_) {
    const base::ByteView bytes = data.first(unit.size_bytes);
    data = data.subspan(unit.size_bytes);
    if (bytes.empty()) continue;
    const bool told = unit.composition_delta && &unit != &units_.front();
    const auto pushed = told ? push_unit(bytes, timestamp + *unit.composition_delta, 0)
                             : push_unit(bytes, timestamp, unit.index + extra);
    if (!pushed) {
      if (result) result = base::Unexpected(pushed.error());
      continue;
    }
    extra += *pushed - 1;
  }
  return result;
}

/// RFC 3640 s3.2.3: each fragment has the header of the whole unit, and its timestamp.
base::Result<void> AacDepacketizer::push_fragment(base::ByteView bytes, const MediaPacket& packet) {
  const std::size_t size = units_[0].size_bytes;
  if (fragment_.open && (fragment_.timestamp != packet.timestamp || fragment_.size_bytes != size))
    close_fragments();
  if (!fragment_.open) {
    fragment_.open = true;
    fragment_.timestamp = packet.timestamp;
    fragment_.size_bytes = size;
    // Without sizes the end of a unit looks like a whole one. With them it can't: bytes are missing.
    if (size == 0 && std::exchange(lost_before_, false) && fragments_seen_) break_fragments();
  }
  lost_before_ = false;
  fragment_.arrival = packet.arrival;
  const std::size_t most = size != 0 ? size : AacFrames::kMaxUnitBytes;
  const bool ends = size != 0 ? fragment_.bytes.size() + bytes.size() == size : packet.marker;
  if (!ends) fragments_seen_ = true;
  base::Result<void> result;
  if (!fragment_.broken) {
    if (most > AacFrames::kMaxUnitBytes || bytes.size() > most - fragment_.bytes.size()) {
      break_fragments();
      result = fail(ErrorCode::kTooLarge, 0, "fragments of an access unit");
    } else {
      fragment_.bytes.insert(fragment_.bytes.end(), bytes.begin(), bytes.end());
      if (ends) return finish_fragments();
    }
  }
  if (size == 0 && packet.marker) close_fragments();
  return result;
}

base::Result<void> AacDepacketizer::finish_fragments() {
  fragment_.open = false;
  base::Bytes bytes = std::move(fragment_.bytes);
  base::Result<void> result;
  if (!bytes.empty()) {
    arrival_ = fragment_.arrival;
    const auto pushed = push_unit(bytes, fragment_.timestamp, 0);
    if (!pushed) result = base::Unexpected(pushed.error());
  }
  bytes.clear();
  fragment_.bytes = std::move(bytes);  // keeps the memory for the next one
  return result;
}

/// A part of the unit at hand is missing.
void AacDepacketizer::break_fragments() {
  if (!fragment_.open || fragment_.broken) return;
  fragment_.broken = true;
  fragment_.bytes.clear();
  frames_.on_drop();
}

/// No more comes of the unit at hand. Without a size, and where nothing was lost, that is no fault: a marker
/// is missing.
void AacDepacketizer::close_fragments() {
  if (!fragment_.open) return;
  if (fragment_.size_bytes == 0 && !fragment_.broken) {
    (void)finish_fragments();  // counted, if it fails
  } else {
    break_fragments();
  }
  fragment_.open = fragment_.broken = false;
}

// --- units ---

bool AacDepacketizer::may_hold_adts() const {
  const unsigned type = frames_.config().object_type;
  return type >= kAacMain && type <= kAacLtp;
}

/// Returns how many frames there were.
base::Result<std::uint64_t> AacDepacketizer::push_unit(base::ByteView bytes, std::int64_t timestamp,
                                                       std::uint64_t index) {
  if (!may_hold_adts() || !is_adts(bytes)) {
    CHECK_OK(push_frame(bytes, timestamp, index));
    return std::uint64_t{1};
  }
  found_adts_ = true;
  std::uint64_t count = 0;
  while (!bytes.empty()) {
    TRY(const AdtsHeader header, parse_adts_header(bytes));
    learn(header);
    CHECK_OK(
        push_frame(bytes.first(header.frame_bytes).subspan(header.header_bytes), timestamp, index + count));
    bytes = bytes.subspan(header.frame_bytes);
    ++count;
  }
  return count;
}

/// Channel configuration 0 says nothing: its program config element is in the frames, if anywhere.
void AacDepacketizer::learn(const AdtsHeader& header) {
  const AudioSpecificConfig& known = frames_.config();
  const bool same_channels =
      header.channel_configuration == 0 || header.channel_configuration == known.channel_configuration;
  if (header.object_type == known.object_type && rate_of_index(header.rate_index) == known.core_rate_hz &&
      same_channels) {
    return;
  }
  const unsigned channels =
      header.channel_configuration != 0 ? header.channel_configuration : known.channel_configuration;
  if (channels == 0) return;
  const base::Bytes config = make_audio_specific_config(header.object_type, header.rate_index, channels);
  if (const auto parsed = parse_audio_specific_config(config)) frames_.set_config(config, *parsed);
}

base::Result<void> AacDepacketizer::push_frame(base::ByteView bytes, std::int64_t timestamp,
                                               std::uint64_t index) {
  TRY(const std::span<std::uint8_t> memory, frames_.begin(bytes.size()));
  std::ranges::copy(bytes, memory.begin());
  deliver(frames_.end(timestamp + frames_.ticks(index), timestamp + frames_.ticks(index + 1), arrival_));
  return {};
}

void AacDepacketizer::deliver(Frame frame) {
  if (!deinterleaver_) return frames_.emit(std::move(frame));
  if (deinterleaver_->is_jump(frame.timestamp)) {
    drain(true);
    deinterleaver_->restart();
    frames_.on_cut();
  }
  if (!deinterleaver_->add(std::move(frame))) frames_.on_drop();
  drain(false);
}

void AacDepacketizer::drain(bool all) {
  if (!deinterleaver_) return;
  while (auto frame = deinterleaver_->next(all))
    frames_.emit(std::move(*frame));
}

}  // namespace retina::codec
