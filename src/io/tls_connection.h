#pragma once

#include <gio/gio.h>

#include <optional>
#include <string>

#include "io/connection.h"
#include "io/object_ref.h"
#include "io/record_stream.h"
#include "io/tcp_connection.h"

namespace retina::io {

/// A TLS connection whose handshake is done. One read() is at most one read of the socket, and brings all
/// records that it has completed.
class TlsConnection final : public Connection {
 public:
  /// `tls` works on `records`, and that on `socket`. `certificate_missed`: the server has asked for a client
  /// certificate and got none.
  TlsConnection(ObjectRef<GSocketConnection> socket, RecordStream records, ObjectRef<GTlsConnection> tls,
                bool certificate_missed);
  ~TlsConnection() override;
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  Transfer read(std::span<std::uint8_t> room) override;
  Transfer write(base::ByteView bytes) override;
  void set_low_water(std::size_t bytes) override;
  void set_write_timeout(base::Duration timeout) override { socket_.set_write_timeout(timeout); }
  WaitOutcome wait_with(bool want_write, std::optional<base::TimePoint> deadline, base::TimePoint now,
                        const Wakeup& wakeup, std::span<Watched> others) override;
  std::string words_for(const Transfer& failed) const override;
  int fd() const override { return socket_.fd(); }
  std::string peer() const override { return socket_.peer(); }
  std::string local() const override { return socket_.local(); }
  std::optional<Address> peer_address() const override { return socket_.peer_address(); }
  std::optional<Address> local_address() const override { return socket_.local_address(); }

 private:
  std::size_t decrypt(std::span<std::uint8_t> room);
  Transfer failed(const GError& error);

  TcpConnection socket_;
  RecordStream records_;
  ObjectRef<GTlsConnection> tls_;
  GPollableInputStream* input_;    // of tls_
  GPollableOutputStream* output_;  // of tls_
  std::optional<Transfer> end_;    // how it has ended, for those who read on
  std::string failure_;
  bool certificate_missed_;  // and nothing has come since
  bool pending_ = false;     // decrypted bytes may be left, of which poll() knows nothing
};

}  // namespace retina::io
