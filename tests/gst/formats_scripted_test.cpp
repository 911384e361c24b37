// The formats that no server of the distribution sends, from the scripted camera, in packets of GStreamer's
// payloaders or of these tests: recorded or decoded without a parser, with every byte and every time.

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "codec/dvi4.h"
#include "codec/packet_feeder.h"
#include "gst/pipeline_run.h"
#include "gst/stream_camera.h"
#include "interop/payloader.h"
#include "support/av1_packetizer.h"
#include "support/check.h"
#include "support/scripted_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

std::string source_of(const Stream& stream, const ScriptedCamera& camera) {
  return "retinasrc reconnect=false timestamp-mode=camera media=" + stream.media +
         " location=" + camera.url();
}

/// What comes out behind retinasrc and `rest`, as it does for whoever plays the stream.
std::vector<SourceFrame> play(const Stream& stream, const std::string& rest, std::string& caps) {
  const ScriptedCamera camera(camera_of(stream));
  return produce(source_of(stream, camera) + rest, caps);
}

/// Through a file: recorded behind retinasrc without a parser, and read again.
std::vector<SourceFrame> record(const Stream& stream, const std::string& muxer, const std::string& demuxer) {
  const std::string file =
      std::string(g_get_tmp_dir()) + "/retina-formats-scripted-" + std::to_string(getpid());
  const ScriptedCamera camera(camera_of(stream));
  run(source_of(stream, camera) + " ! " + muxer + " ! filesink name=sink location=" + file);
  std::string caps;
  auto frames = produce("filesrc location=" + file + " ! " + demuxer, caps);
  unlink(file.c_str());
  return frames;
}

/// So many frames, and `step` between them.
void check_times(const char* what, const std::vector<SourceFrame>& frames, std::size_t count,
                 GstClockTime step, GstClockTime slack) {
  ck_assert_msg(frames.size() == count, "%s: %zu frames", what, frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const GstClockTimeDiff off = GST_CLOCK_DIFF(frames[0].pts + i * step, frames[i].pts);
    ck_assert_msg(std::abs(off) <= static_cast<GstClockTimeDiff>(slack), "%s: frame %zu, %" G_GINT64_FORMAT,
                  what, i, static_cast<gint64>(off));
  }
}

