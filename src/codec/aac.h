#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "codec/aac_frames.h"
#include "codec/aac_packet.h"
#include "codec/deinterleaver.h"
#include "codec/depacketizer.h"
#include "sdp/description.h"

namespace retina::codec {

struct AdtsHeader;

/// AAC out of mpeg4-generic (RFC 3640): AAC-hbr, AAC-lbr, and generic with any lengths; one access unit a
/// frame.
///
/// Times. Unit k of a packet has the packet's timestamp and k frame durations. The clock of the RTP
/// timestamps rules: a rate in the config that differs only changes how many of its ticks a frame lasts.
///
/// Config. From the fmtp; where it isn't there or can't be read, AAC LC of the rtpmap's rate and channels.
///
/// Fragments are told by a unit that is longer than what the packet has of it, whatever the marker says. An
/// access unit of which a part was lost is dropped, always: no decoder makes use of half a frame.
///
/// ADTS. Some cameras put frames with their ADTS headers into the access units, or ADTS without any AU
/// headers. The headers are taken off; where one contradicts the config, it rules (as in FFmpeg), so that
/// such a stream plays whatever its SDP says.
///
/// Interleaving (s3.2.3.2) is undone where the fmtp announces it. Then at most maxDisplacement of time, and
/// the bounds of Deinterleaver, are held back.
class AacDepacketizer final : public Depacketizer {
 public:
  /// Errors: kUnsupported for codecs other than AAC, and where neither the fmtp nor the rtpmap says the rate.
  static base::Result<std::unique_ptr<AacDepacketizer>> create(const sdp::Media& media, FrameFormat format,
                                                               FrameAllocator& allocator);

  base::Result<void> push(const MediaPacket& packet) override;
  std::optional<Frame> pull() override { return frames_.pull(); }
  void reset() override;
  void flush() override;
  FrameProgress progress() const override { return {fragment_.bytes.size(), !fragment_.bytes.empty()}; }
  void set_format(FrameFormat format) override { frames_.set_format(format); }
  std::shared_ptr<const ParameterSets> parameters() const override { return frames_.parameters(); }
  std::uint64_t frames_dropped() const override { return frames_.frames_dropped(); }

  /// ADTS headers were found in the payloads.
  bool found_adts() const { return found_adts_; }

 private:
  /// The access unit that is being put together.
  struct Fragments {
    bool open = false;
    bool broken = false;  // counted as dropped; what belongs to it is skipped
    std::int64_t timestamp = 0;
    std::size_t size_bytes = 0;  // of the whole unit; 0: until the marker
    base::TimePoint arrival{};   // of the last packet
    base::Bytes bytes;
  };

  AacDepacketizer(const AacPayloadFormat& payload_format, std::uint32_t clock_rate_hz, FrameFormat format,
                  FrameAllocator& allocator);

  bool is_fragment(base::ByteView data) const;
  base::Result<void> push_units(base::ByteView data, std::int64_t timestamp);
  base::Result<void> push_fragment(base::ByteView bytes, const MediaPacket& packet);
  base::Result<void> finish_fragments();
  void break_fragments();
  void close_fragments();

  base::Result<std::uint64_t> push_unit(base::ByteView bytes, std::int64_t timestamp, std::uint64_t index);
  base::Result<void> push_frame(base::ByteView bytes, std::int64_t timestamp, std::uint64_t index);
  bool may_hold_adts() const;
  void learn(const AdtsHeader& header);
  void deliver(Frame frame);
  void drain(bool all);

  const AacPayloadFormat payload_format_;
  AacFrames frames_;
  std::optional<Deinterleaver> deinterleaver_;
  std::vector<AacUnit> units_;  // of the packet at hand
  Fragments fragment_;
  bool fragments_seen_ = false;
  bool lost_before_ = false;  // what comes next may be the middle of a unit
  bool found_adts_ = false;
  base::TimePoint arrival_{};  // of the frame at hand
};

}  // namespace retina::codec
