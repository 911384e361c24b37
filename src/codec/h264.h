#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "codec/depacketizer.h"
#include "codec/frame_writer.h"
#include "codec/h264_parameters.h"

namespace retina::codec {

/// H.264 out of RTP (RFC 6184): single NAL units, STAP-A and FU-A, one access unit a frame.
///
/// Access units. One ends with the marker or with another timestamp, but not before it has a slice: cheap
/// cameras set the marker on SPS, PPS and SEI, and give these the timestamp of the picture before (Reolink
/// RLC-822A, H264DVR). It has the timestamp of its slices.
///
/// Whole or dropped. An access unit of which anything may be missing is dropped, and the next whole one is a
/// discontinuity; set_pass_incomplete() passes it on instead, as corrupted. After a loss between two access
/// units the next one is whole if its first slice is the first of a picture (first_mb_in_slice, ITU-T H.264
/// s7.4.3).
///
/// Parameter sets (SPS, PPS) are taken out, kept by id, and put back as the format says: in front of the
/// first NAL unit that isn't an access unit delimiter.
///
/// Annex B. Some cameras (V380, Macro-video) put a byte stream with start codes into the payloads. In a legal
/// NAL unit none can stand, but to look for them in every byte would cost more than all the rest. So the
/// first pictures of a stream are looked through, until two key frames or 32 pictures had none, and small NAL
/// units that are no slices always are; once a start code has been seen, everything is.
class H264Depacketizer final : public Depacketizer {
 public:
  /// `out_of_band`: parameter sets of the SDP, in any order; whatever else is there is skipped. `allocator`
  /// must outlive this.
  H264Depacketizer(const std::vector<base::Bytes>& out_of_band, FrameFormat format,
                   FrameAllocator& allocator);

  base::Result<void> push(const MediaPacket& packet) override;
  std::optional<Frame> pull() override;
  void reset() override;
  void flush() override;
  FrameProgress progress() const override { return {writer_.size() + unit_.size(), au_.key_frame}; }
  void set_format(FrameFormat format) override;
  std::shared_ptr<const ParameterSets> parameters() const override { return parameters_; }
  std::uint64_t frames_dropped() const override { return frames_dropped_; }

  void set_pass_incomplete(bool pass) { pass_incomplete_ = pass; }

 private:
  /// The access unit that is being gathered.
  struct AccessUnit {
    bool open = false;  // a packet of it has come
    bool has_slice = false;
    bool key_frame = false;
    bool reference = false;
    bool broken = false;              // something of it is missing
    bool needs_first_slice = false;   // a packet before it was lost: was it part of it?
    std::size_t parameter_place = 0;  // where parameter sets go: behind the delimiter
    std::int64_t timestamp = 0;
  };
  /// What becomes of the bytes of the NAL unit at hand.
  enum class Unit { kNone, kDirect, kGathered, kSkipped };

  void on_loss(const MediaPacket& packet);
  void on_timestamp(std::int64_t timestamp);

  base::Result<void> push_payload(base::ByteView payload);
  base::Result<void> push_stap_a(base::ByteView payload);
  base::Result<void> push_fragment(base::ByteView payload);

  base::Result<void> begin_unit(std::uint8_t header, base::ByteView start);
  base::Result<void> append_unit(base::ByteView bytes);
  base::Result<void> end_unit();
  base::Result<void> whole_unit(base::ByteView nal);
  base::Result<void> whole_plain_unit(base::ByteView nal);
  base::Result<void> write_unit_header(std::uint8_t header, base::ByteView start);
  base::Result<void> open_slice(std::uint8_t header, base::ByteView start);
  base::Result<void> insert_parameters();
  bool looks_for_start_codes(unsigned type) const;
  base::Unexpected<base::Error> too_large();

  void finish_access_unit();
  void drop_access_unit();

  FrameFormat format_;
  FrameWriter writer_;
  H264Parameters store_;
  std::shared_ptr<const ParameterSets> parameters_;  // known now
  std::shared_ptr<const ParameterSets> returned_;    // of the frames that were finished
  std::shared_ptr<const ParameterSets> inserted_;    // latest that went into the stream

  AccessUnit au_;
  Unit unit_kind_ = Unit::kNone;
  bool in_fragments_ = false;
  base::Bytes unit_;  // kGathered: the NAL unit so far, with its header

  bool annex_b_ = false;
  int pictures_looked_through_ = 0;
  int key_frames_looked_through_ = 0;

  bool pass_incomplete_ = false;
  bool lost_before_ = true;  // of the next access unit: joining a stream is like a loss
  bool discontinuity_ = false;
  std::uint64_t packets_lost_ = 0;  // since the last frame that was finished
  std::uint64_t frames_dropped_ = 0;
  base::TimePoint arrival_{};
  std::deque<Frame> finished_;  // at most two: pull() comes after each push()
};

}  // namespace retina::codec
