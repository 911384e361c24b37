// Any packets in, well-formed access units out; and after whatever went before, the next good picture is
// whole. (In the interleaved mode a loss is told of everything that it can have hit, for longer than a fuzzer
// should wait; there a reset comes first.)
//
// Input: packets of [flags][length, 2 bytes][payload]. flags: 1 = new timestamp, 2 = marker, 4 = one packet
// lost before, 8 = length counts modulo 64. Of the first packet also: 16 = incomplete pictures are passed on,
// 32 = start codes, 64 = parameter sets are put back, 128 = an interleaving depth of 3 is announced.

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "codec/annexb.h"
#include "codec/h264.h"
#include "codec/nal.h"
#include "fuzz/fuzz.h"

namespace {

using namespace retina;

/// The NAL units of a length-prefixed frame; the lengths must add up.
std::vector<base::ByteView> split_lengths(base::ByteView frame) {
  std::vector<base::ByteView> nals;
  base::ByteReader reader(frame);
  while (reader.remaining() > 0) {
    const auto length = reader.u32("length");
    FUZZ_REQUIRE(length.has_value() && *length > 0);
    const auto nal = reader.bytes(*length, "NAL unit");
    FUZZ_REQUIRE(nal.has_value());
    nals.push_back(*nal);
  }
  return nals;
}

std::vector<base::ByteView> split_start_codes(base::ByteView frame) {
  std::vector<base::ByteView> nals;
  codec::AnnexBReader reader(frame);
  for (base::ByteView nal = reader.next(); !nal.empty(); nal = reader.next())
    nals.push_back(nal);
  return nals;
}

void check_frame(const codec::Frame& frame, const codec::FrameFormat& format) {
  const auto bytes = frame.bytes();
  FUZZ_REQUIRE(!bytes.empty());
  const bool lengths = format.framing == codec::NalFraming::kLengthPrefixed;
  const auto nals = lengths ? split_lengths(bytes) : split_start_codes(bytes);
  FUZZ_REQUIRE(std::any_of(nals.begin(), nals.end(),
                           [](base::ByteView nal) { return codec::nal::is_vcl(codec::nal::type(nal[0])); }));
  FUZZ_REQUIRE(!frame.parameters || (!frame.parameters->sps.empty() && !frame.parameters->pps.empty()));
  FUZZ_REQUIRE(!frame.corrupted || format.pass_incomplete);
}

class Feeder {
 public:
  explicit Feeder(std::uint8_t options)
      : format_(format_of(options)), depacketizer_({}, format_, allocator_, announced(options)) {}

  void push(base::ByteView payload, std::uint8_t flags) {
    if ((flags & 1) != 0) timestamp_ += 3600;
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp_;
    packet.marker = (flags & 2) != 0;
    packet.packets_lost = (flags & 4) != 0 ? 1 : 0;
    if (!payload.empty() && codec::nal::is_interleaved(codec::nal::type(payload[0]))) interleaved_ = true;
    (void)depacketizer_.push(packet);
    pull();
  }
  void reset_if_interleaved() {
    if (interleaved_) depacketizer_.reset();
  }
  void flush() {
    depacketizer_.flush();
    pull();
  }
  std::int64_t timestamp() const { return timestamp_; }
  /// The frame of this timestamp ends in these bytes, and nothing of it is missing; once and only once.
  int whole_frames(std::int64_t timestamp, base::ByteView end) const {
    return static_cast<int>(std::count_if(latest_.begin(), latest_.end(), [&](const codec::Frame& frame) {
      const auto bytes = frame.bytes();
      return frame.timestamp == timestamp && !frame.corrupted && bytes.size() >= end.size() &&
             std::equal(end.begin(), end.end(), bytes.end() - static_cast<std::ptrdiff_t>(end.size()));
    }));
  }

 private:
  static codec::FrameFormat format_of(std::uint8_t options) {
    codec::FrameFormat format;
    format.pass_incomplete = (options & 16) != 0;
    if ((options & 32) != 0) format.framing = codec::NalFraming::kStartCode;
    if ((options & 64) != 0) format.parameter_sets = codec::ParameterSetInsertion::kOnChange;
    return format;
  }
  static codec::H264Interleaving announced(std::uint8_t options) {
    codec::H264Interleaving interleaving;
    if ((options & 128) != 0) interleaving.depth = 3;
    return interleaving;
  }

  void pull() {
    while (auto frame = depacketizer_.pull()) {
      check_frame(*frame, format_);
      if (latest_.size() == 64) latest_.erase(latest_.begin());
      latest_.push_back(std::move(*frame));
    }
  }

  codec::HeapAllocator allocator_;
  codec::FrameFormat format_;
  codec::H264Depacketizer depacketizer_;
  std::vector<codec::Frame> latest_;
  std::int64_t timestamp_ = 0;
  bool interleaved_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Feeder feeder(size > 0 ? data[0] : 0);
  base::ByteReader input(base::ByteView(data, size));
  while (input.remaining() >= 3) {
    const std::uint8_t flags = *input.u8("flags");
    std::size_t length = *input.u16("length");
    if ((flags & 8) != 0) length %= 64;
    feeder.push(*input.bytes(std::min(length, input.remaining()), "payload"), flags);
  }
  feeder.reset_if_interleaved();
  // A picture in two fragments, after a marker, and the one after it: whole, whatever the state was.
  const base::Bytes end{0x41};
  feeder.push(end, 3);
  const base::Bytes first{0x7C, 0x85, 0x88, 1, 2, 3};
  const base::Bytes second{0x7C, 0x45, 4, 5, 6};
  feeder.push(first, 1);
  const std::int64_t timestamp = feeder.timestamp();
  feeder.push(second, 2);
  feeder.push(end, 3);
  feeder.flush();
  const base::Bytes expected{0x65, 0x88, 1, 2, 3, 4, 5, 6};
  FUZZ_REQUIRE(feeder.whole_frames(timestamp, expected) == 1);
  return 0;
}
