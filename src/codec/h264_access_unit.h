#pragma once

#include <array>
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
#include "codec/h264_parameters.h"
#include "codec/h264_slice.h"
#include "codec/parameter_inserter.h"

namespace retina::codec {

/// NAL units of an H.264 stream in decoding order in, access units out, as frames.
///
/// Where one ends. At the marker or at another timestamp, but not before it has a slice: cheap cameras set
/// the marker on SPS, PPS and SEI, and give these the timestamp of the picture before (Reolink RLC-822A,
/// H264DVR). It has the timestamp of its slices. Two pictures with one timestamp and no marker between them
/// (VStarcam) are told apart as ITU-T H.264 s7.4.1.2.3 and s7.4.1.2.4 say: by the delimiter, parameter set or
/// SEI between them, or by their slice headers. The two fields of a frame stay together, also where each has
/// a marker, unless they differ in timestamp. Where a camera sets the marker on every slice, markers end
/// nothing from then on; one picture is lost to finding that out.
///
/// NAL units behind the slices wait for what follows. Parameter sets and delimiters belong to the next
/// picture even when they still have the timestamp of this one; SEI belong where their timestamp is, and to
/// the next picture when both have the same.
///
/// Key frames: an IDR picture; a picture with a recovery point SEI, whatever its recovery_frame_cnt is
/// (streams with periodic intra refresh have no other entry, and GStreamer's and FFmpeg's parsers take it
/// so); and a picture of I slices only, where the stream has neither, or had neither for kEntryPatience
/// pictures.
///
/// Parameter sets (SPS, SPS extensions, PPS) are taken out, kept by id, and put back as the format says: in
/// front of the first NAL unit that isn't an access unit delimiter.
class H264AccessUnits {
 public:
  static constexpr unsigned kEntryPatience = 256;      ///< pictures
  static constexpr std::size_t kMaxHeldUnits = 32;     ///< behind the slices
  static constexpr std::size_t kMaxHeldBytes = 65536;  ///< of them together

  /// `allocator` and `faults` must outlive this.
  H264AccessUnits(const std::vector<base::Bytes>& out_of_band, FrameFormat format, FrameAllocator& allocator,
                  StreamFaults& faults);

  void set_format(FrameFormat format);

  // What comes next, in this order: on_loss() if something is missing, change_timestamp() unless continues(),
  // set_arrival(), NAL units, on_marker().

  /// Something between what came and what comes is missing: `packets` of it, as far as known.
  void on_loss(std::uint64_t packets);
  bool continues(std::int64_t timestamp) const { return au_.open && timestamp == au_.timestamp; }
  void change_timestamp(std::int64_t timestamp);
  void set_arrival(base::TimePoint arrival) { arrival_ = arrival; }
  /// A part of the access unit at hand is missing or malformed.
  void set_broken() { au_.broken = true; }
  void on_marker();

  /// A whole NAL unit with its header, without start codes.
  base::Result<void> add_unit(base::ByteView nal);

  /// A slice in pieces: begin_slice(), append(), end_slice(). `start`: the first bytes after the header, not
  /// consumed.
  base::Result<void> begin_slice(std::uint8_t header, base::ByteView start);
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

  FrameProgress progress() const { return {writer_.size(), is_key_frame()}; }
  std::shared_ptr<const ParameterSets> parameters() const { return parameters_; }
  std::uint64_t frames_dropped() const { return frames_.dropped(); }
  /// Whole ones, so far.
  std::uint64_t pictures() const { return pictures_; }
  std::uint64_t key_frames() const { return key_frames_; }

  static base::Unexpected<base::Error> too_large();

 private:
  /// The beginning of a slice, as far as it can matter.
  struct SliceStart {
    std::uint8_t header = 0;
    std::size_t size = 0;
    std::array<std::uint8_t, 32> bytes{};
  };
  /// The access unit that is being gathered.
  struct AccessUnit {
    bool open = false;  // a packet of it has come
    bool has_slice = false;
    bool entry = false;  // IDR or recovery point
    bool intra = false;  // I slices only, so far
    bool reference = false;
    bool broken = false;             // something of it is missing
    bool needs_first_slice = false;  // a packet before it was lost: was it part of it?
    bool lone_field = false;         // one field; the other one may come
    bool both_fields = false;
    std::size_t parameter_place = 0;  // where parameter sets go: behind the delimiter
    std::int64_t timestamp = 0;
    base::TimePoint arrival{};  // of its last packet
  };
  enum class End { kMarker, kTimestamp, kPicture, kStream };

  /// Something of an access unit has come, all since the one before, and no slice yet.
  bool is_headless() const { return au_.open && !au_.has_slice && !au_.broken && !au_.needs_first_slice; }
  void open_access_unit();
  base::Result<void> open_slice(std::uint8_t header, base::ByteView start);
  base::Result<void> open_picture(std::uint8_t header, base::ByteView start);
  bool begins_picture(std::uint8_t header, base::ByteView start);
  void remember_slice(std::uint8_t header, base::ByteView start);
  std::optional<H264SliceHeader> remembered_slice() const;

  base::Result<void> write_unit(base::ByteView nal);
  bool learn(base::ByteView nal);

  bool hold(base::ByteView nal);
  void place_held_units();
  void end_with_held_units(End end);
  void replay_held_units();

  bool is_key_frame() const { return au_.entry || (au_.intra && pictures_since_entry_ >= kEntryPatience); }
  void finish_access_unit(End end);
  void emit_frame();
  void drop_access_unit();

  StreamFaults& faults_;
  FrameFormat format_;  // of the access unit at hand
  FrameFormat next_format_;
  FrameWriter writer_;
  H264Parameters store_;
  H264SliceReader slices_;
  std::shared_ptr<const ParameterSets> parameters_;  // known now
  ParameterInserter inserter_;

  AccessUnit au_;
  SliceStart slice_;               // of it: the first one of its latest picture
  std::vector<base::Bytes> held_;  // NAL units behind the slices: of this access unit, or of the next one
  std::size_t held_bytes_ = 0;
  base::TimePoint arrival_{};

  bool lost_before_ = true;                       // the next access unit: joining a stream is like a loss
  bool fields_apart_ = false;                     // fields have timestamps of their own
  bool markers_in_pictures_ = false;              // markers are on slices that others follow
  std::optional<std::int64_t> marked_timestamp_;  // of the latest access unit that a marker ended
  unsigned pictures_since_entry_ = kEntryPatience;

  std::uint64_t pictures_ = 0;
  std::uint64_t key_frames_ = 0;
  FinishedFrames frames_;
};

}  // namespace retina::codec
