// What the properties say of parameter sets, incomplete frames and key frames, for every format that they
// concern.

#include <set>

#include "codec/av1_feeder.h"
#include "codec/h265_syntax.h"
#include "gst/element_runner.h"
#include "gst/stream_camera.h"
#include "support/h264_packetizer.h"
#include "support/h265_packetizer.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

constexpr std::uint32_t kTicks = 3600;

/// What is recorded, to its end.
std::vector<Received> play(const Stream& stream, const std::string& properties, const std::string& filter) {
  const ScriptedCamera camera(camera_of(stream));
  ElementRunner runner("location=" + camera.url() + " " + properties, filter);
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  return runner.received();
}

Bytes start_codes(const std::vector<Bytes>& nals) {
  return hevc_framed(nals, false);
}

// --- parameter sets ---

/// A format with sets in the stream only, each NAL unit in a packet.
struct SetsCase {
  const char* rtpmap;
  const char* filter;       // byte-stream
  const char* out_of_band;  // avc, hvc1
  std::vector<Bytes> sets;
  std::vector<Bytes> changed;  // another level
  Bytes entry;
  Bytes other;
};

SetsCase h264_case() {
  Bytes changed = sample_sps();
  changed[3] = 0x1F;
  return {"H264/90000",
          "video/x-h264,stream-format=byte-stream",
          "video/x-h264,stream-format=avc",
          {sample_sps(), sample_pps()},
          {changed, sample_pps()},
          sample_slice(true, 60, 1),
          sample_slice(false, 40, 2)};
}

SetsCase h265_case() {
  HevcSyntax syntax;
  HevcSyntax changed;
  changed.level = 120;
  const auto sets = [](const HevcSyntax& of) {
    return std::vector<Bytes>{make_hevc_vps(of), make_hevc_sps(of), make_hevc_pps(of)};
  };
  return {"H265/90000",
          "video/x-h265,stream-format=byte-stream",
          "video/x-h265,stream-format=hvc1",
          sets(syntax),
          sets(changed),
          hevc_nal({.type = 19, .size = 60}),
          hevc_nal({.type = 1, .size = 40, .seed = 2})};
}

/// Sets and a key frame, a picture, a key frame, other sets and a key frame, a key frame.
Stream stream_of_sets(const SetsCase& c) {
  Stream stream{"video", c.rtpmap};
  const std::vector<std::vector<Bytes>> pictures = {c.sets, {}, {}, c.changed, {}};
  for (std::uint32_t i = 0; i < pictures.size(); ++i) {
    for (const Bytes& set : pictures[i])
      stream.add(set, i * kTicks, false);
    stream.add(i == 1 ? c.other : c.entry, i * kTicks, true);
  }
  return stream;
}

std::vector<Bytes> with(std::vector<Bytes> sets, const Bytes& slice) {
  sets.push_back(slice);
  return sets;
}

LAW(parameter_sets_stand_in_a_byte_stream_where_the_property_says) {
  for (const SetsCase& c : {h264_case(), h265_case()}) {
    const Stream stream = stream_of_sets(c);
    const std::vector<Bytes> key = with(c.sets, c.entry);
    const std::vector<Bytes> changed = with(c.changed, c.entry);
    const struct {
      const char* value;
      std::vector<std::vector<Bytes>> frames;
    } rows[] = {{"key-frames", {key, {c.other}, key, changed, changed}},
                {"on-change", {key, {c.other}, {c.entry}, changed, {c.entry}}},
                {"never", {{c.entry}, {c.other}, {c.entry}, {c.entry}, {c.entry}}}};
    for (const auto& row : rows) {
      const auto received = play(stream, std::string("parameter-sets=") + row.value, c.filter);
      ck_assert_uint_eq(received.size(), row.frames.size());
      for (std::size_t i = 0; i < received.size(); ++i)
        ck_assert_msg(received[i].bytes == start_codes(row.frames[i]), "%s, %s: frame %zu", c.rtpmap,
                      row.value, i);
    }
  }
}

LAW(parameter_sets_out_of_band_are_never_in_the_frames) {
  for (const SetsCase& c : {h264_case(), h265_case()}) {
    for (const char* value : {"key-frames", "on-change", "never"}) {
      const auto received = play(stream_of_sets(c), std::string("parameter-sets=") + value, c.out_of_band);
      ck_assert_uint_eq(received.size(), 5);
      for (std::size_t i = 0; i < received.size(); ++i)
        ck_assert_msg(received[i].bytes == hevc_framed({i == 1 ? c.other : c.entry}, true),
                      "%s, %s: frame %zu", c.rtpmap, value, i);
    }
  }
}

