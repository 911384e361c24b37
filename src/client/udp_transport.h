#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "client/event.h"
#include "client/options.h"
#include "client/session.h"
#include "client/statistics.h"
#include "io/connection.h"
#include "io/datagram_batch.h"
#include "io/udp_pair.h"

namespace retina::client {

/// The UDP sockets of a session's streams, and what has been read from them: the datagram side of the pump.
/// Costs nothing while there is no socket. Thread-bound.
class UdpTransport {
 public:
  UdpTransport(const Options& options, Statistics& statistics) : options_(options), statistics_(statistics) {}

  /// Answers PortsNeeded. `connection` is the session's: the ports are opened on its local address.
  void open(std::size_t stream, const io::Connection* connection, Session& session, base::TimePoint now);
  /// Follows GroupKnown.
  void join(const GroupKnown& known, const io::Connection* connection, Session& session, base::TimePoint now);
  /// Follows PeerKnown. `connection` has the camera's address.
  void set_peer(const PeerKnown& peer, const io::Connection* connection);
  /// Closes all sockets, and forgets what has been read.
  void close();

  /// For io::Connection::wait(), which marks what is readable.
  std::span<io::Watched> watched() { return watched_; }
  bool empty() const { return watched_.empty(); }

  /// Some have been read that the session hasn't been given.
  bool has_datagrams() const { return batch_ && !batch_->empty(); }
  /// There is something to do for step().
  bool busy() const;
  /// Gives the session datagrams until it has an event, or there are none left; then reads more where a wait
  /// found some, or a read did that took all it could.
  void step(Session& session, const base::Clock& clock);

  void send(std::vector<Session::Datagram>& datagrams);

 private:
  struct Port {
    io::UdpSocket* socket;
    std::size_t stream;
    bool rtcp;
  };

  void take(std::size_t stream, io::UdpPair pair, Session& session);
  void read(const base::Clock& clock);
  void watch();
  void note_small_buffer(const io::UdpPair& pair, Session& session) const;

  const Options& options_;
  Statistics& statistics_;
  std::vector<std::optional<io::UdpPair>> pairs_;  // of the streams
  std::vector<Port> ports_;                        // RTP's before RTCP's, which may end a stream
  std::vector<io::Watched> watched_;               // of ports_, at the same places
  std::unique_ptr<io::DatagramBatch> batch_;
  std::size_t batch_stream_ = 0;  // where batch_ comes from
  bool batch_rtcp_ = false;
  base::TimePoint batch_arrival_{};
  int reads_in_a_row_ = 0;
};

}  // namespace retina::client
