// Any packets in, well-formed access units out; and after whatever went before, the next good picture is
// whole. (With decoding order numbers, once a loss can't have hit it any more; or behind a reset.)
//
// Input: packets of [flags][length, 2 bytes][payload]. flags: 1 = new timestamp, 2 = marker, 4 = one packet
// lost before, 8 = length counts modulo 64. Of the first packet also: 16 = incomplete pictures are passed on,
// 32 = start codes, 64 = parameter sets are put back, 128 = there are decoding order numbers; with 16
// and 128 also: they are entered again without a reset, which takes long.

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "codec/annexb.h"
#include "codec/decoding_order_buffer.h"
#include "codec/h265.h"
#include "codec/hevc_nal.h"
#include "codec/hevc_record.h"
#include "fuzz/fuzz.h"

namespace {

using namespace retina;

/// The NAL units of a length-prefixed frame; the lengths must add up.
std::vector<base::ByteView> split_lengths(base::ByteView frame) {
  std::vector<base::ByteView> nals;
  base::ByteReader reader(frame);
  while (reader.remaining() > 0) {
    const auto length = reader.u32("length");
    FUZZ_REQUIRE(length.has_value() && *length >= codec::hevc::kHeaderBytes);
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

bool is_slice(base::ByteView nal) {
  return nal.size() >= codec::hevc::kHeaderBytes &&
         codec::hevc::is_vcl(codec::hevc::NalHeader{nal[0], nal[1]}.type());
}

void check_frame(const codec::Frame& frame, const codec::FrameFormat& format) {
  const auto bytes = frame.bytes();
  FUZZ_REQUIRE(!bytes.empty());
  const bool lengths = format.framing == codec::NalFraming::kLengthPrefixed;
  const auto nals = lengths ? split_lengths(bytes) : split_start_codes(bytes);
  FUZZ_REQUIRE(std::any_of(nals.begin(), nals.end(), is_slice));
  FUZZ_REQUIRE(!frame.corrupted || format.pass_incomplete);
  FUZZ_REQUIRE(!frame.key_frame || !frame.disposable);
  if (!frame.parameters) return;
  FUZZ_REQUIRE(!frame.parameters->sps.empty() && !frame.parameters->pps.empty());
  const auto record = codec::hevc_record(*frame.parameters, codec::HevcRecordUse::kComplete);
  FUZZ_REQUIRE(record.empty() || record.size() > 23);
}

class Feeder {
 public:
  explicit Feeder(std::uint8_t options)
      : format_(format_of(options)), depacketizer_(announced(options), format_, allocator_) {}

  void push(base::ByteView payload, std::uint8_t flags) {
    if ((flags & 1) != 0) timestamp_ += 3600;
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp_;
    packet.marker = (flags & 2) != 0;
    packet.packets_lost = (flags & 4) != 0 ? 1 : 0;
    (void)depacketizer_.push(packet);
    pull();
    FUZZ_REQUIRE(depacketizer_.progress().size_bytes < std::size_t{64} << 20);
  }
  void reset() { depacketizer_.reset(); }
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
  static codec::H265Announcement announced(std::uint8_t options) {
    codec::H265Announcement announcement;
    announcement.has_decoding_order_numbers = (options & 128) != 0;
    announcement.reordering.units = 3;
    return announcement;
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
  codec::H265Depacketizer depacketizer_;
  std::vector<codec::Frame> latest_;
  std::int64_t timestamp_ = 0;
};

/// With decoding order numbers: as many pictures in order as it takes to forget what came before, and the
/// last of them is whole, without anybody's reset. After a loss every gap in the numbers is suspect for a
/// while, which is in units that wait and in the depth; a count that seems to have passed is given up after
/// 32 units.
void check_recovery_of_order(Feeder& feeder, std::size_t input_bytes) {
  feeder.flush();
  const std::size_t count = input_bytes + 4 * (codec::DecodingOrderBuffer::kMaxDepth + 1) + 64 + 32 + 8;
  base::Bytes picture{0x02, 0x01, 0, 0, 0x80, 1, 2};
  for (std::size_t i = 0; i < count; ++i) {
    base::store_be16(picture.data() + 2, static_cast<std::uint16_t>(i));
    picture.back() = static_cast<std::uint8_t>(1 + i % 200);
    feeder.push(picture, 3);
  }
  feeder.flush();
  const base::Bytes expected{0x02, 0x01, 0x80, 1, picture.back()};
  FUZZ_REQUIRE(feeder.whole_frames(feeder.timestamp(), expected) == 1);
}

/// A picture in two fragments, after a marker, and the one after it: whole, whatever the state was.
void check_good_picture(Feeder& feeder, bool numbered) {
  base::Bytes before{0x02, 0x01, 0x80};
  base::Bytes first{0x62, 0x01, 0x93, 0x80, 1, 2, 3};
  const base::Bytes second{0x62, 0x01, 0x53, 4, 5, 6};
  base::Bytes after = before;
  if (numbered) {
    // What number comes next, only a new beginning tells.
    feeder.reset();
    before.insert(before.begin() + 2, {0, 7});
    first.insert(first.begin() + 3, {0, 8});
    after.insert(after.begin() + 2, {0, 9});
  }
  feeder.push(before, 3);
  feeder.push(first, 1);
  const std::int64_t timestamp = feeder.timestamp();
  feeder.push(second, 2);
  feeder.push(after, 3);
  feeder.flush();
  const base::Bytes expected{0x26, 0x01, 0x80, 1, 2, 3, 4, 5, 6};
  FUZZ_REQUIRE(feeder.whole_frames(timestamp, expected) == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::uint8_t options = size > 0 ? data[0] : 0;
  Feeder feeder(options);
  base::ByteReader input(base::ByteView(data, size));
  while (input.remaining() >= 3) {
    const std::uint8_t flags = *input.u8("flags");
    std::size_t length = *input.u16("length");
    if ((flags & 8) != 0) length %= 64;
    feeder.push(*input.bytes(std::min(length, input.remaining()), "payload"), flags);
  }
  const bool numbered = (options & 128) != 0;
  if (numbered && (options & 16) != 0) check_recovery_of_order(feeder, size);
  check_good_picture(feeder, numbered);
  return 0;
}
