// The properties that say how a session is held, and what to do about its camera's ways.

#include "policy_types.h"
#include "property_row.h"

namespace retina::gst {
namespace {

const PropertyRow kRows[] = {
    {[] {
       return g_param_spec_uint64(
           "tcp-timeout", "TCP timeout",
           "Longest wait for the connection, for each response, and for the camera to take "
           "what is sent to it, in microseconds",
           1, G_MAXINT64 / 1000, 20'000'000, kSettable);
     },
     set<&Settings::tcp_timeout_us>, get<&Settings::tcp_timeout_us>},
    {[] {
       return g_param_spec_uint64("idle-timeout", "Idle timeout",
                                  "No media for so long while playing means that the camera is gone, in "
                                  "microseconds (0: wait for ever)",
                                  0, G_MAXINT64 / 1000, 10'000'000, kSettable);
     },
     set<&Settings::idle_timeout_us>, get<&Settings::idle_timeout_us>},
    {[] {
       return g_param_spec_boolean("reconnect", "Reconnect",
                                   "When a session that has played is lost, come back by itself (live "
                                   "streams only). At the first start a failure is an error at once",
                                   TRUE, kSettable);
     },
     set<&Settings::reconnect>, get<&Settings::reconnect>},
    {[] {
       return g_param_spec_int("reconnect-attempts", "Reconnection attempts",
                               "How often in a row to try, before the loss is an error; -1: without end", -1,
                               G_MAXINT, -1, kSettable);
     },
     set<&Settings::reconnect_attempts>, get<&Settings::reconnect_attempts>},
    {[] {
       return g_param_spec_uint("reconnect-delay", "Reconnection delay",
                                "Wait before the first attempt, in ms; doubled for each one after it", 0,
                                24 * 3600 * 1000, 500, kSettable);
     },
     set<&Settings::reconnect_delay_ms>, get<&Settings::reconnect_delay_ms>},
    {[] {
       return g_param_spec_uint("reconnect-max-delay", "Longest reconnection delay",
                                "Longest wait between attempts, in ms", 0, 24 * 3600 * 1000, 30'000,
                                kSettable);
     },
     set<&Settings::reconnect_max_delay_ms>, get<&Settings::reconnect_max_delay_ms>},
    {[] {
       return g_param_spec_uint64(
           "teardown-timeout", "Teardown timeout",
           "Longest wait for the camera's answer to TEARDOWN when stopping, in nanoseconds", 0, G_MAXINT64,
           100'000'000, kSettable);
     },
     set<&Settings::teardown_timeout_ns>, get<&Settings::teardown_timeout_ns>},
    {[] {
       return g_param_spec_boolean(
           "do-rtsp-keep-alive", "Send keep-alives",
           "Tell the camera at half of its session timeout, and at least every 30 seconds, that somebody is "
           "still there. Without it most cameras stop after their session timeout",
           TRUE, kSettable);
     },
     set<&Settings::keep_alive>, get<&Settings::keep_alive>},
    {[] {
       return g_param_spec_boolean("do-rtcp", "Send RTCP",
                                   "Tell the camera every few seconds what has arrived of its media, and "
                                   "what was lost (RTCP receiver reports), and say BYE when leaving",
                                   TRUE, kSettable);
     },
     set<&Settings::send_rtcp>, get<&Settings::send_rtcp>},
    {[] {
       return g_param_spec_boolean(
           "request-keyframe", "Request key frames",
           "Where the camera offers it, ask it for a key frame (RTCP PLI or FIR, with do-rtcp) after a loss "
           "of video until one comes, and when a force-key-unit event comes from downstream; at most every "
           "500 ms, and not over multicast",
           TRUE, kSettable);
     },
     set<&Settings::request_keyframe>, get<&Settings::request_keyframe>},
    {[] {
       return g_param_spec_enum(
           "initial-timestamp", "Initial timestamp",
           "Whether the RTP time that the camera's answer to PLAY gives each stream (RTP-Info, rtptime) is "
           "taken as its start. A stream without one starts with its first packet",
           initial_timestamp_type(), number(client::InitialTimestamp::kDefault), kSettable);
     },
     set<&Settings::initial_timestamp>, get<&Settings::initial_timestamp>},
    {[] {
       return g_param_spec_enum(
           "initial-seq", "Initial sequence number",
           "Whether the sequence number that the camera's answer to PLAY gives each stream (RTP-Info, seq) "
           "is taken as its first: then what is missing after it counts as lost",
           initial_sequence_type(), number(client::InitialSequence::kDefault), kSettable);
     },
     set<&Settings::initial_sequence>, get<&Settings::initial_sequence>},
    {[] {
       return g_param_spec_enum(
           "unknown-rtcp-ssrc", "Unknown RTCP SSRC",
           "What to do with RTCP reports of another source (SSRC) than the stream's media",
           unknown_rtcp_ssrc_type(), number(client::UnknownRtcpSsrc::kDrop), kSettable);
     },
     set<&Settings::unknown_rtcp_ssrc>, get<&Settings::unknown_rtcp_ssrc>},
    {[] {
       return g_param_spec_enum("unassigned-channel-data", "Unassigned channel data",
                                "What to do with interleaved data on a channel that was not set up, which "
                                "may be the media of an earlier session that the server goes on sending",
                                unassigned_channel_data_type(), number(client::UnassignedChannelData::kAuto),
                                kSettable);
     },
     set<&Settings::unassigned_channel_data>, get<&Settings::unassigned_channel_data>},
    {[] {
       return g_param_spec_enum("session-id", "Session id",
                                "What to do when the camera gives another session id with a later answer",
                                session_id_type(), number(client::SessionId::kUseFirst), kSettable);
     },
     set<&Settings::session_id>, get<&Settings::session_id>},
    {[] {
       return g_param_spec_enum(
           "teardown", "Teardown",
           "How hard to give the session back to the camera (TEARDOWN) when it ends. After teardown-timeout, "
           "or when the connection is broken, it may be tried on in the background",
           teardown_type(), number(client::Teardown::kAuto), kSettable);
     },
     set<&Settings::teardown>, get<&Settings::teardown>},
};

}  // namespace

std::span<const PropertyRow> session_properties() {
  return kRows;
}

}  // namespace retina::gst
