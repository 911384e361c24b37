#include "io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstddef>
#include <cstring>

namespace retina::io {
namespace {

// The port stands at the same place in both families.
static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));

sockaddr_in& ip4_of(sockaddr_storage& storage) {
  return *static_cast<sockaddr_in*>(static_cast<void*>(&storage));
}
const sockaddr_in& ip4_of(const sockaddr_storage& storage) {
  return *static_cast<const sockaddr_in*>(static_cast<const void*>(&storage));
}
sockaddr_in6& ip6_of(sockaddr_storage& storage) {
  return *static_cast<sockaddr_in6*>(static_cast<void*>(&storage));
}
const sockaddr_in6& ip6_of(const sockaddr_storage& storage) {
  return *static_cast<const sockaddr_in6*>(static_cast<const void*>(&storage));
}

template <class GetName>
std::optional<Address> name_of(int fd, GetName get_name) {
  Address address;
  socklen_t size = sizeof(sockaddr_storage);
  if (get_name(fd, address.raw(), &size) != 0) return std::nullopt;
  if (address.family() != AF_INET && address.family() != AF_INET6) return std::nullopt;
  return address;
}

}  // namespace

std::optional<Address> Address::parse(const std::string& literal, std::uint16_t port) {
  Address address;
  sockaddr_in& ip4 = ip4_of(address.storage_);
  if (::inet_pton(AF_INET, literal.c_str(), &ip4.sin_addr) == 1) {
    ip4.sin_family = AF_INET;
    return address.with_port(port);
  }
  sockaddr_in6& ip6 = ip6_of(address.storage_);
  if (::inet_pton(AF_INET6, literal.c_str(), &ip6.sin6_addr) == 1) {
    ip6.sin6_family = AF_INET6;
    return address.with_port(port);
  }
  return std::nullopt;
}

std::optional<Address> Address::local_of(int fd) {
  return name_of(fd, ::getsockname);
}

std::optional<Address> Address::peer_of(int fd) {
  return name_of(fd, ::getpeername);
}

std::uint16_t Address::port() const {
  return ntohs(ip4_of(storage_).sin_port);
}

Address Address::with_port(std::uint16_t port) const {
  Address other = *this;
  ip4_of(other.storage_).sin_port = htons(port);
  return other;
}

bool Address::same_host(const Address& other) const {
  if (family() != other.family()) return false;
  if (family() == AF_INET) return ip4_of(storage_).sin_addr.s_addr == ip4_of(other.storage_).sin_addr.s_addr;
  return std::memcmp(&ip6_of(storage_).sin6_addr, &ip6_of(other.storage_).sin6_addr, sizeof(in6_addr)) == 0;
}

bool Address::is_multicast() const {
  if (family() == AF_INET6) return ip6_of(storage_).sin6_addr.s6_addr[0] == 0xFF;
  return family() == AF_INET && (ntohl(ip4_of(storage_).sin_addr.s_addr) >> 28) == 0xE;
}

bool Address::is_source_specific() const {
  if (family() == AF_INET) return (ntohl(ip4_of(storage_).sin_addr.s_addr) >> 24) == 232;
  const auto& bytes = ip6_of(storage_).sin6_addr.s6_addr;
  return family() == AF_INET6 && bytes[0] == 0xFF && (bytes[1] >> 4) == 3 && bytes[2] == 0 && bytes[3] == 0;
}

std::string Address::text() const {
  char buffer[INET6_ADDRSTRLEN] = "";
  const bool ip6 = family() == AF_INET6;
  const void* const bytes = ip6 ? static_cast<const void*>(&ip6_of(storage_).sin6_addr)
                                : static_cast<const void*>(&ip4_of(storage_).sin_addr);
  if (::inet_ntop(family(), bytes, buffer, sizeof buffer) == nullptr) return "unknown";
  const std::string host(buffer);
  return (ip6 ? "[" + host + "]" : host) + ":" + std::to_string(port());
}

socklen_t Address::raw_size() const {
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

}  // namespace retina::io
