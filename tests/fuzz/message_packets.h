#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "codec/message.h"
#include "fuzz/fuzz.h"

namespace retina::fuzz {

/// Feeds packets of [flags][length, 2 bytes][payload] to a depacketizer of messages, and checks what is true
/// of every message. flags: 1 = new timestamp, 2 = marker, 4 = one packet lost before, 8 = length counts
/// modulo 64, 16 = reset, 32 = flush.
class MessagePackets {
 public:
  explicit MessagePackets(codec::MessageDepacketizer& depacketizer) : depacketizer_(depacketizer) {}

  void push_all(base::ByteReader& input) {
    while (input.remaining() >= 3) {
      const std::uint8_t flags = *input.u8("flags");
      std::size_t length = *input.u16("length");
      if ((flags & 8) != 0) length %= 64;
      push(*input.bytes(std::min(length, input.remaining()), "payload"), flags);
    }
  }

  void push(base::ByteView payload, std::uint8_t flags) {
    if ((flags & 1) != 0) timestamp_ += 3600;
    if ((flags & 16) != 0) on_cut([this] { depacketizer_.reset(); });
    if ((flags & 4) != 0) gathered_ = 0;
    gathered_ += payload.size();
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp_;
    packet.marker = (flags & 2) != 0;
    packet.packets_lost = (flags & 4) != 0 ? 1 : 0;
    (void)depacketizer_.push(packet);
    pull();
    if ((flags & 32) != 0) on_cut([this] { depacketizer_.flush(); });
    FUZZ_REQUIRE(depacketizer_.progress().size_bytes <= gathered_);
  }

  int frames() const { return frames_; }  ///< out of the latest push()
  const codec::Frame& latest() const { return latest_; }

 private:
  template <class Cut>
  void on_cut(Cut cut) {
    cut();
    pull();
    gathered_ = 0;
    FUZZ_REQUIRE(depacketizer_.progress().size_bytes == 0);
  }

  /// No message has more than what came since the loss or the cut before it.
  void pull() {
    frames_ = 0;
    std::size_t total = 0;
    while (auto frame = depacketizer_.pull()) {
      FUZZ_REQUIRE(frame->size_bytes > 0 && frame->key_frame && !frame->corrupted);
      FUZZ_REQUIRE(frame->timestamp <= timestamp_ && frame->memory.capacity() >= frame->size_bytes);
      total += frame->size_bytes;
      latest_ = std::move(*frame);
      ++frames_;
    }
    FUZZ_REQUIRE(frames_ <= 2 && total <= gathered_);
    gathered_ -= total;
  }

  codec::MessageDepacketizer& depacketizer_;
  codec::Frame latest_;
  std::int64_t timestamp_ = 0;
  std::size_t gathered_ = 0;  // bytes pushed and not in a message yet, since the latest loss or cut
  int frames_ = 0;
};

}  // namespace retina::fuzz
