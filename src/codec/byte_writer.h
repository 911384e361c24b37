#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/bytes.h"
#include "codec/frame.h"
#include "codec/frame_writer.h"

namespace retina::codec {

/// Gathers the bytes of one frame in memory of the consumer's, as they come; FrameWriter is the one for NAL
/// units. The memory is sized by the frames before, so that it rarely has to grow, and never above
/// FrameWriter::kMaxFrameBytes. Nothing is allocated for a frame before its first byte.
class ByteWriter {
 public:
  /// `allocator` must outlive this.
  explicit ByteWriter(FrameAllocator& allocator) : allocator_(allocator) {}

  /// Returns false when the frame would exceed kMaxFrameBytes; nothing is written then.
  [[nodiscard]] bool append(base::ByteView bytes) {
    if (bytes.size() > capacity_ - size_ && !grow(bytes.size())) return false;
    if (!bytes.empty()) std::memcpy(memory_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return true;
  }

  /// Room for `more` bytes behind what is written, for a frame whose size is known ahead, and for whoever
  /// writes them in place: they count once commit() says so. False: see append().
  [[nodiscard]] bool reserve(std::size_t more) { return more <= capacity_ - size_ || grow(more); }
  std::uint8_t* room() { return memory_.data() + size_; }
  void commit(std::size_t bytes) { size_ += bytes; }

  /// What is written so far, to mend it. Valid until the next append() or reserve().
  std::span<std::uint8_t> written() { return {memory_.data(), size_}; }
  std::size_t size() const { return size_; }

  /// Forgets what is behind the first `size_bytes`.
  void truncate(std::size_t size_bytes) { size_ = std::min(size_, size_bytes); }

  /// Moves the bytes into the frame, and starts a new one. There must be at least one.
  void finish(Frame& frame);
  /// Starts a new frame in the same memory.
  void discard() { size_ = 0; }

 private:
  bool grow(std::size_t more);

  FrameAllocator& allocator_;
  FrameMemory memory_;
  std::size_t capacity_ = 0;  // of memory_
  std::size_t size_ = 0;
  std::size_t expected_ = 0;  // of the next frame
};

}  // namespace retina::codec
