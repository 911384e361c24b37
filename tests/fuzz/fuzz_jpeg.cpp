// Any packets in, pictures with well-formed headers out; and after whatever went before, the next good
// picture is whole.
//
// Input: a byte of options (1 = pass incomplete pictures, 2 = the SDP has a size), then packets of [flags]
// [length, 2 bytes][payload]. flags: 1 = new timestamp, 2 = marker, 4 = one packet lost before, 8 = length
// counts modulo 64, 16 = a header extension stands before the length: [kind][length, 1 byte][bytes].

#include <algorithm>

#include "base/bytes.h"
#include "codec/jpeg.h"
#include "fuzz/fuzz.h"

namespace {

using namespace retina;

/// SOI, segments up to SOS with a frame header among them, and EOI at the end.
void check_frame(const codec::Frame& frame) {
  const auto bytes = frame.bytes();
  FUZZ_REQUIRE(bytes.size() <= codec::FrameWriter::kMaxFrameBytes);
  base::ByteReader reader(bytes);
  FUZZ_REQUIRE(reader.u16("SOI").value_or(0) == 0xFFD8);
  bool frame_header = false;
  for (std::uint8_t marker = 0; marker != codec::jpeg_marker::kStartOfScan;) {
    const auto start = reader.rest();
    FUZZ_REQUIRE(reader.u8("marker").value_or(0) == 0xFF);
    marker = reader.u8("marker").value_or(0);
    const auto length = reader.u16("length");
    FUZZ_REQUIRE(length.has_value() && *length >= 2);
    FUZZ_REQUIRE(reader.bytes(*length - 2U, "segment").has_value());
    if (marker >= 0xC0 && marker <= 0xC2) {
      FUZZ_REQUIRE(codec::read_frame_header(start.first(*length + 2U)).has_value());
      frame_header = true;
    }
  }
  FUZZ_REQUIRE(frame_header);
  FUZZ_REQUIRE(reader.remaining() >= 2);
  FUZZ_REQUIRE(base::load_be16(bytes.data() + bytes.size() - 2) == 0xFFD9);
  FUZZ_REQUIRE(frame.key_frame);
  if (frame.parameters) FUZZ_REQUIRE(frame.parameters->width > 0 && frame.parameters->height > 0);
}

class Feeder {
 public:
  explicit Feeder(std::uint8_t options)
      : depacketizer_((options & 2) != 0 ? announcing() : sdp::Media(), format((options & 1) != 0),
                      allocator_) {}

  void push(base::ByteView payload, std::uint8_t flags, std::uint16_t profile = 0,
            base::ByteView extension = {}) {
    if ((flags & 1) != 0) timestamp_ += 3600;
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp_;
    packet.marker = (flags & 2) != 0;
    packet.packets_lost = (flags & 4) != 0 ? 1 : 0;
    packet.extension_profile = profile;
    packet.extension = extension;
    frames_ = 0;
    (void)depacketizer_.push(packet);
    while (auto frame = depacketizer_.pull()) {
      check_frame(*frame);
      latest_ = std::move(*frame);
      ++frames_;
    }
    FUZZ_REQUIRE(frames_ <= 3);
  }
  int frames() const { return frames_; }
  const codec::Frame& latest() const { return latest_; }

 private:
  static sdp::Media announcing() {
    sdp::Media media;
    media.attributes.push_back({"x-dimensions", "2592,1944"});
    return media;
  }
  static codec::FrameFormat format(bool pass_incomplete) {
    codec::FrameFormat format;
    format.pass_incomplete = pass_incomplete;
    return format;
  }

  codec::HeapAllocator allocator_;
  codec::JpegDepacketizer depacketizer_;
  codec::Frame latest_;
  std::int64_t timestamp_ = 0;
  int frames_ = 0;
};

void push_packet(Feeder& feeder, base::ByteReader& input) {
  constexpr std::uint16_t kProfiles[] = {0xFFD8, 0xFFFF, 0xABAC, 0xBEDE};
  const std::uint8_t flags = *input.u8("flags");
  std::uint16_t profile = 0;
  base::ByteView extension;
  if ((flags & 16) != 0 && input.remaining() >= 2) {
    profile = kProfiles[*input.u8("kind") % std::size(kProfiles)];
    const std::size_t length = *input.u8("length");
    extension = *input.bytes(std::min(length, input.remaining()), "extension");
  }
  if (input.remaining() < 2) return;
  std::size_t length = *input.u16("length");
  if ((flags & 8) != 0) length %= 64;
  feeder.push(*input.bytes(std::min(length, input.remaining()), "payload"), flags, profile, extension);
}

/// A picture in two fragments.
base::Bytes good_picture(Feeder& feeder) {
  const base::Bytes first{0, 0, 0, 0, 1, 50, 8, 6, 1, 2, 3};
  const base::Bytes second{0, 0, 0, 3, 1, 50, 8, 6, 4, 5, 6};
  feeder.push(first, 1);
  feeder.push(second, 2);
  FUZZ_REQUIRE(feeder.frames() == 1);
  const auto bytes = feeder.latest().bytes();
  return base::Bytes(bytes.begin(), bytes.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  const std::uint8_t options = input.u8("options").value_or(std::uint8_t{0});
  Feeder feeder(options);
  while (input.remaining() >= 3)
    push_packet(feeder, input);
  const base::Bytes end{0, 0, 0, 9, 1, 50, 8, 6, 0};
  feeder.push(end, 3);

  Feeder fresh(options);
  FUZZ_REQUIRE(good_picture(feeder) == good_picture(fresh));
  FUZZ_REQUIRE(!feeder.latest().corrupted);
  return 0;
}
