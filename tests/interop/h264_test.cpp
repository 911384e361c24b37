// H.264 through GStreamer's rtph264pay: what x264 encodes in its many ways, and access units with NAL units
// of every type, come out as they went in.

#include "codec/h264.h"

#include <algorithm>

#include "codec/annexb.h"
#include "codec/h264_syntax.h"
#include "codec/nal.h"
#include "interop/payloader.h"
#include "interop/receiver.h"
#include "support/check.h"
#include "support/h264_stream.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

struct Source {
  std::vector<SourceFrame> frames;
  std::string caps;
  bool key_flags = true;  // the encoder says which frames are key frames
};

Source encode(const std::string& encoder, unsigned count = 30, const char* pattern = "ball") {
  Source source;
  source.frames = produce("videotestsrc num-buffers=" + std::to_string(count) + " pattern=" + pattern +
                              " ! video/x-raw,width=176,height=144,framerate=25/1 ! x264enc threads=1 " +
                              encoder + " ! video/x-h264,stream-format=byte-stream,alignment=au",
                          source.caps);
  ck_assert_uint_eq(source.frames.size(), count);
  return source;
}

std::vector<Bytes> nal_units(const Bytes& byte_stream) {
  std::vector<Bytes> nals;
  codec::AnnexBReader reader(byte_stream);
  for (base::ByteView nal = reader.next(); !nal.empty(); nal = reader.next())
    nals.emplace_back(nal.begin(), nal.end());
  return nals;
}

/// What has to come out for a frame: parameter sets are told apart from it.
Bytes expected_frame(const Bytes& sent) {
  AccessUnit unit;
  for (Bytes& nal : nal_units(sent)) {
    if ((nal[0] & 0x1F) != codec::nal::kSpsExtension) unit.nals.push_back(std::move(nal));
  }
  return framed(unit, true, false);
}

/// Without what stands before its first slice: that may be lost unnoticed, when a loss is between two frames.
Bytes from_first_slice(const Bytes& frame) {
  base::ByteReader reader(frame);
  while (reader.remaining() > 0) {
    const base::ByteView rest = reader.rest();
    const auto nal = reader.bytes(*reader.u32("length"), "NAL unit");
    if (codec::nal::is_vcl(codec::nal::type((*nal)[0]))) return {rest.begin(), rest.end()};
  }
  return {};
}

Receiver make_receiver() {
  static codec::HeapAllocator allocator;
  return Receiver(
      std::make_unique<codec::H264Depacketizer>(std::vector<Bytes>(), codec::FrameFormat(), allocator),
      90000);
}

std::int64_t ticks(GstClockTime time) {
  return static_cast<std::int64_t>(gst_util_uint64_scale(time, 90000, GST_SECOND));
}

Payloaded payload_with(const Source& source, unsigned mtu, const std::string& properties) {
  return payload("rtph264pay mtu=" + std::to_string(mtu) + " " + properties, source.caps, source.frames);
}

/// Everything has come through as it was.
void check_whole(const Source& source, Receiver& receiver, const char* how) {
  ck_assert_msg(receiver.errors == 0, "%s: %lu errors", how, static_cast<unsigned long>(receiver.errors));
  ck_assert_msg(receiver.frames.size() == source.frames.size(), "%s: %zu frames", how,
                receiver.frames.size());
  const auto time_of = [&source](std::size_t i) { return ticks(source.frames[i].pts); };
  for (std::size_t i = 0; i < source.frames.size(); ++i) {
    const ReceivedFrame& got = receiver.frames[i];
    ck_assert_msg(got.bytes == expected_frame(source.frames[i].bytes), "%s: frame %zu", how, i);
    ck_assert_int_eq(got.meta.timestamp - receiver.frames[0].meta.timestamp, time_of(i) - time_of(0));
    ck_assert(!got.meta.discontinuity && !got.meta.corrupted && got.meta.packets_lost == 0);
    if (source.key_flags)
      ck_assert_msg(got.meta.key_frame == source.frames[i].key_frame, "%s: frame %zu", how, i);
  }
  ck_assert_uint_eq(receiver.depacketizer().frames_dropped(), 0);
}

/// Once around, without loss.
void round_trip(const Source& source, unsigned mtu, const std::string& properties) {
  const Payloaded sent = payload_with(source, mtu, properties);
  Receiver receiver = make_receiver();
  receiver.push(sent.packets);
  check_whole(source, receiver, ("mtu " + std::to_string(mtu) + " " + properties).c_str());
}

