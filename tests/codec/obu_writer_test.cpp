#include "codec/obu_writer.h"

#include <map>

#include "support/av1_packetizer.h"
#include "support/check.h"

namespace {

using namespace retina;
using base::Bytes;

/// Gives exactly what is asked for, and sees what is written behind it.
class GuardedAllocator final : public codec::FrameAllocator {
 public:
  Block allocate(std::size_t size_bytes) override {
    auto block = std::make_unique<Bytes>(size_bytes + kGuardBytes, kGuard);
    void* owner = block.get();
    const std::span<std::uint8_t> bytes(block->data(), size_bytes);
    blocks_[owner] = std::move(block);
    return {bytes, owner};
  }
  void release(void* owner) override {
    const Bytes& block = *blocks_.at(owner);
    for (std::size_t i = block.size() - kGuardBytes; i < block.size(); ++i)
      ck_assert_uint_eq(block[i], kGuard);
    blocks_.erase(owner);
  }

 private:
  static constexpr std::size_t kGuardBytes = 16;
  static constexpr std::uint8_t kGuard = 0xA5;
  std::map<void*, std::unique_ptr<Bytes>> blocks_;
};

/// An OBU of a size that the writer isn't told, the one before having had `before` bytes.
void write_unit(std::size_t before, std::size_t size) {
  GuardedAllocator allocator;
  codec::ObuWriter writer(allocator);
  Bytes expected;
  for (const std::size_t payload_size : {before, size}) {
    const Bytes payload(payload_size, 7);
    ck_assert(writer.begin(0x34, std::uint8_t{0x28}, std::nullopt));
    ck_assert(writer.append(payload));
    ck_assert(writer.end());
    const Bytes unit = test::Av1Unit{.type = 6, .extension = 0x28, .payload = payload}.bytes();
    ck_assert(Bytes(writer.unit().begin(), writer.unit().end()) == unit);
    ck_assert(Bytes(writer.payload().begin(), writer.payload().end()) == payload);
    expected.insert(expected.end(), unit.begin(), unit.end());
  }
  codec::Frame frame;
  writer.finish(frame);
  ck_assert(Bytes(frame.bytes().begin(), frame.bytes().end()) == expected);
}

LAW(size_fields_are_mended_wherever_the_memory_ends) {
  for (const std::size_t before : {1U, 200U, 20000U}) {
    for (const std::size_t around : {0x80U, 0x1000U, 0x4000U, 0x8000U, 0x10000U}) {
      for (std::size_t less = 0; less < 12; ++less)
        write_unit(before, around + 2 - less);
    }
  }
}

LAW(a_unit_that_is_dropped_leaves_no_trace) {
  codec::HeapAllocator allocator;
  codec::ObuWriter writer(allocator);
  ck_assert(writer.begin(0x30, std::nullopt, 2));
  ck_assert(writer.append(Bytes{1, 2}));
  ck_assert(writer.end());
  ck_assert(writer.begin(0x30, std::nullopt, std::nullopt));
  ck_assert(writer.append(Bytes(5000, 1)));
  writer.drop_unit();
  codec::Frame frame;
  writer.finish(frame);
  ck_assert(Bytes(frame.bytes().begin(), frame.bytes().end()) == Bytes({0x32, 2, 1, 2}));
}

LAW(no_unit_grows_above_the_bound) {
  codec::HeapAllocator allocator;
  codec::ObuWriter writer(allocator);
  const Bytes most(codec::FrameWriter::kMaxFrameBytes - 3, 1);
  ck_assert(writer.begin(0x30, std::nullopt, std::nullopt));
  ck_assert(!writer.append(Bytes(codec::FrameWriter::kMaxFrameBytes, 1)));
  ck_assert(writer.append(most));
  ck_assert(!writer.end());  // its size field wants four bytes, and two are there
  writer.drop_unit();
  ck_assert_uint_eq(writer.size(), 0);
}

}  // namespace

int main() {
  return retina::test::run_laws("obu_writer");
}
