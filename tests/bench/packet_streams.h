#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sdp/description.h"

namespace retina::bench {

/// A stretch of one RTP stream, made beforehand: what a depacketizer is given again and again.
struct PacketStream {
  struct Packet {
    std::size_t offset = 0;  ///< of its payload, in `bytes`
    std::size_t size = 0;
    std::uint32_t timestamp = 0;
    bool marker = false;
  };

  std::string name;
  sdp::Media media;
  base::Bytes bytes;  ///< the payloads one behind the other, as in the read arena
  std::vector<Packet> packets;
  std::size_t frames = 0;
  std::uint32_t duration = 0;  ///< ticks from the first timestamp to that of the repetition

  base::ByteView payload(const Packet& packet) const {
    return base::ByteView(bytes).subspan(packet.offset, packet.size);
  }
};

/// One of each payload format; packets have 1400 bytes where the format cuts its frames into packets. About a
/// megabyte each, so that all are read from the same caches.
std::vector<PacketStream> packet_streams();

}  // namespace retina::bench
