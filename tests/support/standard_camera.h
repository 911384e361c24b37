#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "support/credentials.h"
#include "support/media.h"
#include "support/script.h"

namespace retina::test {

/// Replaces the standard reply to requests of one method: to all of them, or to the `times` after the first
/// `skip` (counted over all connections). The first match of the list wins. The script may end the
/// connection, or go on.
struct Override {
  std::string method;
  Script script;
  unsigned skip = 0;
  unsigned times = std::numeric_limits<unsigned>::max();
};

/// A camera that does everything right, until told otherwise: OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE,
/// GET_PARAMETER, SET_PARAMETER, TEARDOWN; TCP interleaved and UDP; sessions; authentication. RFC 2326.
struct StandardCamera {
  std::string sdp;  ///< a template, as scripts have; lines may end in LF
  Media media;

  Credentials credentials;
  unsigned nonce_requests = 0;  ///< a nonce goes stale after so many authorized requests; 0: never

  bool tcp = true;  ///< a transport that isn't offered is refused with 461
  bool udp = true;
  std::string multicast;  ///< "239.255.0.7:5004": to whoever asks for a group; "": 461
  std::string session_id = "4A3B2C1D";
  unsigned session_timeout_seconds = 60;
  std::string public_methods =
      "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN";
  std::string describe_headers = "Content-Base: {url}/\nContent-Type: application/sdp\n";
  std::string transport_suffix;  ///< after the parameters of the Transport reply: ";ssrc=DEADBEEF"
  bool rtp_info = true;
  /// Once all media has gone out: nothing (the connection stays silent), or this.
  Script after_media;

  std::vector<Override> overrides;

  StandardCamera& on(std::string method, Script script, unsigned times = std::numeric_limits<unsigned>::max(),
                     unsigned skip = 0) {
    overrides.push_back({std::move(method), std::move(script), skip, times});
    return *this;
  }
};

/// What the connections of one StandardCamera share. Thread-safe.
class CameraState;
std::shared_ptr<CameraState> make_camera_state();

/// Plays the camera's end of one connection until it is over.
void serve(const StandardCamera& camera, CameraState& state, Peer& peer);

}  // namespace retina::test
