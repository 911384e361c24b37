// Frames through the element: byte for byte what the camera packetized, with caps, times and flags.

#include "gst/element_runner.h"
#include "gst/sample_camera.h"
#include "support/h264_packetizer.h"

namespace {

using namespace retina::test;

/// A camera that plays these pictures in packets of at most `most` bytes, and says BYE.
StandardCamera camera_of(const std::vector<AccessUnit>& stream, std::size_t most) {
  StandardCamera camera = sample_camera(0);
  RtpNumbers numbers;
  for (const AccessUnit& unit : stream) {
    for (auto& packet : rtp_packets(unit, most, numbers)) {
      MediaPacket media;
      media.bytes = std::move(packet);
      camera.media.packets.push_back(std::move(media));
    }
  }
  return camera;
}

std::vector<Received> play(const std::vector<AccessUnit>& stream, std::size_t most, const std::string& format,
                           const std::string& properties = "") {
  const ScriptedCamera camera(camera_of(stream, most));
  ElementRunner runner("location=" + camera.url() + " " + properties, "video/x-h264,stream-format=" + format);
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  return runner.received();
}

LAW(frames_equal_what_was_packetized_at_every_packet_size) {
  const auto stream = sample_stream(30, 5000);
  for (const std::size_t most :
       std::initializer_list<std::size_t>{64, 65, 100, 333, 536, 1000, 1188, 1400, 1460, 2999, 4096, 9000}) {
    for (const bool avc : {true, false}) {
      const auto received = play(stream, most, avc ? "avc" : "byte-stream", "parameter-sets=never");
      ck_assert_uint_eq(received.size(), stream.size());
      for (std::size_t i = 0; i < stream.size(); ++i) {
        ck_assert_msg(received[i].bytes == framed(stream[i], avc, false), "picture %zu, packets of %zu", i,
                      most);
        // 3600 ticks of 90 kHz are 40 ms exactly.
        if (i > 0) ck_assert_uint_eq(received[i].pts - received[i - 1].pts, 40 * GST_MSECOND);
        ck_assert(received[i].has(GST_BUFFER_FLAG_DELTA_UNIT) != stream[i].key_frame);
        ck_assert(received[i].has(GST_BUFFER_FLAG_MARKER) && !received[i].has(GST_BUFFER_FLAG_CORRUPTED));
        ck_assert(i == 0 || !received[i].has(GST_BUFFER_FLAG_DISCONT));
      }
    }
  }
}

LAW(byte_stream_key_frames_carry_their_parameter_sets_by_default) {
  const auto stream = sample_stream(20, 1000);
  const auto received = play(stream, 1400, "byte-stream");
  for (std::size_t i = 0; i < stream.size(); ++i)
    ck_assert(received[i].bytes == framed(stream[i], false, true));
}

LAW(caps_are_complete_for_a_muxer) {
  const auto received = play(sample_stream(2, 1000), 1400, "avc");
  for (const char* field :
       {"stream-format=(string)avc", "alignment=(string)au", "width=(int)240", "height=(int)160",
        "profile=(string)constrained-baseline", "level=(string)3", "codec_data=(buffer)0142c01e"}) {
    ck_assert_msg(received[0].caps.find(field) != std::string::npos, "no %s in %s", field,
                  received[0].caps.c_str());
  }
}

LAW(new_parameter_sets_bring_new_caps_with_the_frame_that_needs_them) {
  auto stream = sample_stream(20, 1000, 10);
  for (auto& nal : stream[10].nals) {
    if ((nal[0] & 0x1F) == 7) nal[3] = 0x1F;  // level 3.1
  }
  const auto received = play(stream, 1400, "avc");
  for (std::size_t i = 0; i < stream.size(); ++i) {
    const char* level = i < 10 ? "level=(string)3," : "level=(string)3.1,";
    ck_assert_msg(received[i].caps.find(level) != std::string::npos, "frame %zu: %s", i,
                  received[i].caps.c_str());
  }
}

LAW(without_parameter_sets_avc_waits_and_says_so) {
  auto stream = sample_stream(20, 1000, 10);
  stream[0].nals.erase(stream[0].nals.begin(), stream[0].nals.begin() + 2);
  StandardCamera scripted = camera_of(stream, 1400);
  scripted.sdp = "v=0\ns=x\nt=0 0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:track1\n";
  const ScriptedCamera camera(scripted);
  ElementRunner runner("location=" + camera.url());
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  ck_assert_uint_eq(runner.received().size(), 10);
  ck_assert(runner.received()[0].has(GST_BUFFER_FLAG_DISCONT));
  ck_assert_uint_eq(runner.warnings().size(), 1);
}

LAW(a_lost_packet_costs_one_frame_and_marks_the_next) {
  const auto stream = sample_stream(10, 3000, 100);
  StandardCamera scripted = camera_of(stream, 1000);
  scripted.media.packets.erase(scripted.media.packets.end() - 5);
  const ScriptedCamera camera(scripted);
  ElementRunner runner("location=" + camera.url());
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  ck_assert_uint_eq(runner.received().size(), 9);
  std::size_t marked = 0;
  for (const Received& frame : runner.received())
    marked += frame.has(GST_BUFFER_FLAG_DISCONT) ? 1 : 0;
  ck_assert_uint_ge(marked, 1);
  ck_assert_uint_eq(runner.stat("packets-lost"), 1);
  ck_assert_uint_eq(runner.stat("frames-dropped"), 1);
}

/// Ten pictures of four packets, of which one from within the ninth is missing.
StandardCamera camera_with_a_hole(const std::vector<AccessUnit>& stream) {
  StandardCamera scripted = camera_of(stream, 1000);
  scripted.media.packets.erase(scripted.media.packets.end() - 6);
  return scripted;
}

LAW(an_incomplete_frame_is_dropped_and_the_next_one_is_discont) {
  const auto stream = sample_stream(10, 3000, 100);
  const ScriptedCamera camera(camera_with_a_hole(stream));
  ElementRunner runner("location=" + camera.url() + " incomplete-frames=drop",
                       "video/x-h264,stream-format=avc");
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  const auto received = runner.received();
  ck_assert_uint_eq(received.size(), 9);
  for (std::size_t i = 0; i < received.size(); ++i) {
    ck_assert(received[i].bytes == framed(stream[i < 8 ? i : 9], true, false));
    ck_assert(!received[i].has(GST_BUFFER_FLAG_CORRUPTED));
    ck_assert(i == 0 || received[i].has(GST_BUFFER_FLAG_DISCONT) == (i == 8));
  }
  ck_assert_uint_eq(runner.stat("frames-corrupted"), 0);
}

LAW(an_incomplete_frame_is_passed_on_as_corrupted_where_that_is_wanted) {
  const auto stream = sample_stream(10, 3000, 100);
  const ScriptedCamera camera(camera_with_a_hole(stream));
  ElementRunner runner("location=" + camera.url() + " incomplete-frames=pass",
                       "video/x-h264,stream-format=avc");
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  const auto received = runner.received();
  ck_assert_uint_eq(received.size(), stream.size());
  for (std::size_t i = 0; i < received.size(); ++i) {
    const auto whole = framed(stream[i], true, false);
    ck_assert(received[i].has(GST_BUFFER_FLAG_CORRUPTED) == (i == 8));
    ck_assert(i == 0 || received[i].has(GST_BUFFER_FLAG_DISCONT) == (i == 8));
    if (i != 8) ck_assert(received[i].bytes == whole);
  }
  // Less a fragment, and the length in front of it is that of what is there.
  const auto& torn = received[8].bytes;
  ck_assert_uint_eq(torn.size(), framed(stream[8], true, false).size() - 998);
  ck_assert_uint_eq(retina::base::load_be32(torn.data()), torn.size() - 4);
  ck_assert_uint_eq(runner.stat("frames-corrupted"), 1);
  ck_assert_uint_eq(runner.stat("frames-dropped"), 0);
}

LAW(wait_for_keyframe_begins_and_goes_on_after_a_loss_with_a_key_frame) {
  auto stream = sample_stream(30, 3000, 10);
  stream.erase(stream.begin(), stream.begin() + 5);  // key frames are at 5 and 15 now
  for (const bool waits : {true, false}) {
    StandardCamera scripted = camera_of(stream, 9000);
    scripted.media.packets.pop_back();
    ck_assert_uint_ge(scripted.media.packets.size(), stream.size() - 1);
    // The last but one of the pictures before the second key frame.
    std::size_t pictures = 0, at = 0;
    for (; at < scripted.media.packets.size(); ++at) {
      if ((scripted.media.packets[at].bytes[1] & 0x80) != 0 && ++pictures == 14) break;
    }
    scripted.media.packets.erase(scripted.media.packets.begin() + static_cast<std::ptrdiff_t>(at));
    const ScriptedCamera camera(scripted);
    ElementRunner runner("location=" + camera.url() + " wait-for-keyframe=" + (waits ? "true" : "false"),
                         "video/x-h264,stream-format=avc");
    ck_assert(runner.run().kind == Outcome::Kind::kEos);
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i + 1 < stream.size(); ++i) {
      if (i != 13 && (!waits || (i >= 5 && i != 14))) expected.push_back(i);
    }
    const auto received = runner.received();
    ck_assert_uint_eq(received.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ck_assert(received[i].bytes == framed(stream[expected[i]], true, false));
      const bool after_loss = expected[i] == (waits ? 15U : 14U);
      ck_assert(i == 0 || received[i].has(GST_BUFFER_FLAG_DISCONT) == after_loss);
    }
  }
}

