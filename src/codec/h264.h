#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "codec/depacketizer.h"
#include "codec/h264_access_unit.h"
#include "codec/h264_interleaved.h"

namespace retina::codec {

/// H.264 out of RTP (RFC 6184), one access unit a frame (see H264AccessUnits): single NAL units, STAP-A and
/// FU-A; and from the first STAP-B, MTAP or FU-B on the interleaved mode (see H264Deinterleaver). What counts
/// is what the camera sends, not the packetization-mode it announces: cameras leave it out, or say 0 or 2 and
/// send mode 1.
///
/// Whole or dropped. An access unit of which anything may be missing is dropped, and the next whole one is a
/// discontinuity; FrameFormat::pass_incomplete passes it on instead, as corrupted. After a loss between two
/// access units the next one is whole if its first slice is the first of a picture (first_mb_in_slice, ITU-T
/// H.264 s7.4.3).
///
/// Annex B. Some cameras (V380, Macro-video) put a byte stream with start codes into the payloads. In a legal
/// NAL unit none can stand, but to look for them in every byte would cost more than all the rest. So the
/// first pictures of a stream are looked through, until two key frames or 32 pictures had none, and small NAL
/// units that are no slices always are; once a start code has been seen, everything is.
class H264Depacketizer final : public Depacketizer {
 public:
  /// `out_of_band`: parameter sets of the SDP, in any order; whatever else is there is skipped. `allocator`
  /// must outlive this.
  H264Depacketizer(const std::vector<base::Bytes>& out_of_band, FrameFormat format, FrameAllocator& allocator,
                   const H264Interleaving& announced = {});

  base::Result<void> push(const MediaPacket& packet) override;
  std::optional<Frame> pull() override;
  void reset() override;
  void flush() override;
  FrameProgress progress() const override;
  void set_format(FrameFormat format) override { units_.set_format(format); }
  std::shared_ptr<const ParameterSets> parameters() const override { return units_.parameters(); }
  std::uint64_t frames_dropped() const override { return units_.frames_dropped(); }

 private:
  /// What becomes of the bytes of the NAL unit at hand.
  enum class Unit { kNone, kDirect, kGathered, kSkipped };

  void on_loss(std::uint32_t packets);
  void change_timestamp(std::int64_t timestamp);
  void on_marker(base::Result<void>& pushed);

  bool continues_slice(const MediaPacket& packet) const;
  void end_slice(bool marker, bool end);
  base::Result<void> push_in_order(const MediaPacket& packet, unsigned type);
  base::Result<void> push_payload(base::ByteView payload);
  base::Result<void> push_stap_a(base::ByteView payload);
  base::Result<void> push_fragment(base::ByteView payload);
  void look_at_fragment(std::uint8_t fu, base::ByteView bytes);
  base::Result<void> push_interleaved(const MediaPacket& packet);
  bool feed_interleaved();

  base::Result<void> begin_unit(std::uint8_t header, base::ByteView start);
  base::Result<void> append_unit(base::ByteView bytes);
  base::Result<void> end_unit();
  void abandon_unit();
  void cut_unit();
  base::Result<void> whole_unit(base::ByteView nal);
  bool looks_for_start_codes(unsigned type) const;
  base::Unexpected<base::Error> too_large();

  H264AccessUnits units_;
  Unit unit_kind_ = Unit::kNone;
  bool in_fragments_ = false;
  std::uint8_t fragment_header_ = 0;  // the next one's, but for its end bit, where nothing is wrong
  std::uint8_t fragment_type_ = 0;    // of the first one
  base::Bytes unit_;                  // kGathered: the NAL unit so far, with its header
  bool annex_b_ = false;

  H264Interleaving announced_;
  std::unique_ptr<H264Deinterleaver> deinterleaver_;  // null: no packet has needed it
  base::TimePoint interleaved_arrival_{};             // the latest one of the access unit at hand
  bool ended_ = false;                                // flush(): what waits there comes, and then no more
  bool cut_at_end_ = false;                           // but the last NAL unit isn't whole
};

}  // namespace retina::codec
