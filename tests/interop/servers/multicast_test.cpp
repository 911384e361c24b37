// gst-rtsp-server over multicast, in a network of two hosts: its packets to a group never come back to the
// host that it runs on. The hosts are network namespaces, joined by a virtual cable.

#include <sched.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "interop/servers/child.h"
#include "interop/servers/h264_file.h"

namespace {

using namespace retina::test;

constexpr const char* kCable = "host0";
constexpr const char* kCamera = "10.77.0.1";
constexpr const char* kHost = "10.77.0.2";

/// Fails the test unless the command succeeds.
void run(const std::vector<std::string>& command) {
  std::vector<const char*> argv;
  for (const std::string& word : command)
    argv.push_back(word.c_str());
  argv.push_back(nullptr);
  GError* error = nullptr;
  GSubprocess* process = g_subprocess_newv(argv.data(), G_SUBPROCESS_FLAGS_NONE, &error);
  ck_assert_msg(process != nullptr, "%s: %s", argv[0], error != nullptr ? error->message : "");
  ck_assert_msg(g_subprocess_wait_check(process, nullptr, &error), "%s %s: %s", argv[0], argv[1],
                error != nullptr ? error->message : "");
  g_object_unref(process);
}

/// The camera's host: plugs the other end of the cable in as soon as it is there.
std::vector<std::string> on_host_of_camera(const std::string& camera) {
  const std::string script =
      "echo pid $$; for i in $(seq 500); do ip link set cam0 up 2>/dev/null && break; sleep 0.02; done; "
      "ip link set lo up; ip addr add " +
      std::string(kCamera) +
      "/24 dev cam0; "
      "ip route add 224.0.0.0/4 dev cam0; exec " +
      camera;
  return {"unshare", "--net", "sh", "-c", script};
}

class Network {
 public:
  explicit Network(const std::string& options)
      : camera_(on_host_of_camera(std::string(g_getenv("RETINA_CAMERA")) +
                                  " --size=320x240 --no-audio --fps=25 --bitrate=500 --address=" + kCamera +
                                  " " + options)) {
    const std::string pid = camera_.wait_for_line("pid ");
    ck_assert_msg(pid.size() > 4, "%s", camera_.output().c_str());
    run({"ip", "link", "set", "lo", "up"});
    run({"ip", "link", "add", kCable, "type", "veth", "peer", "name", "cam0", "netns", pid.substr(4)});
    run({"ip", "addr", "add", std::string(kHost) + "/24", "dev", kCable});
    run({"ip", "link", "set", kCable, "up"});
    url_ = camera_.wait_for_line("rtsp://");
    ck_assert_msg(!url_.empty(), "the camera did not start: %s", camera_.output().c_str());
  }
  ~Network() {
    // Gone before the next law's is made; the camera's end goes with it.
    run({"ip", "link", "del", kCable});
  }

  const std::string& url() const { return url_; }

 private:
  Child camera_;
  std::string url_;
};

void expect_pictures(ElementRunner& runner) {
  runner.start();
  ck_assert(runner.wait_for_buffers(40));
  runner.stop();
  auto frames = runner.received();
  while (!frames.empty() && frames.front().has(GST_BUFFER_FLAG_DELTA_UNIT))
    frames.erase(frames.begin());
  ck_assert_uint_ge(frames.size(), 40 - kFps);
  ck_assert_uint_eq(decode(frames), frames.size());
  ck_assert_uint_eq(runner.stat("packets-lost"), 0);
}

LAW(a_group_is_joined_where_the_camera_is_and_its_pictures_decode) {
  const Network network("--multicast=239.255.79.1:24000");
  ElementRunner runner("location=" + network.url());
  expect_pictures(runner);
  ASSERT_TEXT(runner.transport(), "udp-mcast");
}

LAW(a_source_specific_group_hears_the_camera) {
  const Network network("--multicast=232.255.79.1:24000");
  ElementRunner runner("protocols=udp-mcast multicast-iface=host0 location=" + network.url());
  expect_pictures(runner);
  ASSERT_TEXT(runner.transport(), "udp-mcast");
}

LAW(unicast_udp_crosses_the_cable_too) {
  const Network network("");
  ElementRunner runner("protocols=udp location=" + network.url());
  expect_pictures(runner);
  ASSERT_TEXT(runner.transport(), "udp");
}

}  // namespace

int main(int argc, char** argv) {
  if (!have_program("ip") || !have_program("unshare")) {
    std::puts("skipped: iproute2 or util-linux isn't installed");
    return 77;
  }
  if (unshare(CLONE_NEWNET) != 0) {
    std::printf("skipped: no network namespace can be made here (%s)\n", std::strerror(errno));
    return 77;
  }
  gst_init(&argc, &argv);
  if (!have_h264_tools()) {
    std::puts("skipped: the plugins that make and decode H.264 aren't installed");
    return 77;
  }
  return retina::test::run_laws("multicast", 60);
}
