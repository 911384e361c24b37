// The properties of retinasrc: one row each, in the order in which gst-inspect-1.0 shows them to programs.

#include <gst/gst.h>

#include <algorithm>
#include <iterator>
#include <type_traits>

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

template <class T>
void set_object(io::ObjectRef<T>& object, const GValue* value) {
  object = io::ObjectRef<T>(static_cast<T*>(g_value_dup_object(value)));
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
       return g_param_spec_flags("protocols", "Protocols",
                                 "Transports that are allowed: TCP is tried first, then UDP unicast, then "
                                 "multicast. The location's "
                                 "scheme narrows it: rtspt, rtsps and rtspst to TCP, rtspu and rtspsu to UDP",
                                 GST_TYPE_RTSP_LOWER_TRANS, Settings().protocols, kSettable);
     },
     [](Settings& s, const GValue* v) { s.protocols = g_value_get_flags(v); },
     [](const Settings& s, GValue* v) { g_value_set_flags(v, s.protocols); }},
    {[] {
       return g_param_spec_uint64(
           "timeout", "UDP timeout",
           "UDP that brings nothing for so long from PLAY on is given up for TCP, where that is allowed, in "
           "microseconds (0: never)",
           0, G_MAXINT64 / 1000, 5'000'000, kSettable);
     },
     [](Settings& s, const GValue* v) { s.udp_timeout_us = g_value_get_uint64(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint64(v, s.udp_timeout_us); }},
    {[] {
       return g_param_spec_string("port-range", "Port range",
                                  "Local UDP ports that pairs are taken from, such as 5000-5100; NULL: any",
                                  "5000-5100", kSettable);
     },
     [](Settings& s, const GValue* v) { set_text(s.port_range, v); },
     [](const Settings& s, GValue* v) { get_text(s.port_range, v); }},
    {[] {
       return g_param_spec_string(
           "multicast-iface", "Multicast interface",
           "Network interface on which multicast groups are joined, such as eth0; NULL: "
           "the one that the camera is reached by",
           nullptr, kSettable);
     },
     [](Settings& s, const GValue* v) { set_text(s.multicast_interface, v); },
     [](const Settings& s, GValue* v) { get_text(s.multicast_interface, v); }},
    {[] {
       return g_param_spec_int("udp-buffer-size", "UDP buffer size",
                               "Receive buffer of each UDP socket, in bytes (0: 2 MiB); as far as the system "
                               "(net.core.rmem_max) allows it",
                               0, G_MAXINT / 2, 0, kSettable);
     },
     [](Settings& s, const GValue* v) { s.udp_buffer_size = g_value_get_int(v); },
     [](const Settings& s, GValue* v) { g_value_set_int(v, s.udp_buffer_size); }},
    {[] {
       return g_param_spec_enum("nat-method", "NAT method",
                                "How to get the camera's UDP packets through NAT and firewalls",
                                nat_method_type(), 1, kSettable);
     },
     [](Settings& s, const GValue* v) { s.punch_holes = g_value_get_enum(v) != 0; },
     [](const Settings& s, GValue* v) { g_value_set_enum(v, s.punch_holes ? 1 : 0); }},
    {[] {
       return g_param_spec_uint("reorder-time", "Reorder time",
                                "How long an RTP packet that came over UDP before its turn waits for those "
                                "before it, in ms (0: not at all). Packets in order never wait",
                                0, 10'000, 20, kSettable);
     },
     [](Settings& s, const GValue* v) { s.reorder_time_ms = g_value_get_uint(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint(v, s.reorder_time_ms); }},
    {[] {
       return g_param_spec_uint("reorder-packets", "Reorder packets",
                                "A missing RTP packet is given up once one comes over UDP that is so many "
                                "ahead of it (0: at once)",
                                0, 2048, 64, kSettable);
     },
     [](Settings& s, const GValue* v) { s.reorder_packets = g_value_get_uint(v); },
     [](const Settings& s, GValue* v) { g_value_set_uint(v, s.reorder_packets); }},
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
       return g_param_spec_boolean("do-rtcp", "Send RTCP",
                                   "Tell the camera every few seconds what has arrived of its media, and "
                                   "what was lost (RTCP receiver "
                                   "reports), and say BYE when leaving",
                                   TRUE, kSettable);
     },
     [](Settings& s, const GValue* v) { s.send_rtcp = g_value_get_boolean(v) != FALSE; },
     [](const Settings& s, GValue* v) { g_value_set_boolean(v, s.send_rtcp); }},
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
       return g_param_spec_flags("tls-validation-flags", "TLS validation flags",
                                 "Faults of the camera's certificate that refuse it",
                                 G_TYPE_TLS_CERTIFICATE_FLAGS, G_TLS_CERTIFICATE_VALIDATE_ALL, kSettable);
     },
     [](Settings& s, const GValue* v) {
       s.tls.validation = static_cast<GTlsCertificateFlags>(g_value_get_flags(v));
     },
     [](const Settings& s, GValue* v) { g_value_set_flags(v, s.tls.validation); }},
    {[] {
       return g_param_spec_object("tls-database", "TLS database",
                                  "Authorities that may vouch for the camera's certificate; NULL: those that "
                                  "the system trusts",
                                  G_TYPE_TLS_DATABASE, kSettable);
     },
     [](Settings& s, const GValue* v) { set_object(s.tls.database, v); },
     [](const Settings& s, GValue* v) { g_value_set_object(v, s.tls.database.get()); }},
    {[] {
       return g_param_spec_object("tls-interaction", "TLS interaction",
                                  "Asked for the client certificate, and its password, where the camera "
                                  "demands one",
                                  G_TYPE_TLS_INTERACTION, kSettable);
     },
     [](Settings& s, const GValue* v) { set_object(s.tls.interaction, v); },
     [](const Settings& s, GValue* v) { g_value_set_object(v, s.tls.interaction.get()); }},
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

void install_properties(GObjectClass* klass) {
  unsigned id = 0;
  for (const Row& row : kRows)
    g_object_class_install_property(klass, ++id, row.spec());
  for (const GType type :
       {media_type(), parameter_sets_type(), incomplete_frames_type(), initial_timestamp_type(),
        initial_sequence_type(), unknown_rtcp_ssrc_type(), unassigned_channel_data_type(), session_id_type(),
        teardown_type(), nat_method_type(), timestamp_mode_type()}) {
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
