// Any packets in, whole samples out, at most one frame a packet; and after whatever went before, a good
// packet comes out whole.
//
// Input: [encoding][channels][clock rate, 4 bytes], then packets of [flags][length, 2 bytes][payload].
// flags: 1 = one packet lost before, 2 = reset, 8 = length counts modulo 64.

#include <algorithm>
#include <iterator>

#include "codec/dvi4.h"
#include "codec/sample_audio.h"
#include "fuzz/fuzz.h"

namespace {

using namespace retina;

constexpr const char* kNames[] = {"PCMA", "PCMU",    "L8",      "L16",     "L24",     "G722",
                                  "G723", "G726-16", "G726-24", "G726-32", "G726-40", "AAL2-G726-24",
                                  "DVI4", "GSM",     "iLBC",    "opus"};

/// A payload that is right for the encoding: silence, mostly.
base::Bytes good_payload(const codec::AudioFormat& format) {
  switch (format.encoding) {
    case codec::AudioEncoding::kG723:
    case codec::AudioEncoding::kOpus:
      return base::Bytes(24, 0);
    case codec::AudioEncoding::kDvi4:
      return base::Bytes(84, 0);
    default:
      return base::Bytes(format.block_bytes * 3, 0x55);
  }
}

class Feeder {
 public:
  explicit Feeder(const codec::AudioFormat& format) : format_(format), depacketizer_(format, allocator_) {}

  /// True: a frame came.
  bool push(base::ByteView payload, std::uint8_t flags) {
    if ((flags & 2) != 0) depacketizer_.reset();
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.packets_lost = flags & 1U;
    const bool taken = depacketizer_.push(packet).has_value();
    auto frame = depacketizer_.pull();
    FUZZ_REQUIRE(!depacketizer_.pull());
    FUZZ_REQUIRE(frame || !taken);
    if (frame) check(*frame, payload);
    FUZZ_REQUIRE(!frame || (flags & 3) == 0 || frame->discontinuity);
    return frame.has_value();
  }

 private:
  void check(const codec::Frame& frame, base::ByteView payload) const {
    FUZZ_REQUIRE(frame.key_frame && frame.size_bytes > 0);
    FUZZ_REQUIRE(frame.memory.capacity() >= frame.size_bytes);
    const bool dvi4 = format_.encoding == codec::AudioEncoding::kDvi4;
    FUZZ_REQUIRE(frame.size_bytes <= (dvi4 ? codec::dvi4_decoded_bytes(payload.size()) : payload.size()));
    if (format_.block_bytes == 0 || dvi4) return;
    FUZZ_REQUIRE(frame.size_bytes % format_.block_bytes == 0);
    FUZZ_REQUIRE(payload.size() - frame.size_bytes < format_.block_bytes);
    FUZZ_REQUIRE(frame.duration == frame.size_bytes / format_.block_bytes * format_.ticks_per_block);
  }

  codec::AudioFormat format_;
  codec::HeapAllocator allocator_;
  codec::SampleAudioDepacketizer depacketizer_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  if (input.remaining() < 6) return 0;
  sdp::Media media;
  media.kind = sdp::MediaKind::kAudio;
  media.encoding_name = kNames[*input.u8("encoding") % std::size(kNames)];
  media.channels = *input.u8("channels");
  media.clock_rate_hz = *input.u32("clock rate");
  const auto format = codec::audio_format(media);
  if (!format) return 0;
  FUZZ_REQUIRE(format->channels == media.channels && format->clock_rate_hz == media.clock_rate_hz);

  Feeder feeder(*format);
  while (input.remaining() >= 3) {
    const std::uint8_t flags = *input.u8("flags");
    std::size_t length = *input.u16("length");
    if ((flags & 8) != 0) length %= 64;
    feeder.push(*input.bytes(std::min(length, input.remaining()), "payload"), flags);
  }
  FUZZ_REQUIRE(feeder.push(good_payload(*format), 0));
  return 0;
}
