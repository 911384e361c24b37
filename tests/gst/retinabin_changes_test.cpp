// retinabin with a camera whose streams are others after an outage.

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "gst/three_streams.h"

namespace {

using namespace retina;
using namespace retina::test;

/// Sections of an SDP, and the packets of their streams.
struct Section {
  const char* sdp;
  std::uint8_t payload_type;
  std::uint32_t ssrc;
  std::uint32_t ticks;
  base::Bytes (*payload)(unsigned);
};

base::Bytes hevc_picture(unsigned number) {
  base::Bytes slice(60, static_cast<std::uint8_t>('a' + number % 26));
  slice[0] = number == 0 ? 0x26 : 0x02;  // IDR_W_RADL, TRAIL_R
  slice[1] = 0x01;
  slice[2] = 0x80;
  return slice;
}

const Section kVideo{
    "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\n"
    "a=control:track1\n",
    96, 0xCAFE, 3600, picture};
const Section kAudio{"m=audio 0 RTP/AVP 8\na=control:track2\n", 8, 0xBEEF, 320, sound};
const Section kDocuments{
    "m=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000\na=control:track3\n", 107, 0xD0C,
    3600, document};
/// Numbered as if it were the first one of the camera.
const Section kSecondAudio{"m=audio 0 RTP/AVP 0\na=control:track4\n", 0, 0xFEED, 320, sound};
const Section kHevc{
    "m=video 0 RTP/AVP 97\na=rtpmap:97 H265/90000\n"
    "a=fmtp:97 sprop-vps=QAEMAf//AWAAAAMAkAAAAwAAAwA8lZgJ;"
    "sprop-sps=QgEBAWAAAAMAkAAAAwAAAwA8oA8IDx+WVmkkyvAWoCAAAAMAIAAAAwPB;sprop-pps=RAHBcrRiQA==\n"
    "a=control:track1\n",
    97, 0xCAFE, 3600, hevc_picture};

/// `frames` of each, then the connection breaks.
StandardCamera camera_of(const std::vector<Section>& sections, unsigned frames) {
  StandardCamera camera;
  camera.sdp = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=Front door\nt=0 0\na=control:*\n";
  for (const Section& section : sections)
    camera.sdp += section.sdp;
  for (unsigned i = 0; i < frames; ++i) {
    for (unsigned n = 0; n < sections.size(); ++n) {
      const Section& s = sections[n];
      camera.media.packets.push_back(
          {n, false, packet_of(s.payload_type, s.ssrc, i, s.ticks, s.payload(i)), {}});
    }
  }
  camera.after_media = Script().send("$").close();
  return camera;
}

/// The same, and then it is silent.
StandardCamera staying(StandardCamera camera) {
  camera.after_media = Script();
  return camera;
}

void come_back_fast(const BinRunner& runner) {
  g_object_set(runner.bin(), "reconnect", TRUE, "reconnect-delay", 1U, "reconnect-max-delay", 5U, nullptr);
}

void expect_frames(const PadRecord& record, const std::vector<base::Bytes>& expected) {
  ck_assert_uint_eq(record.frames.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    ck_assert_msg(record.frames[i] == expected[i], "frame %zu", i);
}

void expect_rising_times(const PadRecord& record) {
  for (std::size_t i = 1; i < record.times.size(); ++i)
    ck_assert_uint_gt(record.times[i], record.times[i - 1]);
}

std::vector<base::Bytes> frames_of(base::Bytes (*payload)(unsigned), unsigned count, unsigned sessions = 1) {
  std::vector<base::Bytes> frames;
  for (unsigned i = 0; i < sessions * count; ++i)
    frames.push_back(payload(i % count));
  return frames;
}

base::Bytes avc_picture(unsigned number) {
  return avc(picture(number));
}

LAW(a_stream_that_is_described_no_more_ends_and_its_pad_goes) {
  const ScriptedCamera camera(
      {serving(camera_of({kVideo, kAudio, kDocuments}, 5)), serving(camera_of({kVideo, kDocuments}, 0)),
       serving(camera_of({kVideo, kDocuments}, 0)), serving(camera_of({kVideo, kDocuments}, 0)),
       serving(staying(camera_of({kVideo, kDocuments}, 5)))});
  BinRunner runner(camera.url());
  come_back_fast(runner);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_signalled("-audio_0 "));
  ck_assert(runner.wait_for_frames("video_0", 10));
  ck_assert(runner.wait_for_frames("application_0", 10));
  ASSERT_TEXT(runner.signalled(), "video_0 audio_0 application_0 no-more-pads -audio_0 ");
  const auto pads = runner.pads();
  ck_assert(pads.at("audio_0").ended && !pads.at("video_0").ended && !pads.at("application_0").ended);
  expect_frames(pads.at("video_0"), frames_of(avc_picture, 5, 2));
  expect_frames(pads.at("audio_0"), frames_of(sound, 5));
  expect_frames(pads.at("application_0"), frames_of(document, 5, 2));
  for (const auto& [name, record] : pads)
    expect_rising_times(record);
  ck_assert(pads.at("video_0").discont[5] && pads.at("application_0").discont[5]);
  ck_assert_uint_eq(runner.errors(), 0);
  ck_assert_uint_eq(runner.stat("reconnects"), 4);
}

LAW(a_stream_that_is_new_gets_a_pad) {
  const ScriptedCamera camera(
      {serving(camera_of({kVideo}, 5)), serving(staying(camera_of({kAudio, kVideo, kDocuments}, 5)))});
  BinRunner runner(camera.url());
  come_back_fast(runner);
  runner.set_state(GST_STATE_PLAYING);
  for (const char* pad : {"audio_0", "application_0"})
    ck_assert_msg(runner.wait_for_frames(pad, 5), "%s", pad);
  ck_assert(runner.wait_for_frames("video_0", 10));
  ASSERT_TEXT(runner.signalled(), "video_0 no-more-pads audio_0 application_0 no-more-pads ");
  const auto pads = runner.pads();
  expect_frames(pads.at("video_0"), frames_of(avc_picture, 5, 2));
  expect_frames(pads.at("audio_0"), frames_of(sound, 5));
  expect_frames(pads.at("application_0"), frames_of(document, 5));
  for (const auto& [name, record] : pads) {
    ck_assert_msg(record.group_id == pads.at("video_0").group_id, "%s", name.c_str());
    ck_assert_msg(record.streams_in_collection == 3, "%s: %u", name.c_str(), record.streams_in_collection);
  }
  // In running time, which has gone on.
  ck_assert_uint_gt(pads.at("audio_0").times[0], pads.at("video_0").times[0]);
}

/// Given once, waited for by another thread.
class Signal {
 public:
  void give() {
    const std::lock_guard lock(mutex_);
    given_ = true;
    given_now_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    given_now_.wait_for(lock, std::chrono::seconds(10), [this] { return given_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable given_now_;
  bool given_ = false;
};

LAW(a_stream_that_comes_back_gets_a_pad_again) {
  Signal gone;
  std::vector<Behaviour> sessions = {serving(camera_of({kVideo, kAudio}, 5))};
  for (int i = 0; i < 3; ++i)
    sessions.push_back(serving(camera_of({kVideo}, 0)));
  StandardCamera without = camera_of({kVideo}, 5);
  without.after_media = Script().run([&] { gone.wait(); }).close();
  sessions.push_back(serving(without));
  sessions.push_back(serving(staying(camera_of({kVideo, kAudio}, 5))));
  const ScriptedCamera camera(sessions);
  BinRunner runner(camera.url());
  come_back_fast(runner);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_signalled("-audio_0 "));
  gone.give();
  ck_assert(runner.wait_for_frames("audio_0", 10));
  ck_assert(runner.wait_for_frames("video_0", 15));
  const auto pads = runner.pads();
  expect_frames(pads.at("video_0"), frames_of(avc_picture, 5, 3));
  expect_frames(pads.at("audio_0"), frames_of(sound, 5, 2));
  ASSERT_TEXT(runner.signalled(), "video_0 audio_0 no-more-pads -audio_0 audio_0 no-more-pads ");
}

LAW(another_encoding_is_another_stream) {
  std::vector<Behaviour> sessions = {serving(camera_of({kVideo, kAudio}, 5))};
  for (int i = 0; i < 4; ++i)
    sessions.push_back(serving(staying(camera_of({kHevc, kAudio}, 5))));
  // The first three don't get as far as media.
  const ScriptedCamera camera(sessions);
  BinRunner runner(camera.url());
  come_back_fast(runner);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_signalled("-video_0 "));
  ck_assert(runner.wait_for_frames("video_1", 5));
  ck_assert(runner.wait_for_frames("audio_0", 10));
  const auto pads = runner.pads();
  ck_assert_msg(pads.at("video_0").caps.starts_with("video/x-h264"), "%s", pads.at("video_0").caps.c_str());
  ck_assert_msg(pads.at("video_1").caps.starts_with("video/x-h265"), "%s", pads.at("video_1").caps.c_str());
  ck_assert(pads.at("video_0").ended && !pads.at("video_1").ended);
  ck_assert(pads.at("video_0").stream_id != pads.at("video_1").stream_id);
  expect_frames(pads.at("audio_0"), frames_of(sound, 5, 2));
  ck_assert_uint_eq(runner.errors(), 0);
}

LAW(streams_are_known_by_their_control_urls_then_by_their_order) {
  const ScriptedCamera camera({serving(camera_of({kVideo, kAudio, kDocuments}, 5)),
                               serving(staying(camera_of({kDocuments, kVideo, kSecondAudio, kAudio}, 5)))});
  BinRunner runner(camera.url());
  come_back_fast(runner);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames("audio_1", 5));
  for (const char* pad : {"video_0", "audio_0", "application_0"})
    ck_assert_msg(runner.wait_for_frames(pad, 10), "%s", pad);
  const auto pads = runner.pads();
  expect_frames(pads.at("video_0"), frames_of(avc_picture, 5, 2));
  expect_frames(pads.at("audio_0"), frames_of(sound, 5, 2));
  expect_frames(pads.at("application_0"), frames_of(document, 5, 2));
  expect_frames(pads.at("audio_1"), frames_of(sound, 5));
  ck_assert_msg(pads.at("audio_0").caps.starts_with("audio/x-alaw"), "%s", pads.at("audio_0").caps.c_str());
  ck_assert_msg(pads.at("audio_1").caps.starts_with("audio/x-mulaw"), "%s", pads.at("audio_1").caps.c_str());
}

LAW(the_application_is_asked_about_a_new_stream_and_not_again_about_one_it_declined) {
  std::vector<Behaviour> sessions = {serving(camera_of({kVideo, kAudio}, 5)),
                                     serving(camera_of({kVideo, kAudio}, 5)),
                                     serving(staying(camera_of({kVideo, kAudio, kDocuments}, 5)))};
  const ScriptedCamera camera(sessions);
  BinRunner runner(camera.url());
  come_back_fast(runner);
  std::string asked;
  const auto handler = +[](GstElement*, guint index, GstCaps* caps, std::string* list) -> gboolean {
    const gchar* media = gst_structure_get_string(gst_caps_get_structure(caps, 0), "media");
    *list += std::to_string(index) + ":" + media + " ";
    return g_strcmp0(media, "audio") != 0 ? TRUE : FALSE;
  };
  g_signal_connect(runner.bin(), "select-stream", G_CALLBACK(handler), &asked);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames("application_0", 5));
  ck_assert(runner.wait_for_frames("video_0", 15));
  ASSERT_TEXT(runner.signalled(), "video_0 no-more-pads application_0 no-more-pads ");
  runner.stop();
  ASSERT_TEXT(asked, "0:video 1:audio 2:application ");
}

