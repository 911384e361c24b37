// All streams of a camera through retinabin.

#include <dirent.h>

#include <algorithm>
#include <future>
#include <thread>

#include "gst/bin_runner.h"
#include "gst/three_streams.h"

namespace {

using namespace retina;
using namespace retina::test;
using Strings = std::vector<std::string>;

LAW(every_stream_comes_over_one_session) {
  const ScriptedCamera camera(camera_of_three(200));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  const auto pads = runner.pads();
  expect_all(pads, 200);
  ck_assert(pads.at("video_0").caps.rfind("video/x-h264", 0) == 0);
  ck_assert(pads.at("audio_0").caps.rfind("audio/x-alaw", 0) == 0);
  ck_assert(pads.at("application_0").caps.rfind("application/x-onvif-metadata", 0) == 0);
  ASSERT_TEXT(runner.signalled(), "video_0 audio_0 application_0 no-more-pads ");
  ck_assert_uint_eq(runner.stat("frames"), 600);
  ck_assert_uint_eq(runner.stat("frames-dropped"), 0);
  runner.stop();
  ck_assert(camera.wait_for("TEARDOWN"));
  ASSERT_TEXT(camera.methods(), "OPTIONS DESCRIBE SETUP SETUP SETUP PLAY TEARDOWN ");
  ck_assert_uint_eq(camera.connections(), 1);
  ASSERT_TEXT(camera.problems(), "");
}

LAW(the_streams_are_one_group_and_tell_of_each_other) {
  const ScriptedCamera camera(camera_of_three(3));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  const auto pads = runner.pads();
  std::vector<std::string> ids;
  for (const auto& [name, record] : pads) {
    ck_assert_uint_eq(record.group_id, pads.at("video_0").group_id);
    ck_assert_uint_eq(record.streams_in_collection, 3);
    ck_assert_msg(record.collection_first, "%s", name.c_str());  // decodebin3 refuses what comes earlier
    ck_assert(std::find(ids.begin(), ids.end(), record.stream_id) == ids.end());
    ids.push_back(record.stream_id);
  }
}

LAW(every_stream_comes_over_ports_of_its_own_where_tcp_is_refused) {
  StandardCamera standard = camera_of_three(60);
  standard.tcp = false;
  standard.after_media = Script();
  for (const auto& [stream, ssrc] : {std::pair{0U, 0xCAFEU}, {1U, 0xBEEFU}, {2U, 0xD0CU}}) {
    const std::string framed = bye(stream, ssrc);
    const base::ByteView packet = base::as_bytes(framed).subspan(4);
    standard.media.packets.push_back({stream, true, {packet.begin(), packet.end()}, {}});
  }
  const ScriptedCamera camera(std::move(standard));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  expect_all(runner.pads(), 60);
  ck_assert_uint_eq(runner.stat("frames"), 180);
  ck_assert_uint_eq(runner.stat("packets-lost"), 0);
}

LAW(pads_are_numbered_within_their_kind) {
  StandardCamera standard = camera_of_three(3);
  standard.sdp += "m=video 0 RTP/AVP 97\na=rtpmap:97 H264/90000\na=control:track4\n";
  const ScriptedCamera camera(std::move(standard));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames("video_0", 3));
  ASSERT_TEXT(runner.signalled(), "video_0 audio_0 application_0 video_1 no-more-pads ");
}

LAW(a_stream_that_is_described_for_two_profiles_comes_once) {
  StandardCamera standard = camera_of_three(3);
  const std::string sdp = standard.sdp;
  std::string video = sdp.substr(sdp.find("m=video"), sdp.find("m=audio") - sdp.find("m=video"));
  video.replace(video.find("RTP/AVP"), 7, "RTP/AVPF");
  standard.sdp += video;
  const ScriptedCamera camera(std::move(standard));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  ASSERT_TEXT(runner.signalled(), "video_0 audio_0 application_0 no-more-pads ");
  ck_assert_uint_eq(camera.count("SETUP"), 3);
}

LAW(a_stream_that_is_not_linked_does_not_stop_the_others) {
  for (const std::string left : {"video_0", "audio_0", "application_0"}) {
    const ScriptedCamera camera(camera_of_three(100));
    BinRunner runner(camera.url(), [&left](GstPad*, const std::string& name) { return name != left; });
    runner.set_state(GST_STATE_PLAYING);
    ck_assert_msg(runner.wait_for_ended(3), "without %s", left.c_str());
    ck_assert_uint_eq(runner.errors(), 0);
    expect_all(runner.pads(), 100);
  }
}

LAW(without_any_link_there_is_an_error) {
  const ScriptedCamera camera(camera_of_three(100));
  BinRunner runner(camera.url(), [](GstPad*, const std::string&) { return false; });
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(!runner.wait_for_error().empty());
}

