#include "codec/byte_writer.h"

#include <utility>

namespace retina::codec {

bool ByteWriter::grow(std::size_t more) {
  if (more > FrameWriter::kMaxFrameBytes - size_) return false;
  const std::size_t needed = size_ + more;
  const std::size_t wanted = std::max(needed, memory_ ? capacity_ * 2 : expected_);
  FrameMemory larger(allocator_, std::min(wanted, FrameWriter::kMaxFrameBytes));
  if (size_ > 0) std::memcpy(larger.data(), memory_.data(), size_);
  memory_ = std::move(larger);
  capacity_ = memory_.capacity();
  return true;
}

void ByteWriter::finish(Frame& frame) {
  // The largest of late, forgotten slowly: growing costs a copy, and memory comes back.
  expected_ = std::min(std::max(size_ + size_ / 8, expected_ - expected_ / 32), FrameWriter::kMaxFrameBytes);
  frame.memory = std::exchange(memory_, FrameMemory());
  frame.size_bytes = size_;
  capacity_ = size_ = 0;
}

}  // namespace retina::codec
