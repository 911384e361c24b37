#include "frame_pool.h"

#include <cstring>
#include <memory>
#include <thread>

#include "support/check.h"

namespace {

using retina::codec::FrameMemory;
using retina::gst::FramePool;

LAW(a_block_has_at_least_the_size_asked_for) {
  FramePool pool;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{4097}, std::size_t{1000000}}) {
    const FrameMemory memory(pool, size);
    ck_assert(memory.capacity() >= size && memory.capacity() >= 4096);
    std::memset(memory.data(), 1, memory.capacity());
  }
}

LAW(a_block_that_downstream_has_dropped_is_used_again) {
  FramePool pool;
  std::uint8_t* first = nullptr;
  for (int i = 0; i < 100; ++i) {
    FrameMemory memory(pool, 50000);
    if (first == nullptr) first = memory.data();
    ck_assert_ptr_eq(memory.data(), first);
    gst_buffer_unref(FramePool::wrap(memory.take(), 50000));
  }
}

LAW(a_buffer_sees_just_the_bytes_written) {
  FramePool pool;
  FrameMemory memory(pool, 10);
  std::memcpy(memory.data(), "0123456789", 10);
  GstBuffer* buffer = FramePool::wrap(memory.take(), 7);
  ck_assert_uint_eq(gst_buffer_get_size(buffer), 7);
  ck_assert_int_eq(gst_buffer_memcmp(buffer, 0, "0123456", 7), 0);
  ck_assert(gst_buffer_is_writable(buffer));
  gst_buffer_unref(buffer);
}

LAW(buffers_outlive_the_pool) {
  GstBuffer* buffer = nullptr;
  {
    FramePool pool;
    FrameMemory memory(pool, 100);
    std::memset(memory.data(), 'x', 100);
    buffer = FramePool::wrap(memory.take(), 100);
  }
  std::uint8_t byte = 0;
  gst_buffer_extract(buffer, 99, &byte, 1);
  ck_assert_uint_eq(byte, 'x');
  gst_buffer_unref(buffer);
}

LAW(blocks_come_back_from_other_threads) {
  FramePool pool;
  for (int i = 0; i < 200; ++i) {
    FrameMemory memory(pool, 5000);
    GstBuffer* buffer = FramePool::wrap(memory.take(), 5000);
    std::thread([buffer] { gst_buffer_unref(buffer); }).join();
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("frame_pool");
}
