// How long the reader may sleep while a picture is incomplete, where one stream comes over the connection and
// where two do (docs/decisions/0001-coalescing.md). Times as a camera keeps them: 25 pictures a second, their
// packets spread over 33 ms, and a packet of sound every 20 ms.

#include "client/media_bytes.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

const std::string kSound =
    "m=audio 0 RTP/AVP 0\r\n"
    "a=control:track2\r\n";

constexpr int kPackets = 12;
constexpr base::Duration kBudget = 2ms;

/// RFC 6184 s5.8: fragment `number` of a picture's only slice, a P slice.
std::string fragment(int number) {
  const int marks = (number == 0 ? 0x80 : 0) | (number == kPackets - 1 ? 0x40 : 0);
  return std::string("\x5c") + static_cast<char>(0x01 | marks) + (number == 0 ? "\x98" : "") +
         std::string(1400, 'v');
}

class Camera : public SessionDriver {
 public:
  explicit Camera(bool sound) : sound_(sound) {
    reach_setup(std::string(kH264Sdp) + (sound ? kSound : ""), sound ? 2 : 1);
    for (int i = 0; i < (sound ? 2 : 1); ++i) {
      request("SETUP");
      reply("200 OK", "Session: 12345678\r\nTransport: RTP/AVP/TCP;unicast;interleaved=" +
                          std::to_string(2 * i) + "-" + std::to_string(2 * i + 1) + "\r\n");
    }
    request("PLAY");
    reply("200 OK", "Session: 12345678\r\n");
  }

  /// The millisecond that comes next, with what is sent in it.
  void step() {
    if (millisecond_ % 40 % 3 == 0 && millisecond_ % 40 < 3 * kPackets) {
      const int number = millisecond_ % 40 / 3;
      RtpOptions options;
      options.marker = number == kPackets - 1;
      const auto picture = static_cast<std::uint32_t>(millisecond_ / 40);
      interleaved(0, rtp_packet(video_sequence_++, 3600 * picture, fragment(number), options));
    }
    if (sound_ && millisecond_ % 20 == 10) {
      RtpOptions options{true, 0, 0xF00D};
      const auto packet = static_cast<std::uint32_t>(millisecond_ / 20);
      interleaved(2, rtp_packet(sound_sequence_++, 160 * packet, std::string(160, 's'), options));
    }
    clear_events();
    ++millisecond_;
    advance(1ms);
  }
  /// Until so many milliseconds of a picture are over, with enough pictures before it to know them.
  void reach(int of_picture) {
    while (millisecond_ < 20 * 40 + of_picture)
      step();
  }
  std::optional<base::Duration> wait() {
    const auto wait = session().plan_wait(0, clock().now());
    if (!wait) return std::nullopt;
    return wait->deadline - clock().now();
  }

 private:
  const bool sound_;
  int millisecond_ = 0;
  unsigned video_sequence_ = 10;
  unsigned sound_sequence_ = 20;
};

LAW(one_stream_is_waited_for_until_its_picture_may_be_complete) {
  Camera camera(false);
  camera.reach(1);
  const auto wait = camera.wait();
  ck_assert(wait.has_value());
  ck_assert(*wait == 32ms + kBudget / 2);
}

LAW(a_wait_for_the_picture_ends_when_the_next_sound_may_come) {
  for (const auto& [of_picture, expected] :
       {std::pair{1, 9ms}, {4, 6ms}, {7, 3ms}, {9, 1ms}, {14, 16ms}, {20, 10ms}}) {
    Camera camera(true);
    camera.reach(of_picture);
    const auto wait = camera.wait();
    ck_assert_msg(wait.has_value(), "%d ms into the picture", of_picture);
    ck_assert_msg(*wait == expected + kBudget, "%d ms into the picture", of_picture);
  }
}

LAW(a_packet_of_sound_in_the_middle_does_not_end_the_waiting_for_the_picture) {
  Camera camera(true);
  camera.reach(11);  // the latest packet is one of sound
  const auto wait = camera.wait();
  ck_assert(wait.has_value());
  ck_assert(*wait == 19ms + kBudget);
}

LAW(sound_does_not_change_what_is_known_of_pictures) {
  Camera alone(false);
  Camera both(true);
  for (Camera* camera : {&alone, &both})
    camera->reach(14);
  const auto bytes = [](Camera& camera) {
    return camera.session().plan_wait(0, camera.clock().now())->bytes;
  };
  ck_assert_uint_eq(bytes(alone), bytes(both));
}

LAW(sound_that_is_late_may_come_at_any_moment) {
  Camera camera(true);
  camera.reach(4);
  camera.advance(12ms);  // nothing came, sound neither
  const auto wait = camera.wait();
  ck_assert(wait.has_value());
  ck_assert(*wait == kBudget);
}

LAW(nothing_is_waited_for_between_pictures) {
  Camera camera(true);
  camera.reach(36);
  ck_assert(!camera.wait().has_value());
}

}  // namespace

int main() {
  return run_laws("client/session_waiting");
}
