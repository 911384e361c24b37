#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "codec/depacketizer.h"

namespace retina::test {

/// A frame that came out, copied.
struct ReceivedFrame {
  base::Bytes bytes;
  codec::Frame meta;  ///< its memory has been given back
};

/// A receiver of RTP packets as on the wire: order and losses from the sequence numbers, timestamps extended,
/// everything through the depacketizer.
class Receiver {
 public:
  /// `depacketizer` must use `allocator()`, or another one that outlives it.
  Receiver(std::unique_ptr<codec::Depacketizer> depacketizer, std::uint32_t clock_rate_hz);
  ~Receiver();

  /// True when the packet was taken without an error (also when it was old and dropped).
  bool push(const base::Bytes& packet);
  void push(const std::vector<base::Bytes>& packets);
  /// Through a window for packets out of order, as UDP has one, to its end.
  void push_reordering(const std::vector<base::Bytes>& packets);

  codec::Depacketizer& depacketizer();

  std::vector<ReceivedFrame> frames;
  std::uint64_t errors = 0;
  std::uint64_t packets_lost = 0;  ///< as the sequence numbers tell

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a network does to packets, reproducibly: `loss_percent` of them are missing, `duplicate_percent` come
/// twice, `reorder_percent` change places with the packet behind them. The first packet is left alone.
struct Disturbance {
  unsigned loss_percent = 0;
  unsigned duplicate_percent = 0;
  unsigned reorder_percent = 0;
  std::uint32_t seed = 1;
  /// So many percent of the packets at the end are left alone, so that a frame comes out behind every loss.
  unsigned calm_percent = 0;
};
std::vector<base::Bytes> disturb(std::vector<base::Bytes> packets, const Disturbance& how);

/// Every packet that the frames' sequence numbers say is missing is counted by one frame, which is a
/// discontinuity. For disturbances with a calm end.
void assert_losses_are_counted(const Receiver& receiver);

}  // namespace retina::test
