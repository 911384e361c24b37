#include "client/tunnel.h"

#include <array>
#include <random>
#include <utility>

#include "base/ascii.h"
#include "io/http_exchange.h"
#include "io/http_tunnel.h"
#include "io/websocket_connection.h"
#include "io/websocket_handshake.h"

namespace retina::client {
namespace {

using Kind = io::ConnectError::Kind;

base::Unexpected<io::ConnectError> fail(Kind kind, std::string text) {
  return base::Unexpected<io::ConnectError>({kind, std::move(text)});
}

/// That nobody can guess.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> random_bytes() {
  std::random_device device;
  std::array<std::uint8_t, kSize> bytes{};
  for (std::uint8_t& byte : bytes)
    byte = static_cast<std::uint8_t>(device());
  return bytes;
}

std::string random_cookie() {
  std::string cookie;
  for (const std::uint8_t byte : random_bytes<11>()) {
    cookie += "0123456789abcdef"[byte >> 4];
    cookie += "0123456789abcdef"[byte & 15];
  }
  return cookie;
}

Connected connect_to(io::Connector& connector, const rtsp::Url& url, base::Duration timeout,
                     const io::Wakeup& wakeup) {
  const std::uint16_t port = rtsp::port_of(url);
  return rtsp::is_tls_scheme(url.scheme) ? connector.connect_tls(url.host, port, timeout, wakeup)
                                         : connector.connect(url.host, port, timeout, wakeup);
}

/// The server wants credentials. Empty: asked again, it gets some; otherwise why it doesn't, and what to do.
std::string challenged(Endpoint& endpoint, const io::HttpResponse& response) {
  rtsp::Headers challenges;
  for (const auto& [name, value] : response.headers)
    challenges.add(name, value);
  using Outcome = rtsp::Authenticator::Outcome;
  switch (endpoint.authenticator.on_unauthorized(challenges)) {
    case Outcome::kRetry:
      return "";
    case Outcome::kNoCredentials:
      return "it wants credentials. Set user-id and user-pw";
    case Outcome::kUnsupported:
      return "it wants a kind of authentication that is neither Basic nor Digest";
    case Outcome::kRejected:
      break;
  }
  return "it refuses the credentials. Check user-id and user-pw";
}

/// A tunnel on its way.
class TunnelAttempt {
 public:
  TunnelAttempt(io::Connector& connector, Endpoint endpoint, base::Duration timeout, const base::Clock& clock,
                const io::Wakeup& wakeup)
      : connector_(connector),
        endpoint_(std::make_shared<Endpoint>(std::move(endpoint))),
        clock_(clock),
        wakeup_(wakeup),
        timeout_(timeout),
        deadline_(clock.now() + timeout) {}

  Connected open() { return endpoint_->tunnel == Endpoint::Tunnel::kHttp ? open_http() : open_websocket(); }

 private:
  struct Answered {
    std::unique_ptr<io::Connection> connection;
    io::HttpExchange exchange;
  };

  Connected open_http();
  Connected open_websocket();
  Connected connect() const;
  base::Result<Answered, io::ConnectError> ask(const std::string& version, const std::string& headers);
  static std::string head(Endpoint& endpoint, const std::string& method, const std::string& version,
                          const std::string& headers);
  base::Unexpected<io::ConnectError> refused(const io::HttpResponse& response) const;

