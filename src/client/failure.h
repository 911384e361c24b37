#pragma once

#include <string>

namespace retina::client {

/// Why a session could not start or go on. `text` is a sentence for the user: what happened, and what to
/// change. It never holds credentials.
struct Failure {
  enum class Kind {
    kSettings,       ///< the URL or an option is unusable
    kNotFound,       ///< host name unknown, 404, or the camera has no such stream
    kNotAuthorized,  ///< no, wrong or unusable credentials
    kConnect,        ///< refused, unreachable
    kTimeout,        ///< no answer, or no media, in time
    kUnsupported,    ///< the camera speaks, but not in a way that this client handles
    kProtocol,       ///< the peer isn't an RTSP server, or broke the protocol beyond repair
    kRead,           ///< the connection broke
    kClosed          ///< the camera closed the connection
  };
  Kind kind = Kind::kProtocol;
  std::string text;
  /// The RTSP status and reason that said so; 0 and empty where none did.
  int status = 0;
  std::string reason;
};

}  // namespace retina::client
