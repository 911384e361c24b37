#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "codec/av1.h"
#include "support/av1_packetizer.h"
#include "support/check.h"

namespace retina::test {

/// A depacketizer, and what comes out of it.
class Av1Feeder {
 public:
  struct Got {
    base::Bytes bytes;
    codec::Frame meta;  // its memory has been given back
  };

  explicit Av1Feeder(bool pass_incomplete = false) : depacketizer_(format(pass_incomplete), allocator_) {}

  codec::Av1Depacketizer& depacketizer() { return depacketizer_; }

  /// True when the packet was taken without an error.
  bool push(const base::Bytes& payload, std::int64_t timestamp, bool marker, std::uint32_t lost = 0) {
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp;
    packet.marker = marker;
    packet.packets_lost = lost;
    packet.arrival += std::chrono::milliseconds(++packets_);
    const bool taken = depacketizer_.push(packet).has_value();
    pull();
    return taken;
  }
  void flush() {
    depacketizer_.flush();
    pull();
  }

  std::vector<Got> frames;

 private:
  static codec::FrameFormat format(bool pass_incomplete) {
    codec::FrameFormat format;
    format.pass_incomplete = pass_incomplete;
    return format;
  }
  void pull() {
    while (auto frame = depacketizer_.pull()) {
      Got got;
      got.bytes.assign(frame->bytes().begin(), frame->bytes().end());
      frame->memory = codec::FrameMemory();
      got.meta = std::move(*frame);
      frames.push_back(std::move(got));
    }
  }

  int packets_ = 0;
  codec::HeapAllocator allocator_;
  codec::Av1Depacketizer depacketizer_;
};

/// The first byte of a frame OBU's payload: a shown key frame, a shown inter frame, one that isn't shown.
constexpr std::uint8_t kKey = 0x10;
constexpr std::uint8_t kInter = 0x30;
constexpr std::uint8_t kHidden = 0x20;

inline Av1Unit frame_obu(std::uint8_t first, std::size_t size, std::uint8_t seed = 1) {
  Av1Unit unit{.type = 6, .payload = {first}};
  while (unit.payload.size() < size)
    unit.payload.push_back(static_cast<std::uint8_t>(unit.payload.size() * 5 + seed));
  return unit;
}

inline Av1Unit sequence_obu(std::uint8_t seed = 0) {
  return {.type = 1, .payload = {0x00, 0x00, 0x00, seed, 0x42, 0x80}};
}

inline base::Bytes joined(std::initializer_list<base::Bytes> parts) {
  base::Bytes all;
  for (const base::Bytes& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace retina::test
