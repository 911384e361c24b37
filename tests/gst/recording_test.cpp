// The demo camera (gst-rtsp-server, x264) recorded to files without a parser, and decoded again.

#include <gio/gio.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "gst/element_runner.h"

namespace {

using namespace retina::test;

constexpr int kFrames = 300;
constexpr int kFps = 50;

/// tools/retina-camera as a child process; ended by the destructor.
class DemoCamera {
 public:
  explicit DemoCamera(std::vector<std::string> options) {
    const char* program = g_getenv("RETINA_CAMERA");
    std::vector<const char*> arguments{program};
    for (const std::string& option : options)
      arguments.push_back(option.c_str());
    arguments.push_back(nullptr);
    GError* error = nullptr;
    process_ = g_subprocess_newv(arguments.data(), G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
    ck_assert_msg(process_ != nullptr, "%s", error != nullptr ? error->message : "");
    GDataInputStream* output = g_data_input_stream_new(g_subprocess_get_stdout_pipe(process_));
    gchar* line = g_data_input_stream_read_line(output, nullptr, nullptr, nullptr);
    url_ = line != nullptr ? line : "";
    g_free(line);
    g_object_unref(output);
    ck_assert_msg(!url_.empty(), "the camera did not start");
  }
  ~DemoCamera() {
    g_subprocess_force_exit(process_);
    g_subprocess_wait(process_, nullptr, nullptr);
    g_object_unref(process_);
  }
  DemoCamera(const DemoCamera&) = delete;
  DemoCamera& operator=(const DemoCamera&) = delete;

  const std::string& url() const { return url_; }

 private:
  GSubprocess* process_ = nullptr;
  std::string url_;
};

std::vector<std::string> finite() {
  return {"--frames=" + std::to_string(kFrames), "--fps=" + std::to_string(kFps), "--size=320x240",
          "--no-audio"};
}

/// Runs a pipeline to its end; the buffers that go into the element "sink".
std::vector<GstClockTime> run(const std::string& description) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(description.c_str(), &error);
  ck_assert_msg(error == nullptr, "%s", error != nullptr ? error->message : "");
  std::vector<GstClockTime> times;
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  GstPad* pad = gst_element_get_static_pad(sink, "sink");
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        static_cast<std::vector<GstClockTime>*>(data)->push_back(
            GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)));
        return GST_PAD_PROBE_OK;
      },
      &times, nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  ck_assert_msg(message != nullptr, "no end: %s", description.c_str());
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error(message, &error, nullptr);
    ck_abort_msg("%s: %s", description.c_str(), error->message);
  }
  gst_message_unref(message);
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pad);
  gst_object_unref(sink);
  gst_object_unref(pipeline);
  return times;
}

/// Records without a parser, decodes, and looks at every frame's time.
void record_and_decode(const std::string& muxer, const std::string& demuxer) {
  const DemoCamera camera(finite());
  const std::string file = std::string(g_get_tmp_dir()) + "/retina-recording-" + std::to_string(getpid());
  run("retinasrc location=" + camera.url() + " ! " + muxer + " ! filesink name=sink location=" + file);
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
