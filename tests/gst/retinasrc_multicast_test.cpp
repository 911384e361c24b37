// Media over multicast through the element, on the loopback interface.

#include <unistd.h>

#include "gst/bin_runner.h"
#include "gst/element_runner.h"
#include "gst/sample_camera.h"
#include "gst/three_streams.h"

namespace {

using namespace retina::test;

constexpr std::uint8_t kBye[] = {0x80, 0xC9, 0, 1, 0, 0, 0xCA, 0xFE, 0x81, 0xCB, 0, 1, 0, 0, 0xCA, 0xFE};

/// Groups of their own for each test that may run beside another.
std::string group(unsigned number) {
  return "239.255.78." + std::to_string(number) + ":" + std::to_string(20000 + 2 * (getpid() % 20000));
}

StandardCamera multicast_camera(unsigned frames, unsigned number) {
  StandardCamera camera = sample_camera(frames);
  camera.tcp = camera.udp = false;
  camera.multicast = group(number);
  MediaPacket bye;
  bye.bytes.assign(std::begin(kBye), std::end(kBye));
  bye.rtcp = true;
  bye.at = camera.media.packets.back().at;
  camera.media.packets.push_back(bye);
  camera.after_media = Script();
  return camera;
}

LAW(a_camera_that_refuses_all_else_plays_over_multicast) {
  const ScriptedCamera camera(multicast_camera(20, 1));
  ElementRunner runner("location=" + camera.url());
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  ck_assert_uint_eq(runner.received().size(), 20);
  ck_assert_uint_eq(runner.stat("packets-lost"), 0);
  ASSERT_TEXT(runner.transport(), "udp-mcast");
  ck_assert_uint_eq(camera.count("SETUP"), 3);
}

LAW(two_elements_hear_the_same_group) {
  const ScriptedCamera camera(multicast_camera(20, 2));
  StandardCamera mute = multicast_camera(1, 2);
  mute.media.packets.clear();
  const ScriptedCamera silent(mute);
  ElementRunner listener("protocols=udp-mcast location=" + silent.url());
  listener.start();
  ck_assert(silent.wait_for("PLAY"));
  ElementRunner runner("protocols=udp-mcast location=" + camera.url());
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  ck_assert(listener.wait_for_buffers(20));
}

LAW(an_interface_that_is_not_there_is_an_error_that_names_it) {
  const ScriptedCamera camera(multicast_camera(5, 3));
  ElementRunner runner("multicast-iface=nosuch0 location=" + camera.url());
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_SETTINGS);
  ck_assert_msg(outcome.text.find("nosuch0 (multicast-iface)") != std::string::npos, "%s",
                outcome.text.c_str());
}

LAW(all_streams_of_a_bin_come_over_their_groups) {
  StandardCamera scripted = camera_of_three(10);
  scripted.tcp = scripted.udp = false;
  scripted.multicast = group(4);
  scripted.after_media = Script();
  const ScriptedCamera camera(scripted);
  BinRunner runner(camera.url());
  g_object_set(runner.bin(), "multicast-iface", "lo", "reconnect", FALSE, nullptr);
  runner.set_state(GST_STATE_PLAYING);
  for (const char* pad : {"video_0", "audio_0", "application_0"})
    ck_assert_msg(runner.wait_for_frames(pad, 10), "%s", pad);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_multicast", 60);
}
