#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/time.h"

namespace retina::client {

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
};

}  // namespace retina::client
