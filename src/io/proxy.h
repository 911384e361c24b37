#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace retina::io {

/// A proxy that connects in our place, as the user names it.
struct ProxySettings {
  /// "[scheme://][user:password@]host[:port]" of http (without a scheme), socks4, socks4a, socks5 (or socks,
  /// the same); port 8080 for http, else 1080. Empty: no proxy.
  std::string address;
  std::string user;  ///< instead of the one in the address
  std::string password;
};

/// What they come to: one of the two, or neither.
struct Proxy {
  /// One that knows CONNECT (RFC 9110 s9.3.6).
  struct Http {
    std::string host;
    std::uint16_t port = 0;
    std::string user;  ///< as they are, without escapes
    std::string password;
  };
  std::optional<Http> http;
  std::string socks_uri;  ///< GIO knows a SOCKS proxy by it, credentials included
};

/// Nullopt: the address is unusable.
std::optional<Proxy> parse_proxy(const ProxySettings& settings);

}  // namespace retina::io
