#pragma once

#include "base/counter.h"
#include "io/read_statistics.h"

namespace retina::client {

/// What a session has seen. The thread that drives the session writes, any thread reads.
struct Statistics {
  io::ReadStatistics reads;

  base::Counter packets;                ///< RTP packets of the chosen streams that were used
  base::Counter packets_lost;           ///< missing sequence numbers
  base::Counter packets_duplicate;      ///< dropped: seen before, or too old
  base::Counter packets_late;           ///< dropped: came after what followed it had been passed on (UDP)
  base::Counter packets_retransmitted;  ///< lost, asked for, and come in time (RFC 4588)
  base::Counter packets_invalid;  ///< dropped: malformed, foreign SSRC or payload type, undecodable payload
  base::Counter frames;
  base::Counter key_frames;
  base::Counter frames_dropped;    ///< given up because a part was lost or malformed
  base::Counter frames_unclaimed;  ///< dropped: the thread of their stream didn't come for them (see Hub)
  base::Counter frames_corrupted;  ///< passed on although a part was lost
  base::Counter reconnects;        ///< attempts to come back after a loss
  base::Counter resyncs;           ///< times that broken framing was found again
  base::Counter kernel_drops;      ///< datagrams for which a socket's receive buffer had no room

  base::Counter transport;  ///< a Transport, as its number
  base::Counter tls;        ///< 1: the connection is one over TLS
  base::Counter tunnel;     ///< an Endpoint::Tunnel: what the connection goes through

  base::Counter connect_time_ns;      ///< from the first attempt to the established connection
  base::Counter first_frame_time_ns;  ///< from the first attempt to the first frame
};

}  // namespace retina::client
