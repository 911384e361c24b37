// Watches a camera through retinasrc and says what comes: caps, frames, key frames, rates, and the element's
// own statistics. Exits with 1 when no frame came, or the camera failed.

#include <glib-unix.h>
#include <gst/gst.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace {

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using ElementRef = std::unique_ptr<GstElement, Release<gst_object_unref>>;
using PadRef = std::unique_ptr<GstPad, Release<gst_object_unref>>;
using BusRef = std::unique_ptr<GstBus, Release<gst_object_unref>>;
using CapsRef = std::unique_ptr<GstCaps, Release<gst_caps_unref>>;
using StructureRef = std::unique_ptr<GstStructure, Release<gst_structure_free>>;
using LoopRef = std::unique_ptr<GMainLoop, Release<g_main_loop_unref>>;
using OptionsRef = std::unique_ptr<GOptionContext, Release<g_option_context_free>>;
using ErrorRef = std::unique_ptr<GError, Release<g_error_free>>;
using TextRef = std::unique_ptr<char, Release<g_free>>;
using Clock = std::chrono::steady_clock;

constexpr int kFirstFrameSeconds = 20;

struct Options {
  std::string url;
  std::string source = "retinasrc";
  std::string user;
  std::string password;
  int seconds = 0;  // 0: until the stream ends, or SIGINT
  bool quiet = false;
};

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  gboolean quiet = FALSE;
  char* source = nullptr;
  char* user = nullptr;
  char* password = nullptr;
  const GOptionEntry entries[] = {
      {"seconds", 't', 0, G_OPTION_ARG_INT, &options.seconds,
       "Stop after so long (default: when the stream ends)", "N"},
      {"user", 0, 0, G_OPTION_ARG_STRING, &user, "User name", "NAME"},
      {"password", 0, 0, G_OPTION_ARG_STRING, &password, "Password", "TEXT"},
      {"source", 0, 0, G_OPTION_ARG_STRING, &source, "The source element (default retinasrc)", "ELEMENT"},
      {"quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "Only the summary at the end", nullptr},
      {}};
  const OptionsRef context(g_option_context_new("URL - watch an RTSP camera"));
  g_option_context_add_main_entries(context.get(), entries, nullptr);
  GError* error = nullptr;
  const bool parsed = g_option_context_parse(context.get(), &argc, &argv, &error) != FALSE;
  const ErrorRef owned_error(error);
  for (const auto& [from, to] :
       {std::pair{source, &options.source}, {user, &options.user}, {password, &options.password}}) {
    const TextRef owned(from);
    if (from != nullptr) *to = from;
  }
  options.quiet = quiet != FALSE;
  if (parsed && argc == 2 && options.seconds >= 0) {
    options.url = argv[1];
    return options;
  }
  const std::string problem = parsed ? "give one URL, rtsp://…" : text_of(owned_error->message);
  std::fprintf(stderr, "retina-probe: %s (--help lists the options)\n", problem.c_str());
  return std::nullopt;
}

/// What one pad has delivered.
struct Counts {
  guint64 frames = 0;
  guint64 key_frames = 0;
  guint64 bytes = 0;
  guint64 discontinuities = 0;
  guint64 corrupted = 0;
  GstClockTime first_pts = GST_CLOCK_TIME_NONE;
  GstClockTime last_pts = GST_CLOCK_TIME_NONE;
  std::optional<Clock::time_point> first_arrival;
  std::string caps;
};

/// Written by a streaming thread, read by the main one.
class Stream {
 public:
  explicit Stream(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  Counts counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

  void on_buffer(GstBuffer* buffer) {
    const std::lock_guard lock(mutex_);
    if (!counts_.first_arrival) counts_.first_arrival = Clock::now();
    counts_.bytes += gst_buffer_get_size(buffer);
    ++counts_.frames;
    if (!GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT)) ++counts_.key_frames;
    if (counts_.frames > 1 && GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT))
      ++counts_.discontinuities;
    if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_CORRUPTED)) ++counts_.corrupted;
    if (!GST_BUFFER_PTS_IS_VALID(buffer)) return;
    if (!GST_CLOCK_TIME_IS_VALID(counts_.first_pts)) counts_.first_pts = GST_BUFFER_PTS(buffer);
    counts_.last_pts = GST_BUFFER_PTS(buffer);
  }

  void on_caps(GstCaps* caps) {
    const CapsRef shown(gst_caps_copy(caps));
    gst_structure_remove_field(gst_caps_get_structure(shown.get(), 0), "codec_data");
    const TextRef text(gst_caps_to_string(shown.get()));
    const std::lock_guard lock(mutex_);
    counts_.caps = text.get();
  }

 private:
  const std::string name_;
  mutable std::mutex mutex_;
  Counts counts_;
};

