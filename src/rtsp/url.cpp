#include "rtsp/url.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "rtsp/message.h"

namespace retina::rtsp {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::array<std::string_view, 2> kWebSocketSchemes = {"ws", "wss"};
constexpr std::array<std::string_view, 8> kSchemes = {"rtsp",  "rtspt",  "rtspu",  "rtsph",
                                                      "rtsps", "rtspst", "rtspsu", "rtspsh"};

/// "%41" -> "A". A '%' that starts no escape stays, because passwords hold such.
std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' && i + 2 < text.size()
                          ? base::parse_number<std::uint8_t>(text.substr(i + 1, 2), 16)
                          : std::nullopt;
    if (byte) i += 2;
    out += byte ? static_cast<char>(*byte) : text[i];
  }
  return out;
}

/// Also what a percent-encoding could smuggle in to end the host in the request line.
bool is_bad_name_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F ||
         std::string_view("\"#%/:<>?@[]\\^`{|}").find(c) != std::string_view::npos;
}

bool is_address_byte(char c) {
  return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'f') || c == ':' || c == '.';
}

/// Digits and colons, with at least two of these; behind a '%' the zone (RFC 4007 s11).
bool is_ipv6(std::string_view host) {
  const auto [address, zone] = base::split_once(host, '%');
  const std::string_view name = zone.value_or("");
  return std::count(address.begin(), address.end(), ':') >= 2 &&
         std::all_of(address.begin(), address.end(), is_address_byte) &&
         std::none_of(name.begin(), name.end(), is_bad_name_byte);
}

base::Result<void> set_port(Url& url, std::string_view text) {
  if (text.empty()) return {};
  const auto port = base::parse_number<std::uint16_t>(text);
  if (!port || *port == 0) {
    return fail(ErrorCode::kMalformed, 0,
                "the port is no number from 1 to 65535 (is a / in the password? write %2F)");
  }
  url.port = *port;
  return {};
}

base::Result<void> set_ipv6_host(Url& url, std::string_view literal) {
  url.host = percent_decode(literal);
  url.ipv6 = true;
  if (!is_ipv6(url.host)) return fail(ErrorCode::kMalformed, 0, "the IPv6 address is malformed");
  return {};
}

/// RFC 3986 s3.2.2, s3.2.3.
base::Result<void> set_host_and_port(Url& url, std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return fail(ErrorCode::kMalformed, 0, "the IPv6 address lacks its ]");
    CHECK_OK(set_ipv6_host(url, text.substr(1, end - 1)));
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':')
      return fail(ErrorCode::kMalformed, 0, "there is text behind the host");
    return set_port(url, rest.empty() ? rest : rest.substr(1));
  }
  if (is_ipv6(text)) return set_ipv6_host(url, text);
  const auto [host, port] = base::split_once(text, ':');
  url.host = percent_decode(host);
  if (url.host.empty()) return fail(ErrorCode::kMalformed, 0, "the host is missing");
  if (std::any_of(url.host.begin(), url.host.end(), is_bad_name_byte)) {
    return fail(ErrorCode::kMalformed, 0, "the host name has a character that none may have");
  }
  return set_port(url, port.value_or(""));
}

void set_credentials(Url& url, std::string_view userinfo) {
  const auto [user, password] = base::split_once(userinfo, ':');
  url.user = percent_decode(user);
  url.password = percent_decode(password.value_or(""));
}

/// Where `name=` of a secret ends in `lower`, the first from `from` on.
std::size_t find_secret(std::string_view lower, std::size_t from) {
  constexpr std::string_view kNames[] = {
      "password=", "passwd=", "passwort=", "pass=", "pwd=", "psw=", "token="};
  std::size_t first = std::string_view::npos;
  for (const std::string_view name : kNames) {
    const std::size_t at = lower.find(name, from);
    if (at != std::string_view::npos) first = std::min(first, at + name.size());
  }
  return first;
}

/// An URL of one of `schemes`; `complaint` says that it's none.
template <std::size_t kCount>
base::Result<Url> parse(std::string_view text, const std::array<std::string_view, kCount>& schemes,
                        const char* complaint) {
  text = base::trim(text);
  if (text.size() > kMaxUrlBytes) return fail(ErrorCode::kTooLarge, kMaxUrlBytes, "the URL is too long");
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos)
    return fail(ErrorCode::kMalformed, 0, "the URL has no scheme, such as rtsp://, in front");
  Url url;
  url.scheme = base::to_lower(text.substr(0, scheme_end));
  if (std::find(schemes.begin(), schemes.end(), url.scheme) == schemes.end())
    return fail(ErrorCode::kUnsupported, 0, complaint);
  text.remove_prefix(scheme_end + 3);

  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view host = text.substr(0, slash);
  std::string_view path = text.substr(slash);
  const std::size_t at = host.rfind('@');
  if (at != std::string_view::npos) {
    set_credentials(url, host.substr(0, at));
    host.remove_prefix(at + 1);
  }
  // A query may follow the host at once.
  const std::size_t query = host.find_first_of("?#");
  if (query != std::string_view::npos) {
    path = text.substr(static_cast<std::size_t>(host.data() - text.data()) + query);
    host = host.substr(0, query);
  }
  CHECK_OK(set_host_and_port(url, host));
  url.path_and_query = wire_uri(path);
  if (!url.path_and_query.starts_with('/')) url.path_and_query.insert(0, 1, '/');
  return url;
}

}  // namespace

std::string Url::authority() const {
  // A zone means something on this machine only (RFC 6874 s4).
  const std::string name = ipv6 ? '[' + host.substr(0, host.find('%')) + ']' : host;
  return port == 0 ? name : name + ':' + std::to_string(port);
}

std::string Url::request_uri() const {
  return (is_tls_scheme(scheme) ? "rtsps://" : "rtsp://") + authority() + path_and_query;
}

std::string Url::redacted() const {
  std::string text = scheme + "://" + authority();
  const std::string lower = base::to_lower(path_and_query);
  std::size_t at = 0;
  for (std::size_t secret = find_secret(lower, 0); secret != std::string::npos;
       secret = find_secret(lower, at)) {
    text += path_and_query.substr(at, secret - at);
    at = std::min(path_and_query.find_first_of("&;?/", secret), path_and_query.size());
  }
  return text + path_and_query.substr(at);
}

base::Result<Url> parse_url(std::string_view text) {
  return parse(text, kSchemes, "the URL's scheme is none of rtsp, rtsps and their variants");
}

base::Result<Url> parse_websocket_url(std::string_view text) {
  return parse(text, kWebSocketSchemes, "the URL's scheme is neither ws nor wss");
}

bool is_tls_scheme(std::string_view scheme) {
  return base::starts_with_ignore_case(scheme, "rtsps") || scheme == "wss";
}

bool is_http_scheme(std::string_view scheme) {
  return scheme == "rtsph" || scheme == "rtspsh";
}

std::uint16_t port_of(const Url& url) {
  return url.port != 0 ? url.port : default_port(url.scheme);
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "ws") return 80;
  if (scheme == "wss") return 443;
  return is_tls_scheme(scheme) ? 322 : 554;
}

}  // namespace retina::rtsp