LAW(a_stream_that_is_blocked_does_not_stop_the_others) {
  StandardCamera standard = camera_of_three(100);
  const ScriptedCamera camera(std::move(standard));
  GstPad* blocked = nullptr;
  gulong probe = 0;
  BinRunner runner(camera.url(), [&](GstPad* pad, const std::string& name) {
    if (name != "video_0") return true;
    blocked = pad;
    probe = gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
        [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
    return true;
  });
  g_object_set(runner.bin(), "max-queue-bytes", 1024, nullptr);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(2));
  ck_assert_uint_eq(runner.pads()["audio_0"].frames.size(), 100);
  ck_assert_uint_eq(runner.pads()["application_0"].frames.size(), 100);
  ck_assert(runner.stat("frames-dropped") > 0);
  gst_pad_remove_probe(blocked, probe);
  ck_assert(runner.wait_for_ended(3));
}

LAW(select_stream_leaves_streams_out) {
  const ScriptedCamera camera(camera_of_three(5));
  BinRunner runner(camera.url());
  Strings seen;
  g_signal_connect(
      runner.bin(), "select-stream",
      G_CALLBACK(+[](GstElement*, guint number, GstCaps* caps, Strings* all) -> gboolean {
        const GstStructure* structure = gst_caps_get_structure(caps, 0);
        all->push_back(std::to_string(number) + " " + gst_structure_get_string(structure, "encoding-name"));
        return number != 1;
      }),
      &seen);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames("application_0", 5));
  ASSERT_TEXT(runner.signalled(), "video_0 application_0 no-more-pads ");
  ck_assert(seen == (Strings{"0 H264", "1 PCMA", "2 VND.ONVIF.METADATA"}));
  ck_assert_uint_eq(camera.count("SETUP"), 2);
}

LAW(media_takes_one_kind_of_stream) {
  const ScriptedCamera camera(camera_of_three(5));
  BinRunner runner(camera.url());
  gst_util_set_object_arg(G_OBJECT(runner.bin()), "media", "audio");
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames("audio_0", 5));
  ASSERT_TEXT(runner.signalled(), "audio_0 no-more-pads ");
}

LAW(a_failure_is_posted_once_and_ends_every_stream) {
  StandardCamera standard = camera_of_three(10);
  standard.after_media = Script().send("$").close();
  const ScriptedCamera camera(std::move(standard));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(!runner.wait_for_error().empty());
  ck_assert(runner.wait_for_ended(3));
  ck_assert_uint_eq(runner.errors(), 1);
  expect_all(runner.pads(), 10);
}

LAW(a_wrong_location_is_an_error_of_the_bin_and_a_good_one_works_afterwards) {
  StandardCamera absent;
  absent.on("DESCRIBE", Script().status(404, "Not Found"));
  const ScriptedCamera nowhere(std::move(absent));
  BinRunner runner(nowhere.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_error().find("404") != std::string::npos);
  runner.stop();
  const ScriptedCamera camera(camera_of_three(5));
  g_object_set(runner.bin(), "location", camera.url().c_str(), nullptr);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  expect_all(runner.pads(), 5);
}

LAW(it_runs_again_after_it_was_stopped) {
  const ScriptedCamera camera(camera_of_three(5));
  BinRunner runner(camera.url());
  for (unsigned round = 1; round <= 3; ++round) {
    runner.set_state(GST_STATE_PLAYING);
    ck_assert(runner.wait_for_frames("video_0", 5 * round));
    ck_assert(runner.wait_for_frames("audio_0", 5 * round));
    runner.stop();
  }
  ck_assert(camera.wait_for("TEARDOWN", 3));
}

LAW(opening_ends_in_paused) {
  // Programs that wait for the end of what is in progress before they go on to PLAYING would wait for ever.
  const ScriptedCamera camera(camera_of_three(5));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PAUSED);
  ck_assert(runner.wait_for_progress("open"));
  ck_assert_uint_eq(camera.count("SETUP"), 0);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_progress("request"));
  ck_assert(runner.wait_for_ended(3));
  expect_all(runner.pads(), 5);
}

