// What is packetized comes back: any NAL units without start codes, at any packet size, in both framings; in
// the interleaved mode in any order that keeps to its announced depth.
//
// Input: [packet size][options: 1 = lengths, 2 = STAP-A, 4 = interleaved, the rest = how far][slice bytes …],
// a slice for each zero byte that separates them.

#include <algorithm>

#include "codec/h264.h"
#include "fuzz/fuzz.h"
#include "support/h264_interleaver.h"
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

codec::FrameFormat format_of(std::uint8_t options) {
  codec::FrameFormat format;
  if ((options & 1) == 0) format.framing = codec::NalFraming::kStartCode;
  return format;
}

void require_frame(const std::optional<codec::Frame>& frame, const test::AccessUnit& unit, bool lengths) {
  FUZZ_REQUIRE(frame && !frame->discontinuity && frame->timestamp == unit.timestamp);
  const base::Bytes expected = test::framed(unit, lengths, false);
  const auto bytes = frame->bytes();
  FUZZ_REQUIRE(std::equal(expected.begin(), expected.end(), bytes.begin(), bytes.end()));
}

void check_in_order(const std::vector<test::AccessUnit>& units, std::size_t most, std::uint8_t options) {
  codec::HeapAllocator allocator;
  codec::H264Depacketizer depacketizer({}, format_of(options), allocator);
  for (const test::AccessUnit& unit : units) {
    std::optional<codec::Frame> frame;
    for (const test::H264Payload& payload : test::packetize(unit, most, (options & 2) != 0)) {
      FUZZ_REQUIRE(!frame);
      codec::MediaPacket packet;
      packet.payload = payload.bytes;
      packet.timestamp = unit.timestamp;
      packet.marker = payload.marker;
      FUZZ_REQUIRE(depacketizer.push(packet).has_value());
      frame = depacketizer.pull();
    }
    require_frame(frame, unit, (options & 1) != 0);
  }
}

/// Each NAL unit moves back by at most `reach` places, by how its bytes say.
std::vector<test::NumberedUnit> interleaved(const std::vector<test::AccessUnit>& units, std::size_t reach) {
  auto sent = test::numbered(units, 65530);
  std::vector<std::pair<std::size_t, test::NumberedUnit>> keyed;
  for (std::size_t i = 0; i < sent.size(); ++i)
    keyed.emplace_back(i + sent[i].nal.back() % (reach + 1), sent[i]);
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < sent.size(); ++i)
    sent[i] = std::move(keyed[i].second);
  return sent;
}

void check_interleaved(const std::vector<test::AccessUnit>& units, std::size_t most, std::uint8_t options) {
  const std::size_t reach = options >> 3;
  codec::H264Interleaving announced;
  announced.depth = static_cast<std::uint32_t>(reach);
  codec::HeapAllocator allocator;
  codec::H264Depacketizer depacketizer({}, format_of(options), allocator, announced);
  std::size_t frames = 0;
  const auto pull = [&] {
    while (const auto frame = depacketizer.pull()) {
      FUZZ_REQUIRE(frames < units.size());
      require_frame(frame, units[frames++], (options & 1) != 0);
    }
  };
  for (const test::TimedPayload& payload : test::packetize_interleaved(interleaved(units, reach), most)) {
    codec::MediaPacket packet;
    packet.payload = payload.bytes;
    packet.timestamp = payload.timestamp;
    packet.marker = payload.marker;
    FUZZ_REQUIRE(depacketizer.push(packet).has_value());
    pull();
  }
  depacketizer.flush();
  pull();
  FUZZ_REQUIRE(frames == units.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const auto units = read_units(base::ByteView(data, size).subspan(2));
  if ((data[1] & 4) != 0) {
    check_interleaved(units, std::max<std::size_t>(data[0], 6), data[1]);
  } else {
    check_in_order(units, std::max<std::size_t>(data[0], 4), data[1]);
  }
  return 0;
}
