#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/depacketizer.h"
#include "codec/finished_frames.h"
#include "codec/frame_writer.h"
#include "codec/h265_parameters.h"
#include "codec/hevc_nal.h"
#include "codec/parameter_inserter.h"

namespace retina::codec {

/// NAL units of an H.265 stream in decoding order in, access units out, as frames.
///
/// Where one ends. At the marker or at another timestamp, but not before it has a slice: cheap cameras set
/// the marker on parameter sets and SEI, and give these the timestamp of the picture before. It has the
/// timestamp of its slices. Two pictures with one timestamp and no marker between them are told apart by
/// first_slice_segment_in_pic_flag (ITU-T H.265 s7.4.7.1). Where a camera sets the marker on every slice,
/// markers end nothing from then on; one picture is lost to finding that out. What stands behind the slices
/// and begins an access unit (s7.4.2.4.4: delimiter, parameter sets, prefix SEI) goes with the next one,
/// whatever its timestamp and marker say; after a loss, what is left without slices before a marker or
/// another timestamp is left out.
///
/// Key frames: IRAP pictures (IDR, CRA, BLA). Where none has come for kEntryPatience pictures, also one with
/// a recovery point SEI: streams with periodic intra refresh have no other entry.
///
/// RASL pictures refer to pictures before their CRA or BLA picture. Where that is the first IRAP picture of
/// all, follows an end of sequence, or is a BLA picture, no decoder can show them (s8.1.3), and they are left
/// out; nothing else refers to them, so that is neither a drop nor a discontinuity. All others come out.
///
/// Disposable are pictures of which all slices are of a sub-layer non-reference type (even types 0 to 14) in
/// the highest sub-layer that the SPS allows for: lower ones may be referred to from above. Key frames
/// aren't.
///
/// Parameter sets of layer 0 are taken out, kept by id, and put back as the format says: in front of the
/// first NAL unit that isn't an access unit delimiter.
class H265AccessUnits {
 public:
  static constexpr unsigned kEntryPatience = 256;      ///< pictures
  static constexpr std::size_t kMaxHeldUnits = 32;     ///< behind the slices
  static constexpr std::size_t kMaxHeldBytes = 65536;  ///< of them together

  /// `allocator` and `faults` must outlive this.
  H265AccessUnits(const std::vector<base::Bytes>& out_of_band, FrameFormat format, FrameAllocator& allocator,
                  StreamFaults& faults);

  void set_format(FrameFormat format);

  // What comes next, in this order: losses, change_timestamp() unless continues(), set_arrival(), NAL units,
  // on_marker().

  /// So many packets are missing. Whether that tore something apart, on_gap() says.
  void on_lost_packets(std::uint64_t packets) { frames_.on_lost_packets(packets); }
  /// Something between what came and what comes is missing.
  void on_gap();
  bool continues(std::int64_t timestamp) const { return au_.open && timestamp == au_.timestamp; }
  void change_timestamp(std::int64_t timestamp);
  void set_arrival(base::TimePoint arrival) { arrival_ = arrival; }
  /// A part of the access unit at hand is missing or malformed.
  void set_broken() { au_.broken = true; }
  void on_marker();

  /// A whole NAL unit with its header, without start codes.
  base::Result<void> add_unit(base::ByteView nal);

  /// A slice in pieces: begin_slice(), append(), end_slice(). `start`: its first bytes after the header, at
  /// least one, not consumed.
  base::Result<void> begin_slice(hevc::NalHeader header, base::ByteView start);
  [[nodiscard]] bool append(base::ByteView bytes) {
    au_.arrival = arrival_;
    return writer_.append(bytes);
  }
  void end_slice() { writer_.end_nal(); }

  bool is_broken() const { return au_.broken; }
  /// Whether the access unit at hand may have begun before it was joined.
  bool may_lack_its_start() const { return au_.needs_first_slice; }

  bool has_frame() const { return !frames_.empty(); }
  std::optional<Frame> pull() { return frames_.pull(); }
  void reset();
  void flush();

  FrameProgress progress() const { return {writer_.size(), au_.key_frame}; }
  std::shared_ptr<const ParameterSets> parameters() const { return parameters_; }
  std::uint64_t frames_dropped() const { return frames_.dropped(); }
  /// Whole ones, so far.
  std::uint64_t pictures() const { return pictures_; }
  std::uint64_t key_frames() const { return key_frames_; }

  static base::Unexpected<base::Error> too_large();

 private:
  /// The access unit that is being gathered.
  struct AccessUnit {
    bool open = false;  // a packet of it has come
    bool has_slice = false;
    bool recovery_point = false;
    bool key_frame = false;
    bool reference = false;           // another picture may refer to it
    bool undecodable = false;         // RASL without what it refers to
    bool first_entry = false;         // the IRAP picture that the stream starts with
    bool broken = false;              // something of it is missing
    bool needs_first_slice = false;   // a packet before it was lost: was it part of it?
    bool after_gap = false;           // so it was, unlike when the stream is joined
    std::size_t parameter_place = 0;  // where parameter sets go: behind the delimiter
    std::int64_t timestamp = 0;
    base::TimePoint arrival{};  // of its last packet
  };

  /// Something of an access unit has come, all since the one before, and no slice yet.
  bool is_headless() const { return au_.open && !au_.has_slice && !au_.broken && !au_.needs_first_slice; }
  void open_access_unit();
  base::Result<void> open_slice(hevc::NalHeader header, base::ByteView start);
  base::Result<void> open_picture(unsigned type, bool first_slice);
  void note_entry(unsigned type);
  bool may_be_referred_to(hevc::NalHeader header) const;

  base::Result<void> write_unit(hevc::NalHeader header, base::ByteView nal);
  bool learn(base::ByteView nal);

  bool hold(base::ByteView nal);
  std::vector<base::Bytes> take_held_units();
  void place_held_units();
  void forget_held_units();
  void forget_headless_units();

  void finish_access_unit();
  void begin_next_access_unit(std::int64_t timestamp);
  void emit_frame();
  void drop_access_unit();

  StreamFaults& faults_;
  FrameFormat format_;
  FrameWriter writer_;
  H265Parameters store_;
  ParameterInserter inserter_;
  std::shared_ptr<const ParameterSets> parameters_;  // known now
  FinishedFrames frames_;

  AccessUnit au_;
  std::vector<base::Bytes> held_;  // NAL units behind the slices
  std::size_t held_bytes_ = 0;
  base::TimePoint arrival_{};

  bool lost_before_ = true;                       // the next access unit: joining a stream is like a loss
  bool gap_before_ = false;                       // and this is none
  bool markers_in_pictures_ = false;              // markers are on slices that others follow
  std::optional<std::int64_t> marked_timestamp_;  // of the latest access unit that a marker ended
  unsigned pictures_since_irap_ = kEntryPatience;
  bool starts_anew_ = true;           // at the next IRAP picture
  bool rasl_is_undecodable_ = false;  // of the latest IRAP picture

  std::uint64_t pictures_ = 0;
  std::uint64_t key_frames_ = 0;
};

}  // namespace retina::codec
