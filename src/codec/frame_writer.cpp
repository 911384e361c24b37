#include "codec/frame_writer.h"

#include <algorithm>

namespace retina::codec {

bool FrameWriter::grow(std::size_t more) {
  const std::size_t needed = size_ + more;
  if (needed > kMaxFrameBytes) return false;
  const std::size_t wanted = memory_ ? std::max(needed, capacity_ * 2) : std::max(needed, expected_[0]);
  FrameMemory larger(allocator_, std::min(wanted, kMaxFrameBytes));
  if (size_ > 0) std::memcpy(larger.data(), memory_.data(), size_);
  memory_ = std::move(larger);
  capacity_ = memory_.capacity();
  return true;
}

bool FrameWriter::expect_key_frame() {
  return capacity_ >= expected_[1] || expected_[1] <= size_ || grow(expected_[1] - size_);
}

bool FrameWriter::begin_nal(std::uint8_t header) {
  if (size_ == 0) framing_ = next_framing_;
  if (kPrefixBytes + 1 > capacity_ - size_ && !grow(kPrefixBytes + 1)) return false;
  nal_offset_ = size_;
  write_prefix(nal_offset_, 0);
  memory_.data()[size_ + kPrefixBytes] = header;
  size_ += kPrefixBytes + 1;
  return true;
}

void FrameWriter::end_nal() {
  write_prefix(nal_offset_, size_ - nal_offset_ - kPrefixBytes);
}

bool FrameWriter::insert_nals(std::size_t offset, std::span<const base::ByteView> nals) {
  if (size_ == 0) framing_ = next_framing_;
  std::size_t more = 0;
  for (const base::ByteView nal : nals)
    more += kPrefixBytes + nal.size();
  if (more > capacity_ - size_ && !grow(more)) return false;
  std::uint8_t* place = memory_.data() + offset;
  std::memmove(place + more, place, size_ - offset);
  for (const base::ByteView nal : nals) {
    write_prefix(offset, nal.size());
    if (!nal.empty()) std::memcpy(memory_.data() + offset + kPrefixBytes, nal.data(), nal.size());
    offset += kPrefixBytes + nal.size();
  }
  size_ += more;
  nal_offset_ += more;
  return true;
}

void FrameWriter::finish(Frame& frame) {
  // The largest of late, forgotten slowly: growing costs a copy, and memory comes back.
  std::size_t& expected = expected_[frame.key_frame ? 1 : 0];
  expected =
      std::clamp(std::max(size_ + size_ / 8, expected - expected / 32), std::size_t{4096}, kMaxFrameBytes);
  frame.memory = std::move(memory_);
  frame.size_bytes = size_;
  memory_ = FrameMemory();
  capacity_ = size_ = 0;
}

void FrameWriter::discard() {
  size_ = 0;
}

}  // namespace retina::codec
