#pragma once

#include <cstdint>

/// How to take what cameras disagree on. Each default serves the most cameras; the other values are for the
/// one that needs them, or for a user who wants to be told of every fault.
namespace retina::client {

/// Which streams' `rtptime` of PLAY's RTP-Info (RFC 2326 s12.33) is taken as the RTP time of the start (NPT
/// 0). A stream without one starts with its first packet.
enum class InitialTimestamp : std::uint8_t {
  /// As kPermissive where several streams are set up, as kIgnore where it is one: alone, a stream has nothing
  /// to be aligned with, and cameras' values are often wrong.
  kDefault,
  /// Every stream must have one, or PLAY has failed.
  kRequire,
  kIgnore,
  /// Taken if every stream has one: half of them would align nothing.
  kPermissive
};

/// What the `seq` of RTP-Info is worth: packets before it are old, and those after it that don't come are
/// lost.
enum class InitialSequence : std::uint8_t {
  /// Taken unless it is 0 or 1, which cameras write that don't know it (Hikvision DS-2CD2032-I: 0, Tapo
  /// C320WS: 1).
  kDefault,
  kRespect,
  kIgnore
};

/// RTCP that another SSRC than the stream's RTP sends (Tapo C320WS: always another).
enum class UnknownRtcpSsrc : std::uint8_t {
  kDrop,     ///< the packet, with one note
  kAbort,    ///< the session
  kProcess,  ///< as if it were the stream's
};

/// Interleaved data on a channel that no SETUP has assigned (RFC 2326 s10.12). Servers with the stale file
/// descriptor bug of live555 send a dead session's media into a new connection; other cameras send streams
/// that nobody asked for.
enum class UnassignedChannelData : std::uint8_t {
  kAuto,  ///< kAssumeStale where the server says that it is a live555 with the bug, else kIgnore
  /// A session before this one still plays into the connection: remembered for the host (StaleSessions), and
  /// the end of this session, because the bytes of both may be mixed.
  kAssumeStale,
  kError,  ///< the end of the session
  kIgnore  ///< the data, with one note
};

/// A server that gives another session id with a later response (H264DVR 1.0).
enum class SessionId : std::uint8_t {
  kRequireMatch,  ///< the end of the session
  kUseFirst       ///< noted once; the first id stays
};

/// How hard a session is given back to the server when it ends before the server ends it. Every policy but
/// kNever asks once on the session's own connection, within the limit that Client::close() is given; where
/// that brings no confirmation (see confirms_teardown()), Farewell may go on in the background on
/// connections of its own.
enum class Teardown : std::uint8_t {
  /// In the background only where a session that is left behind does harm: live555 with the stale file
  /// descriptor bug, over TCP, would send its media into other connections.
  kAuto,
  kAlways,  ///< always go on in the background
  kNever    ///< no TEARDOWN at all: the server notices by the closed connection, or by its timeout
};

}  // namespace retina::client