LAW(caps_change_at_exactly_the_frame_that_needs_the_change) {
  for (const SetsCase& c : {h264_case(), h265_case()}) {
    const auto received = play(stream_of_sets(c), "", c.out_of_band);
    ck_assert_uint_eq(received.size(), 5);
    for (std::size_t i = 0; i < received.size(); ++i) {
      ck_assert(received[i].caps.find("codec_data=") != std::string::npos);
      ck_assert_msg(received[i].caps == received[i < 3 ? 0 : 4].caps, "%s: frame %zu: %s", c.rtpmap, i,
                    received[i].caps.c_str());
    }
    ck_assert(received[0].caps.find("level=(string)3") != std::string::npos);
    ck_assert(received[0].caps != received[4].caps);
  }
}

LAW(sets_of_several_ids_do_not_make_caps_change_to_and_fro) {
  for (const bool h265 : {false, true}) {
    const SetsCase c = h265 ? h265_case() : h264_case();
    HevcSyntax other;
    other.pps_id = 1;
    // pic_parameter_set_id 1 instead of 0.
    const Bytes second = h265 ? make_hevc_pps(other) : Bytes{0x68, 0x5B, 0x8C, 0xB2};
    Stream stream{"video", c.rtpmap};
    for (const Bytes& set : c.sets)
      stream.add(set, 0, false);
    for (std::uint32_t i = 0; i < 12; ++i) {
      stream.add(i % 2 == 0 ? c.sets.back() : second, i * kTicks, false);
      stream.add(c.entry, i * kTicks, true);
    }
    const auto received = play(stream, "", c.out_of_band);
    ck_assert_uint_eq(received.size(), 12);
    for (std::size_t i = 1; i < received.size(); ++i)
      ck_assert_msg((received[i].caps != received[i - 1].caps) == (i == 1), "%s: frame %zu", c.rtpmap, i);
  }
}

// --- loss ---

/// A stream, of which a packet within one picture can be lost.
struct LossCase {
  Stream stream;
  std::vector<std::size_t> first_packets;  // of each picture
  std::set<std::size_t> key_frames;
};

constexpr std::size_t kPictures = 12;
constexpr std::size_t kTorn = 5;
constexpr std::size_t kSecondKeyFrame = 8;

void lose(LossCase& c, std::size_t picture) {
  c.stream.packets.at(c.first_packets.at(picture) + 1).clear();
}

LossCase h265_loss(unsigned key_frame_type) {
  const HevcSyntax syntax;
  LossCase c{{"video", "H265/90000"}, {}, {0, kSecondKeyFrame}};
  for (const Bytes& set : {make_hevc_vps(syntax), make_hevc_sps(syntax), make_hevc_pps(syntax)})
    c.stream.add(set, 0, false);
  for (std::uint32_t i = 0; i < kPictures; ++i) {
    const unsigned type = c.key_frames.count(i) != 0 ? key_frame_type : 1;
    c.first_packets.push_back(c.stream.packets.size());
    const auto fragments = hevc_fragments(hevc_nal({.type = type, .size = 2500, .seed = i + 1}), 600);
    for (const Bytes& fragment : fragments)
      c.stream.add(fragment, i * kTicks, &fragment == &fragments.back());
  }
  return c;
}

LossCase h264_loss() {
  LossCase c{{"video", "H264/90000"}, {}, {0, kSecondKeyFrame}};
  c.stream.add(sample_sps(), 0, false);
  c.stream.add(sample_pps(), 0, false);
  for (std::uint32_t i = 0; i < kPictures; ++i) {
    AccessUnit unit;
    unit.nals = {sample_slice(c.key_frames.count(i) != 0, 2500, i + 1)};
    c.first_packets.push_back(c.stream.packets.size());
    for (const H264Payload& payload : packetize(unit, 600))
      c.stream.add(payload.bytes, i * kTicks, payload.marker);
  }
  return c;
}

LossCase jpeg_loss() {
  LossCase c{{"video", "JPEG/90000"}, {}, {}};
  for (std::uint32_t i = 0; i < kPictures; ++i) {
    c.key_frames.insert(i);
    c.first_packets.push_back(c.stream.packets.size());
    for (std::uint32_t part = 0; part < 4; ++part) {
      Bytes payload{0, 0, static_cast<std::uint8_t>(part * 2), 0, 1, 50, 8, 6};
      payload.resize(8 + 512, static_cast<std::uint8_t>(i + 1));
      c.stream.add(payload, i * kTicks, part == 3);
    }
  }
  return c;
}