constexpr const char* kAggregations[] = {"aggregate-mode=none", "aggregate-mode=zero-latency",
                                         "aggregate-mode=max-stap",
                                         "aggregate-mode=max-stap config-interval=-1"};

void round_trips(const Source& source) {
  for (const char* properties : kAggregations) {
    for (unsigned mtu = 100; mtu <= 9000; mtu = mtu * 5 / 3 + 1)
      round_trip(source, mtu, properties);
    round_trip(source, 9000, properties);
  }
}

LAW(streams_of_i_and_p_pictures_come_through) {
  round_trips(encode("key-int-max=10 bframes=0 speed-preset=ultrafast"));
}

LAW(streams_with_b_pictures_come_through_with_their_own_timestamps) {
  const Source source = encode("key-int-max=12 bframes=3 b-adapt=false b-pyramid=true");
  const bool reordered = std::adjacent_find(source.frames.begin(), source.frames.end(), [](auto& a, auto& b) {
                           return a.pts > b.pts;
                         }) != source.frames.end();
  ck_assert(reordered);
  round_trips(source);
}

LAW(pictures_of_several_slices_come_through) {
  const Source source = encode("key-int-max=10 option-string=slices=5");
  ck_assert_uint_ge(nal_units(source.frames[1].bytes).size(), 5);
  round_trips(source);
}

LAW(streams_of_gradual_refresh_come_through_with_their_entries) {
  const Source source = encode("key-int-max=8 intra-refresh=true bframes=0", 40);
  const auto entries =
      std::count_if(source.frames.begin(), source.frames.end(), [](auto& f) { return f.key_frame; });
  ck_assert_int_ge(entries, 3);
  round_trips(source);
}

LAW(streams_of_open_gops_interlaced_and_high_profile_come_through) {
  round_trips(encode("key-int-max=8 bframes=2 option-string=open-gop=1", 30));
  round_trips(encode("key-int-max=8 interlaced=true", 20));
  round_trips(encode("key-int-max=8 dct8x8=true cabac=true quantizer=5 pass=quant", 10, "snow"));
}

LAW(large_pictures_come_through) {
  const Source source = encode("key-int-max=2 pass=quant quantizer=1 bframes=0", 6, "snow");
  ck_assert_uint_ge(source.frames[0].bytes.size(), 20000);
  round_trips(source);
}

// --- NAL units of every type ---

/// An access unit with every type that may stand in one, in an order that may be.
Bytes every_type(unsigned number, std::uint32_t random) {
  const Syntax syntax;
  Bytes bytes;
  const auto add = [&bytes](const Bytes& nal) {
    bytes.insert(bytes.end(), {0, 0, 0, 1});
    bytes.insert(bytes.end(), nal.begin(), nal.end());
  };
  const auto add_type = [&](unsigned type, std::size_t size) {
    Bytes nal = sample_slice(false, size, random + type);
    nal[0] = static_cast<std::uint8_t>(0x60 | type);
    if (type == 2) nal[1] = 0x48;  // a partition that isn't the first of its picture
    add(nal);
  };
  if (number % 4 == 0) {
    add(make_sps(syntax));
    add_type(13, 9);
    add(make_pps(syntax));
    add_type(15, 30);
  }
  add_type(6, 20 + random % 900);
  for (const unsigned type : {14U, 16U, 17U, 18U})
    add_type(type, 8 + random % 50);
  const bool idr = number % 4 == 0;
  const Slice slice{
      .idr = idr, .type = idr ? 7U : 5U, .frame_number = number % 256, .order = 2 * number % 256};
  add(make_slice(syntax, slice, 20 + random % 3000));
  Slice second = slice;
  second.first_macroblock = 60;
  add_type(14, 8);
  add(make_slice(syntax, second, 20 + random % 200));
  for (const unsigned type : {2U, 3U, 4U})
    add_type(type, 12 + random % 400);
  for (const unsigned type : {19U, 20U, 21U, 22U, 23U, 12U, 6U, 16U, 10U})
    add_type(type, 8 + random % 300);
  return bytes;
}

