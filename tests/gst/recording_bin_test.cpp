// The demo camera, all of it, recorded by a retinabin into one file: durations, intervals, and whether one
// sees the clap when one hears it.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "gst/bin_recorder.h"
#include "gst/demo_camera.h"
#include "gst/recorded_file.h"

namespace {

using namespace retina::test;

constexpr int kFps = 25;

/// Of each recording; RETINA_RECORDING_SECONDS=60, say.
int seconds() {
  const char* told = g_getenv("RETINA_RECORDING_SECONDS");
  const int value = told != nullptr ? std::atoi(told) : 10;
  return std::clamp(value, 3, 3600);
}

GstClockTime limit() {
  return static_cast<GstClockTime>(seconds() + 30) * GST_SECOND;
}

double ms(GstClockTimeDiff time) {
  return static_cast<double>(time) / static_cast<double>(GST_MSECOND);
}

struct Recording {
  const char* name;
  std::vector<std::string> camera;  // its options
  const char* muxer;
  const char* demuxer;
  const char* decoder;  // of the sound
  const char* branch = "";
  GstClockTime slack = GST_USECOND;  // of a file's times
};

/// Each frame is `ticks` after the one before. Cameras round: one tick is theirs, `slack` is ours.
void assert_even(const char* name, std::vector<StoredFrame> frames, std::uint64_t ticks,
                 std::uint64_t rate_hz, GstClockTimeDiff slack) {
  std::sort(frames.begin(), frames.end(), [](const auto& a, const auto& b) { return a.pts < b.pts; });
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const GstClockTime since = frames[i].pts - frames[0].pts;
    const std::uint64_t ticked = gst_util_uint64_scale_round(since, rate_hz, GST_SECOND);
    const GstClockTimeDiff off =
        GST_CLOCK_DIFF(gst_util_uint64_scale_round(ticked, GST_SECOND, rate_hz), since);
    const auto camera_off = static_cast<std::int64_t>(ticked - i * ticks);
    const std::int64_t camera_slack = 1 + slack * static_cast<std::int64_t>(rate_hz) / 1'000'000'000;
    ck_assert_msg(std::abs(off) <= slack && std::abs(camera_off) <= camera_slack,
                  "%s: frame %zu of %zu: %.6f ms and %d ticks off", name, i, frames.size(), ms(off),
                  static_cast<int>(camera_off));
  }
}

/// Decoding times rise, and none is after its frame's presentation.
void assert_decodable(const char* name, const std::vector<StoredFrame>& frames) {
  GstClockTime latest = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const GstClockTime dts = frames[i].dts;
    if (!GST_CLOCK_TIME_IS_VALID(dts)) continue;
    ck_assert_msg(i == 0 || dts > latest, "%s: frame %zu: DTS %.3f ms before the one before", name, i,
                  ms(GST_CLOCK_DIFF(dts, latest)));
    latest = dts;
  }
}

void assert_in_step(const char* name, const RecordedFile& file, GstClockTimeDiff most) {
  ck_assert_msg(file.flashes.size() + 1 >= static_cast<std::size_t>(seconds()), "%s: %zu flashes", name,
                file.flashes.size());
  GstClockTimeDiff least_off = G_MAXINT64;
  GstClockTimeDiff most_off = G_MININT64;
  std::size_t compared = 0;
  for (const GstClockTime flash : file.flashes) {
    const auto beep =
        std::min_element(file.beeps.begin(), file.beeps.end(), [=](GstClockTime a, GstClockTime b) {
          return std::abs(GST_CLOCK_DIFF(flash, a)) < std::abs(GST_CLOCK_DIFF(flash, b));
        });
    ck_assert_msg(beep != file.beeps.end(), "%s: no sound", name);
    const GstClockTimeDiff off = GST_CLOCK_DIFF(flash, *beep);
    // The first or the last may be without the other.
    if (std::abs(off) > static_cast<GstClockTimeDiff>(GST_SECOND / 2)) continue;
    ++compared;
    least_off = std::min(least_off, off);
    most_off = std::max(most_off, off);
    ck_assert_msg(std::abs(off) <= most, "%s: the beep comes %.3f ms after the flash", name, ms(off));
  }
  ck_assert_uint_ge(compared + 2, static_cast<std::size_t>(seconds()));
  std::printf("%s: %zu claps, beep after flash %.3f to %.3f ms\n", name, compared, ms(least_off),
              ms(most_off));
}

/// `most`: that the tracks may be apart.
void assert_durations(const Recording& recording, const std::string& file, const RecordedFile& found,
                      GstClockTimeDiff most) {
  const GstClockTimeDiff off = GST_CLOCK_DIFF(length(found.audio), length(found.video));
  std::printf("%s: video %zu frames, %.3f ms; audio %zu frames, %.3f ms\n", recording.name,
              found.video.size(), ms(static_cast<GstClockTimeDiff>(length(found.video))), found.audio.size(),
              ms(static_cast<GstClockTimeDiff>(length(found.audio))));
  ck_assert_msg(std::abs(off) <= most, "%s: %.3f ms", recording.name, ms(off));
  if (std::string(recording.muxer).find("mp4") == std::string::npos) return;
  const auto tracks = mp4_tracks(file);
  ck_assert_uint_eq(tracks.size(), 2);
  for (const Mp4Track& track : tracks) {
    std::printf("%s: %s %.3f ms of samples, %.3f ms of film\n", recording.name, track.handler.c_str(),
                ms(static_cast<GstClockTimeDiff>(track.media)),
                ms(static_cast<GstClockTimeDiff>(track.presented)));
  }
  for (const auto& of : {&Mp4Track::media, &Mp4Track::presented}) {
    const GstClockTimeDiff apart = GST_CLOCK_DIFF(tracks[0].*of, tracks[1].*of);
    ck_assert_msg(std::abs(apart) <= most, "%s: tracks %.3f ms apart", recording.name, ms(apart));
  }
}

