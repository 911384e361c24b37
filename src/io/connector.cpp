#include "io/connector.h"

#include "io/connect_attempt.h"

namespace retina::io {

base::Result<std::unique_ptr<Connection>, ConnectError> Connector::connect_tls(const std::string&,
                                                                               std::uint16_t, base::Duration,
                                                                               const Wakeup&) {
  return base::Unexpected<ConnectError>({ConnectError::Kind::kTls, "there is no TLS here"});
}

base::Result<std::unique_ptr<Connection>, ConnectError> Connector::start_tls(std::unique_ptr<Connection>,
                                                                             const std::string&,
                                                                             std::uint16_t, base::Duration,
                                                                             const Wakeup&) {
  return base::Unexpected<ConnectError>({ConnectError::Kind::kTls, "there is no TLS here"});
}

base::Result<std::unique_ptr<Connection>, ConnectError> TcpConnector::connect(const std::string& host,
                                                                              std::uint16_t port,
                                                                              base::Duration timeout,
                                                                              const Wakeup& wakeup) {
  ConnectAttempt attempt(host, port, timeout, wakeup);
  if (!attempt.connect(socks_uri_)) return base::Unexpected<ConnectError>(attempt.error());
  return attempt.take_plain();
}

base::Result<std::unique_ptr<Connection>, ConnectError> TcpConnector::connect_tls(const std::string& host,
                                                                                  std::uint16_t port,
                                                                                  base::Duration timeout,
                                                                                  const Wakeup& wakeup) {
  ConnectAttempt attempt(host, port, timeout, wakeup);
  if (!attempt.connect(socks_uri_) || !attempt.shake_hands(tls_))
    return base::Unexpected<ConnectError>(attempt.error());
  return attempt.take_tls();
}

base::Result<std::unique_ptr<Connection>, ConnectError> TcpConnector::start_tls(
    std::unique_ptr<Connection> plain, const std::string& host, std::uint16_t port, base::Duration timeout,
    const Wakeup& wakeup) {
  ConnectAttempt attempt(host, port, timeout, wakeup);
  if (!attempt.adopt(*plain) || !attempt.shake_hands(tls_))
    return base::Unexpected<ConnectError>(attempt.error());
  return attempt.take_tls();
}

}  // namespace retina::io
