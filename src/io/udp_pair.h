#pragma once

#include <cstdint>
#include <memory>
#include <optional>
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
  /// Datagrams of these hosts only are wanted, or of any if there is none; send() sends to `group`.
  void set_group(const Address& group, std::vector<Address> sources);
  bool wants(const Address& sender) const;

  /// To the group, or the first of the peers that has a port. Lost where the system can't send now, as any
  /// datagram may be.
  void send(base::ByteView datagram) const;

  /// The kernel's counter of datagrams that it had no room for, as it comes with a read; returns how many are
  /// new.
  std::uint32_t count_drops(std::uint32_t total);

 private:
  int fd_ = -1;
  std::vector<Address> peers_;
  std::optional<Address> group_;
  bool connected_ = false;
  std::uint32_t drops_ = 0;
};

/// What to join.
struct UdpGroup {
  Address address;  ///< with RTP's port
  std::uint16_t rtcp_port = 0;
  std::optional<int> ttl;        ///< of what send() sends; nullopt: the system's, 1
  std::vector<Address> sources;  ///< source-specific: only these are joined; empty: any-source
};

struct UdpSettings {
  PortRange ports;
  /// SO_RCVBUF in bytes: what the system allows of it is taken. At least 1.
  int buffer_bytes = 2 * 1024 * 1024;
  /// Groups are joined there: "eth0"; "": where the local address is.
  std::string multicast_interface;
  /// UDP_GRO: let the kernel hand over datagrams that follow each other as one (Linux 5.0).
  bool gro = true;
};

/// The two sockets of one stream: RTP on an even port, RTCP on the next one (RFC 3550 s11). Thread-bound.
class UdpPair {
 public:
  /// Binds to the first free pair of the range, on the host of `local`. Errors are sentences for the user.
  static base::Result<UdpPair, std::string> open(const Address& local, const UdpSettings& settings);

  /// Binds to the group's two ports, beside others that listen there, and joins it. Errors as above.
  static base::Result<UdpPair, std::string> join(const UdpGroup& group, const Address& local,
                                                 const UdpSettings& settings);

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
