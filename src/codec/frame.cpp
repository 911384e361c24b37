#include "codec/frame.h"

namespace retina::codec {

FrameAllocator::Block HeapAllocator::allocate(std::size_t size_bytes) {
  auto block = std::make_unique_for_overwrite<std::uint8_t[]>(size_bytes);
  std::uint8_t* bytes = block.release();
  return {{bytes, size_bytes}, bytes};
}

void HeapAllocator::release(void* owner) {
  std::unique_ptr<std::uint8_t[]> block(static_cast<std::uint8_t*>(owner));
}

}  // namespace retina::codec
