#pragma once

#include <gst/gst.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "codec/frame.h"

namespace retina::gst {

/// Memory for frames, written by the depacketizer and handed downstream without another copy.
///
/// Blocks come back here when downstream drops its last reference, from whichever thread: so the frames of a
/// running stream are written into memory that is mapped already, and mostly still in the CPU's cache. (A
/// fresh 200 kB from malloc is an mmap and a page fault each 4 kB.) Size classes are powers of two from 4
/// KiB; at most 64 free blocks and 32 MiB are kept. One lock a frame.
class FramePool final : public codec::FrameAllocator {
 public:
  FramePool();
  ~FramePool() override;

  Block allocate(std::size_t size_bytes) override;
  void release(void* owner) override;

  /// A buffer over the first `size_bytes` of a block that FrameMemory::take() returned.
  static GstBuffer* wrap(void* owner, std::size_t size_bytes);

 private:
  struct Slab;
  /// Outlives the pool while downstream holds blocks.
  struct Shelf;

  static void put_back(void* owner);

  std::shared_ptr<Shelf> shelf_;
};

}  // namespace retina::gst
