#include "codec/latm.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

/// False: there is no `config=` that can be read.
Result<bool> read_config(const sdp::Media& media, StreamMux& mux) {
  const std::string* text = media.format_parameter("config");
  const auto bytes = text != nullptr ? decode_config(*text) : std::nullopt;
  if (!bytes) return false;
  const auto parsed = parse_sdp_stream_mux(*bytes, mux);
  if (!parsed && parsed.error().code == ErrorCode::kUnsupported) return base::Unexpected(parsed.error());
  return parsed.has_value();
}

bool make_config(const sdp::Media& media, StreamMux& mux) {
  const auto bytes = make_audio_specific_config(media.clock_rate_hz, media.channels);
  const auto config = bytes ? parse_audio_specific_config(*bytes) : fail(ErrorCode::kUnsupported, 0, "rate");
  if (!config) return false;
  mux = StreamMux{*bytes, *config};
  return true;
}

}  // namespace

Result<std::unique_ptr<LatmDepacketizer>> LatmDepacketizer::create(const sdp::Media& media,
                                                                   FrameFormat format,
                                                                   FrameAllocator& allocator) {
  std::unique_ptr<LatmDepacketizer> made(new LatmDepacketizer(media.clock_rate_hz, format, allocator));
  const std::string* present = media.format_parameter("cpresent");
  if (present != nullptr && *present == "0") made->layout_ = Layout::kOutOfBand;
  if (present != nullptr && *present == "1") made->layout_ = Layout::kInBand;

  TRY(made->has_mux_, read_config(media, made->mux_));
  if (!made->has_mux_) {
    // A guess, that elements must bear out.
    if (made->layout_ == Layout::kOutOfBand) made->layout_ = Layout::kUnknown;
    made->has_mux_ = made->layout_ == Layout::kUnknown && make_config(media, made->mux_);
  }
  if (made->has_mux_) {
    made->frames_.set_config(made->mux_.config, made->mux_.parsed);
  } else {
    made->layout_ = Layout::kInBand;
  }
  return made;
}

void LatmDepacketizer::reset() {
  if (state_ == State::kGathering) frames_.on_drop();
  state_ = State::kReady;
  must_fit_ = true;
  follows_ = false;
  frames_.on_cut();
}

void LatmDepacketizer::flush() {
  if (state_ == State::kGathering) frames_.on_drop();
  state_ = State::kReady;
}

// --- packets ---

Result<void> LatmDepacketizer::push(const MediaPacket& packet) {
  arrival_ = packet.arrival;
  if (packet.packets_lost > 0) {
    on_loss(packet);
  } else if (follows_) {
    on_follower(packet);
  }
  follows_ = true;
  timestamp_ = packet.timestamp;
  ended_ = packet.marker;
  if (state_ == State::kSkipping) {
    if (packet.marker) state_ = State::kReady;
    return {};
  }
  const bool unsure = must_fit_;
  slot_result_ = {};
  const auto result = gather(packet);
  if (result) {
    state_ = State::kReady;
    return slot_result_;
  }
  if (result.error().code == ErrorCode::kTruncated && !packet.marker) return {};
  frames_.on_drop();
  state_ = packet.marker ? State::kReady : State::kSkipping;
  // The end of an element whose begin was lost is no fault.
  return unsure ? Result<void>() : result;
}

void LatmDepacketizer::on_loss(const MediaPacket& packet) {
  frames_.on_loss(packet.packets_lost);
  if (state_ == State::kGathering || (state_ == State::kReady && fragments_seen_)) frames_.on_drop();
  state_ = fragments_seen_ ? State::kSkipping : State::kReady;
  must_fit_ = true;
  timestamp_ = packet.timestamp;
}

/// Nothing was lost before this packet: what the one before says about where elements begin holds.
void LatmDepacketizer::on_follower(const MediaPacket& packet) {
  if (ended_) must_fit_ = false;
  if (packet.timestamp == timestamp_) return;
  if (state_ == State::kGathering) frames_.on_drop();
  state_ = State::kReady;
  must_fit_ = false;
}

/// An element, or what has come of it. kTruncated: there is more to come.
Result<void> LatmDepacketizer::gather(const MediaPacket& packet) {
  if (packet.payload.empty()) return fail(ErrorCode::kMalformed, 0, "empty LATM payload");
  base::ByteView bytes = packet.payload;
  if (state_ == State::kGathering) {
    if (bytes_.size() + bytes.size() > kMaxMuxElementBytes)
      return fail(ErrorCode::kTooLarge, 0, "audioMuxElement");
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    bytes = bytes_;
    if (bytes.size() < needed_bytes_ && !packet.marker)
      return fail(ErrorCode::kTruncated, needed_bytes_, "audioMuxElement");
  }
  const auto result = take_elements(bytes, packet.marker);
  if (!result && result.error().code == ErrorCode::kTruncated) {
    needed_bytes_ = result.error().offset;
    fragments_seen_ = fragments_seen_ || !packet.marker;
    if (state_ == State::kReady) bytes_.assign(bytes.begin(), bytes.end());
    state_ = State::kGathering;
  }
  return result;
}

