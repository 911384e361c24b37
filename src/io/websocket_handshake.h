#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/http_response.h"

/// The opening handshake of RTSP over WebSocket: RFC 6455 s4, subprotocol of ONVIF's Streaming
/// Specification.
namespace retina::io {

inline constexpr std::string_view kOnvifSubprotocol = "rtsp.onvif.org";

/// Sec-WebSocket-Key (RFC 6455 s4.1) of 16 bytes that nobody can guess.
std::string websocket_key(const std::array<std::uint8_t, 16>& random);

/// Whether a response to a request with `key` opens the WebSocket (RFC 6455 s4.1, last list). Errors:
/// kUnsupported for another status than 101 and for another subprotocol, kMalformed for the rest. A server
/// that names no subprotocol is taken at its 101; extensions were not asked for, so none is accepted.
base::Result<void> check_websocket_response(const HttpResponse& response, std::string_view key);

}  // namespace retina::io
