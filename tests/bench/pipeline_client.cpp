// Measures GStreamer pipelines: runs so many copies of --pipeline in one process until the end of all
// streams, or for
// --duration seconds, and prints one JSON line.
//
// The phase that is measured begins with the first buffer at the last sink of the last copy (plus --warm-up
// seconds), so that loading plugins and the RTSP dialogue stay outside, and ends with the last copy's EOS or
// after
// --duration. Every count is of the phase. `stats` are the source's own statistics (if it has any) over the
// phase, summed over the copies, and `stats_later` the same from one second after the phase's begin. A copy
// that starts later than the others costs the others' frames before the phase, never the other way round;
// `all_frames` has those, too.
//
// --has ELEMENT only tells, by its exit status, whether there is such an element.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "arguments.h"
#include "json.h"
#include "pipeline_branch.h"
#include "usage.h"

namespace {

using namespace retina::bench;
using Clock = std::chrono::steady_clock;

/// What ends a run. Bus handlers, on any thread, write it; main waits on it.
struct Progress {
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t ended_branches = 0;
  std::string error;
};

GstBusSyncReply on_message(GstBus*, GstMessage* message, gpointer data) {
  auto& progress = *static_cast<Progress*>(data);
  const GstMessageType type = GST_MESSAGE_TYPE(message);
  if (type == GST_MESSAGE_EOS || type == GST_MESSAGE_ERROR) {
    std::string text;
    if (type == GST_MESSAGE_ERROR) {
      GError* error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      text = std::string(GST_MESSAGE_SRC_NAME(message)) + ": " + error->message;
      g_error_free(error);
    }
    const std::lock_guard<std::mutex> lock(progress.mutex);
    if (type == GST_MESSAGE_EOS) ++progress.ended_branches;
    if (progress.error.empty()) progress.error = text;
    progress.changed.notify_all();
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

struct Snapshot {
  Usage usage;
  std::uint64_t buffers = 0;
  std::uint64_t bytes = 0;
  std::uint64_t frames = 0;
  SourceStats stats;
};

/// Fields that only ever grow are reported as differences, the others as the copies' mean at the end.
bool is_counter(const std::string& name) {
  static const char* const kGauges[] = {"read-size",  "jitter",       "drift-ppm",
                                        "round-trip", "connect-time", "first-frame-time"};
  return std::none_of(std::begin(kGauges), std::end(kGauges),
                      [&name](const char* gauge) { return name == gauge; });
}

JsonObject stats_between(const SourceStats& begin, const SourceStats& end, std::size_t copies) {
  JsonObject json;
  for (const auto& [name, value] : end.numbers) {
    const auto before = begin.numbers.find(name);
    const double earlier = before == begin.numbers.end() ? 0 : before->second;
    json.add(name, is_counter(name) ? value - earlier : value / static_cast<double>(copies));
  }
  for (const auto& [name, values] : end.arrays) {
    std::vector<std::uint64_t> difference = values;
    const auto before = begin.arrays.find(name);
    for (std::size_t i = 0; before != begin.arrays.end() && i < difference.size(); ++i) {
      difference[i] -= i < before->second.size() ? before->second[i] : 0;
    }
    json.add(name, difference);
  }
  for (const auto& [name, text] : end.texts)
    json.add_text(name, text);
  return json;
}

/// Nearest rank; 0 for no samples. Sorted input.
std::uint64_t percentile(const std::vector<std::uint64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(rank, sorted.size() - 1)];
}

class Run {
 public:
  Run(const std::string& description, std::uint64_t copies) {
    for (std::uint64_t i = 0; i < copies; ++i) {
      branches_.push_back(std::make_unique<PipelineBranch>(description, started_));
      GstBus* bus = gst_element_get_bus(branches_.back()->pipeline());
      gst_bus_set_sync_handler(bus, &on_message, &progress_, nullptr);
      gst_object_unref(bus);
    }
  }

  /// False after an error, which is printed.
  bool measure(double warm_up, double duration) {
    for (const auto& branch : branches_)
      gst_element_set_state(branch->pipeline(), GST_STATE_PLAYING);
    while (started_.load() < branches_.size() && !over())
      wait(0.0005);
    if (warm_up > 0) wait(warm_up);
    begin_ = snapshot();
    for (const auto& branch : branches_)
      branch->record_latencies();
    const Clock::time_point begin = Clock::now();
    wait(std::min(1.0, duration));
    later_ = snapshot();
    wait(duration - std::chrono::duration<double>(Clock::now() - begin).count());
    end_ = snapshot();
    if (!progress_.error.empty()) std::fprintf(stderr, "%s\n", progress_.error.c_str());
    return progress_.error.empty();
  }

  void print() {
    const bool ended = progress_.ended_branches == branches_.size();
    for (const auto& branch : branches_)
      gst_element_set_state(branch->pipeline(), GST_STATE_NULL);
    JsonObject json;
    json.add("ended", ended)
        .add("buffers", end_.buffers - begin_.buffers)
        .add("bytes", end_.bytes - begin_.bytes)
        .add("frames", end_.frames - begin_.frames)
        .add("all_frames", end_.frames);
    add_usage(json, end_.usage - begin_.usage);
    json.add("setup_cpu_seconds", begin_.usage.user_seconds + begin_.usage.system_seconds)
        .add("max_rss_kb", max_rss_kb())
        .add("threads", threads_);
    add_latencies(json);
    if (!end_.stats.empty()) {
      json.add_object("stats", stats_between(begin_.stats, end_.stats, branches_.size()));
      json.add_object("stats_later", stats_between(later_.stats, end_.stats, branches_.size()));
      json.add("later_seconds", end_.usage.wall_seconds - later_.usage.wall_seconds);
    }
    json.print();
  }

 private:
  bool over() {
    const std::lock_guard<std::mutex> lock(progress_.mutex);
    return progress_.ended_branches == branches_.size() || !progress_.error.empty();
  }

  /// Until the run is over, or for so long. Looks how many threads there are, now and then.
  void wait(double seconds) {
    constexpr std::chrono::milliseconds kBetweenLooks{250};
    const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                     std::chrono::duration<double>(std::min(seconds, 1e6)));
    std::unique_lock<std::mutex> lock(progress_.mutex);
    while (progress_.ended_branches < branches_.size() && progress_.error.empty() && Clock::now() < end) {
      progress_.changed.wait_until(lock, std::min(end, Clock::now() + kBetweenLooks));
      if (started_.load() == branches_.size()) threads_ = std::max(threads_, thread_count());
    }
  }

  Snapshot snapshot() const {
    Snapshot now;
    now.usage = usage_now();
    for (const auto& branch : branches_) {
      const PipelineBranch::Arrived arrived = branch->arrived();
      now.buffers += arrived.buffers;
      now.bytes += arrived.bytes;
      now.frames += arrived.frames;
      branch->add_stats(now.stats);
    }
    return now;
  }

  void add_latencies(JsonObject& json) const {
    std::vector<std::uint64_t> all;
    for (const auto& branch : branches_) {
      const std::vector<std::uint64_t> latencies = branch->latencies_ns();
      all.insert(all.end(), latencies.begin(), latencies.end());
    }
    if (all.empty()) return;
    std::sort(all.begin(), all.end());
    json.add("latency_p50_ns", percentile(all, 0.50))
        .add("latency_p99_ns", percentile(all, 0.99))
        .add("latency_max_ns", all.back());
  }

  Progress progress_;
  std::atomic<std::uint64_t> started_{0};
  std::vector<std::unique_ptr<PipelineBranch>> branches_;
  std::uint64_t threads_ = 0;
  Snapshot begin_;
  Snapshot later_;
  Snapshot end_;
};

bool has_element(const std::string& name) {
  GstElementFactory* factory = gst_element_factory_find(name.c_str());
  if (factory == nullptr) return false;
  gst_object_unref(factory);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv,
                            {{"pipeline", true},
                             {"connections", true},
                             {"warm-up", true},
                             {"duration", true},
                             {"max-seconds", true},
                             {"has", true}});
  limit_runtime(static_cast<unsigned>(arguments.number("max-seconds", 120, 1, 3600)));
  gst_init(nullptr, nullptr);
  if (arguments.has("has")) return has_element(arguments.text("has", "")) ? 0 : 1;
  Run run(arguments.text("pipeline", ""), arguments.number("connections", 1, 1, 1000));
  const bool good = run.measure(arguments.seconds("warm-up", 0), arguments.seconds("duration", 86400));
  run.print();
  return good ? 0 : 1;
}
