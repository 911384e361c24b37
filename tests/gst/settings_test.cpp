// From the element's settings to the client's options.

#include "settings.h"

#include "client/farewell.h"
#include "client/stale_sessions.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;

LAW(settings_and_options_start_with_the_same_policies) {
  const client::Options from_settings = gst::Settings().client_options();
  const client::Options standard;
  ck_assert(from_settings.keep_alive == standard.keep_alive);
  ck_assert(from_settings.request_key_frame == standard.request_key_frame);
  ck_assert(from_settings.initial_timestamp == standard.initial_timestamp);
  ck_assert(from_settings.initial_sequence == standard.initial_sequence);
  ck_assert(from_settings.unknown_rtcp_ssrc == standard.unknown_rtcp_ssrc);
  ck_assert(from_settings.unassigned_channel_data == standard.unassigned_channel_data);
  ck_assert(from_settings.session_id == standard.session_id);
  ck_assert(from_settings.teardown == standard.teardown);
}

LAW(every_policy_that_is_set_reaches_the_client) {
  gst::Settings settings;
  settings.keep_alive = settings.request_keyframe = false;
  settings.initial_timestamp = client::InitialTimestamp::kRequire;
  settings.initial_sequence = client::InitialSequence::kRespect;
  settings.unknown_rtcp_ssrc = client::UnknownRtcpSsrc::kAbort;
  settings.unassigned_channel_data = client::UnassignedChannelData::kError;
  settings.session_id = client::SessionId::kRequireMatch;
  settings.teardown = client::Teardown::kNever;
  const client::Options options = settings.client_options();
  ck_assert(!options.keep_alive && !options.request_key_frame);
  ck_assert(options.initial_timestamp == client::InitialTimestamp::kRequire);
  ck_assert(options.initial_sequence == client::InitialSequence::kRespect);
  ck_assert(options.unknown_rtcp_ssrc == client::UnknownRtcpSsrc::kAbort);
  ck_assert(options.unassigned_channel_data == client::UnassignedChannelData::kError);
  ck_assert(options.session_id == client::SessionId::kRequireMatch);
  ck_assert(options.teardown == client::Teardown::kNever);
}

LAW(every_setting_of_transports_reaches_the_client) {
  const client::Options standard = gst::Settings().client_options();
  ck_assert(standard.transports.tcp && standard.transports.udp && standard.send_rtcp);
  ck_assert(standard.punch_holes && standard.udp_timeout == 5s && standard.reorder_time == 20ms);
  ck_assert(standard.reorder_packets == 64 && standard.udp_buffer_size == 0);
  ASSERT_TEXT(standard.port_range, "5000-5100");
  gst::Settings settings;
  settings.protocols = GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_UDP_MCAST;
  settings.send_rtcp = settings.punch_holes = false;
  settings.udp_timeout_us = 7;
  settings.reorder_time_ms = 8;
  settings.reorder_packets = 9;
  settings.udp_buffer_size = 10;
  settings.port_range = "";
  const client::Options options = settings.client_options();
  ck_assert(!options.transports.tcp && options.transports.udp && !options.send_rtcp && !options.punch_holes);
  ck_assert(options.udp_timeout == 7us && options.reorder_time == 8ms && options.reorder_packets == 9);
  ck_assert(options.udp_buffer_size == 10 && options.port_range.empty());
  // Sessions must not share their SSRCs.
  ck_assert(options.random_seed != standard.random_seed);
}

LAW(all_elements_share_what_is_known_of_stale_sessions_and_the_background) {
  const client::Options first = gst::Settings().client_options();
  const client::Options second = gst::Settings().client_options();
  ck_assert(first.stale_sessions && first.stale_sessions == second.stale_sessions);
  ck_assert(first.farewell && first.farewell == second.farewell);
}

}  // namespace

int main() {
  return retina::test::run_laws("settings");
}
