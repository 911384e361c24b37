// AV1 of a real encoder, packed by the packetizer of these tests (GStreamer has none before 1.24, and it
// isn't in Debian), back out of the depacketizer, and decoded.

#include "codec/av1.h"

#include "codec/obu.h"
#include "interop/payloader.h"
#include "interop/receiver.h"
#include "support/av1_packetizer.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

struct Source {
  std::vector<SourceFrame> frames;
  std::vector<Bytes> expected;  ///< without temporal delimiters
  std::string caps;
};

/// `lag`: how many frames the encoder may look ahead; with more than 0 it makes frames that aren't shown.
Source encode(unsigned count, unsigned lag, const char* format = "I420") {
  Source source;
  source.frames = produce("videotestsrc pattern=ball num-buffers=" + std::to_string(count) +
                              " ! video/x-raw,width=176,height=144,framerate=30/1,format=" + format +
                              " ! av1enc cpu-used=8 keyframe-max-dist=15 target-bitrate=300 "
                              "lag-in-frames=" +
                              std::to_string(lag),
                          source.caps);
  ck_assert_uint_eq(source.frames.size(), count);
  for (const SourceFrame& frame : source.frames) {
    std::vector<Av1Unit> units = split_av1(frame.bytes);
    std::erase_if(units, [](const Av1Unit& unit) { return unit.type == 2; });
    source.expected.push_back(join_av1(units));
  }
  return source;
}

std::vector<Bytes> rtp_packets(const Source& source, const Av1Packing& packing) {
  std::vector<Bytes> packets;
  std::uint16_t sequence = 65500;
  for (std::size_t i = 0; i < source.frames.size(); ++i) {
    const auto units = split_av1(source.frames[i].bytes);
    for (const Av1Payload& payload : packetize_av1(units, source.frames[i].key_frame, packing)) {
      Bytes packet{
          0x80, static_cast<std::uint8_t>(96 | (payload.marker ? 0x80 : 0)), 0, 0, 0, 0, 0, 0, 1, 2, 3, 4};
      base::store_be16(packet.data() + 2, sequence++);
      base::store_be32(packet.data() + 4, static_cast<std::uint32_t>(0xFFFF0000 + i * 3000));
      packet.insert(packet.end(), payload.bytes.begin(), payload.bytes.end());
      packets.push_back(std::move(packet));
    }
  }
  return packets;
}

Receiver make_receiver() {
  static codec::HeapAllocator allocator;
  return Receiver(std::make_unique<codec::Av1Depacketizer>(codec::FrameFormat{}, allocator), 90000);
}

/// `way`: what the frames go through before they are decoded, "" or "av1parse !".
std::vector<SourceFrame> decode(const std::vector<SourceFrame>& frames, const std::string& way = "") {
  std::string caps;
  return process(way + " av1dec",
                 "video/x-av1,stream-format=obu-stream,alignment=tu,width=176,height=144,framerate=30/1",
                 frames, caps);
}

/// At even times, unlike those of av1enc with frames that aren't shown.
std::vector<SourceFrame> frames_of(const Receiver& receiver) {
  std::vector<SourceFrame> frames;
  for (const ReceivedFrame& frame : receiver.frames)
    frames.push_back({frame.bytes, frames.size() * GST_SECOND / 30, frame.meta.key_frame});
  return frames;
}

/// Frame OBUs that aren't shown by themselves, in the whole stream.
std::size_t hidden_frames(const Source& source) {
  std::size_t hidden = 0;
  for (const SourceFrame& frame : source.frames) {
    for (const Av1Unit& unit : split_av1(frame.bytes)) {
      const bool starts_frame = unit.type == 3 || unit.type == 6;
      if (starts_frame && !codec::obu::read_frame_start(unit.payload.at(0), false).shown) ++hidden;
    }
  }
  return hidden;
}

