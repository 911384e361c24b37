#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

/// The frames of a WebSocket (RFC 6455 s5), as a client reads and writes them.
namespace retina::io {

/// RFC 6455 s5.2.
enum class WebSocketOpcode : std::uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA
};

/// RFC 6455 s5.5.
inline constexpr std::size_t kMaxWebSocketControlBytes = 125;
/// Nothing is allocated by a frame's length, so this only tells nonsense from data.
inline constexpr std::uint64_t kMaxWebSocketFrameBytes = std::uint64_t{1} << 30;

using WebSocketMask = std::array<std::uint8_t, 4>;

/// Appends one whole, masked frame (RFC 6455 s5.3). A control frame has at most kMaxWebSocketControlBytes.
void append_websocket_frame(WebSocketOpcode opcode, base::ByteView payload, const WebSocketMask& mask,
                            base::Bytes& out);

/// Takes a server's frames off a byte stream that may be cut anywhere. What messages mean together doesn't
/// matter here: RTSP over WebSocket is one stream of bytes, wherever the messages end.
///
/// Text is taken as binary is: what reads the stream judges its contents. A length in more bytes than it
/// needs (against s5.2) is taken too, since it can mean nothing else.
class WebSocketReader {
 public:
  /// Moves the payload of data frames to the front of `bytes`, and returns how much it is; each byte is moved
  /// at most once. What comes after a close frame (s5.5.1) or after a fault is thrown away.
  std::size_t take(std::span<std::uint8_t> bytes);

  /// The fault that has ended the stream (kMalformed: against the RFC, kTooLarge: over a bound), with the
  /// offset of its frame in the stream. What came before it is good.
  const std::optional<base::Error>& fault() const { return fault_; }

  /// The payload of the latest ping that nobody has asked for yet: older ones needn't be answered (s5.5.3).
  std::optional<base::Bytes> take_ping();

  bool closed() const { return closed_; }
  /// s7.4; absent if the server gave none.
  std::optional<std::uint16_t> close_status() const { return close_status_; }

 private:
  base::Result<void> begin_frame();
  base::Result<void> check_order(bool final);
  void end_frame();

  static constexpr std::size_t kMaxHeaderBytes = 10;  // unmasked

  std::array<std::uint8_t, kMaxHeaderBytes> header_{};
  std::size_t header_bytes_ = 0;   // of header_ that have come
  std::size_t header_needed_ = 2;  // known better with the second byte
  bool in_payload_ = false;
  bool in_message_ = false;  // a fragmented message waits for its continuation
  WebSocketOpcode opcode_ = WebSocketOpcode::kBinary;
  std::uint64_t payload_left_ = 0;
  std::array<std::uint8_t, kMaxWebSocketControlBytes> control_{};
  std::size_t control_bytes_ = 0;
  std::optional<base::Bytes> ping_;
  bool closed_ = false;
  std::optional<std::uint16_t> close_status_;
  std::optional<base::Error> fault_;
  std::size_t offset_ = 0;  // in the stream, for faults
};

}  // namespace retina::io
