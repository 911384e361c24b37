#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "client/policies.h"
#include "client/transport.h"
#include "client/user_requests.h"

namespace retina::client {

class Farewell;
class StaleSessions;

/// What a user can set about one session. Durations of 0 mean "without end" unless said otherwise.
struct Options {
  std::string location;  ///< RTSP URL; may hold credentials
  std::string user_id;   ///< overrides the URL's
  std::string user_pw;
  std::string user_agent;
  /// Reach `location` through RTSP over WebSocket at this ws:// or wss:// URL; empty: not so.
  std::string websocket_uri;

  /// The ways that media may take, as far as the location's scheme leaves them.
  Transports transports;
  /// The one of them to try first.
  Transport first_transport = Transport::kTcp;
  /// UDP that brings nothing for so long from PLAY on is given up for TCP, where that is allowed.
  base::Duration udp_timeout = std::chrono::seconds(5);
  /// "5000-5100": local ports of UDP; empty: any.
  std::string port_range = "5000-5100";
  /// Receive buffer of each UDP socket, in bytes; 0: 2 MiB.
  int udp_buffer_size = 0;
  /// Where multicast groups are joined: "eth0"; empty: on the interface that the camera is reached by.
  std::string multicast_interface;
  /// Let the kernel hand over datagrams that follow each other as one (UDP_GRO).
  bool udp_gro = true;
  /// Send something from each UDP port first, so that firewalls and NAT let the answers in.
  bool punch_holes = true;
  /// How long a packet that came over UDP before its turn waits for those before it, and how many may be
  /// missing before it; either 0: not at all.
  base::Duration reorder_time = std::chrono::milliseconds(20);
  std::size_t reorder_packets = 64;

  /// For connecting, and for each response.
  base::Duration tcp_timeout = std::chrono::seconds(20);
  /// No media for so long while playing: the camera is gone.
  base::Duration idle_timeout = std::chrono::seconds(10);

  std::size_t read_size_min = 64 * 1024;
  std::size_t read_size_max = 1024 * 1024;
  /// Most latency that waiting for more bytes of an unfinished frame may add; 0: read at once.
  base::Duration coalesce_time = std::chrono::milliseconds(2);

  InitialTimestamp initial_timestamp = InitialTimestamp::kDefault;
  InitialSequence initial_sequence = InitialSequence::kDefault;
  UnknownRtcpSsrc unknown_rtcp_ssrc = UnknownRtcpSsrc::kDrop;
  UnassignedChannelData unassigned_channel_data = UnassignedChannelData::kAuto;
  SessionId session_id = SessionId::kUseFirst;
  Teardown teardown = Teardown::kAuto;
  /// Without keep-alives a session ends after the server's session timeout, unless the server takes the media
  /// that it sends, or RTCP, for a sign of life.
  bool keep_alive = true;
  /// After an outage: a stream that the camera refuses isn't left out, unless it is one of these (in the
  /// order of Session::choose()), because it has played, and a camera that boots gives it a little later.
  bool keep_streams = false;
  std::vector<std::size_t> left_out;
  /// Methods that have ended an earlier session as keep-alives.
  std::vector<std::string> closing_keepalives;

  /// Tell the camera by RTCP what arrives of its media.
  bool send_rtcp = false;
  /// With send_rtcp: ask for a key frame where video has lost packets, and the camera's description offers it
  /// (RFC 4585, RFC 5104).
  bool request_key_frame = true;
  /// What SSRCs, the CNAME and the moments of RTCP come from: another one for each session.
  std::uint64_t random_seed = 0;

  Hooks hooks;

  /// What is known of sessions that may still play into new connections, shared by all clients of a process;
  /// null: nothing is, and nothing is remembered.
  std::shared_ptr<StaleSessions> stale_sessions;
  /// Gives sessions back in the background (Teardown); null: only on the session's own connection.
  std::shared_ptr<Farewell> farewell;
};

}  // namespace retina::client