LAW(a_pad_goes_although_nobody_takes_its_frames) {
  std::vector<Behaviour> sessions = {serving(camera_of({kVideo, kAudio}, 5))};
  for (int i = 0; i < 4; ++i)
    sessions.push_back(serving(staying(camera_of({kVideo}, 5))));
  const ScriptedCamera camera(sessions);
  BinRunner runner(camera.url(), [](GstPad*, const std::string& name) { return name != "audio_0"; });
  come_back_fast(runner);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_signalled("-audio_0 "));
  ck_assert(runner.wait_for_frames("video_0", 10));
  ck_assert_uint_eq(runner.errors(), 0);
}

LAW(an_end_that_is_held_up_downstream_holds_up_nobody_else) {
  Signal paused;
  struct {
    int frames = 0;
    Signal all;
  } taken;
  StandardCamera first = camera_of({kVideo, kAudio}, 5);
  first.after_media = Script().run([&] { paused.wait(); }).close();
  std::vector<Behaviour> sessions = {serving(first)};
  for (int i = 0; i < 4; ++i)
    sessions.push_back(serving(staying(camera_of({kVideo}, 5))));
  const ScriptedCamera camera(sessions);
  GstElement* sink = nullptr;
  BinRunner runner(camera.url(), [&](GstPad* pad, const std::string& name) {
    if (name != "audio_0") return true;
    sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "sync", FALSE, "async", FALSE, "signal-handoffs", TRUE, nullptr);
    g_signal_connect(sink, "handoff", G_CALLBACK(+[](GstElement*, GstBuffer*, GstPad*, decltype(taken)* it) {
                       if (++it->frames == 5) it->all.give();
                     }),
                     &taken);
    GstObject* bin = gst_object_get_parent(GST_OBJECT(pad));
    GstObject* pipeline = gst_object_get_parent(bin);
    gst_bin_add(GST_BIN(pipeline), sink);
    gst_object_unref(pipeline);
    gst_object_unref(bin);
    gst_element_sync_state_with_parent(sink);
    GstPad* target = gst_element_get_static_pad(sink, "sink");
    ck_assert_int_eq(gst_pad_link(pad, target), GST_PAD_LINK_OK);
    gst_object_unref(target);
    return false;
  });
  come_back_fast(runner);
  runner.set_state(GST_STATE_PLAYING);
  taken.all.wait();
  // What comes next, and that is EOS, waits in it.
  gst_element_set_state(sink, GST_STATE_PAUSED);
  paused.give();
  ck_assert(runner.wait_for_frames("video_0", 10));
  ck_assert(runner.wait_for_ended(1));
  ck_assert_uint_eq(runner.pads().at("audio_0").frames.size(), 5);
  ASSERT_TEXT(runner.signalled(), "video_0 audio_0 no-more-pads ");
  runner.stop();
}

LAW(stopping_while_streams_come_and_go_leaves_nothing_behind) {
  for (unsigned i = 0; i < 30; ++i) {
    std::vector<Behaviour> sessions;
    for (unsigned n = 0; n < 12; ++n)
      sessions.push_back(serving(n % 6 == 0 ? camera_of({kVideo, kAudio}, 2) : camera_of({kVideo}, 2)));
    const ScriptedCamera camera(sessions);
    BinRunner runner(camera.url());
    come_back_fast(runner);
    runner.set_state(GST_STATE_PLAYING);
    ck_assert(camera.wait_for("DESCRIBE", 1 + i % 8));
    if (i % 3 == 1) ck_assert(runner.wait_for_frames("video_0", 1 + i / 5));
    if (i % 3 == 2) runner.set_state(GST_STATE_PAUSED);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  return retina::test::run_laws("retinabin whose streams change", 60);
}
