#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "io/address.h"
#include "io/udp_pair.h"

namespace retina::io {

/// What one system call brought in of datagrams, in memory that the next call reuses. Thread-bound.
///
/// Each message has room for the largest datagram; pages that no datagram reaches are never touched. The
/// places are staggered, so that the starts of many small datagrams don't fall together in the CPU's cache.
class DatagramBatch {
 public:
  static constexpr std::size_t kMessages = 32;
  static constexpr std::size_t kMessageBytes = 64 * 1024;

  DatagramBatch();

  struct Received {
    std::size_t messages = 0;   ///< datagrams, or runs of them (UDP_GRO); kMessages: more may wait
    std::size_t bytes = 0;      ///< of what is wanted
    std::uint64_t refused = 0;  ///< messages of another sender, or cut short
    std::uint64_t dropped = 0;  ///< by the kernel since the last read, for want of room
  };
  /// Reads what waits at `socket`, without blocking. The one before must be used up: its views become
  /// invalid.
  Received receive(UdpSocket& socket);

  /// The next datagram is there.
  bool empty() const { return message_ == messages_; }
  /// The next datagram, in the order of arrival; only if not empty().
  base::ByteView next();

 private:
  static constexpr std::size_t kStride = kMessageBytes + 1536;
  static constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(std::uint32_t));

  struct Control {
    alignas(cmsghdr) std::array<std::uint8_t, kControlBytes> bytes;
  };
  struct Message {
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    std::size_t segment = 0;  // of each datagram but the last
  };

  void reset(std::size_t index);
  void read_control(std::size_t index, Message& message, UdpSocket& socket, Received& received);

  std::unique_ptr<std::uint8_t[]> arena_;
  std::array<mmsghdr, kMessages> headers_{};
  std::array<iovec, kMessages> vectors_{};
  std::array<Address, kMessages> senders_;
  std::array<Control, kMessages> controls_{};
  std::array<Message, kMessages> wanted_{};
  std::size_t message_ = 0;   // the one that next() is in
  std::size_t messages_ = 0;  // in wanted_
  std::size_t offset_ = 0;    // in wanted_[message_]
};

}  // namespace retina::io
