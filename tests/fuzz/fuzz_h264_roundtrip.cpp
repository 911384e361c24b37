// What is packetized comes back: any NAL units without start codes, at any packet size, in both framings.
//
// Input: [packet size][options: 1 = lengths, 2 = STAP-A][slice bytes …], a slice for each zero byte that
// separates them.

#include <algorithm>

#include "codec/h264.h"
#include "fuzz/fuzz.h"
#include "support/h264_packetizer.h"

namespace {

using namespace retina;

/// Slices whose bytes are those of the input, none of them zero.
std::vector<test::AccessUnit> read_units(base::ByteView input) {
  std::vector<test::AccessUnit> units;
  while (!input.empty()) {
    const auto end = std::find(input.begin(), input.end(), 0);
    base::Bytes nal{0x41, 0x88};
    nal.insert(nal.end(), input.begin(), end);
    test::AccessUnit unit;
    unit.nals.push_back(std::move(nal));
    unit.timestamp = static_cast<std::uint32_t>(units.size() * 3600);
    units.push_back(std::move(unit));
    input = input.subspan(static_cast<std::size_t>(end - input.begin()));
    if (!input.empty()) input = input.subspan(1);
  }
  return units;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t most = std::max<std::size_t>(data[0], 4);
  const bool lengths = (data[1] & 1) != 0;
  codec::HeapAllocator allocator;
  codec::H264Depacketizer depacketizer(
      {},
      {lengths ? codec::NalFraming::kLengthPrefixed : codec::NalFraming::kStartCode,
       codec::ParameterSetInsertion::kNever},
      allocator);
  for (const test::AccessUnit& unit : read_units(base::ByteView(data, size).subspan(2))) {
    std::optional<codec::Frame> frame;
    for (const test::H264Payload& payload : test::packetize(unit, most, (data[1] & 2) != 0)) {
      FUZZ_REQUIRE(!frame);
      codec::MediaPacket packet;
      packet.payload = payload.bytes;
      packet.timestamp = unit.timestamp;
      packet.marker = payload.marker;
      FUZZ_REQUIRE(depacketizer.push(packet).has_value());
      frame = depacketizer.pull();
    }
    FUZZ_REQUIRE(frame && !frame->discontinuity);
    const base::Bytes expected = test::framed(unit, lengths, false);
    FUZZ_REQUIRE(std::equal(expected.begin(), expected.end(), frame->bytes().begin(), frame->bytes().end()));
  }
  return 0;
}
