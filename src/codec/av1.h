#pragma once

#include <memory>
#include <optional>

#include "codec/depacketizer.h"
#include "codec/finished_frames.h"
#include "codec/obu.h"
#include "codec/obu_writer.h"

namespace retina::codec {

/// AV1 out of RTP (RTP Payload Format For AV1, version 1.0), one temporal unit a frame, as a low-overhead
/// bitstream (AV1 s5.2): every OBU has its size field. Temporal delimiters and tile lists are left out;
/// everything else is as it was sent, with the layers' extension headers.
///
/// Temporal units. One ends with the marker or with another timestamp, but not before it has a frame header
/// or tiles: what stands alone before them belongs to them, and has their timestamp.
///
/// Whole or dropped. A temporal unit of which anything may be missing is dropped, and the next whole one is a
/// discontinuity. With FrameFormat::pass_incomplete the OBUs that are whole are passed on, as corrupted,
/// but no tiles whose frame header is missing. After a loss between two temporal units the next one is whole
/// if it begins with what begins one: a new coded video sequence, a sequence header, a frame of the lowest
/// layer. If the stream has frames that aren't shown, which stand before the one that is, then a shown frame
/// alone may be all that is left.
///
/// Senders that put several OBUs with size fields into one OBU element are understood.
class Av1Depacketizer final : public Depacketizer {
 public:
  /// Sequence headers have some ten bytes; longer ones than this aren't kept as parameters.
  static constexpr std::size_t kMaxSequenceHeaderBytes = 1024;

  /// `allocator` must outlive this.
  Av1Depacketizer(FrameFormat format, FrameAllocator& allocator);

  base::Result<void> push(const MediaPacket& packet) override;
  std::optional<Frame> pull() override { return finished_.pull(); }
  void reset() override;
  void flush() override;
  FrameProgress progress() const override { return {writer_.size(), unit_.key_frame || unit_.new_sequence}; }
  void set_format(FrameFormat format) override { format_ = format; }
  std::shared_ptr<const ParameterSets> parameters() const override { return parameters_; }
  std::uint64_t frames_dropped() const override { return finished_.dropped(); }

 private:
  /// The temporal unit that is being gathered.
  struct TemporalUnit {
    bool open = false;  // a packet of it has come
    bool pass_incomplete = false;
    bool lost_before = false;     // what is missing of its start needs no complaint
    bool may_lack_start = false;  // and nothing has shown yet that nothing is missing
    bool new_sequence = false;    // N bit
    bool has_sequence_header = false;
    bool has_frame_header = false;
    bool has_frame_data = false;        // a frame header or tiles have begun
    bool has_whole_frame_data = false;  // and one of them ended
    bool key_frame = false;
    bool broken = false;  // something of it is missing
    std::int64_t timestamp = 0;
    base::TimePoint arrival{};
  };
  /// What becomes of the bytes of the OBU element at hand.
  enum class Obu {
    kHeader,  // they are gathered until the OBU's header is complete
    kKept,
    kLeftOut
  };

  void on_loss(std::uint32_t packets);
  void on_timestamp(std::int64_t timestamp);

  base::Result<void> push_payload(base::ByteView payload);
  base::Result<void> push_element(base::ByteView bytes, bool continues, bool goes_on);
  base::Result<void> feed(base::ByteView bytes, bool goes_on);
  base::Result<void> end_element();
  void cut_element();

  base::Result<void> begin_obu(std::optional<std::size_t> payload_size);
  base::Result<void> append_obu(base::ByteView bytes);
  base::Result<void> end_obu();
  void on_frame_header(std::uint8_t first_byte);
  void check_start(const obu::FrameStart& start);
  void learn_sequence_header();
  base::Unexpected<base::Error> too_large();

  void finish_temporal_unit();
  void drop_temporal_unit();

  FrameFormat format_;
  ObuWriter writer_;
  TemporalUnit unit_;

  bool in_element_ = false;  // one that goes on in the next packet
  Obu obu_ = Obu::kHeader;
  obu::HeaderGatherer header_;
  obu::Type type_ = obu::Type::kPadding;       // of the OBU at hand
  std::optional<std::size_t> obu_bytes_left_;  // nullopt: up to the end of the element
  bool awaits_first_byte_ = false;             // of a frame header

  std::shared_ptr<const ParameterSets> parameters_;  // known now
  bool reduced_still_picture_ = false;
  bool hidden_frames_ = false;      // the stream has frames that aren't shown
  bool keys_have_sequence_ = true;  // the last key frame came with its sequence header

  bool lost_before_ = true;  // of the next temporal unit: joining a stream is like a loss
  FinishedFrames finished_;
};

}  // namespace retina::codec
