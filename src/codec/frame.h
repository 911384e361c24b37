#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace retina::codec {

/// Where frames are written: memory that the consumer of frames owns, so that the payload is copied exactly
/// once. Called once a frame (and once each time a frame outgrows its memory), never once a packet.
class FrameAllocator {
 public:
  struct Block {
    std::span<std::uint8_t> bytes;
    void* owner = nullptr;  ///< the allocator's own handle for the block
  };

  virtual ~FrameAllocator() = default;
  /// At least `size_bytes` of writable, uninitialised memory.
  virtual Block allocate(std::size_t size_bytes) = 0;
  virtual void release(void* owner) = 0;
};

/// One block of a FrameAllocator, which must outlive it. Returned to the allocator unless taken with `take`.
class FrameMemory {
 public:
  FrameMemory() = default;
  FrameMemory(FrameAllocator& allocator, std::size_t size_bytes)
      : allocator_(&allocator), block_(allocator.allocate(size_bytes)) {}
  FrameMemory(FrameMemory&& other) noexcept
      : allocator_(std::exchange(other.allocator_, nullptr)), block_(std::exchange(other.block_, {})) {}
  FrameMemory& operator=(FrameMemory&& other) noexcept {
    std::swap(allocator_, other.allocator_);
    std::swap(block_, other.block_);
    return *this;
  }
  ~FrameMemory() {
    if (allocator_ != nullptr) allocator_->release(block_.owner);
  }

  explicit operator bool() const { return allocator_ != nullptr; }
  std::uint8_t* data() const { return block_.bytes.data(); }
  std::size_t capacity() const { return block_.bytes.size(); }

  /// Hands the block to the consumer; what `owner` is, the allocator and the consumer agree on.
  void* take() {
    allocator_ = nullptr;
    return std::exchange(block_, {}).owner;
  }

 private:
  FrameAllocator* allocator_ = nullptr;
  FrameAllocator::Block block_;
};

/// A heap allocator, for tests and for consumers without memory of their own. `owner` is the block's first
/// byte.
class HeapAllocator final : public FrameAllocator {
 public:
  Block allocate(std::size_t size_bytes) override;
  void release(void* owner) override;
};

/// What a decoder must have besides the frames. Each encoding fills what it has; the rest stays empty.
struct ParameterSets {
  /// H.264, H.265: NAL units without start codes, in the order of their ids.
  std::vector<base::Bytes> vps;  ///< H.265 only
  std::vector<base::Bytes> sps;
  std::vector<base::Bytes> pps;
  std::vector<base::Bytes> sps_extensions;  ///< H.264 NAL units of type 13 only

  /// AAC: AudioSpecificConfig (ISO/IEC 14496-3 s1.6.2.1). AV1: the sequence header OBU, with its size field.
  /// JPEG: the frame header segment (ITU-T T.81 sB.2.2), from its marker on.
  base::Bytes config;

  /// JPEG: pixels.
  unsigned width = 0;
  unsigned height = 0;

  bool operator==(const ParameterSets&) const = default;
};

/// One complete access unit, audio frame or document.
struct Frame {
  FrameMemory memory;
  std::size_t size_bytes = 0;
  /// Extended RTP timestamp, in units of the stream's clock rate.
  std::int64_t timestamp = 0;
  /// In the same units; 0: not known. Audio has one.
  std::uint32_t duration = 0;
  /// When the packet that completed the frame was read.
  base::TimePoint arrival{};
  bool key_frame = false;
  /// No other frame refers to this one.
  bool disposable = false;
  /// Something between the previous frame and this one is missing.
  bool discontinuity = false;
  /// Part of this frame itself is missing (only when incomplete frames are passed on).
  bool corrupted = false;
  /// Packets lost since the previous frame that was returned.
  std::uint64_t packets_lost = 0;
  /// Set when the stream's parameters differ from those of the frames returned before; this frame needs them.
  std::shared_ptr<const ParameterSets> parameters;

  base::ByteView bytes() const { return {memory.data(), size_bytes}; }
};

}  // namespace retina::codec
