// Started and stopped over and over, at any moment: what the process has of threads, descriptors and memory
// is what it had before, and each stop is short. RETINA_CYCLES says how often (docs/testing.md).

#include <dirent.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

#include "gst/sample_camera.h"
#include "gst/three_streams.h"
#include "support/check.h"

namespace {

using namespace retina::test;
using namespace std::chrono_literals;

// Sanitizers keep memory for their own purposes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(thread_sanitizer) || __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

unsigned cycles() {
  const gchar* text = g_getenv("RETINA_CYCLES");
  return text != nullptr ? static_cast<unsigned>(std::max(1, std::atoi(text))) : 60;
}

unsigned entries(const char* folder) {
  unsigned count = 0;
  DIR* open = opendir(folder);
  while (const dirent* entry = readdir(open))
    count += entry->d_name[0] != '.' ? 1U : 0U;
  closedir(open);
  return count;
}

/// What a process can run out of.
struct Usage {
  unsigned threads = entries("/proc/self/task");
  unsigned descriptors = entries("/proc/self/fd");

  static std::size_t rss_kib() {
    std::ifstream statm("/proc/self/statm");
    std::size_t pages = 0;
    statm >> pages >> pages;
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 1024;
  }
};

/// One way of using the elements; `$URL` stands for the camera's.
struct Setup {
  const char* name;
  const char* pipeline;
  bool udp = false;
  bool bin = false;
};
/// The sinks don't preroll: in GStreamer 1.22 a flush that is sent to any source element itself, and an
/// asynchronous sink that goes on to PLAYING because of it, may wait for each other's state locks.
const Setup kSetups[] = {
    {"retinasrc", "retinasrc location=$URL ! fakesink sync=false async=false"},
    {"retinasrc over UDP",
     "retinasrc protocols=udp port-range=30000-40000 location=$URL ! fakesink sync=false async=false", true},
    {"retinasrc, synchronised", "retinasrc location=$URL latency=50 ! fakesink sync=true async=false"},
    {"retinabin",
     "retinabin name=b location=$URL b. ! fakesink async=false b. ! fakesink async=false "
     "b. ! fakesink async=false",
     false, true},
    {"retinabin behind queues",
     "retinabin name=b location=$URL b. ! queue ! fakesink async=false b. ! queue ! fakesink async=false",
     false, true},
};

StandardCamera endless_camera(bool tcp) {
  StandardCamera camera = camera_of_three(100);
  camera.tcp = tcp;
  camera.media.loop = true;
  camera.media.loop_ticks = {100 * 3600, 100 * 320, 100 * 3600};
  unsigned number = 0;
  for (MediaPacket& packet : camera.media.packets)
    packet.at = number++ / 3 * 1ms;
  camera.media.loop_duration = 100ms;
  return camera;
}

class Pipeline {
 public:
  Pipeline(const Setup& setup, const std::string& url) {
    std::string text = setup.pipeline;
    text.replace(text.find("$URL"), 4, url);
    GError* error = nullptr;
    pipeline_ = gst_parse_launch(text.c_str(), &error);
    ck_assert_msg(error == nullptr, "%s: %s", setup.name, error != nullptr ? error->message : "");
  }
  ~Pipeline() { gst_object_unref(pipeline_); }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  GstElement* get() const { return pipeline_; }
  void set_state(GstState state) const { gst_element_set_state(pipeline_, state); }
  /// How long it took.
  std::chrono::nanoseconds stop() const {
    const auto before = std::chrono::steady_clock::now();
    set_state(GST_STATE_NULL);
    return std::chrono::steady_clock::now() - before;
  }