LAW(parameter_sets_that_cannot_be_parsed_cost_fields_of_the_caps_and_no_frame) {
  auto stream = sample_stream(20, 1000, 10);
  for (auto& unit : stream) {
    for (auto& nal : unit.nals) {
      if ((nal[0] & 0x1F) == 7) nal.resize(4);  // profile and level, and nothing behind them
    }
  }
  StandardCamera scripted = camera_of(stream, 1400);
  scripted.sdp = "v=0\ns=x\nt=0 0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:track1\n";
  const ScriptedCamera camera(scripted);
  ElementRunner runner("location=" + camera.url() + " parameter-sets=never");
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  const auto received = runner.received();
  ck_assert_uint_eq(received.size(), stream.size());
  for (std::size_t i = 0; i < stream.size(); ++i) {
    ck_assert(received[i].bytes == framed(stream[i], true, false));
    ck_assert(received[i].caps.find("codec_data=(buffer)0142c01e") != std::string::npos);
    ck_assert(received[i].caps.find("width") == std::string::npos);
  }
}

LAW(reads_of_any_size_give_the_same_frames) {
  const auto stream = sample_stream(30, 3000);
  for (const char* sizes : {"read-size-min=1024 read-size-max=1024", "read-size-min=1024 read-size-max=70000",
                            "read-size-min=1048576 read-size-max=1048576"}) {
    const auto received = play(stream, 1400, "avc", sizes);
    ck_assert_uint_eq(received.size(), stream.size());
    for (std::size_t i = 0; i < stream.size(); ++i)
      ck_assert(received[i].bytes == framed(stream[i], true, false));
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_frames");
}
