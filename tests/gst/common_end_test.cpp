// Where streams end that the application ends: together, and without holes.

#include "common_end.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "support/check.h"

namespace {

using retina::gst::CommonEnd;
using retina::gst::Progress;

struct Frame {
  GstClockTime pts = 0;
  GstClockTime arrival = 0;
};

/// In decoding order. Frames after the first come in groups of `bframes` + 1: the last shown of them first.
std::vector<Frame> frames(GstClockTime length, GstClockTime late, unsigned bframes = 0) {
  std::vector<Frame> all = {{0, late}};
  const unsigned group = bframes + 1;
  for (unsigned first = 1; first * length < 2 * GST_SECOND; first += group) {
    // The camera has to see the last of the group before it can send the first.
    const GstClockTime sent = (first + bframes) * length + late;
    all.push_back({(first + bframes) * length, sent});
    for (unsigned i = 0; i < bframes; ++i)
      all.push_back({(first + i) * length, sent + (i + 1) * length / 2});
  }
  return all;
}

struct Stream {
  Stream(GstClockTime its_length, GstClockTime late, unsigned bframes = 0)
      : length(its_length), all(frames(its_length, late, bframes)) {}

  GstClockTime length;
  std::vector<Frame> all;
  std::size_t next = 0;
  Progress progress;
  std::vector<GstClockTime> passed;
  bool ended = false;

  /// Takes its next frame.
  void step(const CommonEnd* end) {
    const Frame& frame = all.at(next++);
    if (end != nullptr && end->ends_before(progress, frame.pts, length)) {
      ended = true;
      return;
    }
    progress.on_frame(frame.pts, length);
    passed.push_back(frame.pts);
  }
};

/// Frames as they arrive; at `moment` the application ends the streams.
void play(std::vector<Stream*> streams, GstClockTime moment) {
  std::unique_ptr<CommonEnd> end;
  for (;;) {
    std::erase_if(streams, [](const Stream* stream) { return stream->ended; });
    if (streams.empty()) return;
    Stream& stream = **std::min_element(streams.begin(), streams.end(), [](const Stream* a, const Stream* b) {
      return a->all.at(a->next).arrival < b->all.at(b->next).arrival;
    });
    if (!end && stream.all.at(stream.next).arrival >= moment) {
      std::vector<const Progress*> all;
      for (const Stream* each : streams)
        all.push_back(&each->progress);
      end = std::make_unique<CommonEnd>(all);
    }
    stream.step(end.get());
  }
}

void assert_whole(Stream& stream, const char* name) {
  std::sort(stream.passed.begin(), stream.passed.end());
  for (std::size_t i = 0; i < stream.passed.size(); ++i)
    ck_assert_msg(stream.passed[i] == i * stream.length, "%s: frame %zu is missing", name, i);
}

LAW(pictures_and_sound_end_together_and_without_holes) {
  struct Case {
    const char* name;
    GstClockTime picture;
    unsigned bframes;
    GstClockTime sound;
    GstClockTime most;  // apart
  };
  const Case cases[] = {
      {"25 fps, AAC", 40 * GST_MSECOND, 0, 21333333, 31 * GST_MSECOND},
      {"30 fps, AAC of 16 kHz", 33333333, 0, 64 * GST_MSECOND, 49 * GST_MSECOND},
      {"25 fps, PCMU", 40 * GST_MSECOND, 0, 20 * GST_MSECOND, 30 * GST_MSECOND},
      {"5 fps, PCMU", 200 * GST_MSECOND, 0, 20 * GST_MSECOND, 110 * GST_MSECOND},
      {"B-frames", 40 * GST_MSECOND, 2, 21333333, 71 * GST_MSECOND},
      {"one B-frame", 40 * GST_MSECOND, 1, 21333333, 51 * GST_MSECOND},
  };
  for (const Case& each : cases) {
    GstClockTimeDiff most = 0;
    for (const GstClockTime late : std::initializer_list<GstClockTime>{0, 7, 15, 30, 60, 150}) {
      for (GstClockTime moment = 500 * GST_MSECOND; moment < 740 * GST_MSECOND;
           moment += 1777 * GST_USECOND) {
        for (const bool pictures_late : {false, true}) {
          Stream video(each.picture, pictures_late ? late * GST_MSECOND : 0, each.bframes);
          Stream audio(each.sound, pictures_late ? 0 : late * GST_MSECOND);
          play({&video, &audio}, moment);
          assert_whole(video, each.name);
          assert_whole(audio, each.name);
          const GstClockTimeDiff apart = GST_CLOCK_DIFF(audio.progress.end(), video.progress.end());
          most = std::max(most, std::abs(apart));
          ck_assert_msg(static_cast<GstClockTime>(std::abs(apart)) <= each.most,
                        "%s, %s %u ms late, ended at %.3f ms: %.3f ms apart", each.name,
                        pictures_late ? "pictures" : "sound", static_cast<unsigned>(late),
                        static_cast<double>(moment) / 1e6, static_cast<double>(apart) / 1e6);
        }
      }
    }
    std::printf("%s: %.3f ms apart at most\n", each.name, static_cast<double>(most) / 1e6);
  }
}

LAW(a_stream_that_is_as_far_as_the_others_ends_at_once) {
  Stream video(40 * GST_MSECOND, 0);
  for (int i = 0; i < 10; ++i)
    video.step(nullptr);
  const CommonEnd end({&video.progress});
  ck_assert_uint_eq(end.time(), 400 * GST_MSECOND);
  video.step(&end);
  ck_assert(video.ended);
}

LAW(packets_of_one_time_stay_together) {
  Progress packets;
  packets.on_frame(100, GST_CLOCK_TIME_NONE);
  const CommonEnd end({&packets});
  ck_assert(!end.ends_before(packets, 100, GST_CLOCK_TIME_NONE));
  ck_assert(end.ends_before(packets, 140, GST_CLOCK_TIME_NONE));
}

LAW(a_stream_that_begins_behind_the_end_gives_nothing) {
  Stream video(40 * GST_MSECOND, 0);
  for (int i = 0; i < 10; ++i)
    video.step(nullptr);
  const Progress silent;
  const CommonEnd end({&video.progress, &silent});
  ck_assert(end.ends_before(silent, 400 * GST_MSECOND, 20 * GST_MSECOND));
  ck_assert(!end.ends_before(silent, 300 * GST_MSECOND, 20 * GST_MSECOND));
}

LAW(without_a_frame_there_is_nothing_to_wait_for) {
  const Progress one;
  const Progress other;
  ck_assert_uint_eq(CommonEnd({&one, &other}).time(), 0);
}

/// The patience is longer than this test may run.
LAW(it_waits_until_all_have_ended_or_nobody_wants_it_any_more) {
  const auto for_ever = std::chrono::hours(1);
  Progress one;
  Progress other;
  one.on_frame(1, 1);
  CommonEnd end({&one, &other});
  end.on_end(one);
  std::thread last([&] { end.on_end(other); });
  end.wait(for_ever);
  last.join();

  CommonEnd unwanted({&one});
  std::thread stopping([&] { unwanted.cancel(); });
  unwanted.wait(for_ever);
  stopping.join();
}

}  // namespace

int main() {
  return retina::test::run_laws("common_end");
}
