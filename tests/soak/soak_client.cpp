// The watching side of tools/soak: a pipeline for each camera, which looks at every byte that comes.
//
// soak_client [--hold] "KIND=URL[ PROPERTY=VALUE]…"…, KIND is src (retinasrc) or bin (retinabin). Standard
// input takes a line each: "frames" is answered with how many have come of each camera, "state" with how they
// all are, "error N" with the error of one (JSON). "again N" starts one anew, or at all with --hold. "stop"
// stops everything, prints what has come (JSON), and ends.

#include <gst/gst.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double now_seconds() {
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

constexpr std::size_t kStampBytes = 30;

/// tests/soak/stream.py says what it is.
struct Stamp {
  unsigned camera = 0;
  unsigned session = 0;
  unsigned frame = 0;
  unsigned length = 0;
};

bool parse_stamp(const std::uint8_t* bytes, std::size_t size, Stamp& stamp) {
  if (size < kStampBytes) return false;
  const std::string text(bytes, bytes + kStampBytes);
  if (std::sscanf(text.c_str(), "SOAK%4x%8x%8x%6x", &stamp.camera, &stamp.session, &stamp.frame,
                  &stamp.length) != 4)
    return false;
  if (stamp.length != size) return false;
  for (std::size_t i = kStampBytes; i < size; ++i) {
    if (bytes[i] != 'a' + (stamp.frame + i - kStampBytes) % 26) return false;
  }
  return true;
}

/// What has come of one stream in one session.
struct Account {
  std::uint64_t received = 0;
  unsigned last = 0;
  std::vector<std::pair<unsigned, unsigned>> missing;  // first and last
  double first_at = 0;
};

/// What must never happen.
struct Violations {
  std::uint64_t wrong_bytes = 0;
  std::uint64_t wrong_order = 0;
  std::uint64_t without_discont = 0;  // after frames that are missing
  std::uint64_t times_back = 0;
};

void print_text(const char* name, const std::string& text) {
  gchar* escaped = g_strescape(text.c_str(), nullptr);
  std::printf("\"%s\": \"%s\"", name, escaped);
  g_free(escaped);
}

/// One stream of a camera, as it comes out of a pad.
class Stream {
 public:
  explicit Stream(unsigned camera) : camera_(camera) {}

  void on_buffer(GstBuffer* buffer, bool video) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) return;
    const std::size_t skipped =
        std::min<std::size_t>(map.size, video ? 6 : 0);  // length, NAL header, slice header
    Stamp stamp;
    const bool good = parse_stamp(map.data + skipped, map.size - skipped, stamp) && stamp.camera == camera_;
    gst_buffer_unmap(buffer, &map);
    const std::lock_guard lock(mutex_);
    ++frames_;
    if (!good) {
      ++violations_.wrong_bytes;
      return;
    }
    const GstClockTime pts = GST_BUFFER_PTS(buffer);
    if (GST_CLOCK_TIME_IS_VALID(latest_pts_) && (!GST_CLOCK_TIME_IS_VALID(pts) || pts < latest_pts_))
      ++violations_.times_back;
    latest_pts_ = pts;
    file(stamp, GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT));
  }

  std::uint64_t frames() const {
    const std::lock_guard lock(mutex_);
    return frames_;
  }

  /// Running time begins again.
  void restarted() {
    const std::lock_guard lock(mutex_);
    latest_pts_ = GST_CLOCK_TIME_NONE;
  }

  void print(const std::string& pad) const {
    const std::lock_guard lock(mutex_);
    std::printf(
        "{\"pad\": \"%s\", \"wrong_bytes\": %llu, \"wrong_order\": %llu, \"without_discont\": %llu, "
        "\"times_back\": %llu, "
        "\"sessions\": {",
        pad.c_str(), static_cast<unsigned long long>(violations_.wrong_bytes),
        static_cast<unsigned long long>(violations_.wrong_order),
        static_cast<unsigned long long>(violations_.without_discont),
        static_cast<unsigned long long>(violations_.times_back));
    const char* comma = "";
    for (const auto& [session, account] : sessions_) {
      std::printf("%s\"%u\": {\"received\": %llu, \"last\": %u, \"first_at\": %.6f, \"missing\": [", comma,
                  session, static_cast<unsigned long long>(account.received), account.last, account.first_at);
      for (std::size_t i = 0; i < account.missing.size(); ++i)
        std::printf("%s[%u, %u]", i > 0 ? ", " : "", account.missing[i].first, account.missing[i].second);
      std::printf("]}");
      comma = ", ";
    }
    std::printf("}}");
  }

 private:
  void file(const Stamp& stamp, bool discont) {
    const bool first = sessions_.find(stamp.session) == sessions_.end();
    if (first && !sessions_.empty() && stamp.session < sessions_.rbegin()->first) ++violations_.wrong_order;
    Account& account = sessions_[stamp.session];
    const unsigned expected = account.received == 0 ? 0 : account.last + 1;
    if (first) account.first_at = now_seconds();
    if (account.received > 0 && stamp.frame < expected) {
      ++violations_.wrong_order;
      return;
    }
    if (stamp.frame > expected) account.missing.emplace_back(expected, stamp.frame - 1);
    if ((first || stamp.frame > expected) && !discont) ++violations_.without_discont;
    ++account.received;
    account.last = stamp.frame;
  }

  const unsigned camera_;
  mutable std::mutex mutex_;
  std::uint64_t frames_ = 0;
  GstClockTime latest_pts_ = GST_CLOCK_TIME_NONE;
  std::map<unsigned, Account> sessions_;
  Violations violations_;
};

