#include "client/proxy_connector.h"

#include <utility>

#include "base/ascii.h"
#include "io/http_exchange.h"
#include "rtsp/message.h"

namespace retina::client {
namespace {

using Kind = io::ConnectError::Kind;

base::Unexpected<io::ConnectError> fail(Kind kind, std::string text) {
  return base::Unexpected<io::ConnectError>({kind, std::move(text)});
}

/// RFC 9110 s9.3.6: "host:port", an IPv6 address in brackets, without a zone.
std::string target_of(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  const std::string name = is_ipv6 ? "[" + host.substr(0, host.find('%')) + "]" : rtsp::wire_uri(host);
  return name + ":" + std::to_string(port);
}

/// RFC 9110 s11.7.1: they are read as a server's own are.
rtsp::Headers challenges_of(const io::HttpResponse& response) {
  rtsp::Headers challenges;
  for (const std::string_view value : response.find_all("Proxy-Authenticate"))
    challenges.add("WWW-Authenticate", std::string(value));
  return challenges;
}

const char* words_for(rtsp::Authenticator::Outcome outcome) {
  using Outcome = rtsp::Authenticator::Outcome;
  switch (outcome) {
    case Outcome::kNoCredentials:
      return "it wants credentials. Set proxy-id and proxy-pw";
    case Outcome::kUnsupported:
      return "it wants a kind of authentication that is neither Basic nor Digest";
    case Outcome::kRejected:
    case Outcome::kRetry:
      break;
  }
  return "it refuses the credentials. Check proxy-id and proxy-pw";
}

/// Of what went wrong on the way to the proxy, and in what it says.
base::Unexpected<io::ConnectError> in_words(const io::ConnectError& error) {
  if (error.kind == Kind::kWoken) return fail(error.kind, error.text);
  if (error.kind == Kind::kTimeout) return fail(error.kind, "the proxy doesn't answer: " + error.text);
  return fail(Kind::kProxy, "it can't be used (" + error.text + "). Check proxy");
}

}  // namespace

ProxyConnector::ProxyConnector(std::unique_ptr<io::Connector> direct, const io::Proxy::Http& proxy,
                               std::string user_agent, const base::Clock& clock,
                               rtsp::Authenticator::CnonceGenerator cnonce)
    : direct_(std::move(direct)),
      host_(proxy.host),
      port_(proxy.port),
      user_agent_(std::move(user_agent)),
      clock_(clock),
      authenticator_(proxy.user, proxy.password, std::move(cnonce)) {}

ProxyConnector::Made ProxyConnector::connect(const std::string& host, std::uint16_t port,
                                             base::Duration timeout, const io::Wakeup& wakeup) {
  return open(host, port, clock_.now() + timeout, wakeup);
}

ProxyConnector::Made ProxyConnector::connect_tls(const std::string& host, std::uint16_t port,
                                                 base::Duration timeout, const io::Wakeup& wakeup) {
  const base::TimePoint deadline = clock_.now() + timeout;
  auto made = open(host, port, deadline, wakeup);
  if (!made) return made;
  const base::TimePoint now = clock_.now();
  if (now >= deadline) return fail(Kind::kTimeout, "no TLS handshake");
  return direct_->start_tls(std::move(*made), host, port, deadline - now, wakeup);
}

/// Each request on a connection of its own: after a 407 proxies close, or say so, or do neither and expect
/// it.
ProxyConnector::Made ProxyConnector::open(const std::string& host, std::uint16_t port,
                                          base::TimePoint deadline, const io::Wakeup& wakeup) {
  const std::string target = target_of(host, port);
  rtsp::Authenticator authenticator = known();
  for (;;) {
    auto connection = reach(deadline, wakeup);
    if (!connection) return connection;
    const auto exchange =
        io::exchange_http(**connection, request(target, authenticator), deadline, clock_, wakeup);
    if (!exchange) return in_words(exchange.error());
    const io::HttpResponse& response = exchange->response;
    if (response.status == 407) {
      const auto outcome = authenticator.on_unauthorized(challenges_of(response));
      if (outcome == rtsp::Authenticator::Outcome::kRetry) continue;
      return fail(Kind::kProxyUnauthorized, words_for(outcome));
    }
    authenticator.on_success();
    remember(authenticator);
    if (response.status / 100 != 2) {
      return fail(Kind::kProxy, "it answered " + authenticator.without_secrets(io::words_for_http(response)) +
                                    ". Check location, and that the proxy allows connections to that port");
    }
    // Who is behind it speaks when spoken to.
    if (!exchange->early.empty()) return fail(Kind::kProxy, "it sends a page instead of connecting");
    return connection;
  }
}

ProxyConnector::Made ProxyConnector::reach(base::TimePoint deadline, const io::Wakeup& wakeup) {
  const base::TimePoint now = clock_.now();
  if (now >= deadline) return fail(Kind::kTimeout, "the proxy makes no connection");
  auto made = direct_->connect(host_, port_, deadline - now, wakeup);
  if (!made) return in_words(made.error());
  return made;
}

std::string ProxyConnector::request(const std::string& target, rtsp::Authenticator& authenticator) const {
  std::string text = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!user_agent_.empty())
    text += "User-Agent: " + base::printable(user_agent_, user_agent_.size()) + "\r\n";
  if (const auto value = authenticator.authorization("CONNECT", target, ""))
    text += "Proxy-Authorization: " + *value + "\r\n";
  return text + "\r\n";
}

/// Each attempt has one of its own, so that none is confused by another's answers.
rtsp::Authenticator ProxyConnector::known() const {
  const std::lock_guard lock(mutex_);
  return authenticator_;
}

void ProxyConnector::remember(const rtsp::Authenticator& authenticator) {
  const std::lock_guard lock(mutex_);
  authenticator_ = authenticator;
}

std::unique_ptr<io::Connector> make_connector(io::TlsSettings tls, const io::ProxySettings& proxy,
                                              const std::string& user_agent, const base::Clock& clock) {
  const auto parsed = io::parse_proxy(proxy);
  if (!parsed) return nullptr;
  auto direct = std::make_unique<io::TcpConnector>(std::move(tls), parsed->socks_uri);
  if (!parsed->http) return direct;
  return std::make_unique<ProxyConnector>(std::move(direct), *parsed->http, user_agent, clock);
}

}  // namespace retina::client
