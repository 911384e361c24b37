#include "codec/byte_writer.h"

#include <algorithm>

#include "codec/packet_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

/// Counts, and tells a block that comes back twice, or never.
class CountingAllocator final : public codec::FrameAllocator {
 public:
  ~CountingAllocator() override { ck_assert_int_eq(held, 0); }
  Block allocate(std::size_t size_bytes) override {
    ++allocations;
    ++held;
    largest = std::max(largest, size_bytes);
    return heap_.allocate(size_bytes);
  }
  void release(void* owner) override {
    --held;
    heap_.release(owner);
  }
  int allocations = 0;
  int held = 0;
  std::size_t largest = 0;

 private:
  codec::HeapAllocator heap_;
};

Bytes content(const codec::Frame& frame) {
  return Bytes(frame.bytes().begin(), frame.bytes().end());
}

LAW(bytes_come_out_in_order_however_they_came_in) {
  const Bytes all = sample_bytes(5000);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1400}, all.size()}) {
    CountingAllocator allocator;
    codec::ByteWriter writer(allocator);
    for (std::size_t at = 0; at < all.size(); at += piece)
      ck_assert(writer.append(base::ByteView(all).subspan(at, std::min(piece, all.size() - at))));
    ck_assert_uint_eq(writer.size(), all.size());
    codec::Frame frame;
    writer.finish(frame);
    ck_assert(content(frame) == all);
    ck_assert_uint_eq(writer.size(), 0);
  }
}

LAW(nothing_is_allocated_before_the_first_byte) {
  CountingAllocator allocator;
  codec::ByteWriter writer(allocator);
  ck_assert(writer.append({}) && writer.reserve(0));
  writer.discard();
  ck_assert_int_eq(allocator.allocations, 0);
}

LAW(one_byte_after_the_other_grows_the_memory_rarely) {
  CountingAllocator allocator;
  codec::ByteWriter writer(allocator);
  const Bytes one{1};
  for (int i = 0; i < 100000; ++i)
    ck_assert(writer.append(one));
  ck_assert_int_le(allocator.allocations, 20);
}

LAW(frames_like_those_before_take_one_allocation) {
  CountingAllocator allocator;
  codec::ByteWriter writer(allocator);
  const Bytes piece = sample_bytes(1000);
  for (std::size_t frame_number = 0; frame_number < 20; ++frame_number) {
    allocator.allocations = 0;
    for (std::size_t i = 0; i < 50 + frame_number % 5; ++i)
      ck_assert(writer.append(piece));
    codec::Frame frame;
    writer.finish(frame);
    if (frame_number > 0) ck_assert_int_eq(allocator.allocations, 1);
  }
}

LAW(one_large_frame_is_forgotten_in_time) {
  CountingAllocator allocator;
  codec::ByteWriter writer(allocator);
  const Bytes large = sample_bytes(1 << 20);
  const Bytes small = sample_bytes(100);
  codec::Frame frame;
  ck_assert(writer.append(large));
  writer.finish(frame);
  for (int i = 0; i < 500; ++i) {
    ck_assert(writer.append(small));
    writer.finish(frame);
  }
  allocator.largest = 0;
  ck_assert(writer.append(small));
  ck_assert_uint_lt(allocator.largest, 1000);
}

LAW(a_frame_never_exceeds_the_bound_and_a_refused_piece_leaves_it_whole) {
  CountingAllocator allocator;
  codec::ByteWriter writer(allocator);
  const Bytes piece = sample_bytes(1 << 20);
  for (int i = 0; i < 15; ++i)
    ck_assert(writer.append(piece));
  ck_assert(writer.append(base::ByteView(piece).first(piece.size() - 1)));
  const Bytes two{1, 2};
  const Bytes one{3};
  ck_assert(!writer.append(two) && !writer.reserve(2));
  ck_assert(writer.append(one));
  ck_assert(!writer.append(one) && !writer.reserve(1));
  ck_assert(!writer.reserve(SIZE_MAX));
  ck_assert_uint_eq(writer.size(), codec::FrameWriter::kMaxFrameBytes);
  ck_assert_uint_le(allocator.largest, codec::FrameWriter::kMaxFrameBytes);
  codec::Frame frame;
  writer.finish(frame);
  ck_assert_uint_eq(frame.bytes().back(), 3);
  ck_assert(std::equal(piece.begin(), piece.end(), frame.bytes().begin()));
}

LAW(reserved_room_counts_from_commit_on) {
  CountingAllocator allocator;
  codec::ByteWriter writer(allocator);
  const Bytes start{1, 2};
  ck_assert(writer.append(start) && writer.reserve(1000));
  std::fill_n(writer.room(), 3, std::uint8_t{9});
  ck_assert_uint_eq(writer.size(), 2);
  writer.commit(3);
  writer.written()[0] = 7;
  writer.truncate(4);
  writer.truncate(100);
  codec::Frame frame;
  writer.finish(frame);
  ck_assert(content(frame) == (Bytes{7, 2, 9, 9}));
}

LAW(discarded_bytes_are_gone_and_their_memory_serves_the_next_frame) {
  CountingAllocator allocator;
  codec::ByteWriter writer(allocator);
  const Bytes first = sample_bytes(100, 1);
  const Bytes second = sample_bytes(50, 2);
  ck_assert(writer.append(first));
  writer.discard();
  ck_assert(writer.append(second));
  ck_assert_int_eq(allocator.allocations, 1);
  codec::Frame frame;
  writer.finish(frame);
  ck_assert(content(frame) == second);
}

}  // namespace

int main() {
  return retina::test::run_laws("byte_writer");
}