/// The whole run. Streams are added on streaming threads, the rest happens on the main one.
class Probe {
 public:
  explicit Probe(Options options) : options_(std::move(options)), loop_(g_main_loop_new(nullptr, FALSE)) {}
  ~Probe() {
    if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  /// Returns main()'s result.
  int run();

 private:
  bool build();
  void attach(GstPad* pad);
  void every_second();
  void on_message(GstMessage* message);
  void show_second();
  void show_summary() const;
  void show_statistics() const;
  std::vector<Counts> counts() const;
  void fail(const std::string& text);

  static void pad_added(GstElement*, GstPad* pad, gpointer self) { static_cast<Probe*>(self)->attach(pad); }
  static GstPadProbeReturn watch(GstPad*, GstPadProbeInfo* info, gpointer stream);
  static gboolean tick(gpointer self) {
    static_cast<Probe*>(self)->every_second();
    return G_SOURCE_CONTINUE;
  }
  static gboolean quit(gpointer self) {
    g_main_loop_quit(static_cast<Probe*>(self)->loop_.get());
    return G_SOURCE_CONTINUE;
  }
  static gboolean bus_message(GstBus*, GstMessage* message, gpointer self) {
    static_cast<Probe*>(self)->on_message(message);
    return G_SOURCE_CONTINUE;
  }

  const Options options_;
  LoopRef loop_;
  GstElement* source_ = nullptr;  // the pipeline's
  mutable std::mutex streams_mutex_;
  std::vector<std::unique_ptr<Stream>> streams_;  // each as long as the probe
  std::vector<Counts> shown_;                     // a second ago
  Clock::time_point start_;
  int second_ = 0;
  bool failed_ = false;
  ElementRef pipeline_;  // destroyed first: its threads use what is above
};

void Probe::fail(const std::string& text) {
  std::fprintf(stderr, "retina-probe: %s\n", text.c_str());
  failed_ = true;
  g_main_loop_quit(loop_.get());
}

bool Probe::build() {
  pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new("probe"))));
  source_ = gst_element_factory_make(options_.source.c_str(), "source");
  if (source_ == nullptr) {
    fail("there is no element " + options_.source +
         "; GST_PLUGIN_PATH must name the folder of libgstretina.so");
    return false;
  }
  g_object_set(source_, "location", options_.url.c_str(), nullptr);
  if (!options_.user.empty()) {
    g_object_set(source_, "user-id", options_.user.c_str(), "user-pw", options_.password.c_str(), nullptr);
  }
  gst_bin_add(GST_BIN(pipeline_.get()), source_);
  const PadRef always(gst_element_get_static_pad(source_, "src"));
  if (always) {
    attach(always.get());
  } else {
    g_signal_connect(source_, "pad-added", G_CALLBACK(pad_added), this);
  }
  return true;
}

void Probe::attach(GstPad* pad) {
  const TextRef name(gst_pad_get_name(pad));
  auto stream = std::make_unique<Stream>(name.get());
  const auto what =
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
  gst_pad_add_probe(pad, what, watch, stream.get(), nullptr);
  {
    const std::lock_guard lock(streams_mutex_);
    streams_.push_back(std::move(stream));
  }
  GstElement* discard = gst_element_factory_make("fakesink", nullptr);
  g_object_set(discard, "sync", FALSE, "async", FALSE, nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), discard);
  gst_element_sync_state_with_parent(discard);
  const PadRef sink(gst_element_get_static_pad(discard, "sink"));
  gst_pad_link(pad, sink.get());
}

GstPadProbeReturn Probe::watch(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto* stream = static_cast<Stream*>(data);
  if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    stream->on_buffer(GST_PAD_PROBE_INFO_BUFFER(info));
  } else if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_CAPS) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(GST_PAD_PROBE_INFO_EVENT(info), &caps);
    stream->on_caps(caps);
  }
  return GST_PAD_PROBE_OK;
}

std::vector<Counts> Probe::counts() const {
  const std::lock_guard lock(streams_mutex_);
  std::vector<Counts> counts;
  for (const auto& stream : streams_)
    counts.push_back(stream->counts());
  return counts;
}

void Probe::every_second() {
  ++second_;
  if (!options_.quiet) show_second();
  guint64 frames = 0;
  for (const Counts& stream : counts())
    frames += stream.frames;
  if (frames == 0 && second_ >= kFirstFrameSeconds) {
    fail("connected, but no frame came within " + std::to_string(kFirstFrameSeconds) + " seconds");
  } else if (options_.seconds > 0 && second_ >= options_.seconds && frames > 0) {
    g_main_loop_quit(loop_.get());
  }
}

void Probe::show_second() {
  const std::vector<Counts> current = counts();
  shown_.resize(current.size());
  for (std::size_t i = 0; i < current.size(); ++i) {
    if (!current[i].caps.empty() && current[i].caps != shown_[i].caps) {
      std::printf("stream %zu: %s\n", i, current[i].caps.c_str());
    }
    std::printf("%4d s  stream %zu: %6" G_GUINT64_FORMAT " frames, %3" G_GUINT64_FORMAT
                " this second, %7.0f kbit/s\n",
                second_, i, current[i].frames, current[i].frames - shown_[i].frames,
                static_cast<double>(current[i].bytes - shown_[i].bytes) * 8 / 1000);
  }
  shown_ = current;
  std::fflush(stdout);
}