  io::Connector& connector_;
  const std::shared_ptr<Endpoint> endpoint_;  // further POSTs need it
  const base::Clock& clock_;
  const io::Wakeup& wakeup_;
  const base::Duration timeout_;
  const base::TimePoint deadline_;
};

Connected TunnelAttempt::connect() const {
  const base::TimePoint now = clock_.now();
  if (now >= deadline_) return fail(Kind::kTimeout, "no tunnel");
  return connect_to(connector_, endpoint_->url, deadline_ - now, wakeup_);
}

std::string TunnelAttempt::head(Endpoint& endpoint, const std::string& method, const std::string& version,
                                const std::string& headers) {
  const std::string& path = endpoint.url.path_and_query;
  std::string text =
      method + " " + path + " HTTP/" + version + "\r\nHost: " + endpoint.url.authority() + "\r\n";
  if (!endpoint.user_agent.empty())
    text += "User-Agent: " + base::printable(endpoint.user_agent, endpoint.user_agent.size()) + "\r\n";
  text += headers;
  if (const auto value = endpoint.authenticator.authorization(method, path, ""))
    text += "Authorization: " + *value + "\r\n";
  return text + "\r\n";
}

base::Unexpected<io::ConnectError> TunnelAttempt::refused(const io::HttpResponse& response) const {
  const bool http = endpoint_->tunnel == Endpoint::Tunnel::kHttp;
  return fail(Kind::kTunnel,
              "it answered " + endpoint_->authenticator.without_secrets(io::words_for_http(response)) +
                  ". Check the path and the port in " + (http ? "location" : "websocket-uri") +
                  ", and that the camera has RTSP over " + (http ? "HTTP" : "WebSocket") + " enabled");
}

/// GETs, with credentials where they are wanted, each on a connection of its own.
base::Result<TunnelAttempt::Answered, io::ConnectError> TunnelAttempt::ask(const std::string& version,
                                                                           const std::string& headers) {
  for (;;) {
    auto connection = connect();
    if (!connection) return base::Unexpected(std::move(connection.error()));
    auto exchange = io::exchange_http(**connection, head(*endpoint_, "GET", version, headers), deadline_,
                                      clock_, wakeup_);
    if (!exchange) return base::Unexpected(std::move(exchange.error()));
    const io::HttpResponse& response = exchange->response;
    if (response.status != 401) {
      endpoint_->authenticator.on_success();
      return Answered{std::move(*connection), std::move(*exchange)};
    }
    if (auto why = challenged(*endpoint_, response); !why.empty())
      return fail(Kind::kUnauthorized, std::move(why));
  }
}

Connected TunnelAttempt::open_http() {
  const std::string session = "x-sessioncookie: " + random_cookie() +
                              "\r\n"
                              "Pragma: no-cache\r\n"
                              "Cache-Control: no-cache\r\n";
  auto got = ask("1.0", session + "Accept: application/x-rtsp-tunnelled\r\n");
  if (!got) return base::Unexpected(std::move(got.error()));
  const io::HttpResponse& response = got->exchange.response;
  const std::string_view type = response.find("Content-Type").value_or("");
  if (response.status != 200) return refused(response);
  if (base::starts_with_ignore_case(type, "text/"))
    return fail(Kind::kTunnel, "it answered with a page of text. Check the path and the port in location");
  // No answer to HTTP/1.0 is (RFC 9112 s7.1), but something in between may do it.
  if (response.find("Transfer-Encoding"))
    return fail(Kind::kTunnel,
                "it answers in chunks, and RTSP isn't. Connect to the camera without what is in between");
  auto post = connect();
  if (!post) return post;

  io::HttpTunnel::Sides sides;
  sides.get = std::move(got->connection);
  sides.early = std::move(got->exchange.early);
  sides.post = std::move(*post);
  sides.connect = [&connector = connector_, url = endpoint_->url, timeout = timeout_](
                      const io::Wakeup& wakeup) { return connect_to(connector, url, timeout, wakeup); };
  sides.post_head = [endpoint = endpoint_, session] {
    // The length is what QuickTime says, and servers expect.
    return head(*endpoint, "POST", "1.0",
                session +
                    "Content-Type: application/x-rtsp-tunnelled\r\n"
                    "Content-Length: 32767\r\n"
                    "Expires: Sun, 9 Jan 1972 00:00:00 GMT\r\n");
  };
  sides.on_post_end = [endpoint = endpoint_](const io::HttpResponse& ended) -> std::string {
    if (ended.status != 401) {
      endpoint->authenticator.on_success();
      return "";
    }
    const std::string why = challenged(*endpoint, ended);
    return why.empty() ? "" : "the tunnel's POST side is refused: " + why;
  };
  return std::unique_ptr<io::Connection>(std::make_unique<io::HttpTunnel>(std::move(sides)));
}

Connected TunnelAttempt::open_websocket() {
  const std::string key = io::websocket_key(random_bytes<16>());
  auto got = ask("1.1",
                 "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: " +
                     key + "\r\nSec-WebSocket-Protocol: " + std::string(io::kOnvifSubprotocol) + "\r\n");
  if (!got) return base::Unexpected(std::move(got.error()));
  const io::HttpExchange& exchange = got->exchange;
  if (exchange.response.status != 101) return refused(exchange.response);
  if (const auto checked = io::check_websocket_response(exchange.response, key); !checked) {
    return fail(Kind::kTunnel,
                "its answer opens no WebSocket for RTSP (" + std::string(checked.error().what) + ")");
  }
  const auto random = random_bytes<8>();
  const std::uint64_t seed =
      std::uint64_t{base::load_be32(random.data())} << 32 | base::load_be32(&random[4]);
  return std::unique_ptr<io::Connection>(std::make_unique<io::WebSocketConnection>(
      std::move(got->connection), base::ByteView(exchange.early), seed));
}

}  // namespace

Connected connect_to_endpoint(io::Connector& connector, Endpoint endpoint, base::Duration timeout,
                              const base::Clock& clock, const io::Wakeup& wakeup) {
  if (endpoint.tunnel == Endpoint::Tunnel::kNone) return connect_to(connector, endpoint.url, timeout, wakeup);
  return TunnelAttempt(connector, std::move(endpoint), timeout, clock, wakeup).open();
}

}  // namespace retina::client
