// STAP-B, MTAP16, MTAP24, FU-B and FU-A in any order and with any numbers, well-formed access units out; and
// whatever went before, a stream that keeps to its order comes out whole: at once behind a reset, and in time
// without anybody's.
//
// Input: [flags][depth][distance] and packets of [flags][number, 2 bytes][length, 2 bytes][payload]. The
// first flags: 1 = the depth is announced, 2 = the distance of the numbers is, 4 = incomplete pictures are
// passed on, 8 = start codes, 16 = no reset, which takes long. A packet's: 7 = its kind, 8 = new timestamp,
// 16 = marker, 32 = one packet lost before, 64 = length counts modulo 64, 128 = the timestamp goes back. The
// payload stands behind the number (of an FU-A, behind its header, which is the number's first byte).

#include <algorithm>
#include <deque>
#include <iterator>

#include "base/bytes.h"
#include "codec/annexb.h"
#include "codec/h264.h"
#include "codec/nal.h"
#include "fuzz/fuzz.h"

namespace {

using namespace retina;

/// Pictures at the end of which the latest must be whole, and how many they are.
constexpr std::size_t kPicturesToCheck = 8;
/// RFC 6184 s5.5 lets a sender leave numbers out, so that a loss makes every gap suspect for a while, which
/// is in units that wait and in the depth. Then a count that seems to have passed is given up after 32 units.
constexpr std::size_t kPicturesToForget = 4 * (codec::H264Deinterleaver::kMaxDepth + 1) + 64 + 32;

void check_nal(base::ByteView nal, bool& has_slice) {
  FUZZ_REQUIRE(!nal.empty());
  has_slice = has_slice || codec::nal::is_vcl(codec::nal::type(nal[0]));
}

void check_frame(const codec::Frame& frame, const codec::FrameFormat& format) {
  bool has_slice = false;
  if (format.framing == codec::NalFraming::kStartCode) {
    codec::AnnexBReader reader(frame.bytes());
    for (base::ByteView nal = reader.next(); !nal.empty(); nal = reader.next())
      check_nal(nal, has_slice);
  } else {
    base::ByteReader reader(frame.bytes());
    while (reader.remaining() > 0) {
      const auto length = reader.u32("length");
      FUZZ_REQUIRE(length.has_value());
      const auto nal = reader.bytes(*length, "NAL unit");
      FUZZ_REQUIRE(nal.has_value());
      check_nal(*nal, has_slice);
    }
  }
  FUZZ_REQUIRE(has_slice);
  FUZZ_REQUIRE(!frame.corrupted || format.pass_incomplete);
  FUZZ_REQUIRE(frame.packets_lost == 0 || frame.discontinuity);
}

class Feeder {
 public:
  Feeder(const codec::FrameFormat& format, const codec::H264Interleaving& announced)
      : format_(format), depacketizer_({}, format, allocator_, announced) {}

  void push(base::ByteView payload, bool marker, bool lost) {
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp_;
    packet.marker = marker;
    packet.packets_lost = lost ? 1 : 0;
    (void)depacketizer_.push(packet);
    pull();
    // What waits, and the NAL unit and the picture at hand.
    FUZZ_REQUIRE(depacketizer_.progress().size_bytes <= 3 * codec::H264Deinterleaver::kMaxBytes);
  }
  void advance(std::int64_t ticks) { timestamp_ += ticks; }
  void reset() { depacketizer_.reset(); }
  void flush() {
    depacketizer_.flush();
    pull();
  }
  std::int64_t timestamp() const { return timestamp_; }
  const std::deque<codec::Frame>& latest() const { return latest_; }

 private:
  void pull() {
    while (auto frame = depacketizer_.pull()) {
      check_frame(*frame, format_);
      if (latest_.size() == kPicturesToCheck) latest_.pop_front();
      latest_.push_back(std::move(*frame));
    }
  }

