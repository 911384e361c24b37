// What the properties say, as the client's options.

#include "settings.h"

#include <gst/rtsp/gstrtsptransport.h>

#include <algorithm>
#include <chrono>

#include "client/farewell.h"
#include "client/stale_sessions.h"

namespace retina::gst {

client::Options Settings::client_options() const {
  using std::chrono::microseconds;
  using std::chrono::nanoseconds;
  client::Options options;
  options.location = location;
  options.user_id = user_id;
  options.user_pw = user_pw;
  options.user_agent = user_agent;
  options.websocket_uri = websocket_uri;
  // So far ahead that adding it to a time stays in range, and nobody waits for it.
  constexpr std::uint64_t kTenYearsUs = 10ULL * 365 * 24 * 3600 * 1'000'000;
  options.tcp_timeout = microseconds(std::min(tcp_timeout_us, kTenYearsUs));
  options.transports.tcp = (protocols & GST_RTSP_LOWER_TRANS_TCP) != 0;
  options.transports.udp = (protocols & GST_RTSP_LOWER_TRANS_UDP) != 0;
  options.transports.multicast = (protocols & GST_RTSP_LOWER_TRANS_UDP_MCAST) != 0;
  options.multicast_interface = multicast_interface;
  options.udp_timeout = microseconds(std::min(udp_timeout_us, kTenYearsUs));
  options.port_range = port_range;
  options.udp_buffer_size = udp_buffer_size;
  options.punch_holes = punch_holes;
  options.reorder_time = std::chrono::milliseconds(reorder_time_ms);
  options.reorder_packets = reorder_packets;
  options.idle_timeout = microseconds(std::min(idle_timeout_us, kTenYearsUs));
  options.read_size_min = read_size_min;
  options.read_size_max = read_size_max;
  options.coalesce_time = nanoseconds(coalesce_time_ns);
  options.keep_alive = keep_alive;
  options.send_rtcp = send_rtcp;
  options.request_key_frame = request_keyframe;
  options.random_seed = std::uint64_t{g_random_int()} << 32 | g_random_int();
  options.initial_timestamp = initial_timestamp;
  options.initial_sequence = initial_sequence;
  options.unknown_rtcp_ssrc = unknown_rtcp_ssrc;
  options.unassigned_channel_data = unassigned_channel_data;
  options.session_id = session_id;
  options.teardown = teardown;
  options.stale_sessions = client::StaleSessions::of_process();
  options.farewell = client::Farewell::of_process();
  if (!proxy.address.empty()) {
    // Proxies hand on TCP only. And nothing goes past them.
    options.transports.udp = options.transports.multicast = false;
    options.farewell = nullptr;
  }
  return options;
}

client::Reconnection::Options Settings::reconnection() const {
  using std::chrono::milliseconds;
  return {reconnect, reconnect_attempts, milliseconds(reconnect_delay_ms),
          milliseconds(reconnect_max_delay_ms)};
}

}  // namespace retina::gst
