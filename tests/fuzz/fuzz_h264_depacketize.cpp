// Any packets in, well-formed access units out; and after whatever went before, the next good picture is
// whole.
//
// Input: packets of [flags][length, 2 bytes][payload]. flags: 1 = new timestamp, 2 = marker, 4 = one packet
// lost before, 8 = length counts modulo 64.

#include <algorithm>

#include "base/bytes.h"
#include "codec/annexb.h"
#include "codec/h264.h"
#include "codec/nal.h"
#include "fuzz/fuzz.h"

namespace {

using namespace retina;

/// Length prefixes that add up, and no parameter set that a store could have taken.
void check_frame(const codec::Frame& frame) {
  base::ByteReader reader(frame.bytes());
  FUZZ_REQUIRE(reader.remaining() > 0);
  bool slice = false;
  while (reader.remaining() > 0) {
    const auto length = reader.u32("length");
    FUZZ_REQUIRE(length.has_value() && *length > 0);
    const auto nal = reader.bytes(*length, "NAL unit");
    FUZZ_REQUIRE(nal.has_value());
    slice = slice || codec::nal::is_vcl(codec::nal::type((*nal)[0]));
  }
  FUZZ_REQUIRE(slice);
  FUZZ_REQUIRE(!frame.parameters || (!frame.parameters->sps.empty() && !frame.parameters->pps.empty()));
}

class Feeder {
 public:
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

 private:
  codec::HeapAllocator allocator_;
  codec::H264Depacketizer depacketizer_{
      {}, {codec::NalFraming::kLengthPrefixed, codec::ParameterSetInsertion::kNever}, allocator_};
  codec::Frame latest_;
  std::int64_t timestamp_ = 0;
  int frames_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Feeder feeder;
  base::ByteReader input(base::ByteView(data, size));
  while (input.remaining() >= 3) {
    const std::uint8_t flags = *input.u8("flags");
    std::size_t length = *input.u16("length");
    if ((flags & 8) != 0) length %= 64;
    feeder.push(*input.bytes(std::min(length, input.remaining()), "payload"), flags);
  }
  // A picture in two fragments, after a marker: whole, whatever the state was.
  const base::Bytes end{0x41};
  feeder.push(end, 3);
  const base::Bytes first{0x7C, 0x85, 0x88, 1, 2, 3};
  const base::Bytes second{0x7C, 0x45, 4, 5, 6};
  feeder.push(first, 1);
  feeder.push(second, 2);
  const base::Bytes expected{0, 0, 0, 8, 0x65, 0x88, 1, 2, 3, 4, 5, 6};
  FUZZ_REQUIRE(feeder.frames() == 1);
  const auto bytes = feeder.latest().bytes();
  FUZZ_REQUIRE(std::equal(bytes.begin(), bytes.end(), expected.begin(), expected.end()));
  return 0;
}