  codec::HeapAllocator allocator_;
  codec::FrameFormat format_;
  codec::H264Depacketizer depacketizer_;
  std::deque<codec::Frame> latest_;
  std::int64_t timestamp_ = 0;
};

void push_packet(Feeder& feeder, base::ByteReader& input) {
  constexpr std::uint8_t kKinds[] = {codec::nal::kStapB,  codec::nal::kMtap16, codec::nal::kMtap24,
                                     codec::nal::kFuB,    codec::nal::kFuA,    codec::nal::kStapA,
                                     codec::nal::kMtap16, codec::nal::kStapB};
  const std::uint8_t flags = *input.u8("flags");
  const std::uint8_t kind = kKinds[flags & 7];
  const std::uint16_t number = *input.u16("number");
  std::size_t length = *input.u16("length");
  if ((flags & 64) != 0) length %= 64;
  const base::ByteView bytes = *input.bytes(std::min(length, input.remaining()), "payload");
  base::Bytes payload{static_cast<std::uint8_t>(0x60 | kind)};
  const auto high = static_cast<std::uint8_t>(number >> 8U);
  const auto low = static_cast<std::uint8_t>(number & 0xFF);
  if (kind == codec::nal::kFuA) {
    payload.push_back(high);
  } else if (kind == codec::nal::kFuB) {
    // Its header stands before the number.
    const auto header = static_cast<std::uint8_t>(bytes.empty() ? 0x85 : bytes[0]);
    payload.insert(payload.end(), {header, high, low});
  } else if (kind != codec::nal::kStapA) {
    payload.insert(payload.end(), {high, low});
  }
  payload.insert(payload.end(), bytes.begin(), bytes.end());
  if ((flags & 8) != 0) feeder.advance(3600);
  if ((flags & 128) != 0) feeder.advance(-1800);
  feeder.push(payload, (flags & 16) != 0, (flags & 32) != 0);
}

/// A slice without zeros that is the only one of its picture, and a number's that tells it from others.
base::Bytes picture(std::size_t number) {
  return {0x65, 0x88, static_cast<std::uint8_t>(1 + number % 251), static_cast<std::uint8_t>(1 + number % 7),
          0x80};
}

/// `to_forget`: pictures in order before those that are looked at.
void check_recovery(Feeder& feeder, std::size_t to_forget) {
  feeder.advance(std::int64_t{1} << 40);
  const std::size_t count = to_forget + kPicturesToCheck;
  for (std::size_t i = 0; i < count; ++i) {
    feeder.advance(3600);
    const base::Bytes nal = picture(i);
    base::Bytes payload{0x60 | codec::nal::kStapB, static_cast<std::uint8_t>((i >> 8U) & 0xFF),
                        static_cast<std::uint8_t>(i & 0xFF), 0, static_cast<std::uint8_t>(nal.size())};
    payload.insert(payload.end(), nal.begin(), nal.end());
    feeder.push(payload, true, false);
  }
  feeder.flush();
  FUZZ_REQUIRE(feeder.latest().size() == kPicturesToCheck);
  std::int64_t timestamp = feeder.timestamp() - 3600 * (static_cast<std::int64_t>(kPicturesToCheck) - 1);
  std::size_t number = count - kPicturesToCheck;
  for (const codec::Frame& frame : feeder.latest()) {
    const base::Bytes nal = picture(number++);
    const auto bytes = frame.bytes();
    FUZZ_REQUIRE(frame.timestamp == timestamp && !frame.corrupted && !frame.discontinuity);
    FUZZ_REQUIRE(bytes.size() >= nal.size() + 4 && std::equal(nal.rbegin(), nal.rend(), bytes.rbegin()));
    timestamp += 3600;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  if (input.remaining() < 3) return 0;
  const std::uint8_t options = *input.u8("flags");
  codec::H264Interleaving announced;
  const std::uint8_t depth = *input.u8("depth");
  const std::uint8_t distance = *input.u8("distance");
  if ((options & 1) != 0) announced.depth = depth;
  if ((options & 2) != 0) announced.max_don_diff = distance * 128U;
  codec::FrameFormat format;
  format.pass_incomplete = (options & 4) != 0;
  if ((options & 8) != 0) format.framing = codec::NalFraming::kStartCode;

  Feeder feeder(format, announced);
  while (input.remaining() >= 5)
    push_packet(feeder, input);
  const bool resets = (options & 16) == 0;
  if (resets) {
    feeder.reset();
    check_recovery(feeder, 1);
  } else {
    feeder.flush();
    check_recovery(feeder, size + kPicturesToForget);
  }
  return 0;
}