void record(const Recording& recording) {
  auto options = recording.camera;
  options.insert(options.end(),
                 {"--clap", "--fps=" + std::to_string(kFps), "--size=320x240", "--pattern=ball"});
  const DemoCamera camera(options);
  const bool finite = std::any_of(options.begin(), options.end(),
                                  [](const std::string& each) { return each.find("--frames") == 0; });
  const auto frames = static_cast<std::size_t>(seconds() * kFps);
  BinRecorder recorder("timestamp-mode=camera location=" + camera.url(), recording.muxer, recording.branch);
  finite ? recorder.record(limit()) : recorder.record_frames(frames, limit());

  const auto sent_video = recorder.frames("video_0");
  const auto sent_audio = recorder.frames("audio_0");
  const bool pcm = std::string(recording.decoder) == "mulawdec";
  if (finite) ck_assert_uint_eq(sent_video.size(), frames);
  assert_even(recording.name, sent_video, 3600, 90000, 1);
  assert_even(recording.name, sent_audio, pcm ? 160 : 1024, pcm ? 8000 : 48000, 1);
  assert_decodable(recording.name, sent_video);

  const RecordedFile found = read_back(recorder.file(), recording.demuxer, recording.decoder);
  ck_assert_uint_eq(found.video.size(), sent_video.size());
  ck_assert_uint_eq(found.audio.size(), sent_audio.size());
  ck_assert_uint_eq(found.pictures.size(), sent_video.size());
  const auto slack = static_cast<GstClockTimeDiff>(recording.slack);
  assert_even(recording.name, found.video, 3600, 90000, slack);
  assert_even(recording.name, found.audio, pcm ? 160 : 1024, pcm ? 8000 : 48000, slack);
  assert_decodable(recording.name, found.video);
  ck_assert(std::is_sorted(found.pictures.begin(), found.pictures.end()));
  // The streams of a live camera end together, to half a frame of each: see common_end_test. They begin when
  // the camera has encoded something of each.
  const bool reordered = std::find(options.begin(), options.end(), "--bframes=2") != options.end();
  const GstClockTimeDiff cut = GstClockTimeDiff{finite ? 40 : reordered ? 71 : 31} * 1'000'000;
  const GstClockTimeDiff begun = GST_CLOCK_DIFF(sent_audio.front().pts, sent_video.front().pts);
  assert_durations(recording, recorder.file(), found, cut + (finite ? 0 : std::abs(begun)));
  assert_in_step(recording.name, found, 20 * GST_MSECOND);
}

std::string finite() {
  return "--frames=" + std::to_string(seconds() * kFps);
}

constexpr const char* kAac = "aacparse ! avdec_aac";

LAW(aac_and_h264_of_a_camera_that_ends_into_mp4) {
  record({"mp4, camera ends", {finite()}, "mp4mux", "qtdemux", kAac, "", 30 * GST_USECOND});
}
LAW(aac_and_h264_of_a_live_camera_into_mp4) {
  record({"mp4, live", {}, "mp4mux", "qtdemux", kAac, "", 30 * GST_USECOND});
}
LAW(aac_and_h264_of_a_live_camera_into_matroska) {
  record({"Matroska, live", {}, "matroskamux", "matroskademux", kAac, "", GST_MSECOND});
}
LAW(mu_law_and_h264_into_matroska) {
  record({"Matroska, PCMU",
          {"--audio-codec=pcmu"},
          "matroskamux",
          "matroskademux",
          "mulawdec",
          "",
          GST_MSECOND});
}
LAW(b_frames_of_a_live_camera_into_mp4) {
  record({"mp4, B-frames, live", {"--bframes=2"}, "mp4mux", "qtdemux", kAac, "", 30 * GST_USECOND});
}
LAW(b_frames_into_mp4) {
  record({"mp4, B-frames", {finite(), "--bframes=2"}, "mp4mux", "qtdemux", kAac, "", 30 * GST_USECOND});
}
LAW(b_frames_into_mp4_behind_a_parser) {
  record({"mp4, B-frames, parser",
          {finite(), "--bframes=2"},
          "mp4mux",
          "qtdemux",
          kAac,
          "h264parse",
          30 * GST_USECOND});
}
LAW(b_frames_into_matroska) {
  record({"Matroska, B-frames",
          {finite(), "--bframes=2"},
          "matroskamux",
          "matroskademux",
          kAac,
          "",
          GST_MSECOND});
}
LAW(b_frames_into_matroska_behind_a_parser) {
  record({"Matroska, B-frames, parser",
          {finite(), "--bframes=2"},
          "matroskamux",
          "matroskademux",
          kAac,
          "h264parse",
          GST_MSECOND});
}

bool available() {
  if (g_getenv("RETINA_CAMERA") == nullptr) return false;
  const char* const needed[] = {"x264enc", "avdec_h264", "avdec_aac", "voaacenc"};
  return std::all_of(std::begin(needed), std::end(needed), [](const char* name) {
    GstElementFactory* factory = gst_element_factory_find(name);
    if (factory != nullptr) gst_object_unref(factory);
    return factory != nullptr;
  });
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (!available()) {
    std::puts(
        "SKIP: needs tools/retina-camera, x264enc (plugins-ugly), voaacenc (plugins-bad), avdec_* (libav)");
    return 77;
  }
  return retina::test::run_laws("recording_bin", 40 + 2 * seconds());
}
