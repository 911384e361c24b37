#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/time.h"
#include "client/policies.h"
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

  Hooks hooks;

  /// What is known of sessions that may still play into new connections, shared by all clients of a process;
  /// null: nothing is, and nothing is remembered.
  std::shared_ptr<StaleSessions> stale_sessions;
  /// Gives sessions back in the background (Teardown); null: only on the session's own connection.
  std::shared_ptr<Farewell> farewell;
};

}  // namespace retina::client