// --- elements ---

/// RFC 6416 s5 recommends one a packet.
Result<void> LatmDepacketizer::take_elements(base::ByteView bytes, bool marker) {
  TRY(std::size_t at, parse_first(bytes, marker));
  if (must_fit_ && !covers(bytes, in_band_, at))
    return fail(ErrorCode::kMalformed, at, "audioMuxElement that doesn't fit its packet");
  must_fit_ = false;
  std::uint64_t index = 0;
  commit(bytes, index);
  while (at < bytes.size()) {
    const base::ByteView rest = bytes.subspan(at);
    const auto end = parse_element(rest, in_band_);
    const auto has_bytes = [](const MuxSlot& slot) { return slot.size_bytes > 0; };
    if (!end || std::ranges::none_of(slots_, has_bytes)) break;  // padding
    commit(rest, index);
    at += *end;
  }
  return {};
}

/// Which of the two layouts it is, where the SDP doesn't say.
Result<std::size_t> LatmDepacketizer::parse_first(base::ByteView bytes, bool marker) {
  if (layout_ != Layout::kUnknown) return parse_element(bytes, layout_ == Layout::kInBand);
  bool incomplete = false;
  for (const bool in_band : {false, true}) {
    const auto end = parse_element(bytes, in_band);
    if (end && covers(bytes, in_band, *end)) {
      layout_ = in_band ? Layout::kInBand : Layout::kOutOfBand;
      return end;
    }
    incomplete = incomplete || (!end && end.error().code == ErrorCode::kTruncated);
  }
  if (incomplete && !marker) return fail(ErrorCode::kTruncated, bytes.size() + 1, "audioMuxElement");
  return fail(ErrorCode::kMalformed, 0, "audioMuxElement that doesn't fit its packet");
}

/// Returns where it ends. Its subframes are in slots_, its StreamMuxConfig, if any, in next_mux_.
Result<std::size_t> LatmDepacketizer::parse_element(base::ByteView bytes, bool in_band) {
  BitCursor bits(bytes);
  in_band_ = in_band;
  has_next_mux_ = false;
  if (in_band) {
    const auto same = bits.flag();
    if (!same) return fail(ErrorCode::kTruncated, 1, "audioMuxElement");
    has_next_mux_ = !*same;
  }
  if (has_next_mux_) {
    CHECK_OK(parse_stream_mux(bits, next_mux_));
  } else if (!has_mux_) {
    return fail(ErrorCode::kInvalidState, 0, "LATM before its StreamMuxConfig");
  }
  CHECK_OK(parse_mux_payload(bits, has_next_mux_ ? next_mux_ : mux_, slots_));
  return bits.position() / 8;
}

/// From `at` on there are whole elements up to the last byte, like the one before them.
bool LatmDepacketizer::covers(base::ByteView bytes, bool in_band, std::size_t at) {
  while (at < bytes.size()) {
    BitCursor bits(bytes.subspan(at));
    if (in_band && bits.flag() != true) return false;
    if (!parse_mux_payload(bits, has_next_mux_ ? next_mux_ : mux_, probed_)) return false;
    at += bits.position() / 8;
  }
  return true;
}

/// The frames of the element that was parsed. One that can't be written costs itself.
void LatmDepacketizer::commit(base::ByteView bytes, std::uint64_t& index) {
  if (has_next_mux_) {
    std::swap(mux_, next_mux_);
    has_next_mux_ = false;
    has_mux_ = true;
    frames_.set_config(mux_.config, mux_.parsed);
  }
  for (const MuxSlot& slot : slots_) {
    const auto pushed = slot.size_bytes > 0 ? push_slot(bytes, slot, index) : Result<void>();
    if (slot_result_ && !pushed) slot_result_ = pushed;
    ++index;
  }
}

Result<void> LatmDepacketizer::push_slot(base::ByteView bytes, const MuxSlot& slot, std::uint64_t index) {
  TRY(const std::span<std::uint8_t> memory, frames_.begin(slot.size_bytes));
  copy_bits(bytes, slot.bit, memory);
  frames_.emit(
      frames_.end(timestamp_ + frames_.ticks(index), timestamp_ + frames_.ticks(index + 1), arrival_));
  return {};
}

}  // namespace retina::codec
