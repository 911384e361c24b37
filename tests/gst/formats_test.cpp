// Every format from a real server, recorded without a parser or decoded as it comes: how many frames, and
// when.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "gst/demo_camera.h"
#include "gst/element_runner.h"
#include "gst/pipeline_run.h"

namespace {

using namespace retina::test;

struct Row {
  const char* name;
  std::vector<const char*> elements;  // that it takes; without one of them the row is skipped, and says so
  const char* served;                 // by the camera, up to the payloader
  /// What the element is followed by. A file is read again by the next.
  const char* sink;
  const char* read_back;             // empty: nothing is written
  std::size_t frames;                // that arrive at the end
  std::size_t fewer;                 // that may be missing: decoders swallow some at the start
  GstClockTime step;                 // between them
  GstClockTime slack = GST_MSECOND;  // Matroska keeps milliseconds
  std::size_t uneven = 0;            // so many steps at the start: Opus begins with less than a whole frame
};

constexpr const char* kPicture =
    "videotestsrc num-buffers=60 ! video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! ";
constexpr const char* kSound8k =
    "audiotestsrc num-buffers=100 samplesperbuffer=160 ! audio/x-raw,rate=8000,channels=1 ! audioconvert ! ";
constexpr const char* kSound48k =
    "audiotestsrc num-buffers=100 samplesperbuffer=1024 ! audio/x-raw,rate=48000,channels=2 ! audioconvert "
    "! ";

constexpr GstClockTime kFrame = 40 * GST_MSECOND;
constexpr GstClockTime kAacFrame = 1024 * GST_SECOND / 48000;

std::string with_source(const char* source, const char* rest) {
  return std::string(source) + rest + " name=pay0";
}

struct Format {
  Row row;
  const char* source;
  const char* properties = "";
};

// clang-format off
const Format kFormats[] = {
    {{"H.265 into mp4", {"x265enc", "avdec_h265"}, "x265enc tune=zerolatency speed-preset=ultrafast ! rtph265pay",
      "mp4mux", "qtdemux ! h265parse ! avdec_h265", 60, 0, kFrame}, kPicture},
    {{"H.265 into Matroska", {"x265enc", "avdec_h265"}, "x265enc tune=zerolatency speed-preset=ultrafast ! rtph265pay",
      "matroskamux", "matroskademux ! h265parse ! avdec_h265", 60, 0, kFrame}, kPicture},
    {{"H.265 byte-stream decoded", {"x265enc", "avdec_h265"}, "x265enc tune=zerolatency speed-preset=ultrafast ! rtph265pay",
      "video/x-h265,stream-format=byte-stream ! avdec_h265", "", 60, 0, kFrame}, kPicture},
    {{"JPEG into Matroska", {"jpegenc", "jpegdec"}, "jpegenc ! rtpjpegpay",
      "matroskamux", "matroskademux ! jpegdec", 60, 0, kFrame}, kPicture},
    {{"JPEG decoded", {"jpegenc", "jpegdec"}, "jpegenc ! rtpjpegpay", "jpegdec", "", 60, 0, kFrame}, kPicture},
    {{"AAC into mp4", {"avenc_aac", "avdec_aac"}, "avenc_aac ! rtpmp4gpay",
      "mp4mux", "qtdemux ! aacparse ! avdec_aac", 102, 4, kAacFrame}, kSound48k, "media=audio"},
    {{"AAC into Matroska", {"avenc_aac", "avdec_aac"}, "avenc_aac ! rtpmp4gpay",
      "matroskamux", "matroskademux ! avdec_aac", 102, 4, kAacFrame}, kSound48k, "media=audio"},
    {{"AAC as ADTS decoded", {"avenc_aac", "avdec_aac"}, "avenc_aac ! rtpmp4gpay",
      "audio/mpeg,stream-format=adts ! avdec_aac", "", 102, 4, kAacFrame}, kSound48k, "media=audio"},
    {{"LATM into mp4", {"avenc_aac", "avdec_aac"}, "avenc_aac ! rtpmp4apay",
      "mp4mux", "qtdemux ! aacparse ! avdec_aac", 102, 4, kAacFrame}, kSound48k, "media=audio"},
    {{"PCMA into Matroska", {"alawenc"}, "alawenc ! rtppcmapay",
      "matroskamux", "matroskademux ! alawdec", 100, 0, 20 * GST_MSECOND}, kSound8k, "media=audio"},
    {{"PCMU into Matroska", {"mulawenc"}, "mulawenc ! rtppcmupay",
      "matroskamux", "matroskademux ! mulawdec", 100, 0, 20 * GST_MSECOND}, kSound8k, "media=audio"},
    {{"L16 into Matroska", {"rtpL16pay"}, "audio/x-raw,format=S16BE ! rtpL16pay max-ptime=20000000 min-ptime=20000000",
      "matroskamux", "matroskademux", 100, 0, 20 * GST_MSECOND}, kSound8k, "media=audio"},
    {{"L24 converted", {"rtpL24pay"}, "audio/x-raw,format=S24BE ! rtpL24pay max-ptime=20000000 min-ptime=20000000",
      "audioconvert ! audio/x-raw,format=S16LE", "", 100, 0, 20 * GST_MSECOND}, kSound8k, "media=audio"},
    {{"Opus into Matroska", {"opusenc"}, "opusenc frame-size=20 ! rtpopuspay",
      "matroskamux", "matroskademux", 107, 2, 20 * GST_MSECOND, GST_MSECOND, 1}, kSound48k, "media=audio"},
    {{"G.722 decoded", {"avenc_g722", "avdec_g722"}, "audioresample ! audio/x-raw,rate=16000 ! avenc_g722 ! rtpg722pay",
      "avdec_g722", "", 100, 1, 20 * GST_MSECOND}, kSound8k, "media=audio"},
    {{"G.726 decoded", {"avenc_g726", "avdec_g726"}, "avenc_g726 ! rtpg726pay",
      "avdec_g726", "", 8, 0, 256 * GST_MSECOND}, kSound8k, "media=audio"},
    {{"L8 into Matroska", {"rtpL8pay"}, "audio/x-raw,format=U8 ! rtpL8pay max-ptime=20000000 min-ptime=20000000",
      "matroskamux", "matroskademux", 100, 0, 20 * GST_MSECOND}, kSound8k, "media=audio"},
    {{"AC-3 as RTP packets, through GStreamer's depayloader", {"avenc_ac3", "rtpac3depay", "a52dec"}, "avenc_ac3 ! ac3parse ! rtpac3pay",
      "rtpac3depay ! a52dec", "", 67, 0, 32 * GST_MSECOND}, kSound48k, "media=audio"},
    {{"AC-3 as RTP packets, into mp4", {"avenc_ac3", "rtpac3depay", "avdec_ac3"}, "avenc_ac3 ! ac3parse ! rtpac3pay",
      "rtpac3depay ! ac3parse ! mp4mux", "qtdemux ! ac3parse ! avdec_ac3", 67, 0, 32 * GST_MSECOND}, kSound48k, "media=audio"},
    {{"Theora as RTP packets, through GStreamer's depayloader", {"theoraenc", "theoradec"}, "theoraenc ! rtptheorapay",
      "rtptheoradepay ! theoradec", "", 60, 0, kFrame}, kPicture},
    {{"Theora as RTP packets, into Matroska", {"theoraenc", "theoradec"}, "theoraenc ! rtptheorapay",
      "rtptheoradepay ! theoraparse ! matroskamux", "matroskademux ! theoradec", 60, 0, kFrame}, kPicture},
    {{"VP8 as RTP packets, through GStreamer's depayloader", {"vp8enc", "vp8dec"}, "vp8enc deadline=1 ! rtpvp8pay",
      "rtpvp8depay ! vp8dec", "", 60, 0, kFrame}, kPicture},
    {{"VP9 as RTP packets, through GStreamer's depayloader", {"vp9enc", "vp9dec"}, "vp9enc deadline=1 cpu-used=8 ! rtpvp9pay",
      "rtpvp9depay ! vp9dec", "", 60, 0, kFrame}, kPicture},
    {{"H.264 as RTP packets where only they are taken", {"x264enc", "avdec_h264"}, "x264enc tune=zerolatency ! rtph264pay",
      "application/x-rtp ! rtph264depay ! avdec_h264", "", 60, 0, kFrame}, kPicture},
    {{"MPEG audio as RTP packets, through GStreamer's depayloader", {"avenc_mp2", "rtpmpadepay", "mpg123audiodec"}, "avenc_mp2 ! mpegaudioparse ! rtpmpapay",
      "rtpmpadepay ! mpegaudioparse ! mpg123audiodec", "", 90, 4, 24 * GST_MSECOND}, kSound48k, "media=audio"},
    {{"MPEG-TS as RTP packets, through GStreamer's depayloader", {"x264enc", "avdec_h264", "mpegtsmux", "tsdemux"},
      "x264enc tune=zerolatency ! mpegtsmux ! rtpmp2tpay", "rtpmp2tdepay ! tsdemux ! h264parse ! avdec_h264", "", 60, 1, kFrame, 5 * GST_MSECOND}, kPicture},
};
// clang-format on

bool available(const Row& row) {
  for (const char* name : row.elements) {
    GstElementFactory* factory = gst_element_factory_find(name);
    if (factory == nullptr) {
      std::printf("SKIP: %s needs %s\n", row.name, name);
      return false;
    }
    gst_object_unref(factory);
  }
  return true;
}

std::vector<GstClockTime> receive(const Format& format, const std::string& url) {
  const Row& row = format.row;
  const std::string source =
      "retinasrc reconnect=false timestamp-mode=camera location=" + url + " " + format.properties + " ! ";
  if (*row.read_back == '\0') return run(source + row.sink + " ! fakesink name=sink sync=false");
  const std::string file = std::string(g_get_tmp_dir()) + "/retina-formats-" + std::to_string(getpid());
  run(source + row.sink + " ! filesink name=sink location=" + file);
  auto times = run("filesrc location=" + file + " ! " + row.read_back + " ! fakesink name=sink sync=false");
  unlink(file.c_str());
  return times;
}

void check(const Format& format) {
  const Row& row = format.row;
  const DemoCamera camera({"--launch=" + with_source(format.source, row.served)});
  const auto times = receive(format, camera.url());
  ck_assert_msg(times.size() <= row.frames && times.size() + row.fewer >= row.frames, "%s: %zu frames",
                row.name, times.size());
  for (std::size_t i = 1 + row.uneven; i < times.size(); ++i) {
    const auto step = GST_CLOCK_DIFF(times[i - 1], times[i]);
    ck_assert_msg(
        std::abs(step - static_cast<GstClockTimeDiff>(row.step)) <= static_cast<GstClockTimeDiff>(row.slack),
        "%s: frame %zu after %" G_GINT64_FORMAT " ns", row.name, i, static_cast<gint64>(step));
  }
}

void check_all(const char* prefix) {
  int checked = 0;
  for (const Format& format : kFormats) {
    if (!g_str_has_prefix(format.row.name, prefix)) continue;
    check(format);
    ++checked;
  }
  ck_assert_int_gt(checked, 0);
}

LAW(h265_is_recorded_and_decoded) {
  check_all("H.265");
}
LAW(jpeg_is_recorded_and_decoded) {
  check_all("JPEG");
}
LAW(aac_is_recorded_and_decoded) {
  check_all("AAC");
}
LAW(latm_is_recorded) {
  check_all("LATM");
}
LAW(pcma_and_pcmu_are_recorded) {
  check_all("PCM");
}
LAW(linear_pcm_is_recorded) {
  check_all("L8");
  check_all("L16");
  check_all("L24");
}
LAW(opus_is_recorded) {
  check_all("Opus");
}
LAW(g722_and_g726_are_decoded) {
  check_all("G.7");
}
LAW(vp8_and_vp9_go_through_depayloaders) {
  check_all("VP");
}
LAW(ac3_goes_through_its_depayloader) {
  check_all("AC-3");
}
LAW(theora_goes_through_its_depayloader) {
  check_all("Theora");
}
LAW(h264_goes_out_as_rtp_packets_where_only_they_are_taken) {
  check_all("H.264");
}
LAW(mpeg_audio_and_transport_streams_go_through_depayloaders) {
  check_all("MPEG");
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (g_getenv("RETINA_CAMERA") == nullptr) {
    std::puts("SKIP: needs tools/retina-camera");
    return 77;
  }
  if (!std::ranges::all_of(kFormats, [](const Format& format) { return available(format.row); })) return 77;
  return retina::test::run_laws("formats", 120);
}
