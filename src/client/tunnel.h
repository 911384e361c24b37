#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "io/connector.h"
#include "io/wakeup.h"
#include "rtsp/auth.h"
#include "rtsp/url.h"

namespace retina::client {

/// How the connection of a session is made.
struct Endpoint {
  enum class Tunnel { kNone, kHttp, kWebSocket };
  Tunnel tunnel = Tunnel::kNone;
  /// Where to connect to, and what to ask for there; over TLS by its scheme.
  rtsp::Url url;
  rtsp::Authenticator authenticator;
  std::string user_agent;
};

using Connected = base::Result<std::unique_ptr<io::Connection>, io::ConnectError>;

/// A connection for RTSP, made to `endpoint`: blocks until done, `timeout` has passed or `wakeup` is
/// signalled. `connector` outlives it: a HTTP tunnel makes further connections.
///
/// Through HTTP as Apple's "Tunnelling RTSP and RTP through HTTP" has it; through a WebSocket as ONVIF's
/// Streaming Specification and RFC 6455 do. A server that wants credentials gets them (RFC 7235).
Connected connect_to_endpoint(io::Connector& connector, Endpoint endpoint, base::Duration timeout,
                              const base::Clock& clock, const io::Wakeup& wakeup);

}  // namespace retina::client