void check_same(const char* what, const std::vector<SourceFrame>& got,
                const std::vector<SourceFrame>& expected) {
  ck_assert_msg(got.size() == expected.size(), "%s: %zu of %zu", what, got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    ck_assert_msg(got[i].bytes == expected[i].bytes, "%s: frame %zu", what, i);
}

bool same_caps(const std::string& a, const std::string& b) {
  GstCaps* first = gst_caps_from_string(a.c_str());
  GstCaps* second = gst_caps_from_string(b.c_str());
  const bool same = gst_caps_is_equal(first, second) != 0;
  gst_caps_unref(first);
  gst_caps_unref(second);
  return same;
}

// --- AV1 ---

LAW(av1_is_recorded_and_decoded_to_the_same_pixels) {
  constexpr unsigned kFrames = 20;
  std::string caps;
  const auto encoded = produce(
      "videotestsrc pattern=ball num-buffers=20 ! "
      "video/x-raw,width=176,height=144,framerate=25/1,format=I420 ! "
      "av1enc cpu-used=8 keyframe-max-dist=10 target-bitrate=300 lag-in-frames=0",
      caps);
  const auto expected = process("av1dec", caps, encoded, caps);
  ck_assert_uint_eq(expected.size(), kFrames);
  Stream stream{"video", "AV1/90000", "a=framerate:25\n"};
  for (unsigned i = 0; i < kFrames; ++i) {
    for (const Av1Payload& payload :
         packetize_av1(split_av1(encoded[i].bytes), encoded[i].key_frame, {.most_bytes = 300}))
      stream.add(payload.bytes, 7000 + i * 3600, payload.marker);
  }
  constexpr std::pair<const char*, const char*> kWays[] = {{"mp4mux", "qtdemux ! av1dec"},
                                                           {"matroskamux", "matroskademux ! av1dec"}};
  for (const auto& [muxer, demuxer] : kWays) {
    const auto got = record(stream, muxer, demuxer);
    check_times(muxer, got, kFrames, 40 * GST_MSECOND, GST_MSECOND);
    check_same(muxer, got, expected);
  }
  const auto decoded = play(stream, " ! av1dec", caps);
  check_times("av1dec", decoded, kFrames, 40 * GST_MSECOND, 0);
  check_same("av1dec", decoded, expected);
}

// --- sound ---

/// The header's value before the first sample, its step index, and codes that make a wave.
Bytes dvi4_block(unsigned number, std::size_t samples) {
  Bytes block = sample_bytes(4 + samples / 2, number);
  block[2] = static_cast<std::uint8_t>(number % 89);
  block[3] = 0;
  return block;
}

LAW(dvi4_is_recorded_as_the_samples_it_stands_for) {
  constexpr unsigned kBlocks = 50;
  constexpr unsigned kSamples = 160;
  Stream stream{"audio", "DVI4/8000"};
  std::vector<SourceFrame> expected(kBlocks);
  for (unsigned i = 0; i < kBlocks; ++i) {
    const Bytes block = dvi4_block(i, kSamples);
    stream.add(block, 0xFFFFFF00 + i * kSamples, i == 0);
    expected[i].bytes.resize(codec::dvi4_decoded_bytes(block.size()));
    ck_assert(codec::decode_dvi4(block, expected[i].bytes).has_value());
  }
  const auto got = record(stream, "matroskamux", "matroskademux");
  check_times("DVI4", got, kBlocks, 20 * GST_MSECOND, GST_MSECOND);
  check_same("DVI4", got, expected);
}

/// Nothing in Debian decodes audio/G723 or puts it into a file; whoever takes it from GStreamer's depayloader
/// takes ours.
LAW(g723_comes_out_as_from_gstreamers_depayloader) {
  constexpr unsigned kFrames = 50;
  constexpr std::size_t kSizes[] = {24, 20, 4};
  std::vector<SourceFrame> frames(kFrames);
  Stream stream{"audio", "G723/8000"};
  for (unsigned i = 0; i < kFrames; ++i) {
    frames[i].bytes = sample_bytes(kSizes[i % 3], i);
    frames[i].bytes[0] = static_cast<std::uint8_t>((frames[i].bytes[0] & 0xFC) | (i % 3));
    stream.add(frames[i].bytes, 1000 + i * 240, i == 0);
  }
  std::string native_caps;
  const auto native = play(stream, "", native_caps);
  std::string depayloaded_caps;
  const auto depayloaded = play(stream, " ! application/x-rtp ! rtpg723depay", depayloaded_caps);
  check_times("G.723.1", native, kFrames, 30 * GST_MSECOND, 0);
  check_same("G.723.1", native, frames);
  check_same("G.723.1 through rtpg723depay", depayloaded, frames);
  ck_assert_msg(same_caps(native_caps, depayloaded_caps), "%s", native_caps.c_str());
}

// --- data ---

LAW(klv_is_recorded_into_a_transport_stream) {
  constexpr unsigned kUnits = 30;
  std::vector<SourceFrame> units(kUnits);
  for (unsigned i = 0; i < kUnits; ++i) {
    const std::size_t size = 50 + i * 97 % 3000;
    units[i].bytes = {0x06, 0x0E, 0x2B, 0x34, 2, 0x0B, 1, 1, 0x0E, 1, 3, 1, 1, 0, 0, 0, 0x82};
    units[i].bytes.push_back(static_cast<std::uint8_t>(size >> 8U));
    units[i].bytes.push_back(static_cast<std::uint8_t>(size & 0xFF));
    const Bytes value = sample_bytes(size, i);
    units[i].bytes.insert(units[i].bytes.end(), value.begin(), value.end());
    units[i].pts = i * 40 * GST_MSECOND;
  }
  Stream stream{"application", "SMPTE336M/90000"};
  stream.packets = payload("rtpklvpay mtu=600", "meta/x-klv, parsed=true", units).packets;
  const auto got = record(stream, "mpegtsmux", "tsdemux ! meta/x-klv");
  check_times("KLV", got, kUnits, 40 * GST_MSECOND, GST_MSECOND);
  check_same("KLV", got, units);
}

LAW(onvif_metadata_is_written_document_by_document) {
  constexpr unsigned kDocuments = 25;
  Stream stream{"application", "vnd.onvif.metadata/90000"};
  std::vector<SourceFrame> documents(kDocuments);
  for (unsigned i = 0; i < kDocuments; ++i) {
    const std::string text = "<?xml version=\"1.0\"?><tt:MetadataStream><tt:Event n=\"" + std::to_string(i) +
                             "\">" + std::string(i * 90, 'x') + "</tt:Event></tt:MetadataStream>";
    documents[i].bytes.assign(text.begin(), text.end());
    constexpr std::size_t kMost = 500;
    for (std::size_t at = 0; at < text.size(); at += kMost) {
      const std::string part = text.substr(at, kMost);
      stream.add(Bytes(part.begin(), part.end()), 90000 + i * 9000, at + kMost >= text.size());
    }
  }
  std::string caps;
  const auto got = play(stream, "", caps);
  check_times("metadata", got, kDocuments, 100 * GST_MSECOND, 0);
  check_same("metadata", got, documents);
  ASSERT_TEXT(caps, "application/x-onvif-metadata, parsed=(boolean)true, compression=(string)none");
}

}  // namespace

int main() {
  if (!retina::test::have_elements({"av1enc", "av1dec", "mp4mux", "qtdemux", "matroskamux", "matroskademux",
                                    "mpegtsmux", "tsdemux", "rtpg723depay", "rtpklvpay"})) {
    return 77;
  }
  return retina::test::run_laws("formats_scripted", 60);
}