LAW(temporal_units_come_through_packets_of_every_size) {
  for (const unsigned lag : {0U, 8U}) {
    const Source source = encode(40, lag);
    ck_assert((hidden_frames(source) > 0) == (lag > 0));
    for (std::size_t mtu = 100; mtu <= 9000; mtu = mtu * 3 / 2 + 7) {
      for (unsigned variant = 0; variant < 8; ++variant) {
        const Av1Packing packing{.most_bytes = mtu - 12,
                                 .count_elements = (variant & 1) != 0,
                                 .aggregate = (variant & 2) != 0,
                                 .obu_sizes = (variant & 4) != 0};
        Receiver receiver = make_receiver();
        receiver.push(rtp_packets(source, packing));
        ck_assert_uint_eq(receiver.errors, 0);
        ck_assert_uint_eq(receiver.frames.size(), source.frames.size());
        for (std::size_t i = 0; i < source.frames.size(); ++i) {
          const auto& frame = receiver.frames[i];
          ck_assert_msg(frame.bytes == source.expected[i], "mtu %zu, frame %zu", mtu, i);
          ck_assert_msg(frame.meta.key_frame == source.frames[i].key_frame, "frame %zu", i);
          ck_assert(!frame.meta.discontinuity);
          ck_assert((frame.meta.parameters != nullptr) == (i == 0));
        }
      }
    }
  }
}

LAW(what_comes_out_decodes_to_the_same_pixels) {
  for (const char* format : {"I420", "Y444"}) {
    const Source source = encode(20, 8, format);
    Receiver receiver = make_receiver();
    receiver.push(rtp_packets(source, {}));
    const auto before = decode(source.frames);
    const auto after = decode(frames_of(receiver));
    ck_assert_uint_eq(before.size(), 20);
    ck_assert_uint_eq(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i)
      ck_assert(before[i].bytes == after[i].bytes);
  }
}

/// Without temporal delimiters, which RTP leaves out and files should not have.
LAW(parsers_and_muxers_take_the_temporal_units_as_they_are) {
  const Source source = encode(20, 8);
  Receiver receiver = make_receiver();
  receiver.push(rtp_packets(source, {}));
  const auto frames = frames_of(receiver);
  const auto expected = decode(frames);
  ck_assert_uint_eq(expected.size(), 20);
  for (const char* way :
       {"av1parse ! video/x-av1,alignment=tu ! ", "av1parse ! video/x-av1,alignment=frame ! ",
        "video/x-av1 ! matroskamux ! matroskademux ! "}) {
    const auto got = decode(frames, way);
    ck_assert_msg(got.size() == expected.size(), "%s: %zu frames", way, got.size());
    for (std::size_t i = 0; i < got.size(); ++i)
      ck_assert_msg(got[i].bytes == expected[i].bytes, "%s: frame %zu", way, i);
  }
}

/// Undamaged temporal units are among the sent ones and in order, and losses are told.
LAW(a_disturbed_stream_yields_whole_temporal_units_only) {
  const Source source = encode(60, 0);
  for (const std::size_t mtu : {100U, 300U, 1400U, 9000U}) {
    for (std::uint32_t seed = 1; seed <= 9; ++seed) {
      const Disturbance how{.loss_percent = seed % 3 * 2,
                            .duplicate_percent = 3,
                            .reorder_percent = seed / 3,
                            .seed = seed,
                            .calm_percent = 20};
      Receiver receiver = make_receiver();
      receiver.push(disturb(rtp_packets(source, {.most_bytes = mtu - 12}), how));
      receiver.depacketizer().flush();
      std::size_t at = 0;
      for (const ReceivedFrame& frame : receiver.frames) {
        const std::size_t before = at;
        while (at < source.expected.size() && source.expected[at] != frame.bytes)
          ++at;
        ck_assert_msg(at < source.expected.size(), "mtu %zu, seed %u: a damaged temporal unit", mtu, seed);
        if (at > before) ck_assert(frame.meta.discontinuity);
        ++at;
      }
      ck_assert_uint_gt(receiver.frames.size(), 0);
      assert_losses_are_counted(receiver);
    }
  }
}

LAW(what_is_only_out_of_order_and_repeated_comes_through_as_it_was) {
  const Source source = encode(30, 8);
  for (const std::size_t mtu : {100U, 300U, 1400U, 9000U}) {
    Receiver receiver = make_receiver();
    receiver.push_reordering(
        disturb(rtp_packets(source, {.most_bytes = mtu - 12}),
                {.duplicate_percent = 30, .reorder_percent = 30, .seed = 5, .calm_percent = 1}));
    ck_assert_uint_eq(receiver.frames.size(), source.expected.size());
    for (std::size_t i = 0; i < source.expected.size(); ++i) {
      ck_assert(receiver.frames[i].bytes == source.expected[i]);
      ck_assert(!receiver.frames[i].meta.discontinuity);
    }
  }
}

}  // namespace

int main() {
  if (!retina::test::have_elements({"av1enc", "av1dec", "av1parse", "matroskamux"})) return 77;
  return retina::test::run_laws("payload_av1", 60);
}
