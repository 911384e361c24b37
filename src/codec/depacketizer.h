#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/frame.h"
#include "codec/stream_faults.h"

namespace retina::codec {

/// One RTP packet in sequence, as the session hands it to a depacketizer.
struct MediaPacket {
  base::ByteView payload;      ///< in the read arena, valid during push() only
  base::ByteView whole;        ///< the packet with its RTP header, valid as long as `payload`
  std::int64_t timestamp = 0;  ///< extended
  std::uint16_t sequence = 0;
  bool marker = false;
  std::uint32_t packets_lost = 0;  ///< missing between the packet before and this one
  base::TimePoint arrival{};
  std::uint16_t extension_profile = 0;  ///< names the RTP header extension; 0: there is none
  base::ByteView extension;             ///< its data, valid as long as `payload`
};

/// How H.264/H.265 NAL units stand in a frame (ISO/IEC 14496-15 s5 or Annex B).
enum class NalFraming {
  kLengthPrefixed,  ///< 4-byte big-endian length before each NAL unit: avc, avc3, hvc1, hev1
  kStartCode        ///< 00 00 00 01 before each NAL unit: byte-stream
};

/// Where parameter sets stand in the frames themselves. They are always taken out of the stream as sent, and
/// put back in front of the first NAL unit that isn't an access unit delimiter.
enum class ParameterSetInsertion {
  kKeyFrames,  ///< before every key frame
  kOnChange,   ///< before the first key frame, and whenever they have changed
  kNever       ///< only in Frame::parameters
};

/// How AAC frames stand alone (stream-format of audio/mpeg).
enum class AacFraming {
  kRaw,  ///< raw_data_block; its AudioSpecificConfig is in Frame::parameters
  kAdts  ///< behind a 7-byte ADTS header (ISO/IEC 13818-7 s6.2)
};

/// What the consumer wants; each encoding heeds what concerns it.
struct FrameFormat {
  NalFraming framing = NalFraming::kLengthPrefixed;
  ParameterSetInsertion parameter_sets = ParameterSetInsertion::kNever;
  AacFraming aac = AacFraming::kRaw;
  /// A frame of which a part was lost is passed on, as corrupted, instead of dropped (where the encoding
  /// allows it).
  bool pass_incomplete = false;
  /// Frames are RTP packets, as they came.
  bool rtp_packets = false;
};

/// The frame being gathered, for predicting how much of it is still to come.
struct FrameProgress {
  std::size_t size_bytes = 0;  ///< 0: between frames
  bool key_frame = false;      ///< as far as known yet
};

/// RTP payloads in, frames out. One object a stream, thread-bound.
///
/// Protocol: push() one packet, then pull() until nothing comes; then the next packet. A packet may complete
/// several frames. An error from push() costs the packet (and the frame it belonged to), nothing else:
/// finished frames can still be pulled, and the next push() goes on. Whatever follows an error or a loss, the
/// next whole frame comes out, with `discontinuity` set.
class Depacketizer {
 public:
  virtual ~Depacketizer() = default;

  virtual base::Result<void> push(const MediaPacket& packet) = 0;
  virtual std::optional<Frame> pull() = 0;

  /// The stream was cut (seek, reconnect, new SSRC): forget the unfinished frame; the next one is a
  /// discontinuity.
  virtual void reset() = 0;

  /// The stream has ended in order: nothing more comes, so what is gathered is a whole frame, unless it ends
  /// within a fragment. pull() has it.
  virtual void flush() = 0;

  virtual FrameProgress progress() const = 0;

  /// Takes effect with the next frame that starts.
  virtual void set_format(FrameFormat format) = 0;

  /// What is known of the stream's parameters so far; null: nothing (or the format has none).
  virtual std::shared_ptr<const ParameterSets> parameters() const = 0;

  /// Frames given up because a part was lost or malformed.
  virtual std::uint64_t frames_dropped() const = 0;

  /// What was tolerated, each kind once; the caller takes it off.
  StreamFaults& faults() { return faults_; }

 protected:
  StreamFaults faults_;
};

}  // namespace retina::codec
