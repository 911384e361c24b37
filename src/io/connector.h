#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "io/connection.h"
#include "io/tls_settings.h"
#include "io/wakeup.h"

namespace retina::io {

struct ConnectError {
  enum class Kind {
    kNameNotFound,  ///< the resolver doesn't know the host
    kRefused,
    kUnreachable,  ///< no route, network down, …
    kTimeout,
    kCertificate,        ///< the server's is refused; `text` says why and what to do, as sentences
    kTls,                ///< the handshake has failed otherwise; `text` says why, and what to do
    kProxy,              ///< the proxy says no, or isn't one; `text` says why and what to do, as sentences
    kProxyUnauthorized,  ///< the same, of no, wrong or unusable credentials
    kTunnel,             ///< the tunnel's server says no; `text` says why and what to do, as sentences
    kUnauthorized,       ///< the same, of no, wrong or unusable credentials
    kWoken,              ///< the Wakeup was signalled
    kOther
  };
  Kind kind = Kind::kOther;
  std::string text;  ///< the system's words, where the kind doesn't say otherwise
};

/// Makes connections. An interface so that a test can hand out its own.
class Connector {
 public:
  virtual ~Connector() = default;
  /// Resolves and connects. Blocks until done, `timeout` has passed or `wakeup` is signalled.
  virtual base::Result<std::unique_ptr<Connection>, ConnectError> connect(const std::string& host,
                                                                          std::uint16_t port,
                                                                          base::Duration timeout,
                                                                          const Wakeup& wakeup) = 0;
  /// The same with TLS on it; the handshake is within `timeout` too. A connector that can't says kTls.
  virtual base::Result<std::unique_ptr<Connection>, ConnectError> connect_tls(const std::string& host,
                                                                              std::uint16_t port,
                                                                              base::Duration timeout,
                                                                              const Wakeup& wakeup);
  /// TLS with `host` on what connect() has made, after something has been said there in the clear: through a
  /// proxy, `host` is behind it. A connector that can't says kTls.
  virtual base::Result<std::unique_ptr<Connection>, ConnectError> start_tls(std::unique_ptr<Connection> plain,
                                                                            const std::string& host,
                                                                            std::uint16_t port,
                                                                            base::Duration timeout,
                                                                            const Wakeup& wakeup);
};

/// GIO's: names, IPv4 and IPv6, each address in turn (RFC 8305).
class TcpConnector final : public Connector {
 public:
  /// `socks_uri`: through this SOCKS proxy, by GIO's name for it; empty: none.
  explicit TcpConnector(TlsSettings tls = {}, std::string socks_uri = {})
      : tls_(std::move(tls)), socks_uri_(std::move(socks_uri)) {}

  base::Result<std::unique_ptr<Connection>, ConnectError> connect(const std::string& host, std::uint16_t port,
                                                                  base::Duration timeout,
                                                                  const Wakeup& wakeup) override;
  /// GIO calls `TlsSettings::accept` on the thread that calls this.
  base::Result<std::unique_ptr<Connection>, ConnectError> connect_tls(const std::string& host,
                                                                      std::uint16_t port,
                                                                      base::Duration timeout,
                                                                      const Wakeup& wakeup) override;
  base::Result<std::unique_ptr<Connection>, ConnectError> start_tls(std::unique_ptr<Connection> plain,
                                                                    const std::string& host,
                                                                    std::uint16_t port,
                                                                    base::Duration timeout,
                                                                    const Wakeup& wakeup) override;

 private:
  TlsSettings tls_;
  std::string socks_uri_;
};

}  // namespace retina::io
