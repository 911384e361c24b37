#pragma once

#include <string>

#include "base/bytes.h"
#include "support/peer.h"

namespace retina::test {

/// One stream's pair of server ports, sending to a pair of client ports on the host of a connection, or to a
/// group. `connection` is the control connection's socket. Check ok().
class UdpSender {
 public:
  /// `client_port` is "5000-5001".
  UdpSender(int connection, const std::string& client_port);
  /// To `port` and the next of an IPv4 group, out of the interface that has the connection's local address.
  static UdpSender to_group(int connection, const std::string& group, std::uint16_t port);

  bool ok() const { return rtp_.get() >= 0 && rtcp_.get() >= 0; }
  /// "6000-6001": the pair need not be consecutive.
  std::string server_port() const;
  void send(bool rtcp, base::ByteView packet) const;

 private:
  UdpSender() = default;

  Descriptor rtp_;
  Descriptor rtcp_;
};

}  // namespace retina::test