LossCase av1_loss() {
  LossCase c{{"video", "AV1/90000"}, {}, {0, kSecondKeyFrame}};
  for (std::uint32_t i = 0; i < kPictures; ++i) {
    const bool key = c.key_frames.count(i) != 0;
    std::vector<Av1Unit> units;
    if (key) units.push_back(sequence_obu());
    units.push_back(frame_obu(key ? kKey : kInter, 400, static_cast<std::uint8_t>(i)));
    units.push_back({.type = 4, .payload = Bytes(1600, static_cast<std::uint8_t>(i + 1))});
    c.first_packets.push_back(c.stream.packets.size());
    for (const Av1Payload& payload : packetize_av1(units, key, {.most_bytes = 500}))
      c.stream.add(payload.bytes, i * kTicks, payload.marker);
  }
  return c;
}

struct NamedLoss {
  const char* name;
  LossCase loss;
};
std::vector<NamedLoss> all_losses() {
  constexpr unsigned kCra = 21;
  constexpr unsigned kBla = 16;
  constexpr unsigned kIdr = 19;
  return {{"H.264", h264_loss()},
          {"H.265", h265_loss(kIdr)},
          {"H.265 of CRA", h265_loss(kCra)},
          {"H.265 of BLA", h265_loss(kBla)},
          {"JPEG", jpeg_loss()},
          {"AV1", av1_loss()}};
}

/// Which picture it is, as its time tells.
std::size_t picture_of(const Received& frame, GstClockTime start) {
  return static_cast<std::size_t>((frame.pts - start + 20 * GST_MSECOND) / (40 * GST_MSECOND));
}

LAW(an_incomplete_frame_is_dropped_or_passed_on_as_corrupted_in_every_video_format) {
  for (auto& [name, loss] : all_losses()) {
    const auto whole = play(loss.stream, "", "");
    ck_assert_msg(whole.size() == kPictures, "%s: %zu", name, whole.size());
    lose(loss, kTorn);
    for (const bool pass : {false, true}) {
      const auto got = play(loss.stream, pass ? "incomplete-frames=pass" : "incomplete-frames=drop", "");
      ck_assert_msg(got.size() == kPictures - (pass ? 0 : 1), "%s: %zu", name, got.size());
      const std::size_t marked = pass ? kTorn : kTorn + 1;
      for (const Received& frame : got) {
        const std::size_t picture = picture_of(frame, got[0].pts);
        const bool torn = picture == kTorn;
        ck_assert_msg(frame.has(GST_BUFFER_FLAG_CORRUPTED) == torn, "%s: %zu", name, picture);
        ck_assert_msg(picture == 0 || frame.has(GST_BUFFER_FLAG_DISCONT) == (picture == marked), "%s: %zu",
                      name, picture);
        ck_assert_msg((frame.bytes == whole[picture].bytes) != torn, "%s: %zu", name, picture);
      }
    }
  }
}

LAW(key_frames_of_every_video_format_are_told_from_others) {
  for (const auto& [name, loss] : all_losses()) {
    const auto got = play(loss.stream, "", "");
    ck_assert_uint_eq(got.size(), kPictures);
    for (std::size_t i = 0; i < got.size(); ++i)
      ck_assert_msg(got[i].has(GST_BUFFER_FLAG_DELTA_UNIT) == (loss.key_frames.count(i) == 0), "%s: %zu",
                    name, i);
  }
}

LAW(after_a_loss_wait_for_keyframe_goes_on_with_the_next_key_frame_of_every_video_format) {
  for (auto& [name, loss] : all_losses()) {
    lose(loss, kTorn);
    for (const bool waits : {false, true}) {
      const auto got = play(loss.stream, waits ? "wait-for-keyframe=true" : "wait-for-keyframe=false", "");
      const std::size_t next = waits ? *loss.key_frames.upper_bound(kTorn) : kTorn + 1;
      std::vector<std::size_t> expected;
      for (std::size_t i = 0; i < kPictures; ++i) {
        if (i < kTorn || i >= next) expected.push_back(i);
      }
      ck_assert_msg(got.size() == expected.size(), "%s: %zu frames", name, got.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        const std::size_t picture = picture_of(got[i], got[0].pts);
        ck_assert_msg(picture == expected[i], "%s: %zu", name, picture);
        ck_assert_msg(i == 0 || got[i].has(GST_BUFFER_FLAG_DISCONT) == (picture == next), "%s: %zu", name,
                      picture);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_codecs", 60);
}