void Probe::on_message(GstMessage* message) {
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_EOS:
      std::printf("The stream has ended.\n");
      g_main_loop_quit(loop_.get());
      break;
    case GST_MESSAGE_ERROR:
    case GST_MESSAGE_WARNING: {
      GError* error = nullptr;
      char* debug = nullptr;
      const bool fatal = GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
      (fatal ? gst_message_parse_error : gst_message_parse_warning)(message, &error, &debug);
      const ErrorRef owned_error(error);
      const TextRef owned_debug(debug);
      if (fatal) {
        fail(error->message);
      } else {
        std::fprintf(stderr, "retina-probe: warning: %s\n", error->message);
      }
      break;
    }
    case GST_MESSAGE_ELEMENT:
      if (gst_message_has_name(message, "retina-reconnecting"))
        std::printf("The camera is gone; reconnecting.\n");
      if (gst_message_has_name(message, "retina-reconnected")) std::printf("The camera is back.\n");
      break;
    default:
      break;
  }
}

void Probe::show_summary() const {
  const std::vector<Counts> all = counts();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Counts& stream = all[i];
    if (stream.frames == 0) continue;
    const double first = std::chrono::duration<double>(*stream.first_arrival - start_).count();
    const bool timed = GST_CLOCK_TIME_IS_VALID(stream.first_pts) && stream.last_pts > stream.first_pts;
    const double span = timed ? static_cast<double>(stream.last_pts - stream.first_pts) / GST_SECOND : 0;
    std::printf("\nStream %zu (%s)\n  caps             %s\n", i, streams_[i]->name().c_str(),
                stream.caps.c_str());
    std::printf("  first frame      %.3f s after the start\n", first);
    std::printf("  frames           %" G_GUINT64_FORMAT ", of them key frames %" G_GUINT64_FORMAT "\n",
                stream.frames, stream.key_frames);
    if (span > 0) {
      std::printf("  time stamps      %.3f s, %.2f frames/s, %.0f kbit/s\n", span,
                  static_cast<double>(stream.frames - 1) / span,
                  static_cast<double>(stream.bytes) * 8 / 1000 / span);
    }
    std::printf("  discontinuities  %" G_GUINT64_FORMAT ", corrupted frames %" G_GUINT64_FORMAT "\n",
                stream.discontinuities, stream.corrupted);
  }
}

/// An array of counts by power of two, "65536-131071: 133": only what isn't 0.
std::string histogram_text(const GValue* histogram) {
  std::string text;
  for (guint i = 0; i < gst_value_array_get_size(histogram); ++i) {
    const guint64 count = g_value_get_uint64(gst_value_array_get_value(histogram, i));
    if (count == 0) continue;
    const guint64 low = guint64{1} << i;
    text += (text.empty() ? "" : ", ") + std::to_string(low) + "-" + std::to_string(2 * low - 1) + ": " +
            std::to_string(count);
  }
  return text.empty() ? "none" : text;
}

std::string field_text(const std::string& name, const GValue* value) {
  if (GST_VALUE_HOLDS_ARRAY(value)) return histogram_text(value);
  const bool is_time = name.ends_with("-time") || name == "jitter" || name == "round-trip";
  if (is_time && G_VALUE_HOLDS_UINT64(value)) {
    return std::to_string(g_value_get_uint64(value) / GST_USECOND) + " us";
  }
  const TextRef text(gst_value_serialize(value));
  return text ? text.get() : "?";
}

/// The element's `stats`, whatever fields it has.
void Probe::show_statistics() const {
  if (g_object_class_find_property(G_OBJECT_GET_CLASS(source_), "stats") == nullptr) return;
  GstStructure* stats = nullptr;
  g_object_get(source_, "stats", &stats, nullptr);
  const StructureRef owned(stats);
  if (stats == nullptr) return;
  std::printf("\nStatistics of %s\n", options_.source.c_str());
  for (int i = 0; i < gst_structure_n_fields(stats); ++i) {
    const char* name = gst_structure_nth_field_name(stats, static_cast<guint>(i));
    std::printf("  %-20s %s\n", name, field_text(name, gst_structure_get_value(stats, name)).c_str());
  }
}

int Probe::run() {
  if (!build()) return 1;
  const BusRef bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_add_watch(bus.get(), bus_message, this);
  g_timeout_add_seconds(1, tick, this);
  g_unix_signal_add(SIGINT, quit, this);
  g_unix_signal_add(SIGTERM, quit, this);
  start_ = Clock::now();
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  g_main_loop_run(loop_.get());
  show_summary();
  guint64 frames = 0;
  for (const Counts& stream : counts())
    frames += stream.frames;
  if (frames > 0) show_statistics();
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  gst_bus_remove_watch(bus.get());
  if (frames == 0 && !failed_) std::fprintf(stderr, "retina-probe: no frame came\n");
  return failed_ || frames == 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options(argc, argv);
  if (!options) return 2;
  gst_init(nullptr, nullptr);
  return Probe(*options).run();
}
