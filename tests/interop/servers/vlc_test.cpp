// VLC's RTSP server (stream output "rtp"), in the version that Debian has (3.0): it sends media over UDP
// only, and answers a SETUP over TCP with 461. Content-Base has no slash at its end, control URLs are
// absolute, `Cseq` is spelled so, and the picture that comes first is whichever is due.

#include "interop/servers/child.h"
#include "interop/servers/h264_file.h"
#include "interop/servers/tap.h"

namespace {

using namespace retina::test;

constexpr int kPictures = 100;

/// Plays a file over and over at rtsp://127.0.0.1:PORT/x, whether someone watches or not.
class Vlc {
 public:
  Vlc() : port_(free_port()) {
    make_h264_file(file(), kPictures);
    const std::string sout = "#rtp{sdp=rtsp://127.0.0.1:" + std::to_string(port_) + "/x}";
    child_ = std::make_unique<Child>(
        without_root({"vlc", "--intf=dummy", "--no-plugins-cache", "--no-color", "--verbose=2", "--repeat",
                      "--sout", sout, "--sout-keep", file()}));
    ck_assert_msg(!child_->wait_for_line("RTSP: adding").empty(), "VLC did not start: %s",
                  child_->output().c_str());
  }

  std::string file() const { return folder_.file("sample.mp4"); }
  std::uint16_t port() const { return port_; }

 private:
  Folder folder_;
  std::uint16_t port_;
  std::unique_ptr<Child> child_;
};

LAW(a_refusal_of_tcp_is_a_clear_error_and_asked_for_once) {
  const Vlc vlc;
  const Tap tap(vlc.port());
  ElementRunner runner("location=" + tap.url("/x") + " protocols=tcp");
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.domain == GST_RESOURCE_ERROR);
  ck_assert_int_eq(outcome.code, GST_RESOURCE_ERROR_OPEN_READ);
  ck_assert_uint_eq(outcome.rtsp_status, 461);
  ck_assert_msg(outcome.text.find("TCP") != std::string::npos, "%s", outcome.text.c_str());
  ASSERT_TEXT(tap.dialogue(), "OPTIONS 200 DESCRIBE 200 SETUP 461 ");
}

LAW(over_udp_the_files_own_pictures_come) {
  const Vlc vlc;
  const Tap tap(vlc.port());
  ElementRunner runner("location=" + tap.url("/x") + " protocols=udp teardown-timeout=5000000000",
                       "video/x-h264,stream-format=byte-stream");
  runner.start();
  ck_assert_msg(runner.wait_for_buffers(30), "%s", tap.dialogue().c_str());
  runner.stop();
  const auto frames = runner.received();
  expect_run_of(pictures_of(vlc.file()), frames);
  // VLC's clock is the system's, in microseconds, and the file begins anew after its end.
  expect_steady_times(frames, 20 * GST_MSECOND);
  ASSERT_TEXT(tap.dialogue(), "OPTIONS 200 DESCRIBE 200 SETUP 200 PLAY 200 TEARDOWN 200 ");
}

LAW(a_refusal_of_tcp_goes_on_over_udp_by_itself) {
  const Vlc vlc;
  const Tap tap(vlc.port());
  ElementRunner runner("location=" + tap.url("/x") + " teardown-timeout=5000000000",
                       "video/x-h264,stream-format=byte-stream");
  runner.start();
  ck_assert_msg(runner.wait_for_buffers(10), "%s", tap.dialogue().c_str());
  runner.stop();
  expect_run_of(pictures_of(vlc.file()), runner.received());
  ASSERT_TEXT(runner.transport(), "udp");
  ASSERT_TEXT(tap.dialogue(), "OPTIONS 200 DESCRIBE 200 SETUP 461 SETUP 200 PLAY 200 TEARDOWN 200 ");
}

LAW(a_path_that_is_not_there) {
  const Vlc vlc;
  ElementRunner runner("location=rtsp://127.0.0.1:" + std::to_string(vlc.port()) + "/y");
  const Outcome outcome = runner.run();
  ck_assert_int_eq(outcome.code, GST_RESOURCE_ERROR_NOT_FOUND);
  ck_assert_uint_eq(outcome.rtsp_status, 404);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (!have_program("vlc") || !have_h264_tools()) {
    std::puts("SKIP: needs vlc (vlc-bin, vlc-plugin-base), x264enc (plugins-ugly), avdec_h264 (libav)");
    return 77;
  }
  return run_laws("vlc", 60);
}
