// The properties of retinasrc: one row each, in the order in which gst-inspect-1.0 shows them to programs.

#include <gst/gst.h>

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "client/farewell.h"
#include "client/stale_sessions.h"
#include "policy_types.h"
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

template <auto Member>
void set_enum(Settings& settings, const GValue* value) {
  auto& member = settings.*Member;
  member = static_cast<std::remove_reference_t<decltype(member)>>(g_value_get_enum(value));
}

template <auto Member>
void get_enum(const Settings& settings, GValue* value) {
  g_value_set_enum(value, number(settings.*Member));
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
       return g_param_spec_boolean("reconnect", "Reconnect",
                                   "When a session that has played is lost, come back by itself (live "
                                   "streams only). At the first start a "
                                   "failure is an error at once",
                                   TRUE, kSettable);
     },
     [](Settings& s, const GValue* v) { s.reconnect = g_value_get_boolean(v) != FALSE; },
     [](const Settings& s, GValue* v) { g_value_set_boolean(v, s.reconnect); }},
    {[] {
       return g_param_spec_int("reconnect-attempts", "Reconnection attempts",
                               "How often in a row to try, before the loss is an error; -1: without end", -1,
                               G_MAXINT, -1, kSettable);
     },
     [](Settings& s, const GValue* v) { s.reconnect_attempts = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.reconnect_attempts); }},
    {[] {
       return g_param_spec_uint("reconnect-delay", "Reconnection delay",
                                "Wait before the first attempt, in ms; doubled for each one after it", 0,
                                24 * 3600 * 1000, 500, kSettable);
     },
     [](Settings& s, const GValue* v) { s.reconnect_delay_ms = g_value_get_uint(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint(v, s.reconnect_delay_ms); }},
    {[] {
       return g_param_spec_uint("reconnect-max-delay", "Longest reconnection delay",
                                "Longest wait between attempts, in ms", 0, 24 * 3600 * 1000, 30'000,
                                kSettable);
     },
     [](Settings& s, const GValue* v) { s.reconnect_max_delay_ms = g_value_get_uint(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint(v, s.reconnect_max_delay_ms); }},
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
       return g_param_spec_uint(
           "max-queue-bytes", "Largest queue",
           "In a session that several streams share: frames of each that may wait for its thread, in bytes. "
           "What "
           "has no room is dropped, so that a stream that is blocked doesn't stop the others",
           0, G_MAXUINT, 8 * 1024 * 1024, kSettable);
     },
     [](Settings& s, const GValue* v) { s.max_queue_bytes = g_value_get_uint(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint(v, s.max_queue_bytes); }},
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
       return g_param_spec_enum("incomplete-frames", "Incomplete frames",
                                "What to do with a frame of which a part was lost", incomplete_frames_type(),
                                0, kSettable);
     },
     [](Settings& s, const GValue* v) { s.pass_incomplete = g_value_get_enum(v) != 0; },
     [](const Settings& s, GValue* v) { g_value_set_enum(v, s.pass_incomplete ? 1 : 0); }},
    {[] {
       return g_param_spec_boolean(
           "wait-for-keyframe", "Wait for a key frame",
           "Drop video at the start and after a loss until a key frame comes, so that no picture is decoded "
           "that refers to a missing one",
           FALSE, kSettable);
     },
     [](Settings& s, const GValue* v) { s.wait_for_keyframe = g_value_get_boolean(v) != FALSE; },
     [](const Settings& s, GValue* v) { g_value_set_boolean(v, s.wait_for_keyframe); }},
    {[] {
       return g_param_spec_boolean(
           "do-rtsp-keep-alive", "Send keep-alives",
           "Tell the camera at half of its session timeout, and at least every 30 seconds, that somebody is "
           "still there. Without it most cameras stop after their session timeout",
           TRUE, kSettable);
     },
     [](Settings& s, const GValue* v) { s.keep_alive = g_value_get_boolean(v) != FALSE; },
     [](const Settings& s, GValue* v) { g_value_set_boolean(v, s.keep_alive); }},
    {[] {
       return g_param_spec_enum(
           "initial-timestamp", "Initial timestamp",
           "Whether the RTP time that the camera's answer to PLAY gives each stream (RTP-Info, rtptime) is "
           "taken as its start. A stream without one starts with its first packet",
           initial_timestamp_type(), number(client::InitialTimestamp::kDefault), kSettable);
     },
     set_enum<&Settings::initial_timestamp>, get_enum<&Settings::initial_timestamp>},
    {[] {
       return g_param_spec_enum("initial-seq", "Initial sequence number",
                                "Whether the sequence number that the camera's answer to PLAY gives each "
                                "stream (RTP-Info, seq) is "
                                "taken as its first: then what is missing after it counts as lost",
                                initial_sequence_type(), number(client::InitialSequence::kDefault),
                                kSettable);
     },
     set_enum<&Settings::initial_sequence>, get_enum<&Settings::initial_sequence>},
    {[] {
       return g_param_spec_enum(
           "unknown-rtcp-ssrc", "Unknown RTCP SSRC",
           "What to do with RTCP reports of another source (SSRC) than the stream's media",
           unknown_rtcp_ssrc_type(), number(client::UnknownRtcpSsrc::kDrop), kSettable);
     },
     set_enum<&Settings::unknown_rtcp_ssrc>, get_enum<&Settings::unknown_rtcp_ssrc>},
    {[] {
       return g_param_spec_enum(
           "unassigned-channel-data", "Unassigned channel data",
           "What to do with interleaved data on a channel that was not set up, which may be the media of an "
           "earlier session that the server goes on sending",
           unassigned_channel_data_type(), number(client::UnassignedChannelData::kAuto), kSettable);
     },
     set_enum<&Settings::unassigned_channel_data>, get_enum<&Settings::unassigned_channel_data>},
    {[] {
       return g_param_spec_enum("session-id", "Session id",
                                "What to do when the camera gives another session id with a later answer",
                                session_id_type(), number(client::SessionId::kUseFirst), kSettable);
     },
     set_enum<&Settings::session_id>, get_enum<&Settings::session_id>},
    {[] {
       return g_param_spec_enum(
           "teardown", "Teardown",
           "How hard to give the session back to the camera (TEARDOWN) when it ends. After teardown-timeout, "
           "or when the connection is broken, it may be tried on in the background",
           teardown_type(), number(client::Teardown::kAuto), kSettable);
     },
     set_enum<&Settings::teardown>, get_enum<&Settings::teardown>},
    {[] {
       return g_param_spec_enum("timestamp-mode", "Timestamp mode",
                                "What the buffers' times are. In each mode they rise (in decoding order, but "
                                "for B-frames)",
                                timestamp_mode_type(), number(TimestampMode::kLive), kSettable);
     },
     set_enum<&Settings::timestamp_mode>, get_enum<&Settings::timestamp_mode>},
    {[] {
       return g_param_spec_boolean(
           "add-reference-timestamp-meta", "Add reference timestamps",
           "Put the camera's time of day (timestamp/x-ntp, timestamp/x-unix), where it tells it, and the "
           "time "
           "of arrival (timestamp/x-system-monotonic) on every buffer, as GstReferenceTimestampMeta",
           TRUE, kSettable);
     },
     [](Settings& s, const GValue* v) { s.add_reference_timestamp_meta = g_value_get_boolean(v) != FALSE; },
     [](const Settings& s, GValue* v) { g_value_set_boolean(v, s.add_reference_timestamp_meta); }},
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
  options.keep_alive = keep_alive;
  options.initial_timestamp = initial_timestamp;
  options.initial_sequence = initial_sequence;
  options.unknown_rtcp_ssrc = unknown_rtcp_ssrc;
  options.unassigned_channel_data = unassigned_channel_data;
  options.session_id = session_id;
  options.teardown = teardown;
  options.stale_sessions = client::StaleSessions::of_process();
  options.farewell = client::Farewell::of_process();
  return options;
}

client::Reconnection::Options Settings::reconnection() const {
  using std::chrono::milliseconds;
  return {reconnect, reconnect_attempts, milliseconds(reconnect_delay_ms),
          milliseconds(reconnect_max_delay_ms)};
}

void install_properties(GObjectClass* klass) {
  unsigned id = 0;
  for (const Row& row : kRows)
    g_object_class_install_property(klass, ++id, row.spec());
  for (const GType type :
       {media_type(), parameter_sets_type(), incomplete_frames_type(), initial_timestamp_type(),
        initial_sequence_type(), unknown_rtcp_ssrc_type(), unassigned_channel_data_type(), session_id_type(),
        teardown_type(), timestamp_mode_type()}) {
    gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  }
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
