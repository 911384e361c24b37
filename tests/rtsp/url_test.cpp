#include "rtsp/url.h"

#include "support/check.h"

namespace {

using namespace retina;

std::string show(const rtsp::Url& url) {
  return url.scheme + " " + url.user + "|" + url.password + "|" + url.host + (url.ipv6 ? " v6 " : " ") +
         std::to_string(url.port) + " " + url.path_and_query;
}

LAW(urls_fall_into_their_parts) {
  struct {
    const char* text;
    const char* parts;
    const char* request_uri;
  } const cases[] = {
      {"rtsp://h/a/b?c=d&e", "rtsp ||h 0 /a/b?c=d&e", "rtsp://h/a/b?c=d&e"},
      {"  rtsp://h:8554/\n", "rtsp ||h 8554 /", "rtsp://h:8554/"},
      {"rtsp://h", "rtsp ||h 0 /", "rtsp://h/"},
      {"rtsp://h:", "rtsp ||h 0 /", "rtsp://h/"},
      {"rtsp://h?x=/1", "rtsp ||h 0 /?x=/1", "rtsp://h/?x=/1"},
      {"rtsp://h:554//double/", "rtsp ||h 554 //double/", "rtsp://h:554//double/"},
      {"RTSP://Cam.Example/A", "rtsp ||Cam.Example 0 /A", "rtsp://Cam.Example/A"},
      {"rtsp://u:p@10.0.0.1:65535/x", "rtsp u|p|10.0.0.1 65535 /x", "rtsp://10.0.0.1:65535/x"},
      {"rtsp://[2001:db8::1]:554/x", "rtsp ||2001:db8::1 v6 554 /x", "rtsp://[2001:db8::1]:554/x"},
      {"rtsp://u@[fe80::1%25eth0]/x", "rtsp u||fe80::1%eth0 v6 0 /x", "rtsp://[fe80::1]/x"},
      {"rtsp://2001:db8::1/x", "rtsp ||2001:db8::1 v6 0 /x", "rtsp://[2001:db8::1]/x"},
      {"rtsp://h/a b\xC3\xA9#f", "rtsp ||h 0 /a%20b%C3%A9#f", "rtsp://h/a%20b%C3%A9#f"},
      {"rtsp://h%C3%BC/", "rtsp ||h\xC3\xBC 0 /", "rtsp://h\xC3\xBC/"},
      {"rtsp://h/user=admin&password=&x@y:z", "rtsp ||h 0 /user=admin&password=&x@y:z",
       "rtsp://h/user=admin&password=&x@y:z"},
  };
  for (const auto& c : cases) {
    const auto url = rtsp::parse_url(c.text);
    ck_assert_msg(url.has_value(), "%s: %s", c.text, url ? "" : url.error().what);
    ASSERT_TEXT(show(*url), c.parts);
    ASSERT_TEXT(url->request_uri(), c.request_uri);
  }
}

LAW(credentials_end_at_the_last_at_sign_and_are_decoded) {
  struct {
    const char* userinfo;
    const char* user;
    const char* password;
  } const cases[] = {
      {"u:p", "u", "p"},
      {"u", "u", ""},
      {":p", "", "p"},
      {"u:", "u", ""},
      {"", "", ""},
      {"u:p@ss", "u", "p@ss"},
      {"u@d:p@", "u@d", "p@"},
      {"u:a:b", "u", "a:b"},
      {"u:%40%3a%2F%25", "u", "@:/%"},
      {"u:100%", "u", "100%"},
      {"u:%4", "u", "%4"},
      {"u:%zz%4z", "u", "%zz%4z"},
      {"u:a?b#c", "u", "a?b#c"},
      {"u:%C3%A9", "u", "\xC3\xA9"},
      {"u:p w", "u", "p w"},
      {"a%3Ab:c", "a:b", "c"},
  };
  for (const auto& c : cases) {
    const auto url = rtsp::parse_url(std::string("rtsp://") + c.userinfo + "@host:99/x@y");
    ck_assert_msg(url.has_value(), "%s", c.userinfo);
    ASSERT_TEXT(show(*url), std::string("rtsp ") + c.user + "|" + c.password + "|host 99 /x@y");
    ASSERT_TEXT(url->request_uri(), "rtsp://host:99/x@y");
  }
}

LAW(every_scheme_is_asked_for_in_plain_or_tls_terms) {
  struct {
    const char* scheme;
    const char* wire;
    std::uint16_t port;
  } const cases[] = {{"rtsp", "rtsp", 554},    {"rtspt", "rtsp", 554},  {"rtspu", "rtsp", 554},
                     {"RTSPH", "rtsp", 554},   {"rtsps", "rtsps", 322}, {"rtspst", "rtsps", 322},
                     {"rtspsu", "rtsps", 322}, {"rtspsh", "rtsps", 322}};
  for (const auto& c : cases) {
    const auto url = rtsp::parse_url(std::string(c.scheme) + "://h/x");
    ck_assert_msg(url.has_value(), "%s", c.scheme);
    ASSERT_TEXT(url->request_uri(), std::string(c.wire) + "://h/x");
    ck_assert_uint_eq(rtsp::default_port(url->scheme), c.port);
    ck_assert(rtsp::is_tls_scheme(url->scheme) == (c.port == 322));
  }
}

LAW(a_websockets_url_has_schemes_and_ports_of_its_own) {
  struct {
    const char* text;
    const char* authority;
    const char* path;
    std::uint16_t port;
    bool tls;
  } const cases[] = {{"ws://cam", "cam", "/", 80, false},
                     {"WSS://u:p@cam/onvif/rtsp?a=b", "cam", "/onvif/rtsp?a=b", 443, true},
                     {"wss://[2001:db8::1]:8443/x", "[2001:db8::1]:8443", "/x", 443, true}};
  for (const auto& c : cases) {
    const auto url = rtsp::parse_websocket_url(c.text);
    ck_assert_msg(url.has_value(), "%s", c.text);
    ASSERT_TEXT(url->authority(), c.authority);
    ASSERT_TEXT(url->path_and_query, c.path);
    ck_assert_uint_eq(rtsp::default_port(url->scheme), c.port);
    ck_assert(rtsp::is_tls_scheme(url->scheme) == c.tls);
    ck_assert(!rtsp::is_http_scheme(url->scheme));
    ck_assert_msg(!rtsp::parse_url(c.text), "%s", c.text);
  }
  for (const char* text : {"", "cam", "rtsp://cam/", "http://cam/", "ws://", "ws:///x", "ws://h h/"})
    ck_assert_msg(!rtsp::parse_websocket_url(text), "%s", text);
}

LAW(only_rtsph_and_rtspsh_are_http) {
  for (const char* scheme : {"rtsp", "rtspt", "rtspu", "rtsps", "rtspst", "rtspsu", "ws", "wss"})
    ck_assert_msg(!rtsp::is_http_scheme(scheme), "%s", scheme);
  ck_assert(rtsp::is_http_scheme("rtsph") && rtsp::is_http_scheme("rtspsh"));
}

LAW(unusable_urls_are_refused) {
  struct {
    std::string text;
    base::ErrorCode code;
  } const cases[] = {
      {"", base::ErrorCode::kMalformed},
      {"h/x", base::ErrorCode::kMalformed},
      {"rtsp:/h/x", base::ErrorCode::kMalformed},
      {"http://h/x", base::ErrorCode::kUnsupported},
      {"rtspx://h/x", base::ErrorCode::kUnsupported},
      {"://h/x", base::ErrorCode::kUnsupported},
      {"rtsp://", base::ErrorCode::kMalformed},
      {"rtsp:///x", base::ErrorCode::kMalformed},
      {"rtsp://u:p@/x", base::ErrorCode::kMalformed},
      {"rtsp://:554/x", base::ErrorCode::kMalformed},
      {"rtsp://h:0/x", base::ErrorCode::kMalformed},
      {"rtsp://h:65536/x", base::ErrorCode::kMalformed},
      {"rtsp://h:-1/x", base::ErrorCode::kMalformed},
      {"rtsp://h:5a/x", base::ErrorCode::kMalformed},
      {"rtsp://u:pass/word@h/x", base::ErrorCode::kMalformed},
      {"rtsp://h h/x", base::ErrorCode::kMalformed},
      {"rtsp://h%20h/x", base::ErrorCode::kMalformed},
      {"rtsp://h%0D%0A/x", base::ErrorCode::kMalformed},
      {"rtsp://h%2Fevil/x", base::ErrorCode::kMalformed},
      {"rtsp://h%40evil/x", base::ErrorCode::kMalformed},
      {"rtsp://h%3A80/x", base::ErrorCode::kMalformed},
      {"rtsp://h%2541/x", base::ErrorCode::kMalformed},
      {"rtsp://[::1%25a%2Fb]/x", base::ErrorCode::kMalformed},
      {"rtsp://h\x01/x", base::ErrorCode::kMalformed},
      {std::string("rtsp://h\0/x", 11), base::ErrorCode::kMalformed},
      {"rtsp://[::1/x", base::ErrorCode::kMalformed},
      {"rtsp://[::1]x/x", base::ErrorCode::kMalformed},
      {"rtsp://[host]/x", base::ErrorCode::kMalformed},
      {"rtsp://[]/x", base::ErrorCode::kMalformed},
      {"rtsp://[fe80::1%25 x]/x", base::ErrorCode::kMalformed},
      {"rtsp://h/" + std::string(rtsp::kMaxUrlBytes, 'x'), base::ErrorCode::kTooLarge},
  };
  for (const auto& c : cases) {
    const auto url = rtsp::parse_url(c.text);
    ck_assert_msg(!url, "%s", c.text.c_str());
    ck_assert_msg(url.error().code == c.code, "%s: %s", c.text.c_str(), url.error().what);
  }
}

LAW(logs_show_no_credentials) {
  struct {
    const char* text;
    const char* redacted;
  } const cases[] = {
      {"rtspt://admin:secret@h:554/x?y=z", "rtspt://h:554/x?y=z"},
      {"rtsp://h/cam?user=u&Password=secret&channel=1", "rtsp://h/cam?user=u&Password=&channel=1"},
      {"rtsp://h/user=admin_password=secret_channel=1.sdp?real", "rtsp://h/user=admin_password=?real"},
      {"rtsp://h/a?pwd=1&token=2&passwd=3&psw=4", "rtsp://h/a?pwd=&token=&passwd=&psw="},
      {"rtsp://h/a?pass=1;b=2", "rtsp://h/a?pass=;b=2"},
      {"rtsp://u:p@[::1]/", "rtsp://[::1]/"},
  };
  for (const auto& c : cases)
    ASSERT_TEXT(rtsp::parse_url(c.text)->redacted(), c.redacted);
}

}  // namespace

int main() {
  return retina::test::run_laws("url");
}
