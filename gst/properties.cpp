// The properties of retinasrc: one row each, in the order in which gst-inspect-1.0 shows them to programs.

#include <gst/gst.h>

#include <algorithm>
#include <iterator>

#include "rtsp/url.h"
#include "settings.h"

namespace retina::gst {
namespace {

constexpr auto kReadable = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
constexpr auto kSettable =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kSettableAlways =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);

template <class E>
gint number(E value) {
  return static_cast<gint>(value);
}

GType media_type() {
  static const GEnumValue values[] = {
      {number(MediaChoice::kAny), "Any kind, video first", "any"},
      {number(MediaChoice::kVideo), "Video", "video"},
      {number(MediaChoice::kAudio), "Audio", "audio"},
      {number(MediaChoice::kApplication), "Application data such as ONVIF metadata", "application"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaMedia", values);
  return type;
}

GType parameter_sets_type() {
  using Insertion = codec::ParameterSetInsertion;
  static const GEnumValue values[] = {
      {number(Insertion::kKeyFrames), "Before every key frame", "key-frames"},
      {number(Insertion::kOnChange), "Before the first key frame, and when they have changed", "on-change"},
      {number(Insertion::kNever), "Nowhere in the stream", "never"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaParameterSets", values);
  return type;
}

void set_text(std::string& text, const GValue* value) {
  const gchar* given = g_value_get_string(value);
  text = given != nullptr ? given : "";
}

void get_text(const std::string& text, GValue* value) {
  g_value_set_string(value, text.empty() ? nullptr : text.c_str());
}

/// The location without credentials: what was set is never shown again.
void get_location(const Settings& settings, GValue* value) {
  if (settings.location.empty()) return g_value_set_string(value, nullptr);
  const auto url = rtsp::parse_url(settings.location);
  g_value_set_string(value, url ? url->redacted().c_str() : "(not a usable URL)");
}

struct Row {
  GParamSpec* (*spec)();
  void (*set)(Settings&, const GValue*);
  void (*get)(const Settings&, GValue*);
};

const Row kRows[] = {
    {[] {
       return g_param_spec_string(
           "location", "Location",
           "URL of the stream: rtsp://[user:password@]host[:port]/path. Credentials in it are "
           "used, and not shown when the property is read",
           nullptr, kSettable);
     },
     [](Settings& s, const GValue* v) { set_text(s.location, v); }, get_location},
    {[] {
       return g_param_spec_string("user-id", "User name",
                                  "User name; takes the place of the one in the location", nullptr,
                                  kSettable);
     },
     [](Settings& s, const GValue* v) { set_text(s.user_id, v); },
     [](const Settings& s, GValue* v) { get_text(s.user_id, v); }},
    {[] {
       return g_param_spec_string("user-pw", "Password",
                                  "Password that goes with user-id; not shown when it is read", nullptr,
                                  kSettable);
     },
     [](Settings& s, const GValue* v) { set_text(s.user_pw, v); },
     // Programs that print every property, and pipeline graphs, would show it.
     [](const Settings&, GValue* v) { g_value_set_string(v, nullptr); }},
    {[] {
       return g_param_spec_string("user-agent", "User-Agent", "What the client calls itself in every request",
                                  "gst-retina/" RETINA_VERSION, kSettable);
     },
     [](Settings& s, const GValue* v) { set_text(s.user_agent, v); },
     [](const Settings& s, GValue* v) { get_text(s.user_agent, v); }},
    {[] {
       return g_param_spec_enum("media", "Media",
                                "Which kind of stream to take: the first of it that can be used",
                                media_type(), number(MediaChoice::kAny), kSettable);
     },
     [](Settings& s, const GValue* v) { s.media = static_cast<MediaChoice>(g_value_get_enum(v)); },
     [](const Settings& s, GValue* v) { g_value_set_enum(v, number(s.media)); }},
    {[] {
       return g_param_spec_int(
           "stream-index", "Stream index",
           "Take this media section of the camera's description (SDP), counted from 0, whatever "
           "media says; -1: choose by media",
           -1, G_MAXINT, -1, kSettable);
     },
     [](Settings& s, const GValue* v) { s.stream_index = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.stream_index); }},
    {[] {
       return g_param_spec_uint(
           "latency", "Latency",
           "What the latency query reports, in ms: how much network jitter synchronised sinks "
           "can smooth. Nothing is held back in this element for it",
           0, G_MAXUINT, 200, kSettableAlways);
     },
     [](Settings& s, const GValue* v) { s.latency_ms = g_value_get_uint(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint(v, s.latency_ms); }},
    {[] {
       return g_param_spec_uint64("tcp-timeout", "TCP timeout",
                                  "Longest wait for the connection, and for each response, in microseconds",
                                  1, G_MAXINT64 / 1000, 20'000'000, kSettable);
     },
     [](Settings& s, const GValue* v) { s.tcp_timeout_us = g_value_get_uint64(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint64(v, s.tcp_timeout_us); }},
    {[] {
       return g_param_spec_uint64(
           "idle-timeout", "Idle timeout",
           "No media for so long while playing means that the camera is gone, in microseconds "
           "(0: wait for ever)",
           0, G_MAXINT64 / 1000, 10'000'000, kSettable);
     },
     [](Settings& s, const GValue* v) { s.idle_timeout_us = g_value_get_uint64(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint64(v, s.idle_timeout_us); }},
    {[] {
       return g_param_spec_uint64(
           "teardown-timeout", "Teardown timeout",
           "Longest wait for the camera's answer to TEARDOWN when stopping, in nanoseconds", 0, G_MAXINT64,
           100'000'000, kSettable);
     },
     [](Settings& s, const GValue* v) { s.teardown_timeout_ns = g_value_get_uint64(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint64(v, s.teardown_timeout_ns); }},
    {[] {
       return g_param_spec_uint("read-size-min", "Smallest read",
                                "Lower bound of the adaptive size of socket reads, in bytes", 1024,
                                64 * 1024 * 1024, 64 * 1024, kSettable);
     },
     [](Settings& s, const GValue* v) { s.read_size_min = g_value_get_uint(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint(v, s.read_size_min); }},
    {[] {
       return g_param_spec_uint(
           "read-size-max", "Largest read",
           "Upper bound of the adaptive size of socket reads, in bytes (at least read-size-min)", 1024,
           64 * 1024 * 1024, 1024 * 1024, kSettable);
     },
     [](Settings& s, const GValue* v) { s.read_size_max = g_value_get_uint(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint(v, s.read_size_max); }},
    {[] {
       return g_param_spec_uint64(
           "coalesce-time", "Coalesce time",
           "Most latency that waiting for more bytes of an unfinished frame may add, in "
           "nanoseconds (0: read at once)",
           0, GST_SECOND, 2'000'000, kSettable);
     },
     [](Settings& s, const GValue* v) { s.coalesce_time_ns = g_value_get_uint64(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint64(v, s.coalesce_time_ns); }},
    {[] {
       return g_param_spec_enum(
           "parameter-sets", "Parameter sets",
           "Where SPS and PPS go in the stream formats that carry them (byte-stream, avc3)",
           parameter_sets_type(), number(codec::ParameterSetInsertion::kKeyFrames), kSettable);
     },
     [](Settings& s, const GValue* v) {
       s.parameter_sets = static_cast<codec::ParameterSetInsertion>(g_value_get_enum(v));
     },
     [](const Settings& s, GValue* v) { g_value_set_enum(v, number(s.parameter_sets)); }},
    {[] {
       return g_param_spec_boxed(
           "stats", "Statistics",
           "What the session has seen: reads, packets, frames (application/x-retina-stats)",
           GST_TYPE_STRUCTURE, kReadable);
     },
     nullptr, nullptr},
};

const Row* row_of(unsigned id) {
  return id >= 1 && id <= std::size(kRows) ? &kRows[id - 1] : nullptr;
}

}  // namespace

client::Options Settings::client_options() const {
  using std::chrono::microseconds;
  using std::chrono::nanoseconds;
  client::Options options;
  options.location = location;
  options.user_id = user_id;
  options.user_pw = user_pw;
  options.user_agent = user_agent;
  // So far ahead that adding it to a time stays in range, and nobody waits for it.
  constexpr std::uint64_t kTenYearsUs = 10ULL * 365 * 24 * 3600 * 1'000'000;
  options.tcp_timeout = microseconds(std::min(tcp_timeout_us, kTenYearsUs));
  options.idle_timeout = microseconds(std::min(idle_timeout_us, kTenYearsUs));
  options.read_size_min = read_size_min;
  options.read_size_max = read_size_max;
  options.coalesce_time = nanoseconds(coalesce_time_ns);
  return options;
}

void install_properties(GObjectClass* klass) {
  unsigned id = 0;
  for (const Row& row : kRows)
    g_object_class_install_property(klass, ++id, row.spec());
  gst_type_mark_as_plugin_api(media_type(), static_cast<GstPluginAPIFlags>(0));
  gst_type_mark_as_plugin_api(parameter_sets_type(), static_cast<GstPluginAPIFlags>(0));
}

bool set_property(Settings& settings, unsigned id, const GValue* value) {
  const Row* row = row_of(id);
  if (row == nullptr || row->set == nullptr) return false;
  row->set(settings, value);
  return true;
}

bool get_property(const Settings& settings, unsigned id, GValue* value) {
  const Row* row = row_of(id);
  if (row == nullptr || row->get == nullptr) return false;
  row->get(settings, value);
  return true;
}

unsigned stats_property_id() {
  return static_cast<unsigned>(std::size(kRows));
}

}  // namespace retina::gst
