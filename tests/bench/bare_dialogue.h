#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "file_descriptor.h"

namespace retina::bench {

/// A connection on which media flows from now on.
struct PlayingConnection {
  FileDescriptor socket;  ///< blocking
  base::Bytes media;      ///< what arrived together with the reply to PLAY
};

/// The shortest RTSP dialogue that makes 127.0.0.1:`port` play, over plain blocking sockets with default
/// options. Ends the program when the server says anything but 200.
/// `client_port`: of UDP, that the first stream is to go to, with the next one; 0: media comes over TCP.
PlayingConnection start_playing(std::uint16_t port, std::uint16_t client_port = 0);

}  // namespace retina::bench
