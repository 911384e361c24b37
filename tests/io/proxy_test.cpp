// What a proxy's name may look like, and what it comes to.

#include "io/proxy.h"

#include "support/check.h"

namespace {

using namespace retina;

std::string text_of(const io::ProxySettings& settings) {
  const auto proxy = io::parse_proxy(settings);
  if (!proxy) return "unusable";
  if (!proxy->http) return proxy->socks_uri;
  const io::Proxy::Http& http = *proxy->http;
  return http.host + " " + std::to_string(http.port) + " " + http.user + " " + http.password;
}

LAW(an_address_is_of_http_or_of_socks) {
  const struct {
    io::ProxySettings settings;
    const char* text;
  } kCases[] = {
      {{"", "", ""}, ""},
      {{"proxy", "", ""}, "proxy 8080  "},
      {{"proxy:3128", "", ""}, "proxy 3128  "},
      {{"HTTP://proxy/ignored", "", ""}, "proxy 8080  "},
      {{"http://[::1]:3128", "", ""}, "::1 3128  "},
      {{"http://me:ge%40heim@proxy", "", ""}, "proxy 8080 me ge@heim"},
      {{"http://me:x@proxy", "you", "%1:@/"}, "proxy 8080 you %1:@/"},
      {{"socks://proxy", "", ""}, "socks5://proxy:1080"},
      {{"socks4a://proxy:1", "", ""}, "socks4a://proxy:1"},
      {{"socks5://proxy", "me", "a:b"}, "socks5://me:a%3Ab@proxy:1080"},
      {{"https://proxy", "", ""}, "unusable"},
      {{"http://", "", ""}, "unusable"},
      {{"http://:80", "", ""}, "unusable"},
      {{"proxy:99999", "", ""}, "unusable"},
  };
  for (const auto& c : kCases)
    ASSERT_TEXT(text_of(c.settings), c.text);
}

}  // namespace

int main() {
  return retina::test::run_laws("proxy");
}
