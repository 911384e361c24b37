// Streams with B-frames, told by their SPS or not, recorded without a parser: the file has every picture at
// its time.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "codec/annexb.h"
#include "codec/bit_fields.h"
#include "codec/h264_syntax.h"
#include "gst/bin_recorder.h"
#include "gst/recorded_file.h"
#include "gst/stream_camera.h"
#include "interop/payloader.h"
#include "support/check.h"
#include "support/h264_packetizer.h"
#include "support/scripted_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

constexpr unsigned kFrames = 75;
constexpr std::uint8_t kSps = 0x67;

/// The SPS (Main profile) without its VUI: it doesn't say any more how many
/// pictures are reordered, nor how many there are a second.
Bytes without_vui(const Bytes& sps) {
  codec::BitFields old(base::ByteView(sps).subspan(4));
  BitWriter made;
  const auto golomb = [&] {
    const std::uint32_t value = old.golomb();
    made.ue(value);
    return value;
  };
  const auto flag = [&] {
    const bool value = old.flag();
    made.u(1, value ? 1 : 0);
    return value;
  };
  golomb();  // seq_parameter_set_id
  golomb();  // log2_max_frame_num_minus4
  const std::uint32_t order_type = golomb();
  ck_assert(order_type == 0 || order_type == 2);
  if (order_type == 0) golomb();  // log2_max_pic_order_cnt_lsb_minus4
  golomb();                       // max_num_ref_frames
  flag();                         // gaps_in_frame_num_value_allowed_flag
  golomb();
  golomb();
  if (!flag()) flag();  // frame_mbs_only_flag, mb_adaptive_frame_field_flag
  flag();               // direct_8x8_inference_flag
  if (flag()) {         // frame_cropping_flag
    for (int i = 0; i < 4; ++i)
      golomb();
  }
  ck_assert(old.flag() && old.valid());  // vui_parameters_present_flag
  made.u(1, 0);
  return made.nal({sps[0], sps[1], sps[2], sps[3]});
}

struct Source {
  const char* name;
  const char* encoder;  // the options of x264enc
  bool vui;
  const char* attributes;  // of the SDP
};

// clang-format off
const Source kSources[] = {
    {"IP", "bframes=0", true, ""},
    {"IP, no VUI", "bframes=0", false, ""},
    {"IPBB", "bframes=2 b-adapt=false b-pyramid=false", true, ""},
    {"IPBB, no VUI", "bframes=2 b-adapt=false b-pyramid=false", false, ""},
    {"IPB, no VUI", "bframes=1 b-adapt=false b-pyramid=false", false, "a=framerate:25\n"},
    {"pyramid", "bframes=3 b-adapt=false b-pyramid=true", true, ""},
    {"pyramid, no VUI", "bframes=3 b-adapt=false b-pyramid=true", false, ""},
    {"pyramid of 7, no VUI", "bframes=7 b-adapt=false b-pyramid=true", false, ""},
};
// clang-format on

std::vector<AccessUnit> encode(const Source& source) {
  std::string caps;
  const auto encoded =
      produce("videotestsrc num-buffers=" + std::to_string(kFrames) +
                  " pattern=ball ! video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! "
                  "x264enc speed-preset=veryfast key-int-max=25 bitrate=200 " +
                  source.encoder + " ! video/x-h264,profile=main,stream-format=byte-stream,alignment=au",
              caps);
  ck_assert_uint_eq(encoded.size(), kFrames);
  std::vector<AccessUnit> units;
  const GstClockTime first = encoded.front().pts;
  for (const SourceFrame& frame : encoded) {
    AccessUnit unit;
    unit.key_frame = frame.key_frame;
    unit.timestamp =
        static_cast<std::uint32_t>(90000 + gst_util_uint64_scale_round(frame.pts - first, 90000, GST_SECOND));
    codec::AnnexBReader reader(frame.bytes);
    for (base::ByteView nal = reader.next(); !nal.empty(); nal = reader.next()) {
      const Bytes bytes(nal.begin(), nal.end());
      unit.nals.push_back(bytes[0] == kSps && !source.vui ? without_vui(bytes) : bytes);
    }
    units.push_back(std::move(unit));
  }
  return units;
}

StandardCamera camera_for(const Source& source, const std::vector<AccessUnit>& units) {
  Stream stream{"video", "H264/90000", std::string("a=fmtp:96 packetization-mode=1\n") + source.attributes};
  StandardCamera camera = camera_of(stream);
  RtpNumbers numbers;
  numbers.sequence = 65500;
  for (const AccessUnit& unit : units) {
    for (Bytes& packet : rtp_packets(unit, 1400, numbers)) {
      MediaPacket sent;
      sent.bytes = std::move(packet);
      sent.at = std::chrono::milliseconds(300);  // decoding times before 0 can't be told
      camera.media.packets.push_back(std::move(sent));
    }
  }
  return camera;
}

