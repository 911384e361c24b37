#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "codec/depacketizer.h"
#include "sdp/description.h"

namespace retina::codec {

/// Encodings of sound in which every packet can be decoded as it comes: no frame extends over two packets.
enum class AudioEncoding {
  kPcma,      ///< RFC 3551 s4.5.14
  kPcmu,      ///< RFC 3551 s4.5.14
  kL8,        ///< RFC 3551 s4.5.10: unsigned, 128 is silence
  kL16,       ///< RFC 3551 s4.5.11: big-endian
  kL24,       ///< RFC 3190 s4: big-endian
  kG722,      ///< RFC 3551 s4.5.2: one octet is two samples, but one tick of the clock
  kG723,      ///< RFC 3551 s4.5.3
  kG726,      ///< RFC 3551 s4.5.4; frames always come out in the order of AAL2, the first codeword highest
  kDvi4,      ///< RFC 3551 s4.5.1; comes out decoded, see dvi4.h
  kGsm,       ///< RFC 3551 s4.5.8
  kIlbc,      ///< RFC 3952
  kOpus,      ///< RFC 7587
  kMultiOpus  ///< several Opus streams in a packet, as WebRTC sends surround sound
};

/// What an SDP says of such a stream.
struct AudioFormat {
  AudioEncoding encoding = AudioEncoding::kPcma;
  std::uint32_t clock_rate_hz = 0;
  unsigned channels = 1;
  /// The smallest piece of a payload that means something: one sample of each channel, eight codewords of
  /// G.726 at 24 kbit/s. 0: pieces have different sizes (G.723, Opus).
  std::size_t block_bytes = 0;
  unsigned ticks_per_block = 0;
  unsigned codeword_bits = 0;       ///< G.726: 2 to 5
  bool first_codeword_low = false;  ///< G.726: in the payloads, the first codeword is in the low bits
};

/// Nullopt: another encoding, or a form of it that this doesn't know (for example G.726 in stereo).
std::optional<AudioFormat> audio_format(const sdp::Media& media);

/// One packet, one frame: all of it that is whole. What is left over at its end is dropped, and that is
/// complained of once. Every frame is a key frame and has a duration; a loss costs what was lost, and only
/// marks the next frame. An empty or unreadable packet is an error.
class SampleAudioDepacketizer final : public Depacketizer {
 public:
  /// `format` is audio_format()'s. `allocator` must outlive this.
  SampleAudioDepacketizer(const AudioFormat& format, FrameAllocator& allocator)
      : format_(format), allocator_(allocator) {}

  base::Result<void> push(const MediaPacket& packet) override;
  std::optional<Frame> pull() override;
  void reset() override { discontinuity_ = true; }
  void flush() override {}
  FrameProgress progress() const override { return {}; }
  void set_format(FrameFormat) override {}
  std::shared_ptr<const ParameterSets> parameters() const override { return nullptr; }
  std::uint64_t frames_dropped() const override { return frames_dropped_; }

 private:
  /// The part of a payload that is whole, and how long it lasts.
  struct Content {
    std::size_t size_bytes = 0;
    std::uint32_t duration = 0;
  };
  base::Result<Content> measure(base::ByteView payload) const;
  base::Result<Content> measure_blocks(base::ByteView payload) const;
  base::Result<Frame> make_frame(base::ByteView payload, std::uint32_t duration);
  base::Unexpected<base::Error> give_up(const base::Error& error);

  AudioFormat format_;
  FrameAllocator& allocator_;
  std::optional<Frame> finished_;
  bool complained_ = false;  // of bytes left over
  bool discontinuity_ = false;
  std::uint64_t packets_lost_ = 0;  // since the last frame
  std::uint64_t frames_dropped_ = 0;
};

}  // namespace retina::codec
