// Media, and what stands beside it, without end or measure: see hostile_camera.h.

#include "client/hostile_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

LAW(floods_on_channels_that_nobody_set_up) {
  std::string chunk;
  for (unsigned channel = 2; channel < 256; ++channel)
    chunk += on_channel(channel, rtp_packet(channel, 0, std::string(200, 'x')));
  HostileCamera camera;
  camera.reach_playing();
  flood(camera, chunk, 64 * kMiB);
  ck_assert(camera.playing());
  ck_assert_uint_le(camera.notes(), 1);
  camera.pass(10s);
  ck_assert_msg(camera.ended(), "that is no media");
}

LAW(media_without_end_before_it_is_asked_for) {
  std::string chunk;
  for (unsigned i = 0; i < 40; ++i)
    chunk += on_channel(i % 4, rtp_packet(i, 0, std::string(1400, 'x')));
  for (const int step : {0, 1, 2}) {
    HostileCamera camera;
    if (step > 0) camera.reach_describe();
    if (step > 1) camera.describe(kH264Sdp);
    flood(camera, chunk, 64 * kMiB);
    ck_assert_msg(!camera.ended(), "%d: %s", step, camera.failure().c_str());
    ck_assert_uint_le(camera.notes(), 1);
    // It is no answer, and puts nothing off.
    camera.pass(20s);
    ck_assert_msg(camera.ended(), "%d", step);
  }
}

LAW(garbage_without_end) {
  for (const std::string& garbage :
       {std::string("x"), std::string("$"), std::string("R"), std::string("RT"), std::string("$\0\0\0", 4),
        std::string("RTSP/1.0 2"), std::string("\xFF\0", 2)}) {
    HostileCamera camera;
    camera.reach_playing();
    flood(camera, repeated(garbage, 64 * 1024), 64 * kMiB);
    if (!camera.ended()) camera.pass(10s);
    ck_assert_msg(camera.ended(), "%s", base::printable(garbage).c_str());
    ck_assert_uint_le(camera.notes(), 4);
  }
}

LAW(faults_without_end_are_told_once_each) {
  HostileCamera camera;
  camera.reach_playing();
  unsigned sequence = 0;
  for (int status = 200; status < 600; ++status) {
    if (status == 401 || status == 454 || (status >= 301 && status <= 307)) continue;
    camera.say("\r\nRTSP/2.0 " + std::to_string(status) +
               " x\nA : b\nno colon\n\xFF: y\nCSeq: " + std::to_string(status) + "\n\n");
    camera.say(on_channel(0, "bad") + on_channel(9, "bad") + on_channel(1, "bad"));
    camera.say("garbage");
    for (int i = 0; i < 2; ++i, ++sequence)
      camera.say(on_channel(0, rtp_packet(sequence, sequence * 3600, slice('a'))));
    camera.pass(5s);
    ck_assert_msg(camera.playing(), "%d: %s", status, camera.failure().c_str());
  }
  ck_assert_uint_ge(camera.notes(), 8);
  ck_assert_uint_le(camera.notes(), kMostNotes);
}

LAW(a_frame_without_end) {
  const RtpOptions unmarked{false, 96, 0xCAFE};
  HostileCamera camera;
  camera.reach_playing();
  for (unsigned i = 0; i < 40000; ++i)
    camera.say(on_channel(0, rtp_packet(i, 1000, "\x41" + std::string(1399, 'x'), unmarked)));
  ck_assert(camera.playing());
}

LAW(parameter_sets_without_end) {
  // Each id that there is, as large as is taken, and then with other content.
  HostileCamera camera;
  camera.reach_playing();
  unsigned sequence = 0;
  for (unsigned round = 0; round < 3; ++round) {
    for (unsigned id = 0; id < 256; ++id) {
      // ue(v) of the id, for ids that need up to 17 bits (ITU-T H.264 s9.1).
      std::string bits;
      unsigned width = 0;
      for (unsigned value = id + 1; value > 1; value >>= 1)
        ++width;
      bits.append(width, '0');
      for (int bit = static_cast<int>(width); bit >= 0; --bit)
        bits += (id + 1) >> bit & 1 ? '1' : '0';
      bits.resize(24, '1');
      std::string set;
      for (std::size_t at = 0; at < bits.size(); at += 8)
        set += static_cast<char>(std::stoi(bits.substr(at, 8), nullptr, 2));
      set += std::string(4000, static_cast<char>('a' + round));
      camera.say(on_channel(0, rtp_packet(++sequence, 0, "\x68" + set, {false, 96, 0xCAFE})));
      if (id < 32)
        camera.say(on_channel(0, rtp_packet(++sequence, 0, "\x67\x42\xC0\x1E" + set, {false, 96, 0xCAFE})));
    }
    camera.say(on_channel(0, rtp_packet(++sequence, round * 3600, slice('a'))));
  }
  ck_assert(camera.playing());
  ck_assert_uint_ge(camera.frames(), 1);
}

}  // namespace

int main() {
  return retina::test::run_laws("bounds of media", 100);
}