Source synthetic(unsigned count) {
  Source source;
  source.caps = "video/x-h264,stream-format=byte-stream,alignment=au,framerate=25/1";
  source.key_flags = false;
  for (unsigned i = 0; i < count; ++i)
    source.frames.push_back({every_type(i, i * 7919), GstClockTime{i} * 40 * GST_MSECOND, i % 4 == 0});
  return source;
}

LAW(nal_units_of_every_type_come_through) {
  round_trips(synthetic(24));
}

LAW(parameter_sets_are_told_as_they_were_sent) {
  const Payloaded sent = payload_with(synthetic(4), 1400, "");
  Receiver receiver = make_receiver();
  receiver.push(sent.packets);
  const auto& parameters = receiver.frames.at(0).meta.parameters;
  ck_assert(parameters && parameters->sps == std::vector<Bytes>{make_sps({})});
  ck_assert(parameters->pps == std::vector<Bytes>{make_pps({})});
  ck_assert_uint_eq(parameters->sps_extensions.size(), 1);
}

// --- a network ---

/// Undamaged frames are among the sent ones and in order; whatever is missing is told by the next one.
void check_disturbed(const Source& source, const Receiver& receiver) {
  std::size_t at = 0;
  bool first = true;
  for (const ReceivedFrame& got : receiver.frames) {
    const std::size_t expected_at = at;
    while (at < source.frames.size()) {
      const Bytes whole = expected_frame(source.frames[at].bytes);
      if (got.bytes == whole) break;
      // Between two frames, what stands before the first slice may be lost.
      if (got.meta.discontinuity && got.bytes.size() < whole.size() &&
          from_first_slice(got.bytes) == from_first_slice(whole))
        break;
      ++at;
    }
    ck_assert_msg(at < source.frames.size(), "a frame that was not sent, or out of order");
    if (!first && at != expected_at) ck_assert_msg(got.meta.discontinuity, "frame %zu hides a loss", at);
    ck_assert(!got.meta.corrupted);
    first = false;
    ++at;
  }
}

LAW(a_disturbed_stream_yields_whole_frames_only_and_tells_what_is_missing) {
  const Source sources[] = {encode("key-int-max=10 bframes=2 option-string=slices=3", 60), synthetic(60)};
  for (const Source& source : sources) {
    for (const char* properties : kAggregations) {
      for (const unsigned mtu : {100U, 200U, 1400U, 9000U}) {
        const Payloaded sent = payload_with(source, mtu, properties);
        std::size_t received = 0;
        for (std::uint32_t seed = 1; seed <= 12; ++seed) {
          const Disturbance how{.loss_percent = seed % 3,
                                .duplicate_percent = 3,
                                .reorder_percent = seed % 4 == 0,
                                .seed = seed,
                                .calm_percent = 20};
          Receiver receiver = make_receiver();
          receiver.push(disturb(sent.packets, how));
          receiver.depacketizer().flush();
          check_disturbed(source, receiver);
          assert_losses_are_counted(receiver);
          received += receiver.frames.size();
        }
        ck_assert_uint_ge(received, source.frames.size() * 12 / 3);
      }
    }
  }
}

LAW(what_is_only_out_of_order_and_repeated_comes_through_as_it_was) {
  for (const Source& source : {encode("key-int-max=10 bframes=2", 30), synthetic(30)}) {
    for (const unsigned mtu : {100U, 300U, 1400U, 9000U}) {
      const Payloaded sent = payload_with(source, mtu, "");
      Receiver receiver = make_receiver();
      receiver.push_reordering(disturb(
          sent.packets, {.duplicate_percent = 30, .reorder_percent = 30, .seed = mtu, .calm_percent = 1}));
      receiver.depacketizer().flush();
      check_whole(source, receiver, ("mtu " + std::to_string(mtu)).c_str());
    }
  }
}

LAW(duplicates_alone_change_nothing) {
  const Source source = encode("key-int-max=10", 30);
  for (const unsigned mtu : {100U, 300U, 1400U, 9000U}) {
    const Payloaded sent = payload_with(source, mtu, "");
    Receiver receiver = make_receiver();
    receiver.push(disturb(sent.packets, {.duplicate_percent = 30, .seed = 4}));
    receiver.depacketizer().flush();
    check_whole(source, receiver, ("mtu " + std::to_string(mtu)).c_str());
  }
}

}  // namespace

int main() {
  if (!retina::test::have_elements({"x264enc", "rtph264pay"})) return 77;
  return retina::test::run_laws("payload_h264", 60);
}
