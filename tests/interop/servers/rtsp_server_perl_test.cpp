// RTSP::Server (librtsp-server-perl), a relay, with what FFmpeg's packetizer publishes to it. Sends media
// over UDP only, answers a SETUP without client_port with 400, gives a session id with its first answer
// already, and has neither SET_PARAMETER nor GET_PARAMETER.

#include "interop/servers/child.h"
#include "interop/servers/h264_file.h"
#include "interop/servers/tap.h"

namespace {

using namespace retina::test;

constexpr int kPictures = 100;

constexpr const char* kServer =
    "use AnyEvent; use RTSP::Server;"
    "my $server = RTSP::Server->new(client_listen_address => '127.0.0.1', client_listen_port => $ARGV[0],"
    " source_listen_address => '127.0.0.1', source_listen_port => $ARGV[1], rtp_start_port => $ARGV[2]);"
    "$server->listen or die; $| = 1; print qq(listening\\n); AnyEvent->condvar->recv;";

/// A file played over and over at rtsp://127.0.0.1:PORT/x.
class Relay {
 public:
  Relay() : port_(free_port()), source_port_(free_port()) {
    make_h264_file(file(), kPictures);
    server_ = std::make_unique<Child>(std::vector<std::string>{"perl", "-e", kServer, std::to_string(port_),
                                                               std::to_string(source_port_),
                                                               std::to_string(free_port(true))});
    ck_assert_msg(!server_->wait_for_line("listening").empty(), "%s", server_->output().c_str());
    publisher_ = std::make_unique<Child>(std::vector<std::string>{
        "ffmpeg", "-nostdin", "-hide_banner", "-re", "-stream_loop", "-1", "-i", file(), "-c", "copy", "-f",
        "rtsp", "-rtsp_transport", "udp", "rtsp://127.0.0.1:" + std::to_string(source_port_) + "/x"});
    // FFmpeg says so once its RECORD has been answered.
    ck_assert_msg(!publisher_->wait_for_line("Output #0, rtsp").empty(), "%s", publisher_->output().c_str());
  }

  std::string file() const { return folder_.file("sample.mp4"); }
  std::uint16_t port() const { return port_; }

 private:
  Folder folder_;
  std::uint16_t port_;
  std::uint16_t source_port_;
  std::unique_ptr<Child> server_;
  std::unique_ptr<Child> publisher_;
};

bool have_perl_module() {
  gchar* output = nullptr;
  gchar* complaint = nullptr;
  int status = 1;
  const bool ran =
      g_spawn_command_line_sync("perl -MRTSP::Server -e 1", &output, &complaint, &status, nullptr) != FALSE;
  g_free(output);
  g_free(complaint);
  return ran && status == 0;
}

LAW(a_refusal_of_tcp_is_a_clear_error) {
  const Relay relay;
  const Tap tap(relay.port());
  ElementRunner runner("location=" + tap.url("/x") + " protocols=tcp");
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.domain == GST_RESOURCE_ERROR);
  ck_assert_int_eq(outcome.code, GST_RESOURCE_ERROR_OPEN_READ);
  ck_assert_uint_eq(outcome.rtsp_status, 400);
  ck_assert_msg(tap.dialogue().starts_with("OPTIONS 200 DESCRIBE 200 SETUP 400 "), "%s",
                tap.dialogue().c_str());
}

LAW(over_udp_the_files_own_pictures_come) {
  const Relay relay;
  const Tap tap(relay.port());
  ElementRunner runner("location=" + tap.url("/x") + " protocols=udp teardown-timeout=5000000000",
                       "video/x-h264,stream-format=byte-stream");
  runner.start();
  ck_assert_msg(runner.wait_for_buffers(30), "%s", tap.dialogue().c_str());
  runner.stop();
  const auto frames = runner.received();
  expect_run_of(pictures_of(relay.file()), frames);
  expect_steady_times(frames, GST_MSECOND);
  ASSERT_TEXT(runner.transport(), "udp");
}

LAW(a_refusal_of_tcp_goes_on_over_udp_by_itself) {
  const Relay relay;
  const Tap tap(relay.port());
  ElementRunner runner("location=" + tap.url("/x") + " teardown-timeout=5000000000",
                       "video/x-h264,stream-format=byte-stream");
  runner.start();
  ck_assert_msg(runner.wait_for_buffers(10), "%s", tap.dialogue().c_str());
  runner.stop();
  expect_run_of(pictures_of(relay.file()), runner.received());
  ASSERT_TEXT(runner.transport(), "udp");
  ck_assert_msg(tap.dialogue().find("SETUP 400 SETUP 200 PLAY 200 ") != std::string::npos, "%s",
                tap.dialogue().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (!have_perl_module() || !have_program("ffmpeg") || !have_h264_tools()) {
    std::puts("SKIP: needs perl's RTSP::Server (librtsp-server-perl), ffmpeg, x264enc, avdec_h264");
    return 77;
  }
  return run_laws("rtsp_server_perl", 60);
}
