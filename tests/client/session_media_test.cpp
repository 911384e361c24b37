// Media in a session: from interleaved packets to frames; what is dropped, and what that costs.

#include "client/session_driver.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using client::Failure;
using client::FrameReady;
using test::SessionDriver;

std::string be16(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}
std::string be32(std::uint32_t value) {
  return be16(value >> 16) + be16(value & 0xFFFF);
}

struct PacketOptions {
  bool marker = true;
  unsigned payload_type = 96;
  std::uint32_t ssrc = 0xCAFE;
};

std::string rtp(unsigned sequence, std::uint32_t timestamp, const std::string& payload,
                PacketOptions options = {}) {
  std::string packet = "\x80";
  packet += static_cast<char>((options.marker ? 0x80U : 0U) | options.payload_type);
  return packet + be16(sequence) + be32(timestamp) + be32(options.ssrc) + payload;
}

/// The first P slice of a picture (NAL type 1, referenced), whose content tells it from others.
std::string slice(char content) {
  return std::string("\x41\x88") + std::string(20, content);
}

std::string frame_text(const FrameReady& ready) {
  return std::string(base::as_text(ready.frame.bytes()));
}

std::string annexb(const std::string& nal) {
  return std::string("\0\0\0\1", 4) + nal;
}

/// The next frame must be this slice alone.
FrameReady expect_frame(SessionDriver& camera, char content) {
  auto ready = camera.take<FrameReady>();
  ck_assert_msg(ready.has_value(), "no frame");
  ck_assert(frame_text(*ready) == annexb(slice(content)));
  return std::move(*ready);
}

LAW(frames_come_out_whole_at_every_split_of_the_bytes) {
  for (std::size_t piece = 1; piece < 60; ++piece) {
    SessionDriver camera;
    camera.reach_playing();
    camera.set_piece(piece);
    camera.interleaved(0, rtp(10, 1000, slice('a')));
    camera.interleaved(0, rtp(11, 4600, slice('b')));
    const FrameReady first = expect_frame(camera, 'a');
    const FrameReady second = expect_frame(camera, 'b');
    ck_assert_int_eq(second.frame.timestamp - first.frame.timestamp, 3600);
    ck_assert(first.frame.parameters != nullptr && second.frame.parameters == nullptr);
    ck_assert(!camera.saw<FrameReady>());
  }
}

LAW(many_frames_in_one_read_come_out_one_by_one) {
  SessionDriver camera;
  camera.reach_playing();
  std::string bytes;
  for (unsigned i = 0; i < 26; ++i) {
    const std::string packet = rtp(i, i * 3600, slice(static_cast<char>('a' + i)));
    bytes += std::string("$\0", 2) + be16(static_cast<unsigned>(packet.size())) + packet;
  }
  camera.feed(bytes);
  for (char c = 'a'; c <= 'z'; ++c)
    expect_frame(camera, c);
}

LAW(media_before_the_answer_to_play_is_used) {
  SessionDriver camera;
  camera.reach_play();
  camera.request("PLAY");
  camera.interleaved(0, rtp(1, 0, slice('a')));
  ck_assert(camera.take<client::Playing>().has_value());
  expect_frame(camera, 'a');
  camera.reply("200 OK");
  camera.interleaved(0, rtp(2, 3600, slice('b')));
  expect_frame(camera, 'b');
  ck_assert(!camera.session().ended());
}

LAW(rtcp_between_media_costs_nothing) {
  SessionDriver camera;
  camera.reach_playing();
  const std::string report = std::string("\x80\xC9\0\1", 4) + be32(0xCAFE);
  camera.interleaved(0, rtp(1, 0, slice('a')));
  camera.interleaved(1, report);
  camera.interleaved(0, report);  // RTCP on the RTP channel
  camera.interleaved(0, rtp(2, 3600, slice('b')));
  expect_frame(camera, 'a');
  ck_assert(!expect_frame(camera, 'b').frame.discontinuity);
  ck_assert_uint_eq(camera.statistics().packets_invalid.get(), 0);
}

LAW(bye_of_the_source_ends_the_media_in_order) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a')));
  const std::string report = std::string("\x80\xC9\0\1", 4) + be32(0xCAFE);
  const std::string bye_of_another = std::string("\x81\xCB\0\1", 4) + be32(0xBEEF);
  camera.interleaved(1, report + bye_of_another);
  ck_assert(!camera.session().ended());
  camera.interleaved(1, report + std::string("\x81\xCB\0\1", 4) + be32(0xCAFE));
  const auto ended = camera.take<client::Ended>();
  ck_assert(ended && !ended->failure);
}

LAW(the_last_frame_comes_out_before_the_end_even_without_a_marker) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a')));
  camera.interleaved(0, rtp(2, 3600, slice('b'), {false, 96, 0xCAFE}));
  camera.interleaved(
      1, std::string("\x80\xC9\0\1", 4) + be32(0xCAFE) + std::string("\x81\xCB\0\1", 4) + be32(0xCAFE));
  expect_frame(camera, 'a');
  expect_frame(camera, 'b');
  ck_assert(camera.saw<client::Ended>());
}

LAW(a_malformed_packet_costs_itself_and_one_note) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a')));
  for (const std::string& bad : {std::string("\x80"), std::string(12, '\0'), std::string()})
    camera.interleaved(0, bad);
  camera.interleaved(0, rtp(2, 3600, slice('b')));
  expect_frame(camera, 'a');
  expect_frame(camera, 'b');
  ck_assert_uint_eq(camera.statistics().packets_invalid.get(), 3);
  ck_assert(!camera.notes().empty());
  camera.interleaved(0, std::string("\x80"));
  ck_assert(camera.notes().empty());
}

