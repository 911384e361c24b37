#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "codec/depacketizer.h"
#include "support/check.h"

namespace retina::test {

/// Any depacketizer, and what comes out of it. Packets arrive a millisecond after each other, the first one
/// at 1 ms.
template <class D>
class PacketFeeder {
 public:
  struct Got {
    base::Bytes bytes;
    codec::Frame meta;  // its memory has been given back
  };

  /// `arguments` are the depacketizer's, without its allocator.
  template <class... Arguments>
  explicit PacketFeeder(Arguments&&... arguments)
      : depacketizer(std::forward<Arguments>(arguments)..., allocator_) {}

  /// True when the packet was taken without an error. What `error` says is then the latest one's.
  bool push(base::ByteView payload, std::int64_t timestamp, bool marker = false, std::uint32_t lost = 0) {
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp;
    packet.marker = marker;
    packet.packets_lost = lost;
    packet.arrival = arrival_of(++packets_);
    const auto pushed = depacketizer.push(packet);
    if (!pushed) error = pushed.error();
    pull();
    return pushed.has_value();
  }
  bool push(std::string_view payload, std::int64_t timestamp, bool marker = false, std::uint32_t lost = 0) {
    return push(base::as_bytes(payload), timestamp, marker, lost);
  }

  void pull() {
    while (auto frame = depacketizer.pull()) {
      Got got;
      got.bytes.assign(frame->bytes().begin(), frame->bytes().end());
      frame->memory = codec::FrameMemory();
      got.meta = std::move(*frame);
      frames.push_back(std::move(got));
    }
  }

  static base::TimePoint arrival_of(int packet) { return base::TimePoint(std::chrono::milliseconds(packet)); }

 private:
  codec::HeapAllocator allocator_;
  int packets_ = 0;

 public:
  D depacketizer;
  std::vector<Got> frames;
  base::Error error;
};

/// `size` bytes that differ from each other and between seeds.
inline base::Bytes sample_bytes(std::size_t size, unsigned seed = 1) {
  base::Bytes bytes(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24U);
  }
  return bytes;
}

}  // namespace retina::test