 private:
  GstElement* pipeline_ = nullptr;
};

/// Waits for what ends in other threads, and is on its way.
void expect_no_more_than(const Usage& before, const char* what) {
  Usage now;
  for (int i = 0; i < 500 && (now.threads > before.threads || now.descriptors > before.descriptors); ++i) {
    g_usleep(10'000);
    now = Usage();
  }
  ck_assert_msg(now.threads <= before.threads, "%s: %u threads instead of %u", what, now.threads,
                before.threads);
  ck_assert_msg(now.descriptors <= before.descriptors, "%s: %u descriptors instead of %u", what,
                now.descriptors, before.descriptors);
}

/// Starts and stops `count` times; returns the longest stop.
std::chrono::nanoseconds cycle(const Setup& setup, unsigned count, std::mt19937& random) {
  const ScriptedCamera camera(endless_camera(!setup.udp));
  std::chrono::nanoseconds longest{};
  for (unsigned i = 0; i < count; ++i) {
    const Pipeline pipeline(setup, camera.url());
    const auto pick = [&random](unsigned below) { return static_cast<unsigned>(random() % below); };
    pipeline.set_state(pick(4) == 0 ? GST_STATE_PAUSED : GST_STATE_PLAYING);
    // Some are stopped at once, most within the dialogue, and some while media flows.
    g_usleep(pick(3) == 0 ? pick(300) : pick(30'000));
    if (pick(5) == 0) pipeline.set_state(GST_STATE_READY);
    if (pick(5) == 0) pipeline.set_state(GST_STATE_PLAYING);
    longest = std::max(longest, pipeline.stop());
  }
  return longest;
}

LAW(nothing_is_left_of_any_number_of_starts_and_stops) {
  g_thread_pool_set_max_unused_threads(0);
  std::mt19937 random(7);
  for (const Setup& setup : kSetups)
    cycle(setup, 3, random);  // what is made once a process
  const Usage before;
  const std::size_t rss = Usage::rss_kib();
  for (const Setup& setup : kSetups) {
    std::chrono::nanoseconds longest{};
    for (unsigned done = 0; done < cycles(); done += 50)
      longest = std::max(longest, cycle(setup, std::min(50U, cycles() - done), random));
    expect_no_more_than(before, setup.name);
    std::printf("%s: %u cycles, longest stop %.1f ms, RSS %zu KiB, at first %zu KiB\n", setup.name, cycles(),
                static_cast<double>(longest.count()) / 1e6, Usage::rss_kib(), rss);
    ck_assert_msg(longest < 5s, "%s: a stop took too long", setup.name);
  }
  // Allocators keep some of what was free.
  ck_assert_msg(kSanitized || Usage::rss_kib() < rss + 16 * 1024, "%zu KiB instead of %zu", Usage::rss_kib(),
                rss);
}

/// The element under test within a pipeline.
class Source {
 public:
  explicit Source(const Pipeline& pipeline) {
    GstIterator* all = gst_bin_iterate_sources(GST_BIN(pipeline.get()));
    GValue item = G_VALUE_INIT;
    ck_assert(gst_iterator_next(all, &item) == GST_ITERATOR_OK);
    element_ = GST_ELEMENT(g_value_dup_object(&item));
    g_value_unset(&item);
    gst_iterator_free(all);
  }
  ~Source() { gst_object_unref(element_); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  GstElement* get() const { return element_; }

 private:
  GstElement* element_ = nullptr;
};

void look_and_set(GstElement* source, unsigned random) {
  GstStructure* stats = nullptr;
  g_object_get(source, "stats", &stats, nullptr);
  gst_structure_free(stats);
  g_object_set(source, "latency", random % 100, nullptr);
}

std::uint64_t frames_of(GstElement* source) {
  GstStructure* stats = nullptr;
  g_object_get(source, "stats", &stats, nullptr);
  guint64 frames = 0;
  gst_structure_get_uint64(stats, "frames", &frames);
  gst_structure_free(stats);
  return frames;
}

/// Does what an application may do from any thread, until told to stop. (Not EOS: in PAUSED it waits for the
/// sink with the pipeline's state lock held, whatever the source is.)
void meddle(const Pipeline& pipeline, unsigned seed, const std::atomic<bool>& done) {
  constexpr GstState kStates[] = {GST_STATE_PLAYING, GST_STATE_PAUSED, GST_STATE_READY, GST_STATE_NULL};
  std::mt19937 random(seed);
  const Source source(pipeline);
  while (!done) {
    const unsigned what = random() % 8;
    if (what < 4) {
      pipeline.set_state(kStates[what]);
    } else if (what == 4) {
      gst_element_seek_simple(pipeline.get(), GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, random() % GST_SECOND);
    } else if (what < 7) {
      look_and_set(source.get(), static_cast<unsigned>(random()));
    } else {
      g_usleep(random() % 3000);
    }
  }
}

/// Whether a message of this kind comes, before an error does.
bool comes(const Pipeline& pipeline, GstMessageType kind) {
  GstBus* bus = gst_element_get_bus(pipeline.get());
  GstMessage* message =
      gst_bus_timed_pop_filtered(bus, 10 * GST_SECOND, static_cast<GstMessageType>(kind | GST_MESSAGE_ERROR));
  const bool came = message != nullptr && GST_MESSAGE_TYPE(message) == kind;
  if (message != nullptr) gst_message_unref(message);
  gst_object_unref(bus);
  return came;
}

bool streams(const Pipeline& pipeline) {
  pipeline.set_state(GST_STATE_PLAYING);
  return comes(pipeline, GST_MESSAGE_STREAM_START);
}

/// Meddled with for a while, it stops and runs again.
void survive_meddling(const Setup& setup, unsigned seed) {
  const ScriptedCamera camera(endless_camera(!setup.udp));
  const Pipeline pipeline(setup, camera.url());
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 3; ++i)
    threads.emplace_back([&, i] { meddle(pipeline, 100 * seed + i, done); });
  g_usleep(300'000);
  done = true;
  for (std::thread& thread : threads)
    thread.join();
  ck_assert_msg(pipeline.stop() < 5s, "%s: a stop took too long", setup.name);
  // gst_parse_launch() links the pads of a bin only when they come for the first time.
  const Pipeline other(setup, camera.url());
  const Pipeline& again = setup.bin ? other : pipeline;
  ck_assert_msg(streams(again), "%s: it doesn't run again", setup.name);
  again.stop();
}

LAW(whatever_is_done_from_several_threads_it_stops_and_runs_again) {
  g_thread_pool_set_max_unused_threads(0);
  for (const Setup& setup : kSetups)
    survive_meddling(setup, 0);  // what is made once a process
  const Usage before;
  for (const Setup& setup : kSetups) {
    for (unsigned round = 1; round <= std::max(1U, cycles() / 60); ++round)
      survive_meddling(setup, round);
    expect_no_more_than(before, setup.name);
  }
}

LAW(flushes_while_it_plays_cost_only_what_they_flush) {
  for (const Setup& setup : kSetups) {
    const ScriptedCamera camera(endless_camera(!setup.udp));
    const Pipeline pipeline(setup, camera.url());
    const Source source(pipeline);
    ck_assert_msg(streams(pipeline), "%s", setup.name);
    std::mt19937 random(3);
    for (int i = 0; i < 50; ++i) {
      gst_element_send_event(source.get(), gst_event_new_flush_start());
      if (i % 2 == 0) g_usleep(random() % 3000);
      gst_element_send_event(source.get(), gst_event_new_flush_stop(TRUE));
      look_and_set(source.get(), static_cast<unsigned>(random()));
    }
    const std::uint64_t before = frames_of(source.get());
    for (int i = 0; i < 1000 && frames_of(source.get()) < before + 30; ++i)
      g_usleep(10'000);
    ck_assert_msg(frames_of(source.get()) >= before + 30, "%s: nothing comes any more", setup.name);
    gst_element_send_event(pipeline.get(), gst_event_new_eos());
    ck_assert_msg(comes(pipeline, GST_MESSAGE_EOS), "%s: EOS is not obeyed", setup.name);
    ck_assert_msg(pipeline.stop() < 5s, "%s: a stop took too long", setup.name);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("cycles", 120 + static_cast<int>(cycles()));
}
