#pragma once

#include <gio/gio.h>

#include "io/connection.h"
#include "io/object_ref.h"

namespace retina::io {

/// A plain TCP connection that GIO has established.
class TcpConnection final : public Connection {
 public:
  /// Sets TCP_NODELAY and makes the socket non-blocking.
  explicit TcpConnection(ObjectRef<GSocketConnection> connection);

  static void set_no_delay(int fd);
  int fd() const override { return fd_; }

  Transfer read(std::span<std::uint8_t> room) override;
  Transfer write(base::ByteView bytes) override;
  void set_low_water(std::size_t bytes) override;
  void set_write_timeout(base::Duration timeout) override;
  WaitOutcome wait_with(bool want_write, std::optional<base::TimePoint> deadline, base::TimePoint now,
                        const Wakeup& wakeup, std::span<Watched> others) override;
  std::string peer() const override;
  std::string local() const override;
  std::optional<Address> peer_address() const override { return Address::peer_of(fd_); }
  std::optional<Address> local_address() const override { return Address::local_of(fd_); }

 private:
  ObjectRef<GSocketConnection> connection_;
  int fd_;  // of connection_
  std::size_t low_water_ = 1;
};

}  // namespace retina::io
