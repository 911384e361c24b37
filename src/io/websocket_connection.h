#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "io/connection.h"
#include "io/websocket_framing.h"

namespace retina::io {

/// RTSP over an open WebSocket (RFC 6455, subprotocol of the ONVIF Streaming Specification): a byte stream in
/// binary messages. Pings are answered with the next write or wait.
class WebSocketConnection final : public Connection {
 public:
  /// `early`: what has come behind the handshake. Of `seed` come the masks (s5.3).
  WebSocketConnection(std::unique_ptr<Connection> below, base::ByteView early, std::uint64_t seed);

  Transfer read(std::span<std::uint8_t> room) override;
  Transfer write(base::ByteView bytes) override;
  void set_low_water(std::size_t bytes) override;
  void set_write_timeout(base::Duration timeout) override { below_->set_write_timeout(timeout); }
  WaitOutcome wait_with(bool want_write, std::optional<base::TimePoint> deadline, base::TimePoint now,
                        const Wakeup& wakeup, std::span<Watched> others) override;
  std::string words_for(const Transfer& failed) const override;
  std::string peer() const override { return below_->peer(); }
  std::string local() const override { return below_->local(); }
  std::optional<Address> peer_address() const override { return below_->peer_address(); }
  std::optional<Address> local_address() const override { return below_->local_address(); }

 private:
  void append(WebSocketOpcode opcode, base::ByteView payload);
  Transfer flush();

  std::unique_ptr<Connection> below_;
  WebSocketReader reader_;
  base::Random random_;
  base::Bytes early_;
  base::Bytes unsent_;  // whole frames, or the rest of one
  std::string fault_;
};

}  // namespace retina::io