/// The pipeline that watches one camera.
class Watcher {
 public:
  /// `what`: the URL, and properties behind it.
  Watcher(unsigned camera, bool all_streams, const std::string& what) : camera_(camera) {
    std::istringstream words(what);
    std::string url;
    words >> url;
    pipeline_ = gst_pipeline_new(nullptr);
    source_ = gst_element_factory_make(all_streams ? "retinabin" : "retinasrc", nullptr);
    if (source_ == nullptr) g_error("the plugin retina is not installed");
    g_object_set(source_, "location", url.c_str(), "reconnect-delay", 100U, "reconnect-max-delay", 1000U,
                 "idle-timeout", guint64{2'000'000}, "tcp-timeout", guint64{2'000'000}, nullptr);
    for (std::string word; words >> word;) {
      const std::size_t sign = word.find('=');
      gst_util_set_object_arg(G_OBJECT(source_), word.substr(0, sign).c_str(), word.substr(sign + 1).c_str());
    }
    gst_bin_add(GST_BIN(pipeline_), source_);
    GstBus* bus = gst_element_get_bus(pipeline_);
    gst_bus_set_sync_handler(bus, on_message, this, nullptr);
    gst_object_unref(bus);
    if (all_streams) {
      g_signal_connect(source_, "pad-added",
                       G_CALLBACK(+[](GstElement*, GstPad* pad, Watcher* self) { self->add(pad); }), this);
    } else {
      GstPad* pad = gst_element_get_static_pad(source_, "src");
      add(pad);
      gst_object_unref(pad);
    }
  }
  ~Watcher() { gst_object_unref(pipeline_); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void start() { gst_element_set_state(pipeline_, GST_STATE_PLAYING); }
  double stop() {
    const double before = now_seconds();
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    return now_seconds() - before;
  }

  void again() {
    stop();
    {
      const std::lock_guard lock(mutex_);
      error_.clear();
      for (const auto& [pad, stream] : streams_)
        stream->restarted();
    }
    start();
  }

  std::uint64_t frames() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t least = streams_.empty() ? 0 : ~std::uint64_t{0};
    for (const auto& [pad, stream] : streams_)
      least = std::min(least, stream->frames());
    return least;
  }

  void print_error() const {
    const std::lock_guard lock(mutex_);
    gchar* escaped = g_strescape(error_.c_str(), nullptr);
    std::printf("\"%s\"\n", escaped);
    g_free(escaped);
    std::fflush(stdout);
  }

  void print_state() const {
    const std::uint64_t count = frames();
    const std::lock_guard lock(mutex_);
    std::printf("{\"frames\": %llu, \"error_code\": %d, ", static_cast<unsigned long long>(count),
                error_code_);
    print_text("error", error_);
    std::printf(", \"lost\": %u, \"reconnected\": %u, ", reconnecting_, reconnected_);
    print_text("reason", reason_);
    std::printf("}");
  }

  void print() const {
    GstStructure* stats = nullptr;
    g_object_get(source_, "stats", &stats, nullptr);
    std::printf("{\"camera\": %u, \"stats\": {", camera_);
    const char* comma = "";
    for (const char* name : {"packets", "packets-lost", "packets-invalid", "frames", "frames-dropped",
                             "reconnects", "resyncs"}) {
      guint64 value = 0;
      gst_structure_get_uint64(stats, name, &value);
      std::printf("%s\"%s\": %llu", comma, name, static_cast<unsigned long long>(value));
      comma = ", ";
    }
    std::printf(", \"transport\": \"%s\"}, ", gst_structure_get_string(stats, "transport"));
    gst_structure_free(stats);
    const std::lock_guard lock(mutex_);
    std::printf("\"lost\": %u, \"reconnected\": %u, ", reconnecting_, reconnected_);
    print_text("error", error_);
    std::printf(", \"streams\": [");
    comma = "";
    for (const auto& [pad, stream] : streams_) {
      std::printf("%s", comma);
      stream->print(pad);
      comma = ", ";
    }
    std::printf("]}");
  }

