#include "io/proxy.h"

#include <glib.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string_view>

#include "base/ascii.h"
#include "io/glib_text.h"

namespace retina::io {
namespace {

struct UriUnref {
  void operator()(GUri* uri) const { g_uri_unref(uri); }
};
using Uri = std::unique_ptr<GUri, UriUnref>;

std::string escaped(const std::string& text) {
  return GText(g_uri_escape_string(text.c_str(), nullptr, FALSE)).get();
}

std::string or_empty(const gchar* text) {
  return text == nullptr ? "" : text;
}

/// As an URI with a scheme that is known, the user's name and password in it.
std::optional<std::string> uri_of(const ProxySettings& settings) {
  const std::size_t scheme_end = settings.address.find("://");
  const bool has_scheme = scheme_end != std::string::npos;
  std::string scheme = has_scheme ? base::to_lower(settings.address.substr(0, scheme_end)) : "http";
  if (scheme == "socks") scheme = "socks5";
  constexpr std::string_view kSchemes[] = {"http", "socks4", "socks4a", "socks5"};
  if (std::find(std::begin(kSchemes), std::end(kSchemes), scheme) == std::end(kSchemes)) return std::nullopt;
  std::string_view rest = settings.address;
  if (has_scheme) rest.remove_prefix(scheme_end + 3);
  rest = rest.substr(0, rest.find('/'));
  const std::size_t at = rest.rfind('@');
  std::string credentials(at == std::string_view::npos ? "" : rest.substr(0, at));
  if (at != std::string_view::npos) rest.remove_prefix(at + 1);
  if (!settings.user.empty()) credentials = escaped(settings.user) + ":" + escaped(settings.password);
  return scheme + "://" + (credentials.empty() ? "" : credentials + "@") + std::string(rest);
}

}  // namespace

std::optional<Proxy> parse_proxy(const ProxySettings& settings) {
  if (settings.address.empty()) return Proxy();
  const auto uri = uri_of(settings);
  if (!uri) return std::nullopt;
  const Uri parsed(g_uri_parse(uri->c_str(), G_URI_FLAGS_HAS_PASSWORD, nullptr));
  const std::string host = parsed ? or_empty(g_uri_get_host(parsed.get())) : "";
  if (host.empty()) return std::nullopt;
  const int port = g_uri_get_port(parsed.get());
  Proxy proxy;
  if (std::string_view(g_uri_get_scheme(parsed.get())) == "http") {
    proxy.http =
        Proxy::Http{host, port > 0 ? static_cast<std::uint16_t>(port) : std::uint16_t{8080},
                    or_empty(g_uri_get_user(parsed.get())), or_empty(g_uri_get_password(parsed.get()))};
  } else {
    proxy.socks_uri = port > 0 ? *uri : *uri + ":1080";
  }
  return proxy;
}

}  // namespace retina::io
