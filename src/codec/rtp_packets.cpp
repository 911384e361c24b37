#include "codec/rtp_packets.h"

#include <cstring>

namespace retina::codec {

base::Result<void> RtpPackets::push(const MediaPacket& packet) {
  Frame& frame = frame_.emplace();
  frame.memory = FrameMemory(allocator_, packet.whole.size());
  if (!packet.whole.empty()) std::memcpy(frame.memory.data(), packet.whole.data(), packet.whole.size());
  frame.size_bytes = packet.whole.size();
  frame.timestamp = packet.timestamp;
  frame.arrival = packet.arrival;
  frame.key_frame = true;  // what is in it isn't known; nothing may wait for one
  frame.packets_lost = packet.packets_lost;
  frame.discontinuity = std::exchange(discontinuity_, false) || packet.packets_lost > 0;
  return {};
}

}  // namespace retina::codec
