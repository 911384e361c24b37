#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/bytes.h"
#include "codec/depacketizer.h"
#include "codec/frame.h"

namespace retina::codec {

/// Gathers the NAL units of one access unit in memory of the consumer's, in the framing that it wants. The
/// memory is sized by the frames before, key frames and others apart, so that it rarely has to grow.
class FrameWriter {
 public:
  /// Cameras' frames are below 2 MB; some send 4K key frames of several.
  static constexpr std::size_t kMaxFrameBytes = 16 * 1024 * 1024;
  static constexpr std::size_t kPrefixBytes = 4;

  FrameWriter(FrameAllocator& allocator, NalFraming framing) : allocator_(allocator), framing_(framing) {}

  /// Takes effect with the next frame.
  void set_framing(NalFraming framing) { next_framing_ = framing; }

  /// Each of the following returns false when the frame would exceed kMaxFrameBytes; nothing is written then.
  [[nodiscard]] bool begin_nal(std::uint8_t header);
  [[nodiscard]] bool append(base::ByteView bytes) {
    if (bytes.size() > capacity_ - size_ && !grow(bytes.size())) return false;
    if (!bytes.empty()) std::memcpy(memory_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return true;
  }
  void end_nal();
  /// A whole one at once.
  [[nodiscard]] bool add_nal(base::ByteView nal) {
    if (size_ == 0) framing_ = next_framing_;
    const std::size_t more = kPrefixBytes + nal.size();
    if (more > capacity_ - size_ && !grow(more)) return false;
    write_prefix(size_, nal.size());
    std::memcpy(memory_.data() + size_ + kPrefixBytes, nal.data(), nal.size());
    size_ += more;
    return true;
  }

  /// Whole ones at `offset`, which must be the begin or the end of one; what stands there moves back, once.
  [[nodiscard]] bool insert_nals(std::size_t offset, std::span<const base::ByteView> nals);

  /// The frame is known to be a key frame: they are larger.
  [[nodiscard]] bool expect_key_frame();

  std::size_t size() const { return size_; }

  /// What is written so far, to mend it. Valid until more is written.
  std::span<std::uint8_t> written() { return {memory_.data(), size_}; }
  /// Forgets what is behind the first `size_bytes`, which must be there.
  void truncate(std::size_t size_bytes) { size_ = size_bytes; }

  /// Moves the bytes into the frame, and starts a new one.
  void finish(Frame& frame);
  void discard();

 private:
  bool grow(std::size_t more);
  void write_prefix(std::size_t offset, std::size_t nal_size) {
    const bool length = framing_ == NalFraming::kLengthPrefixed;
    base::store_be32(memory_.data() + offset, length ? static_cast<std::uint32_t>(nal_size) : 1U);
  }

  FrameAllocator& allocator_;
  NalFraming framing_;
  NalFraming next_framing_ = framing_;
  FrameMemory memory_;
  std::size_t capacity_ = 0;  // of memory_
  std::size_t size_ = 0;
  std::size_t nal_offset_ = 0;  // of the prefix of the NAL unit that is being written
  std::array<std::size_t, 2> expected_{4096, 4096};
};

}  // namespace retina::codec
