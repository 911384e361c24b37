// H.265 through GStreamer's rtph265pay: what x265 encodes in its many ways, and access units with NAL units
// of every type, come out as they went in.

#include "codec/h265.h"

#include <algorithm>

#include "codec/annexb.h"
#include "codec/h265_syntax.h"
#include "interop/payloader.h"
#include "interop/receiver.h"
#include "sdp/fmtp.h"
#include "support/check.h"
#include "support/h265_packetizer.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

struct Source {
  std::vector<SourceFrame> frames;
  std::string caps;
};

Source encode(const std::string& options, unsigned count = 30, const char* pattern = "ball") {
  Source source;
  source.frames = produce("videotestsrc num-buffers=" + std::to_string(count) + " pattern=" + pattern +
                              " ! video/x-raw,width=192,height=144,framerate=25/1 ! x265enc log-level=none"
                              " speed-preset=ultrafast option-string=\"pools=1:frame-threads=1:info=0:" +
                              options + "\" ! video/x-h265,stream-format=byte-stream,alignment=au",
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

unsigned type_of(const Bytes& nal) {
  return codec::hevc::NalHeader{nal[0], nal[1]}.type();
}

/// What has to come out for a frame: parameter sets are told apart from it.
Bytes expected_frame(const Bytes& sent) {
  std::vector<Bytes> nals;
  for (Bytes& nal : nal_units(sent)) {
    if (!codec::hevc::is_parameter_set(type_of(nal))) nals.push_back(std::move(nal));
  }
  return hevc_framed(nals, true);
}

bool is_irap(const Bytes& sent) {
  const auto nals = nal_units(sent);
  return std::any_of(nals.begin(), nals.end(),
                     [](const Bytes& nal) { return codec::hevc::is_irap(type_of(nal)); });
}

bool has_type(const Source& source, unsigned type) {
  for (const SourceFrame& frame : source.frames) {
    for (const Bytes& nal : nal_units(frame.bytes)) {
      if (type_of(nal) == type) return true;
    }
  }
  return false;
}

/// Without what stands before its first slice: that may be lost unnoticed, when a loss is between two frames.
Bytes from_first_slice(const Bytes& frame) {
  base::ByteReader reader(frame);
  while (reader.remaining() > 0) {
    const base::ByteView rest = reader.rest();
    const auto nal = reader.bytes(*reader.u32("length"), "NAL unit");
    if (codec::hevc::is_vcl(codec::hevc::NalHeader{(*nal)[0], (*nal)[1]}.type()))
      return {rest.begin(), rest.end()};
  }
  return {};
}

Receiver make_receiver(const codec::H265Announcement& announced = {}, codec::FrameFormat format = {}) {
  static codec::HeapAllocator allocator;
  return Receiver(std::make_unique<codec::H265Depacketizer>(announced, format, allocator), 90000);
}

std::int64_t ticks(GstClockTime time) {
  return static_cast<std::int64_t>(gst_util_uint64_scale(time, 90000, GST_SECOND));
}

Payloaded payload_with(const Source& source, unsigned mtu, const std::string& properties) {
  return payload("rtph265pay mtu=" + std::to_string(mtu) + " " + properties, source.caps, source.frames);
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
    ck_assert_msg(got.meta.key_frame == is_irap(source.frames[i].bytes), "%s: frame %zu", how, i);
  }
  ck_assert_uint_eq(receiver.depacketizer().frames_dropped(), 0);
}

/// Once around, without loss.
void round_trip(const Source& source, unsigned mtu, const std::string& properties) {
  const Payloaded sent = payload_with(source, mtu, properties);
  Receiver receiver = make_receiver();
  receiver.push(sent.packets);
  receiver.depacketizer().flush();
  check_whole(source, receiver, ("mtu " + std::to_string(mtu) + " " + properties).c_str());
}

constexpr const char* kAggregations[] = {"aggregate-mode=none", "aggregate-mode=none config-interval=-1",
                                         "aggregate-mode=zero-latency", "aggregate-mode=max",
                                         "aggregate-mode=max config-interval=-1"};

/// GStreamer 1.22's payloader crashes on more than 7 NAL units in one aggregation packet: with the space in
/// front of each they are more memories than a GstBuffer has room for.
bool can_aggregate(const Source& source, const std::string& properties) {
  if (properties.find("aggregate-mode=none") != std::string::npos) return true;
  const std::size_t inserted = properties.find("config-interval") != std::string::npos ? 3 : 0;
  return std::all_of(source.frames.begin(), source.frames.end(),
                     [&](const SourceFrame& frame) { return nal_units(frame.bytes).size() + inserted <= 7; });
}

void round_trips(const Source& source) {
  for (const char* properties : kAggregations) {
    if (!can_aggregate(source, properties)) continue;
    for (unsigned mtu = 100; mtu <= 9000; mtu = mtu * 5 / 3 + 1)
      round_trip(source, mtu, properties);
    round_trip(source, 9000, properties);
  }
}

LAW(streams_of_i_and_p_pictures_come_through) {
  round_trips(encode("keyint=10:bframes=0"));
}

LAW(streams_with_b_pictures_come_through_with_their_own_timestamps) {
  const Source source = encode("keyint=12:bframes=3:b-adapt=0:b-pyramid=1:no-open-gop=1");
  const bool reordered = std::adjacent_find(source.frames.begin(), source.frames.end(), [](auto& a, auto& b) {
                           return a.pts > b.pts;
                         }) != source.frames.end();
  ck_assert(reordered);
  round_trips(source);
}

LAW(streams_of_open_gops_come_through_with_cra_and_rasl_pictures) {
  const Source source = encode("keyint=8:min-keyint=8:bframes=3:b-adapt=0:open-gop=1", 40);
  ck_assert(has_type(source, codec::hevc::kCra));
  ck_assert(has_type(source, codec::hevc::kRaslN) || has_type(source, codec::hevc::kRaslR));
  round_trips(source);
}

LAW(pictures_of_several_slices_with_delimiters_and_hashes_come_through) {
  const Source source = encode("keyint=10:slices=2:aud=1:hash=1");
  ck_assert(has_type(source, codec::hevc::kAccessUnitDelimiter));
  ck_assert(has_type(source, codec::hevc::kSuffixSei));
  round_trips(source);
  const Source timed = encode("keyint=10:slices=2:aud=1:hrd=1:vbv-maxrate=500:vbv-bufsize=500");
  ck_assert(has_type(timed, codec::hevc::kPrefixSei));
  round_trips(timed);
}

LAW(streams_of_temporal_layers_come_through_and_only_the_highest_are_disposable) {
  const Source source =
      encode("keyint=16:bframes=3:b-adapt=0:b-pyramid=1:temporal-layers=1:no-open-gop=1", 32);
  round_trips(source);
  const Payloaded sent = payload_with(source, 1400, "");
  Receiver receiver = make_receiver();
  receiver.push(sent.packets);
  unsigned disposable = 0;
  for (std::size_t i = 0; i < receiver.frames.size(); ++i) {
    if (!receiver.frames[i].meta.disposable) continue;
    ++disposable;
    const Bytes slice = from_first_slice(receiver.frames[i].bytes);
    ck_assert_uint_gt(codec::hevc::NalHeader({slice[4], slice[5]}).temporal_id_plus1(), 1);
  }
  ck_assert_uint_ge(disposable, 8);
  ck_assert_uint_lt(disposable, 24);
}

LAW(large_pictures_come_through) {
  const Source source = encode("keyint=2:qp=4:bframes=0", 6, "snow");
  ck_assert_uint_ge(source.frames[0].bytes.size(), 20000);
  round_trips(source);
}

// --- parameter sets ---

LAW(parameter_sets_of_the_sdp_and_of_the_stream_are_the_same) {
  const Source source = encode("keyint=10");
  const Payloaded sent = payload_with(source, 1400, "");
  GstCaps* caps = gst_caps_from_string(sent.caps.c_str());
  sdp::Media media;
  for (const char* field : {"sprop-vps", "sprop-sps", "sprop-pps"}) {
    const gchar* value = gst_structure_get_string(gst_caps_get_structure(caps, 0), field);
    ck_assert(value != nullptr);
    media.format_parameters.push_back({field, value});
  }
  gst_caps_unref(caps);
  std::vector<std::string> notes;
  Receiver receiver = make_receiver(codec::h265_announcement(media, notes));
  ck_assert(notes.empty());
  const auto announced = receiver.depacketizer().parameters();
  ck_assert(announced && announced->vps.size() == 1 && announced->sps.size() == 1 &&
            announced->pps.size() == 1);
  receiver.push(sent.packets);
  ck_assert(receiver.depacketizer().parameters() == announced);
}

/// Through a parser and a decoder, as downstream has them: every picture is shown.
LAW(what_comes_out_decodes_with_the_sets_where_the_format_puts_them) {
  const Source source = encode("keyint=8:min-keyint=8:bframes=2:b-adapt=0:open-gop=1:aud=1", 40);
  const Payloaded sent = payload_with(source, 500, "aggregate-mode=max");
  codec::FrameFormat format;
  format.framing = codec::NalFraming::kStartCode;
  format.parameter_sets = codec::ParameterSetInsertion::kKeyFrames;
  Receiver receiver = make_receiver({}, format);
  receiver.push(sent.packets);
  std::vector<SourceFrame> frames;
  for (const ReceivedFrame& got : receiver.frames) {
    frames.push_back({got.bytes,
                      gst_util_uint64_scale(static_cast<guint64>(got.meta.timestamp), GST_SECOND, 90000),
                      got.meta.key_frame});
  }
  std::string caps;
  const auto shown =
      process("h265parse ! avdec_h265 max-threads=1",
              "video/x-h265,stream-format=byte-stream,alignment=au,framerate=25/1", frames, caps);
  ck_assert_uint_eq(shown.size(), source.frames.size());
  ck_assert(caps.find("width=(int)192, height=(int)144") != std::string::npos);
}

// --- NAL units of every type ---

/// Access units of all types that may stand in one, in an order that may be: some in each.
Bytes some_types(unsigned number) {
  std::vector<Bytes> nals;
  const auto add = [&](unsigned type, std::size_t size, bool first_slice = false) {
    nals.push_back(hevc_nal({.type = type, .size = size, .seed = number + type, .first_slice = first_slice}));
  };
  const std::size_t random = number * 7919U;
  const bool idr = number % 4 == 0;
  if (number % 3 == 0) nals.push_back({0x46, 0x01, 0x50});
  if (idr) nals.insert(nals.end(), {make_hevc_vps({}), make_hevc_sps({}), make_hevc_pps({})});
  constexpr unsigned kBefore[] = {39, 41, 42, 43, 44};
  if (!idr) add(kBefore[number % 5], 8 + random % 900);
  constexpr unsigned kSlices[] = {0, 1, 2, 3, 4, 5, 6, 7};
  const unsigned slice = idr ? 19 + number / 4 % 3 : kSlices[number % 8];
  add(slice, 20 + random % 3000, true);
  add(slice, 20 + random % 200);
  constexpr unsigned kBehind[] = {40, 38, 45, 46, 47, 36, 37};
  for (unsigned i = 0; !idr && i < 3; ++i)
    add(kBehind[(number + i) % 7], 8 + random % 300);
  return hevc_framed(nals, false);
}

Source synthetic(unsigned count) {
  Source source;
  source.caps = "video/x-h265,stream-format=byte-stream,alignment=au,framerate=25/1";
  for (unsigned i = 0; i < count; ++i)
    source.frames.push_back({some_types(i), GstClockTime{i} * 40 * GST_MSECOND, i % 4 == 0});
  return source;
}

LAW(nal_units_of_every_type_come_through) {
  ck_assert(can_aggregate(synthetic(48), "aggregate-mode=max"));
  round_trips(synthetic(48));
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
    ck_assert_msg(at < source.frames.size(), "a frame that was not sent, or out of order: frame %td",
                  &got - receiver.frames.data());
    if (!first && at != expected_at) ck_assert_msg(got.meta.discontinuity, "frame %zu hides a loss", at);
    ck_assert(!got.meta.corrupted);
    first = false;
    ++at;
  }
}

LAW(a_disturbed_stream_yields_whole_frames_only_and_tells_what_is_missing) {
  const Source sources[] = {encode("keyint=10:bframes=2:slices=2:no-open-gop=1", 60), synthetic(60)};
  for (const Source& source : sources) {
    for (const char* properties : kAggregations) {
      if (!can_aggregate(source, properties)) continue;
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
  for (const Source& source : {encode("keyint=10:bframes=2:no-open-gop=1", 30), synthetic(30)}) {
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
  const Source source = encode("keyint=10");
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
  if (!retina::test::have_elements({"x265enc", "rtph265pay", "avdec_h265", "h265parse"})) return 77;
  return retina::test::run_laws("payload_h265", 60);
}
