#pragma once

#include <map>
#include <memory>
#include <optional>

#include "codec/byte_writer.h"
#include "codec/depacketizer.h"
#include "codec/finished_frames.h"
#include "codec/jpeg_extension.h"
#include "codec/jpeg_headers.h"
#include "sdp/description.h"
#include "sdp/picture_size.h"

namespace retina::codec {

/// JPEG pictures out of RTP (RFC 2435), each with all the headers that a decoder needs.
///
/// Whole or dropped. A fragment must begin where the one before ended; a picture of which anything is missing
/// is dropped. With FrameFormat::pass_incomplete it ends where the gap begins, and is passed on as corrupted:
/// decoders fill up what is below. Without its first fragment it can't be passed on.
///
/// The end. A picture ends with the marker. One that another picture follows without it is whole if it has
/// an EOI marker, or if the stream has never had a marker.
///
/// Size. The payload header has multiples of 8 up to 2040, or 0. The size that the SDP announces is taken
/// where that agrees with it: for 0, for larger pictures (whose size cameras send modulo 2048), and for the
/// exact size. ONVIF's header extension goes before all (see JpegExtension).
///
/// Types. 0 and 64 are 4:2:2, all the other static ones 4:2:0, as other receivers have it. The fields of an
/// interlaced picture are pictures of their own.
class JpegDepacketizer final : public Depacketizer {
 public:
  /// `media`: read during the call. `allocator` must outlive this.
  JpegDepacketizer(const sdp::Media& media, FrameFormat format, FrameAllocator& allocator);

  base::Result<void> push(const MediaPacket& packet) override;
  std::optional<Frame> pull() override { return finished_.pull(); }
  void reset() override;
  void flush() override;
  FrameProgress progress() const override { return {writer_.size(), true}; }
  void set_format(FrameFormat format) override { format_ = format; }
  std::shared_ptr<const ParameterSets> parameters() const override { return parameters_; }
  std::uint64_t frames_dropped() const override { return finished_.dropped(); }

 private:
  /// RFC 2435 s3.1 and s3.1.7.
  struct PayloadHeader {
    std::uint32_t offset = 0;
    std::uint8_t type = 0;
    std::uint8_t q = 0;
    std::uint8_t width = 0;  // in units of 8 pixels
    std::uint8_t height = 0;
    std::uint16_t restart_interval = 0;
  };
  /// The picture that is being gathered.
  struct Picture {
    bool open = false;           // a packet of it has come
    bool lost_before = false;    // what is missing of its start needs no complaint
    bool started = false;        // its first packet has come
    bool has_extension = false;  // its first packet had one
    bool in_data = false;        // its headers have been written
    bool broken = false;         // something of it is missing
    bool pass_incomplete = false;
    std::int64_t timestamp = 0;
    std::size_t received = 0;  // bytes of payload after the headers
    std::uint16_t tail = 0;    // the last two of the bytes written
    PayloadHeader header;
    base::TimePoint arrival{};
  };

  static base::Result<PayloadHeader> read_payload_header(base::ByteReader& reader);

  void on_loss(std::uint32_t packets);
  void open_picture(std::int64_t timestamp);
  bool has_end() const;

  base::Result<void> push_payload(const MediaPacket& packet);
  base::Result<void> push_data(const std::optional<JpegExtension>& extension, base::ByteView data);
  base::Result<void> start(const PayloadHeader& header, const std::optional<JpegExtension>& extension,
                           base::ByteReader& reader);
  base::Result<void> push_extension(const JpegExtension& extension);
  base::Result<void> missing_start();

  base::Result<void> choose_quantization(const PayloadHeader& header, base::ByteReader& reader);
  base::Result<void> write_headers();
  base::Result<void> choose_frame_header(bool keep_previous);
  base::Result<void> append(base::ByteView bytes);

  void finish_unmarked();
  void finish_picture();
  void drop_picture();

  FrameFormat format_;
  ByteWriter writer_;
  std::optional<sdp::PictureSize> announced_;

  Picture picture_;
  JpegHeaders headers_;       // of the picture, and what the next one may take over
  base::Bytes header_bytes_;  // keeps its memory
  base::Bytes extension_;     // of the picture, until its data begin
  bool own_huffman_ = false;  // headers_.huffman aren't the standard tables
  std::map<std::uint8_t, QuantizationTables> tables_by_q_;

  std::shared_ptr<const ParameterSets> parameters_;  // of the last picture that was finished
  bool lost_before_ = true;                          // joining a stream is like a loss
  bool markers_seen_ = false;
  FinishedFrames finished_;
};

}  // namespace retina::codec
