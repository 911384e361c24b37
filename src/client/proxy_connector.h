#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"
#include "io/connector.h"
#include "io/proxy.h"
#include "rtsp/auth.h"

namespace retina::client {

/// Connects through an HTTP proxy: asks it with CONNECT (RFC 9110 s9.3.6), gives it credentials where it
/// wants them (407: Digest, RFC 7616, before Basic), and speaks TLS, if any, with what is behind it. Names
/// are left to the proxy. Several threads may connect at the same time.
class ProxyConnector final : public io::Connector {
 public:
  /// `direct` connects to the proxy itself.
  ProxyConnector(std::unique_ptr<io::Connector> direct, const io::Proxy::Http& proxy, std::string user_agent,
                 const base::Clock& clock, rtsp::Authenticator::CnonceGenerator cnonce = {});

  using Made = base::Result<std::unique_ptr<io::Connection>, io::ConnectError>;

  Made connect(const std::string& host, std::uint16_t port, base::Duration timeout,
               const io::Wakeup& wakeup) override;
  Made connect_tls(const std::string& host, std::uint16_t port, base::Duration timeout,
                   const io::Wakeup& wakeup) override;

 private:
  Made open(const std::string& host, std::uint16_t port, base::TimePoint deadline, const io::Wakeup& wakeup);
  Made reach(base::TimePoint deadline, const io::Wakeup& wakeup);
  std::string request(const std::string& target, rtsp::Authenticator& authenticator) const;
  rtsp::Authenticator known() const;
  void remember(const rtsp::Authenticator& authenticator);

  const std::unique_ptr<io::Connector> direct_;
  const std::string host_;
  const std::uint16_t port_;
  const std::string user_agent_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  rtsp::Authenticator authenticator_;  // as it was when the proxy last agreed; behind mutex_
};

/// A connector as the user's settings want it: direct, or through a proxy. Null: `proxy` is unusable.
std::unique_ptr<io::Connector> make_connector(io::TlsSettings tls, const io::ProxySettings& proxy,
                                              const std::string& user_agent, const base::Clock& clock);

}  // namespace retina::client