double ms(GstClockTimeDiff time) {
  return static_cast<double>(time) / static_cast<double>(GST_MSECOND);
}

/// Decoding times rise, and none is after its frame is shown.
void check_decoding(const std::string& what, const std::vector<StoredFrame>& frames) {
  GstClockTime latest = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    // Without DTS it is the PTS, for whoever needs one.
    const GstClockTime dts = GST_CLOCK_TIME_IS_VALID(frames[i].dts) ? frames[i].dts : frames[i].pts;
    ck_assert_msg(i == 0 || dts > latest, "%s: frame %zu: DTS %.3f ms after %.3f ms", what.c_str(), i,
                  ms(static_cast<GstClockTimeDiff>(dts)), ms(static_cast<GstClockTimeDiff>(latest)));
    ck_assert_msg(dts <= frames[i].pts, "%s: frame %zu: decoded %.3f ms too late", what.c_str(), i,
                  ms(GST_CLOCK_DIFF(frames[i].pts, dts)));
    latest = dts;
  }
}

/// Each frame, in decoding order, is shown when the camera says.
void check_presentation(const std::string& what, const std::vector<StoredFrame>& frames,
                        const std::vector<AccessUnit>& units, GstClockTime slack) {
  ck_assert_msg(frames.size() == units.size(), "%s: %zu frames", what.c_str(), frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto expected = static_cast<GstClockTimeDiff>(
        gst_util_uint64_scale_round(units[i].timestamp - units[0].timestamp, GST_SECOND, 90000));
    const GstClockTimeDiff off = GST_CLOCK_DIFF(frames[0].pts, frames[i].pts) - expected;
    ck_assert_msg(std::abs(off) <= static_cast<GstClockTimeDiff>(slack), "%s: frame %zu: %.3f ms off",
                  what.c_str(), i, ms(off));
  }
}

void record(const char* muxer, const char* demuxer, const char* branch, GstClockTime slack) {
  for (const Source& source : kSources) {
    // A parser takes the durations away of a stream that doesn't tell its rate, and mp4mux its last frame.
    if (!source.vui && *branch != 0) continue;
    const auto units = encode(source);
    const ScriptedCamera camera(camera_for(source, units));
    BinRecorder recorder("timestamp-mode=camera location=" + camera.url(), muxer, branch);
    recorder.record(30 * GST_SECOND);
    const std::string what = std::string(source.name) + ", " + muxer;
    const auto sent = recorder.frames("video_0");
    check_presentation(what + ", sent", sent, units, 1);
    check_decoding(what + ", sent", sent);
    const RecordedFile found = read_back(recorder.file(), demuxer, "");
    check_presentation(what, found.video, units, slack);
    if (found.video[0].dts != GST_CLOCK_TIME_NONE) {
      std::vector<GstClockTime> decoding;
      for (const StoredFrame& frame : found.video)
        decoding.push_back(frame.dts);
      ck_assert_msg(std::is_sorted(decoding.begin(), decoding.end()), "%s", what.c_str());
    }
    ck_assert_msg(found.pictures.size() == kFrames, "%s: %zu pictures", what.c_str(), found.pictures.size());
    for (std::size_t i = 0; i < kFrames; ++i) {
      const GstClockTimeDiff off =
          GST_CLOCK_DIFF(found.pictures[0] + i * 40 * GST_MSECOND, found.pictures[i]);
      ck_assert_msg(std::abs(off) <= static_cast<GstClockTimeDiff>(slack), "%s: picture %zu: %.3f ms off",
                    what.c_str(), i, ms(off));
    }
    ck_assert_msg(std::abs(GST_CLOCK_DIFF(kFrames * 40 * GST_MSECOND, length(found.video))) <=
                      40 * static_cast<GstClockTimeDiff>(GST_MSECOND),
                  "%s: %.3f ms long", what.c_str(), ms(static_cast<GstClockTimeDiff>(length(found.video))));
  }
}

LAW(into_mp4) {
  record("mp4mux", "qtdemux", "", 100 * GST_USECOND);
}
LAW(into_mp4_behind_a_parser) {
  record("mp4mux", "qtdemux", "h264parse", 100 * GST_USECOND);
}
LAW(into_matroska) {
  record("matroskamux", "matroskademux", "", GST_MSECOND);
}
LAW(into_matroska_behind_a_parser) {
  record("matroskamux", "matroskademux", "h264parse", GST_MSECOND);
}

}  // namespace

int main() {
  if (!have_elements(
          {"x264enc", "avdec_h264", "h264parse", "mp4mux", "qtdemux", "matroskamux", "matroskademux"}))
    return 77;
  return retina::test::run_laws("recording_reordered", 60);
}
