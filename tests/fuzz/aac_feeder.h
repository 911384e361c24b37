#pragma once

#include <algorithm>
#include <array>
#include <memory>

#include "base/bytes.h"
#include "codec/aac_frames.h"
#include "codec/adts.h"
#include "codec/deinterleaver.h"
#include "codec/depacketizer.h"
#include "codec/latm_mux.h"
#include "fuzz/fuzz.h"
#include "sdp/fmtp.h"

/// What the targets of AAC have in common.
///
/// Input: [flags][fmtp, up to a zero byte] and packets of [flags][length, 2 bytes][payload]. The first flags:
/// 2 = ADTS output, 12 = clock rate. A packet's: 1 = new timestamp, 2 = marker, 4 = one packet lost before,
/// 8 = length counts modulo 64, 16 = the timestamp goes back.
namespace retina::fuzz {

inline constexpr std::uint8_t kAacUnitByte = 0x21;

inline sdp::Media make_aac_media(std::uint8_t flags, base::ByteView fmtp) {
  constexpr std::array<std::uint32_t, 4> kClocks{48000, 90000, 8000, 0};
  sdp::Media media;
  media.kind = sdp::MediaKind::kAudio;
  media.clock_rate_hz = kClocks[(flags >> 2) & 3];
  media.channels = 1;
  media.format_parameters = sdp::parse_format_parameters(base::as_text(fmtp)).parameters;
  return media;
}

/// Feeds a depacketizer of AAC, and checks what is true of every frame.
template <class Depacketizer>
class AacFeeder {
 public:
  AacFeeder(const sdp::Media& media, bool adts) : adts_(adts) {
    codec::FrameFormat format;
    format.aac = adts ? codec::AacFraming::kAdts : codec::AacFraming::kRaw;
    if (auto made = Depacketizer::create(media, format, allocator_)) depacketizer_ = std::move(*made);
  }

  codec::Depacketizer* depacketizer() { return depacketizer_.get(); }

  /// Packets of [flags][length, 2 bytes][payload], to the input's end.
  void push_all(base::ByteReader& input) {
    while (input.remaining() >= 3) {
      const std::uint8_t flags = *input.u8("flags");
      std::size_t length = *input.u16("length");
      if ((flags & 8) != 0) length %= 64;
      push(*input.bytes(std::min(length, input.remaining()), "payload"), flags);
    }
  }
  void push(base::ByteView payload, std::uint8_t flags) {
    if ((flags & 1) != 0) timestamp_ += 1024;
    if ((flags & 16) != 0) timestamp_ -= 50000;
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp_;
    packet.marker = (flags & 2) != 0;
    packet.packets_lost = (flags & 4) != 0 ? 1 : 0;
    (void)depacketizer_->push(packet);
    FUZZ_REQUIRE(depacketizer_->progress().size_bytes <= codec::kMaxMuxElementBytes);
    const std::size_t frames = pull();
    // A frame has a byte; besides there are those that were held back.
    FUZZ_REQUIRE(frames <= payload.size() + 2 * codec::Deinterleaver::kMaxFrames);
  }
  void leap() { timestamp_ += std::int64_t{1} << 40; }
  void flush() {
    depacketizer_->flush();
    pull();
  }
  void forget() { latest_.clear(); }
  /// The latest frame is `unit_bytes` of kAacUnitByte, behind its ADTS header if it has one.
  bool has_good_unit(std::size_t unit_bytes) const {
    const std::size_t header = adts_ ? codec::kAdtsHeaderBytes : 0;
    return latest_.size() == header + unit_bytes &&
           std::count(latest_.begin() + static_cast<std::ptrdiff_t>(header), latest_.end(), kAacUnitByte) ==
               static_cast<std::ptrdiff_t>(unit_bytes);
  }

 private:
  std::size_t pull() {
    std::size_t frames = 0;
    while (auto frame = depacketizer_->pull()) {
      check_frame(*frame);
      latest_.assign(frame->bytes().begin(), frame->bytes().end());
      ++frames;
    }
    return frames;
  }

  void check_frame(const codec::Frame& frame) {
    const std::size_t most = codec::AacFrames::kMaxUnitBytes;
    FUZZ_REQUIRE(frame.size_bytes > 0 && frame.size_bytes <= most &&
                 frame.size_bytes <= frame.memory.capacity());
    FUZZ_REQUIRE(frame.key_frame && !frame.corrupted);
    FUZZ_REQUIRE(frame.packets_lost == 0 || frame.discontinuity);
    FUZZ_REQUIRE(configured_ || frame.parameters);
    if (frame.parameters) {
      const auto config = codec::parse_audio_specific_config(frame.parameters->config);
      FUZZ_REQUIRE(config.has_value());
      FUZZ_REQUIRE(!adts_ || codec::why_not_adts(*config) == nullptr);
      configured_ = true;
    }
    if (!adts_) return;
    const auto header = codec::parse_adts_header(frame.bytes());
    FUZZ_REQUIRE(header.has_value() && header->frame_bytes == frame.size_bytes);
  }

  const bool adts_;
  codec::HeapAllocator allocator_;
  std::unique_ptr<codec::Depacketizer> depacketizer_;
  base::Bytes latest_;
  std::int64_t timestamp_ = 0;
  bool configured_ = false;
};

/// Most significant bit first.
class Bits {
 public:
  void put(std::uint64_t value, std::size_t count) {
    for (std::size_t i = count; i-- > 0; ++size_) {
      if (size_ % 8 == 0) bytes_.push_back(0);
      if (((value >> i) & 1) != 0)
        bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (0x80U >> size_ % 8));
    }
  }
  void align() { put(0, (8 - size_ % 8) % 8); }
  base::Bytes& bytes() { return bytes_; }

 private:
  base::Bytes bytes_;
  std::size_t size_ = 0;
};

/// The media of the input's first flags and fmtp, which are consumed.
struct AacInput {
  sdp::Media media;
  bool adts = false;
};
inline AacInput read_aac_input(base::ByteReader& input) {
  const std::uint8_t options = *input.u8("flags");
  const base::ByteView rest = input.rest();
  const auto text = static_cast<std::size_t>(std::find(rest.begin(), rest.end(), 0) - rest.begin());
  AacInput read{make_aac_media(options, *input.bytes(text, "fmtp")), (options & 2) != 0};
  (void)input.u8("end of the fmtp");
  return read;
}

}  // namespace retina::fuzz
