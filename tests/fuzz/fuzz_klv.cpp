// Any packets in, and after whatever went before, the unit behind a marker comes out whole.
//
// Input: packets as message_packets.h has them.

#include <algorithm>

#include "codec/klv.h"
#include "fuzz/message_packets.h"

using namespace retina;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  codec::HeapAllocator allocator;
  codec::KlvDepacketizer depacketizer(allocator);
  fuzz::MessagePackets packets(depacketizer);
  packets.push_all(input);

  const base::Bytes first{0x06, 0x0E, 0x2B, 0x34, 2, 0x0B, 1, 1, 0x0E, 1, 3, 1, 1, 0, 0, 0, 3, 7};
  const base::Bytes second{8, 9};
  packets.push(first, 1 | 2 | 4);
  FUZZ_REQUIRE(packets.frames() == 0);  // it may have lost its begin
  packets.push(first, 1);
  packets.push(second, 2);
  base::Bytes whole = first;
  whole.insert(whole.end(), second.begin(), second.end());
  FUZZ_REQUIRE(packets.frames() == 1 && packets.latest().discontinuity);
  const auto got = packets.latest().bytes();
  FUZZ_REQUIRE(std::equal(got.begin(), got.end(), whole.begin(), whole.end()));
  return 0;
}
