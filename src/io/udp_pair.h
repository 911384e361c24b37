#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "io/address.h"
#include "io/port_range.h"

namespace retina::io {

/// One UDP socket of a stream, non-blocking. Takes datagrams up to the largest that UDP has. Thread-bound.
class UdpSocket {
 public:
  UdpSocket() = default;
  explicit UdpSocket(int fd) : fd_(fd) {}
  UdpSocket(UdpSocket&& other) noexcept;
  UdpSocket& operator=(UdpSocket&& other) noexcept;
  ~UdpSocket();

  int fd() const { return fd_; }

  /// Datagrams of these hosts only are wanted; of none until then. The first is the one that send() sends to,
  /// and with `exact_port` nothing is taken from its other ports: that is the system's check.
  void set_peers(std::vector<Address> peers, bool exact_port);
  const std::vector<Address>& peers() const { return peers_; }

  /// To the first of the peers that has a port. Lost where the system can't send now, as any datagram may be.
  void send(base::ByteView datagram) const;

  /// The kernel's counter of datagrams that it had no room for, as it comes with a read; returns how many are
  /// new.
  std::uint32_t count_drops(std::uint32_t total);

 private:
  int fd_ = -1;
  std::vector<Address> peers_;
  bool connected_ = false;
  std::uint32_t drops_ = 0;
};

struct UdpSettings {
  PortRange ports;
  /// SO_RCVBUF in bytes: what the system allows of it is taken. At least 1.
  int buffer_bytes = 2 * 1024 * 1024;
  /// UDP_GRO: let the kernel hand over datagrams that follow each other as one (Linux 5.0).
  bool gro = true;
};

/// The two sockets of one stream: RTP on an even port, RTCP on the next one (RFC 3550 s11). Thread-bound.
class UdpPair {
 public:
  /// Binds to the first free pair of the range, on the host of `local`. Errors are sentences for the user.
  static base::Result<UdpPair, std::string> open(const Address& local, const UdpSettings& settings);

  UdpSocket& rtp() { return rtp_; }
  UdpSocket& rtcp() { return rtcp_; }
  UdpSocket& socket(bool rtcp) { return rtcp ? rtcp_ : rtp_; }
  std::uint16_t rtp_port() const { return rtp_port_; }
  /// What the system made of UdpSettings::buffer_bytes for RTP.
  int buffer_bytes() const { return buffer_bytes_; }

 private:
  UdpPair(UdpSocket rtp, UdpSocket rtcp, std::uint16_t rtp_port, int buffer_bytes);

  UdpSocket rtp_;
  UdpSocket rtcp_;
  std::uint16_t rtp_port_;
  int buffer_bytes_;
};

}  // namespace retina::io
