#pragma once

#include <cstdint>
#include <memory>
#include <optional>
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
    kCertificate,  ///< the server's is refused; `text` says why and what to do, as sentences
    kTls,          ///< the handshake has failed otherwise; `text` says why, and what to do
    kWoken,        ///< the Wakeup was signalled
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
};

/// GIO's: names, IPv4 and IPv6, each address in turn (RFC 8305).
class TcpConnector final : public Connector {
 public:
  explicit TcpConnector(TlsSettings tls = {}) : tls_(std::move(tls)) {}

  base::Result<std::unique_ptr<Connection>, ConnectError> connect(const std::string& host, std::uint16_t port,
                                                                  base::Duration timeout,
                                                                  const Wakeup& wakeup) override;
  /// GIO calls `TlsSettings::accept` on this thread.
  base::Result<std::unique_ptr<Connection>, ConnectError> connect_tls(const std::string& host,
                                                                      std::uint16_t port,
                                                                      base::Duration timeout,
                                                                      const Wakeup& wakeup) override;

 private:
  TlsSettings tls_;
};

}  // namespace retina::io
