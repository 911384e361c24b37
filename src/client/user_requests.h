#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "rtsp/message.h"

/// What a user of the client may add to the dialogue with a camera: requests of its own, and hooks into what
/// the dialogue says and hears.
namespace retina::client {

/// A request of the user's own, GET_PARAMETER or SET_PARAMETER in the main (RFC 2326 s10.8, s10.9). Sent
/// behind what the dialogue has to say itself, one at a time, in the order of submission, while the session
/// plays.
struct UserRequest {
  std::uint64_t id = 0;  ///< the user's own number; comes back in UserResponse
  std::string method;
  std::string uri;  ///< empty: the presentation as a whole
  /// CSeq, User-Agent, Session and Authorization are added to them.
  rtsp::Headers headers;
  std::string body;
};

/// What has become of a UserRequest: exactly one for each, before Ended; none where it was submitted after
/// Ended.
struct UserResponse {
  std::uint64_t id = 0;
  /// The camera's answer, whatever its status; nullopt: there is none, and `failure` tells why.
  std::optional<rtsp::Response> response;
  std::string failure;
};

/// Called by the thread that drives the session, with nothing locked; empty ones are not called. They must
/// not call into the session or the client, but for Client::submit() and Client::interrupt().
struct Hooks {
  /// Before each request, once: its repetition with credentials or on another connection goes out as it was
  /// altered. It may alter anything but what is added behind it: CSeq, Authorization once the server has
  /// asked for it, and the session's id, which it sees. `false`: the request isn't sent. The dialogue then
  /// goes on where it can (OPTIONS, keep-alives, requests of the user, TEARDOWN) and fails where it can't.
  std::function<bool(rtsp::Request&)> before_send;
  /// A request of the camera: the answer to give (CSeq and Session are added), or nullopt for the client's
  /// own. TEARDOWN and REDIRECT are obeyed if the answer is a success (2xx).
  std::function<std::optional<rtsp::Response>(const rtsp::Request&)> handle_request;
  /// The text of the camera's description, as it came, unless it is too large to be used; and the one to use
  /// in its place, if any.
  std::function<std::optional<std::string>(std::string_view sdp_text)> on_sdp;
};

}  // namespace retina::client
