// The demo camera (gst-rtsp-server, x264) recorded to files without a parser, and decoded again.

#include <cstdlib>
#include <string>
#include <vector>

#include "gst/demo_camera.h"
#include "gst/element_runner.h"
#include "gst/pipeline_run.h"

namespace {

using namespace retina::test;

constexpr int kFrames = 300;
constexpr int kFps = 50;

std::vector<std::string> finite() {
  return {"--frames=" + std::to_string(kFrames), "--fps=" + std::to_string(kFps), "--size=320x240",
          "--no-audio"};
}

/// Records without a parser, decodes, and looks at every frame's time.
void record_and_decode(const std::string& muxer, const std::string& demuxer, int b_frames = 0) {
  auto options = finite();
  options.push_back("--bframes=" + std::to_string(b_frames));
  const DemoCamera camera(options);
  const std::string file = std::string(g_get_tmp_dir()) + "/retina-recording-" + std::to_string(getpid());
  run("retinasrc reconnect=false timestamp-mode=camera location=" + camera.url() + " ! " + muxer +
      " ! filesink name=sink location=" + file);
  const auto times =
      run("filesrc location=" + file + " ! " + demuxer + " ! h264parse ! avdec_h264 ! fakesink name=sink");
  unlink(file.c_str());
  ck_assert_uint_eq(times.size(), kFrames);
  for (std::size_t i = 1; i < times.size(); ++i) {
    // Matroska keeps milliseconds.
    ck_assert_msg(std::abs(GST_CLOCK_DIFF(times[i - 1], times[i]) - GST_SECOND / kFps) <= GST_MSECOND,
                  "frame %zu", i);
  }
}

LAW(three_hundred_frames_into_mp4_decode_to_three_hundred) {
  record_and_decode("mp4mux", "qtdemux");
}
LAW(three_hundred_frames_into_matroska_decode_to_three_hundred) {
  record_and_decode("matroskamux", "matroskademux");
}

/// Their times need not rise from frame to frame, but must when they are decoded.
LAW(b_frames_into_mp4_decode_in_order) {
  record_and_decode("mp4mux", "qtdemux", 3);
}
LAW(b_frames_into_matroska_decode_in_order) {
  record_and_decode("matroskamux", "matroskademux", 3);
}

LAW(basic_and_digest_of_a_real_server_let_the_right_user_in) {
  for (const char* scheme : {"basic", "digest"}) {
    auto options = finite();
    options.insert(options.end(), {"--user=admin", "--password=s3cret", std::string("--auth=") + scheme});
    const DemoCamera camera(options);
    ElementRunner right("location=" + camera.url() + " user-id=admin user-pw=s3cret");
    right.start();
    ck_assert_msg(right.wait_for_buffers(5), "%s", scheme);
    ElementRunner wrong("location=" + camera.url() + " user-id=admin user-pw=guess");
    const Outcome outcome = wrong.run();
    ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  GstElementFactory* decoder = gst_element_factory_find("avdec_h264");
  GstElementFactory* encoder = gst_element_factory_find("x264enc");
  if (g_getenv("RETINA_CAMERA") == nullptr || decoder == nullptr || encoder == nullptr) {
    std::puts("SKIP: needs tools/retina-camera, x264enc (plugins-ugly) and avdec_h264 (libav)");
    return 77;
  }
  gst_object_unref(decoder);
  gst_object_unref(encoder);
  return retina::test::run_laws("recording", 90);
}
