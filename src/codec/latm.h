#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "codec/aac_frames.h"
#include "codec/depacketizer.h"
#include "codec/latm_mux.h"
#include "sdp/description.h"

namespace retina::codec {

/// AAC out of MP4A-LATM (RFC 6416): audioMuxElements, whole, several a packet or in fragments, with their
/// StreamMuxConfig in the fmtp (cpresent=0) or in front of them. Each subframe becomes a raw frame, with the
/// AudioSpecificConfig that stands in the StreamMuxConfig: when that changes in band, the frame behind it is
/// the first with the new one.
///
/// Config. Where there is none that can be read (parse_sdp_stream_mux()): one AAC LC frame an element, of the
/// rtpmap's rate and channels.
///
/// cpresent. Without it RFC 6416 says 1, and many senders mean 0. Where it is missing and there is a config,
/// the first element that fits its packet exactly in one of the two ways decides.
///
/// Fragments. An element tells its own length, so that it is finished when it is all there, marker or not;
/// the marker ends one that isn't. Nothing in a packet says whether an element begins there. So after a loss,
/// in a stream that has had fragments, everything up to the next marker or timestamp is given up; in others
/// an element is taken that fits its packet exactly.
class LatmDepacketizer final : public Depacketizer {
 public:
  /// Errors: kUnsupported for codecs other than AAC, and for several programs or layers.
  static base::Result<std::unique_ptr<LatmDepacketizer>> create(const sdp::Media& media, FrameFormat format,
                                                                FrameAllocator& allocator);

  base::Result<void> push(const MediaPacket& packet) override;
  std::optional<Frame> pull() override { return frames_.pull(); }
  void reset() override;
  void flush() override;
  FrameProgress progress() const override {
    return {state_ == State::kGathering ? bytes_.size() : 0, state_ == State::kGathering};
  }
  void set_format(FrameFormat format) override { frames_.set_format(format); }
  std::shared_ptr<const ParameterSets> parameters() const override { return frames_.parameters(); }
  std::uint64_t frames_dropped() const override { return frames_.frames_dropped(); }

 private:
  enum class Layout { kUnknown, kOutOfBand, kInBand };
  enum class State {
    kReady,      // an element begins
    kGathering,  // its fragments are in bytes_
    kSkipping    // the rest of it is of no use
  };

  LatmDepacketizer(std::uint32_t clock_rate_hz, FrameFormat format, FrameAllocator& allocator)
      : frames_(clock_rate_hz, format, allocator) {}

  void on_loss(const MediaPacket& packet);
  void on_follower(const MediaPacket& packet);
  base::Result<void> gather(const MediaPacket& packet);
  base::Result<void> take_elements(base::ByteView bytes, bool marker);
  base::Result<std::size_t> parse_first(base::ByteView bytes, bool marker);
  base::Result<std::size_t> parse_element(base::ByteView bytes, bool in_band);
  bool covers(base::ByteView bytes, bool in_band, std::size_t at);
  void commit(base::ByteView bytes, std::uint64_t& index);
  base::Result<void> push_slot(base::ByteView bytes, const MuxSlot& slot, std::uint64_t index);

  AacFrames frames_;
  Layout layout_ = Layout::kUnknown;
  State state_ = State::kReady;

  bool has_mux_ = false;
  StreamMux mux_;
  StreamMux next_mux_;           // of the element at hand
  bool has_next_mux_ = false;    // it had one
  bool in_band_ = false;         // the element at hand was parsed so
  std::vector<MuxSlot> slots_;   // of the element at hand
  std::vector<MuxSlot> probed_;  // of those behind it

  base::Bytes bytes_;               // kGathering: the element so far
  std::size_t needed_bytes_ = 0;    // kGathering: it can't be complete below
  std::int64_t timestamp_ = 0;      // of the packet at hand; before that, of the one before
  bool follows_ = false;            // there was one
  bool ended_ = false;              // and it had a marker
  bool must_fit_ = true;            // whether an element begins here is not sure
  base::Result<void> slot_result_;  // of the packet at hand: the first frame that failed
  bool fragments_seen_ = false;
  base::TimePoint arrival_{};
};

}  // namespace retina::codec
