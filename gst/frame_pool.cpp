#include "frame_pool.h"

#include <bit>

namespace retina::gst {
namespace {

constexpr std::size_t kSmallestClass = 12;  // 4 KiB
constexpr std::size_t kClasses = 48;
constexpr std::size_t kMaxFreeBlocks = 64;
constexpr std::size_t kMaxFreeBytes = 32 * 1024 * 1024;

std::size_t class_of(std::size_t size_bytes) {
  const auto needed = static_cast<std::size_t>(std::bit_width(size_bytes > 0 ? size_bytes - 1 : 0));
  return needed < kSmallestClass ? kSmallestClass : needed;
}

}  // namespace

struct FramePool::Slab {
  std::shared_ptr<Shelf> shelf;  // where it goes back to; null while it lies there
  std::size_t size_class = 0;
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t capacity() const { return std::size_t{1} << size_class; }
};

struct FramePool::Shelf {
  struct Free {
    std::array<std::vector<std::unique_ptr<Slab>>, kClasses> by_class;
    std::size_t blocks = 0;
    std::size_t bytes = 0;
    bool closed = false;  // the pool is gone: keep nothing
  };
  base::Guarded<Free> free;
};

FramePool::FramePool() : shelf_(std::make_shared<Shelf>()) {}

FramePool::~FramePool() {
  Shelf::Free emptied;  // destroyed after the lock is released
  auto free = shelf_->free.lock();
  std::swap(*free, emptied);
  free->closed = true;
}

codec::FrameAllocator::Block FramePool::allocate(std::size_t size_bytes) {
  const std::size_t size_class = class_of(size_bytes);
  std::unique_ptr<Slab> slab;
  {
    auto free = shelf_->free.lock();
    auto& shelf = free->by_class[size_class];
    if (!shelf.empty()) {
      slab = std::move(shelf.back());
      shelf.pop_back();
      --free->blocks;
      free->bytes -= slab->capacity();
    }
  }
  if (!slab) {
    slab = std::make_unique<Slab>();
    slab->size_class = size_class;
    slab->bytes = std::make_unique_for_overwrite<std::uint8_t[]>(slab->capacity());
  }
  slab->shelf = shelf_;
  Slab* owner = slab.release();
  return {{owner->bytes.get(), owner->capacity()}, owner};
}

void FramePool::release(void* owner) {
  put_back(owner);
}

void FramePool::put_back(void* owner) {
  std::unique_ptr<Slab> slab(static_cast<Slab*>(owner));
  const std::shared_ptr<Shelf> shelf = std::move(slab->shelf);
  auto free = shelf->free.lock();
  if (free->closed || free->blocks >= kMaxFreeBlocks || free->bytes + slab->capacity() > kMaxFreeBytes)
    return;
  ++free->blocks;
  free->bytes += slab->capacity();
  free->by_class[slab->size_class].push_back(std::move(slab));
}

GstBuffer* FramePool::wrap(void* owner, std::size_t size_bytes) {
  const auto* slab = static_cast<Slab*>(owner);
  return gst_buffer_new_wrapped_full(static_cast<GstMemoryFlags>(0), slab->bytes.get(), slab->capacity(), 0,
                                     size_bytes, owner, put_back);
}

}  // namespace retina::gst
