#pragma once

#include <memory>
#include <optional>

#include "codec/depacketizer.h"
#include "codec/h265_access_unit.h"
#include "codec/h265_announcement.h"
#include "codec/h265_deinterleaver.h"
#include "codec/h265_payload.h"

namespace retina::codec {

/// H.265 out of RTP (RFC 7798), one access unit a frame (see H265AccessUnits): single NAL units, aggregation
/// packets and fragments, with or without a PACI; and where the SDP announces decoding order numbers, in the
/// order of these (see H265Deinterleaver).
///
/// Whole or dropped. An access unit of which anything may be missing is dropped, and the next whole one is a
/// discontinuity; FrameFormat::pass_incomplete passes it on instead, as corrupted. After a loss between two
/// access units the next one is whole if its first slice is the first of a picture
/// (first_slice_segment_in_pic_flag, ITU-T H.265 s7.4.7.1).
///
/// Annex B. Some cameras put a byte stream with start codes into the payloads. In a legal NAL unit none can
/// stand, but to look for them in every byte would cost more than all the rest. So the first pictures of a
/// stream are looked through, until two key frames or 32 pictures had none, and small NAL units that are no
/// slices always are; once a start code has been seen, everything is.
class H265Depacketizer final : public Depacketizer {
 public:
  /// `allocator` must outlive this.
  H265Depacketizer(const H265Announcement& announced, FrameFormat format, FrameAllocator& allocator);

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
  enum class Unit {
    kNone,
    kAwaited,   ///< a slice of which only the header is known
    kDirect,    ///< a slice: into the frame
    kGathered,  ///< into unit_
    kSkipped
  };

  void on_loss(std::uint32_t packets);
  void change_timestamp(std::int64_t timestamp);
  void on_marker(base::Result<void>& pushed);

  bool continues_slice(const MediaPacket& packet) const;
  void end_slice(bool marker, bool end);
  base::Result<void> push_in_order(const MediaPacket& packet);
  base::Result<void> push_payload(base::ByteView bytes);
  base::Result<void> push_aggregate(base::ByteView body);
  base::Result<void> push_fragment(const H265Payload& payload);
  void look_at_fragment(const H265Fragment& fragment);
  bool feed_in_order();

  void begin_unit(hevc::NalHeader header);
  base::Result<void> append_unit(base::ByteView bytes);
  base::Result<void> end_unit();
  void abandon_unit();
  void cut_unit();
  base::Result<void> whole_unit(base::ByteView nal);
  bool looks_for_start_codes(unsigned type) const;
  base::Unexpected<base::Error> too_large();

  H265AccessUnits units_;
  Unit unit_kind_ = Unit::kNone;
  hevc::NalHeader unit_header_;
  bool in_fragments_ = false;
  unsigned fragment_type_ = 0;  // the next fragment's, where nothing is wrong
  base::Bytes unit_;            // kGathered: the NAL unit so far, with its header
  bool annex_b_ = false;

  std::optional<H265Deinterleaver> deinterleaver_;  // where there are decoding order numbers
  base::TimePoint latest_arrival_{};                // there: of the access unit at hand
  bool ended_ = false;                              // flush(): what waits there comes, and then no more
  bool cut_at_end_ = false;                         // but the last NAL unit isn't whole
};

}  // namespace retina::codec