LAW(a_duplicate_is_dropped_and_counted) {
  SessionDriver camera;
  camera.reach_playing();
  for (const unsigned sequence : {1U, 2U, 2U, 1U, 3U}) {
    camera.interleaved(0, rtp(sequence, sequence * 3600, slice(static_cast<char>('a' + sequence))));
  }
  for (const char c : {'b', 'c', 'd'})
    expect_frame(camera, c);
  ck_assert(!camera.saw<FrameReady>());
  ck_assert_uint_eq(camera.statistics().packets_duplicate.get(), 2);
  ck_assert_uint_eq(camera.statistics().packets_lost.get(), 0);
}

LAW(a_loss_between_frames_marks_the_next_one) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a')));
  camera.interleaved(0, rtp(4, 10800, slice('b')));
  camera.interleaved(0, rtp(5, 14400, slice('c')));
  ck_assert(!expect_frame(camera, 'a').frame.discontinuity);
  ck_assert(expect_frame(camera, 'b').frame.discontinuity);
  ck_assert(!expect_frame(camera, 'c').frame.discontinuity);
  ck_assert_uint_eq(camera.statistics().packets_lost.get(), 2);
}

LAW(a_stray_packet_of_another_source_is_dropped_and_a_new_source_is_followed) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a')));
  camera.interleaved(0, rtp(500, 777, slice('x'), {true, 96, 0xBEEF}));
  camera.interleaved(0, rtp(2, 3600, slice('b')));
  expect_frame(camera, 'a');
  ck_assert(!expect_frame(camera, 'b').frame.discontinuity);
  // The encoder restarts: another SSRC, sequence and clock, for good.
  camera.interleaved(0, rtp(900, 99000, slice('c'), {true, 96, 0xF00D}));
  camera.interleaved(0, rtp(901, 102600, slice('d'), {true, 96, 0xF00D}));
  const FrameReady restarted = expect_frame(camera, 'd');
  ck_assert(restarted.frame.discontinuity && restarted.times.jumped);
}

LAW(a_payload_type_beside_the_right_one_is_dropped) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a')));
  camera.interleaved(0, rtp(1, 0, slice('x'), {true, 50, 0xCAFE}));  // Geovision
  camera.interleaved(0, rtp(2, 3600, slice('b')));
  expect_frame(camera, 'a');
  expect_frame(camera, 'b');
  ck_assert_uint_eq(camera.statistics().packets_invalid.get(), 1);
}

LAW(data_on_a_channel_that_nobody_set_up_is_ignored) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a')));
  camera.interleaved(8, rtp(1, 0, slice('x')));
  camera.interleaved(0, rtp(2, 3600, slice('b')));
  expect_frame(camera, 'a');
  expect_frame(camera, 'b');
  ck_assert(!camera.saw<FrameReady>());
}

LAW(the_channels_are_those_that_the_camera_answers) {
  SessionDriver camera;
  camera.reach_setup();
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;unicast; interleaved=4-5\r\n");
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.interleaved(4, rtp(1, 0, slice('a')));
  expect_frame(camera, 'a');
}

LAW(without_media_the_session_ends_at_the_idle_timeout) {
  SessionDriver camera;
  camera.reach_playing();
  camera.advance(9s);
  camera.interleaved(0, rtp(1, 0, slice('a')));
  camera.advance(9s);
  ck_assert(!camera.session().ended());
  camera.advance(1s);
  ck_assert(camera.failure(Failure::Kind::kTimeout).text.find("media") != std::string::npos);
}

LAW(packets_that_bring_nothing_do_not_put_the_idle_timeout_off) {
  SessionDriver camera;
  camera.reach_playing();
  for (int i = 0; i < 9; ++i) {
    camera.advance(1s);
    camera.interleaved(0, "");
    camera.interleaved(0, rtp(1, 0, ""));
  }
  camera.advance(1s);
  camera.failure(Failure::Kind::kTimeout);
}

LAW(the_last_frame_comes_out_when_the_camera_tears_down) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a'), {false, 96, 0xCAFE}));
  camera.feed("TEARDOWN * RTSP/1.0\r\nCSeq: 9\r\n\r\n");
  expect_frame(camera, 'a');
  camera.request("RTSP/1.0 200");
}

LAW(broken_framing_is_found_again_and_marked) {
  SessionDriver camera;
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a')));
  std::string tail;
  for (unsigned i = 2; i < 5; ++i) {
    const std::string packet = rtp(i, i * 3600, slice(static_cast<char>('a' + i - 1)));
    tail += std::string("$\0", 2) + be16(static_cast<unsigned>(packet.size())) + packet;
  }
  camera.feed("some bytes that are no frame" + tail);
  expect_frame(camera, 'a');
  ck_assert(expect_frame(camera, 'b').frame.discontinuity);
  ck_assert(!expect_frame(camera, 'c').frame.discontinuity);
  expect_frame(camera, 'd');
  ck_assert_uint_eq(camera.statistics().resyncs.get(), 1);
}

LAW(a_keep_alive_answer_in_the_middle_of_media_is_taken_out) {
  client::Options options;
  options.idle_timeout = 0s;
  SessionDriver camera("rtsp://cam/stream", options);
  camera.reach_playing();
  camera.interleaved(0, rtp(1, 0, slice('a')));
  camera.advance(30s);
  camera.request("GET_PARAMETER");
  camera.reply("200 OK", "Session: 12345678\r\n");
  camera.interleaved(0, rtp(2, 3600, slice('b')));
  expect_frame(camera, 'a');
  ck_assert(!expect_frame(camera, 'b').frame.discontinuity);
}

}  // namespace

int main() {
  return retina::test::run_laws("session_media");
}
