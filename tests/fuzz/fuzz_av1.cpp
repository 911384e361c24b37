// Any packets in, well-formed temporal units out; and after whatever went before, the next good one is whole.
// Besides, OBUs of any kind go through any packing unchanged.
//
// Input: a byte of options (1 = pass incomplete temporal units), then packets of [flags][length, 2 bytes]
// [payload]. flags: 1 = new timestamp, 2 = marker, 4 = one packet lost before, 8 = length counts modulo 64.

#include <algorithm>

#include "base/bytes.h"
#include "codec/av1.h"
#include "fuzz/fuzz.h"
#include "support/av1_packetizer.h"

namespace {

using namespace retina;

/// OBUs with size fields of the shortest form, none of them a temporal delimiter or a tile list, and a frame.
void check_frame(const codec::Frame& frame) {
  FUZZ_REQUIRE(frame.size_bytes <= codec::FrameWriter::kMaxFrameBytes);
  base::ByteReader reader(frame.bytes());
  bool frame_data = false;
  while (reader.remaining() > 0) {
    const auto unit = codec::obu::read_unit(reader);
    FUZZ_REQUIRE(unit.has_value() && (unit->header & codec::obu::kSizeBit) != 0);
    const auto type = codec::obu::type(unit->header);
    FUZZ_REQUIRE(type != codec::obu::Type::kTemporalDelimiter && type != codec::obu::Type::kTileList);
    const auto payload_size = static_cast<std::uint32_t>(unit->payload.size());
    FUZZ_REQUIRE(unit->whole.size() ==
                 unit->payload.size() + (unit->extension ? 2 : 1) + codec::obu::leb128_size(payload_size));
    frame_data = frame_data || codec::obu::is_frame_data(type);
  }
  FUZZ_REQUIRE(frame_data);
  if (frame.parameters)
    FUZZ_REQUIRE(frame.parameters->config.size() <= codec::Av1Depacketizer::kMaxSequenceHeaderBytes);
}

class Feeder {
 public:
  explicit Feeder(bool pass_incomplete) : depacketizer_(format(pass_incomplete), allocator_) {}

  void push(base::ByteView payload, std::uint8_t flags) {
    if ((flags & 1) != 0) timestamp_ += 3600;
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp_;
    packet.marker = (flags & 2) != 0;
    packet.packets_lost = (flags & 4) != 0 ? 1 : 0;
    frames_ = 0;
    (void)depacketizer_.push(packet);
    while (auto frame = depacketizer_.pull()) {
      check_frame(*frame);
      latest_ = std::move(*frame);
      ++frames_;
    }
    FUZZ_REQUIRE(frames_ <= 2);
  }
  int frames() const { return frames_; }
  const codec::Frame& latest() const { return latest_; }

  /// The latest packet completed exactly this.
  void require(const base::Bytes& expected) const {
    FUZZ_REQUIRE(frames_ == 1 && !latest_.corrupted);
    const auto bytes = latest_.bytes();
    FUZZ_REQUIRE(std::equal(bytes.begin(), bytes.end(), expected.begin(), expected.end()));
  }

 private:
  static codec::FrameFormat format(bool pass_incomplete) {
    codec::FrameFormat format;
    format.pass_incomplete = pass_incomplete;
    return format;
  }

  codec::HeapAllocator allocator_;
  codec::Av1Depacketizer depacketizer_;
  codec::Frame latest_;
  std::int64_t timestamp_ = 0;
  int frames_ = 0;
};

/// The input once more, as OBUs: [type and flags][length, 2 bytes modulo 1024][payload].
void round_trip(base::ByteReader input, std::uint8_t options) {
  std::vector<test::Av1Unit> units{{.type = 1, .extension = std::nullopt, .payload = {1, 2}},
                                   {.type = 6, .extension = std::nullopt, .payload = {0x10}}};
  while (input.remaining() >= 3 && units.size() < 8) {
    const std::uint8_t kind = *input.u8("kind");
    const std::size_t length = *input.u16("length") % 1024U;
    const auto payload = *input.bytes(std::min(length, input.remaining()), "payload");
    test::Av1Unit unit{.type = static_cast<std::uint8_t>(kind & 15),
                       .extension = std::nullopt,
                       .payload = {payload.begin(), payload.end()}};
    if ((kind & 16) != 0) unit.extension = kind;
    const bool left_out = unit.type == 2 || unit.type == 8;
    if (!left_out) units.push_back(std::move(unit));
  }
  test::Av1Packing packing;
  packing.most_bytes = 4 + options % 64U * 8;
  packing.count_elements = (options & 64) != 0;
  packing.aggregate = (options & 128) != 0;
  packing.obu_sizes = (options & 32) != 0;
  Feeder feeder(false);
  for (const test::Av1Payload& payload : test::packetize_av1(units, true, packing))
    feeder.push(payload.bytes, payload.marker ? 2 : 0);
  feeder.require(test::join_av1(units));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  const std::uint8_t options = input.u8("options").value_or(std::uint8_t{0});
  round_trip(input, options);

  Feeder feeder((options & 1) != 0);
  while (input.remaining() >= 3) {
    const std::uint8_t flags = *input.u8("flags");
    std::size_t length = *input.u16("length");
    if ((flags & 8) != 0) length %= 64;
    feeder.push(*input.bytes(std::min(length, input.remaining()), "payload"), flags);
  }
  // A frame in two fragments, after a marker that ends whatever is there.
  const base::Bytes end{0x10, 0x30, 0x30};
  feeder.push(end, 3);
  const base::Bytes first{0x58, 0x30, 0x10, 1, 2};
  const base::Bytes second{0x90, 3, 4};
  feeder.push(first, 1);
  feeder.push(second, 2);
  feeder.require({0x32, 5, 0x10, 1, 2, 3, 4});
  return 0;
}
