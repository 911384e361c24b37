#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "codec/frame_writer.h"

namespace retina::codec {

/// Gathers the OBUs of a temporal unit in memory of the consumer's, each with a size field of the shortest
/// form (AV1 s5.3.1), whether it came with one or not.
class ObuWriter {
 public:
  /// `allocator` must outlive this.
  explicit ObuWriter(FrameAllocator& allocator) : writer_(allocator, NalFraming::kLengthPrefixed) {}

  /// Each of the following returns false when the temporal unit would exceed FrameWriter::kMaxFrameBytes; the
  /// OBU at hand must be dropped then.
  [[nodiscard]] bool begin(std::uint8_t header, std::optional<std::uint8_t> extension,
                           std::optional<std::size_t> payload_size);
  [[nodiscard]] bool append(base::ByteView payload) { return writer_.append(payload); }
  [[nodiscard]] bool end();

  /// The temporal unit is known to be a key frame: they are larger.
  [[nodiscard]] bool expect_key_frame() { return writer_.expect_key_frame(); }

  /// Forgets the OBU that was begun and not ended.
  void drop_unit() { writer_.truncate(unit_offset_); }

  /// The last OBU that was ended. Valid until more is written.
  base::ByteView unit() { return writer_.written().subspan(unit_offset_); }
  base::ByteView payload() { return writer_.written().subspan(payload_offset_); }

  std::size_t size() const { return writer_.size(); }

  /// Moves the bytes into the frame, and starts a new one.
  void finish(Frame& frame) { writer_.finish(frame); }
  void discard() { writer_.discard(); }

 private:
  FrameWriter writer_;
  std::size_t unit_offset_ = 0;
  std::size_t size_offset_ = 0;          // of the size field
  std::size_t payload_offset_ = 0;       // behind it
  std::size_t expected_size_bytes_ = 2;  // of the size field, where the size isn't known beforehand
};

}  // namespace retina::codec
