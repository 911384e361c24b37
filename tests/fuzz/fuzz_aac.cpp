// Any fmtp and any packets in, frames with a config, a size and a duration out; and after whatever went
// before, the next good packet comes out whole.
//
// Input: [flags][fmtp, up to a zero byte] and packets of [flags][length, 2 bytes][payload]. The first flags:
// 1 = LATM, 2 = ADTS output, 12 = clock rate. A packet's: 1 = new timestamp, 2 = marker, 4 = one packet lost
// before, 8 = length counts modulo 64, 16 = the timestamp goes back.

#include <algorithm>
#include <array>
#include <memory>

#include "base/bytes.h"
#include "codec/aac.h"
#include "codec/adts.h"
#include "codec/latm.h"
#include "fuzz/fuzz.h"
#include "sdp/fmtp.h"

namespace {

using namespace retina;

constexpr std::uint8_t kUnitByte = 0x21;

sdp::Media make_media(std::uint8_t flags, base::ByteView fmtp) {
  constexpr std::array<std::uint32_t, 4> kClocks{48000, 90000, 8000, 0};
  sdp::Media media;
  media.kind = sdp::MediaKind::kAudio;
  media.clock_rate_hz = kClocks[(flags >> 2) & 3];
  media.channels = 1;
  media.format_parameters = sdp::parse_format_parameters(base::as_text(fmtp)).parameters;
  return media;
}

class Feeder {
 public:
  Feeder(const sdp::Media& media, bool latm, bool adts) : adts_(adts) {
    codec::FrameFormat format;
    format.aac = adts ? codec::AacFraming::kAdts : codec::AacFraming::kRaw;
    if (latm) {
      if (auto made = codec::LatmDepacketizer::create(media, format, allocator_))
        depacketizer_ = std::move(*made);
    } else {
      if (auto made = codec::AacDepacketizer::create(media, format, allocator_))
        depacketizer_ = std::move(*made);
    }
  }

  codec::Depacketizer* depacketizer() { return depacketizer_.get(); }

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
  const base::Bytes& latest() const { return latest_; }
  void forget() { latest_.clear(); }

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

/// A packet with one unit of one byte, or of the constant size; empty: they are too large.
base::Bytes good_packet(const codec::AacPayloadFormat& format, std::size_t& unit_bytes) {
  unit_bytes = std::max<std::size_t>(format.constant_size, 1);
  if (unit_bytes > codec::AacFrames::kMaxUnitBytes) return {};
  Bits bits;
  if (format.has_headers()) {
    bits.put(format.size_length + format.index_length + (format.cts_delta_length > 0 ? 1 : 0) +
                 (format.dts_delta_length > 0 ? 1 : 0) + (format.random_access ? 1 : 0) +
                 format.stream_state_length,
             16);
    bits.put(unit_bytes, format.size_length);
    bits.put(0, format.index_length + (format.cts_delta_length > 0 ? 1 : 0) +
                    (format.dts_delta_length > 0 ? 1 : 0));
    bits.put(0, (format.random_access ? 1 : 0) + format.stream_state_length);
    bits.align();
  }
  bits.put(0, format.auxiliary_size_length);
  bits.align();
  bits.bytes().insert(bits.bytes().end(), unit_bytes, kUnitByte);
  return bits.bytes();
}

void check_recovery(Feeder& feeder, const sdp::Media& media, bool latm, bool adts) {
  std::size_t unit_bytes = 3;
  // useSameStreamMux 0; one frame of AAC LC, 48 kHz, stereo; lengths stand before frames; three bytes.
  base::Bytes packet;
  if (latm) {
    const std::string* present = media.format_parameter("cpresent");
    if (present == nullptr || *present != "1") return;
    Bits bits;
    bits.put(0x20001190, 32);
    bits.put(0, 3);
    bits.put(0xFF, 8);
    bits.put(0, 2);
    bits.put(3, 8);
    for (int i = 0; i < 3; ++i)
      bits.put(kUnitByte, 8);
    packet = bits.bytes();
  } else {
    packet = good_packet(*codec::read_aac_payload_format(media), unit_bytes);
    const auto config = codec::parse_audio_specific_config(feeder.depacketizer()->parameters()->config);
    if (adts && (codec::why_not_adts(*config) != nullptr ||
                 unit_bytes > codec::kMaxAdtsFrameBytes - codec::kAdtsHeaderBytes)) {
      return;
    }
  }
  if (packet.empty()) return;
  feeder.leap();
  feeder.forget();
  feeder.push(packet, 3);
  feeder.flush();
  const base::Bytes expected(unit_bytes, kUnitByte);
  const base::ByteView got(feeder.latest());
  FUZZ_REQUIRE(got.size() >= unit_bytes + (adts ? codec::kAdtsHeaderBytes : 0));
  const base::ByteView unit = got.subspan(adts ? codec::kAdtsHeaderBytes : 0);
  FUZZ_REQUIRE(std::equal(unit.begin(), unit.end(), expected.begin(), expected.end()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  if (input.remaining() == 0) return 0;
  const std::uint8_t options = *input.u8("flags");
  const base::ByteView rest = input.rest();
  const auto text = static_cast<std::size_t>(std::find(rest.begin(), rest.end(), 0) - rest.begin());
  const sdp::Media media = make_media(options, *input.bytes(text, "fmtp"));
  (void)input.u8("end of the fmtp");
  const bool latm = (options & 1) != 0;
  const bool adts = (options & 2) != 0;
  Feeder feeder(media, latm, adts);
  if (feeder.depacketizer() == nullptr) return 0;
  while (input.remaining() >= 3) {
    const std::uint8_t flags = *input.u8("flags");
    std::size_t length = *input.u16("length");
    if ((flags & 8) != 0) length %= 64;
    feeder.push(*input.bytes(std::min(length, input.remaining()), "payload"), flags);
  }
  check_recovery(feeder, media, latm, adts);
  return 0;
}
