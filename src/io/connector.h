#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "io/connection.h"
#include "io/wakeup.h"

namespace retina::io {

struct ConnectError {
  enum class Kind {
    kNameNotFound,  ///< the resolver doesn't know the host
    kRefused,
    kUnreachable,  ///< no route, network down, …
    kTimeout,
    kWoken,  ///< the Wakeup was signalled
    kOther
  };
  Kind kind = Kind::kOther;
  std::string text;  ///< the system's words
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
};

/// GIO's: names, IPv4 and IPv6, each address in turn (RFC 8305).
class TcpConnector final : public Connector {
 public:
  base::Result<std::unique_ptr<Connection>, ConnectError> connect(const std::string& host, std::uint16_t port,
                                                                  base::Duration timeout,
                                                                  const Wakeup& wakeup) override;
};

}  // namespace retina::io
