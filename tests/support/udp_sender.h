#pragma once

#include <string>

#include "base/bytes.h"
#include "support/peer.h"

namespace retina::test {

/// One stream's pair of server ports, sending to a pair of client ports on the host of a connection.
class UdpSender {
 public:
  /// `connection` is the control connection's socket; `client_port` is "5000-5001". Check ok().
  UdpSender(int connection, const std::string& client_port);

  bool ok() const { return rtp_.get() >= 0 && rtcp_.get() >= 0; }
  /// "6000-6001": the pair need not be consecutive.
  std::string server_port() const;
  void send(bool rtcp, base::ByteView packet) const;

 private:
  Descriptor rtp_;
  Descriptor rtcp_;
};

}  // namespace retina::test
