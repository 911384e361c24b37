#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/time.h"
#include "client/failure.h"
#include "client/multicast_group.h"
#include "client/session_time.h"
#include "client/user_requests.h"
#include "codec/frame.h"

namespace retina::client {

/// The session needs a connection to Session::endpoint(): make it and call connected(), or failed().
/// Also comes later, when the server has closed a connection that the session can do without.
struct ConnectionNeeded {
  bool playing = false;  ///< media goes on meanwhile, over UDP
};

/// A request has been queued for sending; `what` is its method, for progress messages.
struct Requesting {
  std::string what;
};

/// Session::description() holds the camera's streams: call choose().
struct Described {};

/// The session is about to ask for stream `stream` (numbered as in choose()) over UDP and needs two local
/// ports, even and odd: call ports_opened() or ports_failed().
struct PortsNeeded {
  std::size_t stream = 0;
};

/// Where stream `stream`'s datagrams come from. Nothing else is to be taken for them.
struct PeerKnown {
  std::size_t stream = 0;
  /// An address that the camera has named besides its own; "": none.
  std::string source;
  /// Its ports of RTP and RTCP; 0: it hasn't said.
  std::uint16_t rtp_port = 0;
  std::uint16_t rtcp_port = 0;
};

/// Stream `stream`'s datagrams are sent to this group: join it, or call ports_failed().
struct GroupKnown {
  std::size_t stream = 0;
  MulticastGroup group;
};

/// No stream needs its UDP ports any more.
struct PortsReleased {};

/// PLAY has succeeded, or media flows.
struct Playing {};

/// A frame of the stream that choose() was given as number `stream`.
struct FrameReady {
  std::size_t stream = 0;
  codec::Frame frame;
  FrameTimes times;
  double drift = 0;         ///< how much faster than ours the camera's clock goes, in parts of one
  base::Duration jitter{};  ///< of the packets' arrivals, see rtp::Jitter
};

/// The camera refuses stream `stream`: nothing of it comes any more in this session; the others go on.
struct StreamEnded {
  std::size_t stream = 0;
};

/// Something broken that was tolerated: what was seen, and what was done about it. Each kind once a session.
struct Note {
  std::string text;
};

/// The last event. Without a failure: the media has ended in order (BYE, TEARDOWN, end of a recording).
struct Ended {
  std::optional<Failure> failure;
};

/// The session was lost; another one is opened after `delay`. `attempt` counts those in a row, from 1.
struct Reconnecting {
  unsigned attempt = 1;
  base::Duration delay{};
  Failure reason;
};

/// Media flows again: the frame after this is the first.
struct Reconnected {
  base::Duration outage{};
};

using Event =
    std::variant<ConnectionNeeded, Requesting, Described, PortsNeeded, PeerKnown, GroupKnown, PortsReleased,
                 Playing, FrameReady, StreamEnded, Note, UserResponse, Reconnecting, Reconnected, Ended>;

}  // namespace retina::client