 private:
  void add(GstPad* pad) {
    gchar* text = gst_pad_get_name(pad);
    const std::string name = text;
    g_free(text);
    GstElement* sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
    gst_bin_add(GST_BIN(pipeline_), sink);
    gst_element_sync_state_with_parent(sink);
    GstPad* target = gst_element_get_static_pad(sink, "sink");
    gst_pad_link(pad, target);
    gst_object_unref(target);
    const std::lock_guard lock(mutex_);
    auto& stream = streams_[name];
    stream = std::make_unique<Stream>(camera_);
    const auto probe = name.rfind("audio", 0) == 0 ? on_sound : on_picture;
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, probe, stream.get(), nullptr);
  }

  static GstPadProbeReturn on_picture(GstPad*, GstPadProbeInfo* info, gpointer stream) {
    static_cast<Stream*>(stream)->on_buffer(GST_PAD_PROBE_INFO_BUFFER(info), true);
    return GST_PAD_PROBE_OK;
  }
  static GstPadProbeReturn on_sound(GstPad*, GstPadProbeInfo* info, gpointer stream) {
    static_cast<Stream*>(stream)->on_buffer(GST_PAD_PROBE_INFO_BUFFER(info), false);
    return GST_PAD_PROBE_OK;
  }

  /// Nothing is left on the bus: it would grow.
  static GstBusSyncReply on_message(GstBus*, GstMessage* message, gpointer data) {
    auto& self = *static_cast<Watcher*>(data);
    const std::lock_guard lock(self.mutex_);
    if (gst_message_has_name(message, "retina-reconnecting")) {
      if (self.reconnecting_++ == 0)
        self.reason_ = gst_structure_get_string(gst_message_get_structure(message), "reason");
    }
    if (gst_message_has_name(message, "retina-reconnected")) ++self.reconnected_;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR && self.error_.empty()) {
      GError* error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      self.error_ = error->message;
      self.error_code_ = error->code;
      g_error_free(error);
    }
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS && self.error_.empty()) self.error_ = "EOS";
    gst_message_unref(message);
    return GST_BUS_DROP;
  }

  const unsigned camera_;
  GstElement* pipeline_ = nullptr;
  GstElement* source_ = nullptr;  // the pipeline's
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Stream>> streams_;
  std::string error_;
  int error_code_ = 0;
  std::string reason_;  // of the first outage
  unsigned reconnecting_ = 0;
  unsigned reconnected_ = 0;
};

using Watchers = std::vector<std::unique_ptr<Watcher>>;

void print_frames(const Watchers& watchers) {
  std::printf("[");
  for (std::size_t i = 0; i < watchers.size(); ++i)
    std::printf("%s%llu", i > 0 ? ", " : "", static_cast<unsigned long long>(watchers[i]->frames()));
  std::printf("]\n");
  std::fflush(stdout);
}

void print_states(const Watchers& watchers) {
  std::printf("{\"real_time\": %.3f, \"watchers\": [", static_cast<double>(g_get_real_time()) / 1e6);
  for (std::size_t i = 0; i < watchers.size(); ++i) {
    if (i > 0) std::printf(", ");
    watchers[i]->print_state();
  }
  std::printf("]}\n");
  std::fflush(stdout);
}

void stop(const Watchers& watchers) {
  double longest = 0;
  for (const auto& watcher : watchers)
    longest = std::max(longest, watcher->stop());
  std::printf("{\"longest_stop\": %.6f, \"cameras\": [", longest);
  for (std::size_t i = 0; i < watchers.size(); ++i) {
    if (i > 0) std::printf(", ");
    watchers[i]->print();
  }
  std::printf("]}\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  Watchers watchers;
  const bool hold = argc > 1 && std::string(argv[1]) == "--hold";
  for (int i = hold ? 2 : 1; i < argc; ++i) {
    const std::string argument = argv[i];
    watchers.push_back(std::make_unique<Watcher>(static_cast<unsigned>(watchers.size()),
                                                 argument.rfind("bin=", 0) == 0, argument.substr(4)));
  }
  for (const auto& watcher : watchers)
    if (!hold) watcher->start();
  for (std::string line; std::getline(std::cin, line) && line != "stop";) {
    if (line == "frames") print_frames(watchers);
    if (line == "state") print_states(watchers);
    if (line.rfind("again ", 0) == 0) watchers.at(std::stoul(line.substr(6)))->again();
    if (line.rfind("error ", 0) == 0) watchers.at(std::stoul(line.substr(6)))->print_error();
  }
  stop(watchers);
  return 0;
}