LAW(a_paused_bin_throws_away_what_comes_and_goes_on_with_what_is_new) {
  std::promise<void> paused;
  std::promise<void> playing;
  StandardCamera standard = camera_of_three(10);
  standard.after_media = Script();
  standard.after_media.run([&] { paused.get_future().wait(); })
      .play(three_streams(10, 10))
      .run([&] { playing.get_future().wait(); })
      .play(three_streams(10, 20))
      .stall();
  const ScriptedCamera camera(std::move(standard));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  for (const char* pad : {"video_0", "audio_0", "application_0"})
    ck_assert(runner.wait_for_frames(pad, 10));
  runner.set_state(GST_STATE_PAUSED);
  paused.set_value();
  for (int i = 0; i < 1000 && runner.stat("frames") < 60; ++i)
    g_usleep(10'000);
  ck_assert_uint_eq(runner.stat("frames"), 60);
  runner.set_state(GST_STATE_PLAYING);
  playing.set_value();
  for (const char* pad : {"video_0", "audio_0", "application_0"})
    ck_assert(runner.wait_for_frames(pad, 20));
  const auto pads = runner.pads();
  for (unsigned i = 0; i < 10; ++i) {
    ck_assert_uint_eq(pads.at("video_0").frames[10 + i][6], picture(20 + i)[2]);
    ck_assert(pads.at("video_0").frames[10 + i] == avc(picture(20 + i)));
    ck_assert(pads.at("audio_0").frames[10 + i] == sound(20 + i));
  }
  ck_assert(pads.at("video_0").discont[10] && !pads.at("video_0").discont[11]);
}

unsigned threads() {
  unsigned count = 0;
  DIR* tasks = opendir("/proc/self/task");
  while (const dirent* entry = readdir(tasks))
    count += entry->d_name[0] != '.' ? 1U : 0U;
  closedir(tasks);
  return count;
}

LAW(there_are_as_many_threads_as_streams) {
  constexpr unsigned kBins = 20;
  std::vector<std::unique_ptr<ScriptedCamera>> cameras;
  std::vector<std::unique_ptr<BinRunner>> runners;
  StandardCamera standard = camera_of_three(50);
  standard.after_media = Script().stall();
  for (unsigned i = 0; i < kBins; ++i)
    cameras.push_back(std::make_unique<ScriptedCamera>(standard));
  {
    // What GStreamer and GLib start once a process.
    BinRunner first(cameras.front()->url());
    first.set_state(GST_STATE_PLAYING);
    ck_assert(first.wait_for_frames("video_0", 50));
  }
  ck_assert(cameras.front()->wait_for_closed(1));
  const unsigned before = threads();
  for (const auto& camera : cameras) {
    runners.push_back(std::make_unique<BinRunner>(camera->url()));
    runners.back()->set_state(GST_STATE_PLAYING);
  }
  for (const auto& runner : runners) {
    for (const char* pad : {"video_0", "audio_0", "application_0"})
      ck_assert(runner->wait_for_frames(pad, 50));
  }
  // Each camera has a thread for its connection; what opened the sessions has ended, or is about to.
  const unsigned expected = before + kBins * 3 + kBins;
  for (int i = 0; i < 500 && threads() > expected; ++i)
    g_usleep(10'000);
  ck_assert_uint_le(threads(), expected);
  runners.clear();
}

/// Of `stats`: ("jitter" or "drift-ppm" as text).
std::string clock_stat(gpointer element, const char* name) {
  GstStructure* stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  const GValue* value = gst_structure_get_value(stats, name);
  ck_assert_msg(value != nullptr, "no %s", name);
  gchar* text = gst_value_serialize(value);
  std::string copy = text;
  g_free(text);
  gst_structure_free(stats);
  return copy;
}

LAW(the_bin_tells_the_worst_clock_of_its_streams) {
  const ScriptedCamera camera(camera_of_three(100));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(3));
  std::uint64_t worst = 0;
  for (const char* name : {"source-video_0", "source-audio_0", "source-application_0"}) {
    GstElement* source = gst_bin_get_by_name(GST_BIN(runner.bin()), name);
    ck_assert_msg(source != nullptr, "%s", name);
    worst = std::max<std::uint64_t>(worst, std::stoull(clock_stat(source, "jitter")));
    clock_stat(source, "drift-ppm");
    gst_object_unref(source);
  }
  ck_assert_uint_gt(worst, 0);
  ck_assert_uint_eq(std::stoull(clock_stat(runner.bin(), "jitter")), worst);
  clock_stat(runner.bin(), "drift-ppm");
}

LAW(stopping_at_any_moment_leaves_nothing_behind) {
  const ScriptedCamera camera(camera_of_three(2000));
  for (unsigned i = 0; i < 40; ++i) {
    BinRunner runner(camera.url());
    runner.set_state(i % 3 == 0 ? GST_STATE_PAUSED : GST_STATE_PLAYING);
    if (i % 4 == 1) ck_assert(camera.wait_for("SETUP"));
    if (i % 4 == 2 && i % 3 != 0) ck_assert(runner.wait_for_frames("audio_0", i));
    if (i % 5 == 0) std::this_thread::yield();
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  return retina::test::run_laws("retinabin", 60);
}
