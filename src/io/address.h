#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace retina::io {

/// An IPv4 or IPv6 address with a port. An IPv6 address keeps its zone (RFC 4007), so that link-local ones
/// work.
class Address {
 public:
  Address() = default;

  /// Of a literal such as "192.0.2.1" or "2001:db8::1", without brackets; nullopt for anything else, so also
  /// for names.
  static std::optional<Address> parse(const std::string& literal, std::uint16_t port);
  /// The local end of a socket; nullopt when it has none, or not an internet address.
  static std::optional<Address> local_of(int fd);
  /// The other end of a connected socket.
  static std::optional<Address> peer_of(int fd);

  int family() const { return storage_.ss_family; }
  std::uint16_t port() const;
  Address with_port(std::uint16_t port) const;
  /// Equal but for port and zone.
  bool same_host(const Address& other) const;
  /// A group: 224.0.0.0/4, ff00::/8 (RFC 5771, RFC 4291 s2.7).
  bool is_multicast() const;
  /// A group that has a source each (RFC 4607 s1): 232.0.0.0/8, ff3x::/32.
  bool is_source_specific() const;
  /// "192.0.2.1:554", "[::1]:554".
  std::string text() const;

  /// For system calls. What recvmsg() writes there is an address only once family() says so.
  sockaddr* raw() { return static_cast<sockaddr*>(static_cast<void*>(&storage_)); }
  const sockaddr* raw() const { return static_cast<const sockaddr*>(static_cast<const void*>(&storage_)); }
  socklen_t raw_size() const;

 private:
  sockaddr_storage storage_{};
};

}  // namespace retina::io
