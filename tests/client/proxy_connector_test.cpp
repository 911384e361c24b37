// CONNECT: what a proxy is asked, what it may answer, and what is said of that.

#include "client/proxy_connector.h"

#include <string>

#include "rtsp/hash.h"
#include "support/check.h"
#include "support/fake_connection.h"

namespace {

using namespace retina;
using Kind = io::ConnectError::Kind;
using rtsp::HashAlgorithm;

struct Proxied {
  explicit Proxied(std::string user = "", std::string password = "")
      : direct(new test::FakeConnector),
        connector(std::unique_ptr<io::Connector>(direct),
                  {"proxy", 3128, std::move(user), std::move(password)}, "test", clock,
                  [] { return "0a4f113b"; }) {}

  test::FakeWire& wire(std::string answer) {
    test::FakeWire& wire = direct->add_wire(&clock);
    if (!answer.empty()) wire.input = {std::move(answer)};
    return wire;
  }
  /// Of the headers behind Proxy-Authenticate.
  test::FakeWire& refuse(std::initializer_list<std::string> challenges) {
    std::string answer = "HTTP/1.1 407 Proxy Authentication Required\r\n";
    for (const std::string& challenge : challenges)
      answer += "Proxy-Authenticate: " + challenge + "\r\n";
    test::FakeWire& refused = wire(answer + "Content-Length: 9\r\n\r\nNo entry.");
    refused.closed = true;
    return refused;
  }
  client::ProxyConnector::Made open(const std::string& host = "cam") {
    return connector.connect(host, 554, std::chrono::seconds(5), wakeup);
  }
  io::ConnectError fail() {
    auto opened = open();
    ck_assert(!opened.has_value());
    return opened.error();
  }

  test::FakeClock clock;
  test::FakeConnector* direct;
  client::ProxyConnector connector;
  io::Wakeup wakeup;
};

const char* const kOk = "HTTP/1.1 200 Connection established\r\n\r\n";

std::string asked(const std::string& target, const std::string& authorization = "") {
  return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: test\r\n" +
         (authorization.empty() ? "" : "Proxy-Authorization: " + authorization + "\r\n") + "\r\n";
}

/// RFC 7616 s3.4.1, of realm r and qop auth.
std::string digest_of(HashAlgorithm algorithm, const std::string& nonce, const std::string& nc) {
  const std::string ha1 = rtsp::hex_hash(algorithm, "me:r:geheim");
  const std::string ha2 = rtsp::hex_hash(algorithm, "CONNECT:cam:554");
  const std::string response =
      rtsp::hex_hash(algorithm, ha1 + ":" + nonce + ":" + nc + ":0a4f113b:auth:" + ha2);
  const bool sha = algorithm == HashAlgorithm::kSha256;
  return "Digest username=\"me\", realm=\"r\", nonce=\"" + nonce + "\", uri=\"cam:554\", response=\"" +
         response + "\"" + (sha ? ", algorithm=SHA-256" : "") + ", qop=auth, nc=" + nc +
         ", cnonce=\"0a4f113b\"";
}

LAW(the_proxy_is_asked_for_the_name_and_gives_the_connection) {
  const struct {
    const char* host;
    const char* target;
  } kCases[] = {{"cam", "cam:554"},
                {"192.0.2.1", "192.0.2.1:554"},
                {"2001:db8::1", "[2001:db8::1]:554"},
                {"fe80::1%eth0", "[fe80::1]:554"}};
  for (const auto& c : kCases) {
    Proxied proxied;
    test::FakeWire& wire = proxied.wire(kOk);
    auto opened = proxied.open(c.host);
    ck_assert(opened.has_value());
    ASSERT_TEXT(wire.output, asked(c.target));
    ASSERT_TEXT(proxied.direct->asked.at(0), "proxy:3128");
    wire.input = {"RTSP"};
    std::array<std::uint8_t, 16> room{};
    ck_assert_uint_eq((*opened)->read(room).bytes, 4);
  }
}

LAW(an_answer_may_be_of_any_version_and_any_success) {
  for (const char* answer :
       {"HTTP/1.0 200\r\n\r\n", "HTTP/1.1 200 OK\nVia: x\n\n", "HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    Proxied proxied;
    proxied.wire(answer);
    ck_assert_msg(proxied.open().has_value(), "%s", answer);
  }
}

LAW(an_answer_may_come_in_pieces_of_any_size) {
  const std::string answer = kOk;
  for (std::size_t size = 1; size < answer.size(); ++size) {
    Proxied proxied;
    test::FakeWire& wire = proxied.wire("");
    for (std::size_t at = 0; at < answer.size(); at += size)
      wire.input.push_back(answer.substr(at, size));
    ck_assert(proxied.open().has_value());
  }
}

LAW(tls_is_spoken_with_who_is_behind_the_proxy) {
  Proxied proxied;
  test::FakeWire& wire = proxied.wire(kOk);
  ck_assert(proxied.connector.connect_tls("cam", 322, std::chrono::seconds(5), proxied.wakeup).has_value());
  ASSERT_TEXT(wire.output, asked("cam:322"));
  ASSERT_TEXT(proxied.direct->asked.at(0), "proxy:3128");
  ASSERT_TEXT(proxied.direct->started.at(0), "cam:322");
}

LAW(basic_is_given_to_a_proxy_that_wants_it) {
  Proxied proxied("me", "geheim");
  const test::FakeWire& first = proxied.refuse({"Basic realm=\"r\""});
  const test::FakeWire& second = proxied.wire(kOk);
  const auto opened = proxied.open();
  ck_assert(opened.has_value());
  ASSERT_TEXT(first.output, asked("cam:554"));
  ASSERT_TEXT(second.output, asked("cam:554", "Basic bWU6Z2VoZWlt"));
  ck_assert(!first.open && second.open);
}

LAW(digest_is_chosen_wherever_it_is_offered) {
  const struct {
    std::initializer_list<std::string> challenges;
    HashAlgorithm algorithm;
  } kCases[] = {
      {{"Digest realm=\"r\", nonce=\"n\", qop=\"auth\""}, HashAlgorithm::kMd5},
      {{"Basic realm=\"b\"", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\""}, HashAlgorithm::kMd5},
      {{"Basic realm=\"b\", Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256"},
       HashAlgorithm::kSha256},
      {{"Digest realm=\"r\", nonce=\"n\", qop=\"auth\"",
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256"},
       HashAlgorithm::kSha256},
  };
  for (const auto& c : kCases) {
    Proxied proxied("me", "geheim");
    proxied.refuse(c.challenges);
    const test::FakeWire& second = proxied.wire(kOk);
    ck_assert(proxied.open().has_value());
    ASSERT_TEXT(second.output, asked("cam:554", digest_of(c.algorithm, "n", "00000001")));
  }
}

LAW(the_next_connection_brings_its_credentials_along) {
  Proxied proxied("me", "geheim");
  proxied.refuse({"Digest realm=\"r\", nonce=\"n\", qop=\"auth\""});
  proxied.wire(kOk);
  const test::FakeWire& next = proxied.wire(kOk);
  ck_assert(proxied.open().has_value() && proxied.open().has_value());
  ASSERT_TEXT(next.output, asked("cam:554", digest_of(HashAlgorithm::kMd5, "n", "00000002")));
}

LAW(a_stale_nonce_is_replaced) {
  Proxied proxied("me", "geheim");
  proxied.refuse({"Digest realm=\"r\", nonce=\"n\", qop=\"auth\""});
  proxied.wire(kOk);
  ck_assert(proxied.open().has_value());
  proxied.refuse({"Digest realm=\"r\", nonce=\"m\", qop=\"auth\", stale=true"});
  const test::FakeWire& again = proxied.wire(kOk);
  ck_assert(proxied.open().has_value());
  ASSERT_TEXT(again.output, asked("cam:554", digest_of(HashAlgorithm::kMd5, "m", "00000001")));
}

LAW(what_goes_wrong_with_credentials_is_said_without_them) {
  const struct {
    const char* user;
    const char* challenge;
    const char* text;
  } kCases[] = {
      {"", "Basic realm=\"r\"", "it wants credentials. Set proxy-id and proxy-pw"},
      {"me", "Basic realm=\"r\"", "it refuses the credentials. Check proxy-id and proxy-pw"},
      {"me", "Digest realm=\"r\", nonce=\"n\"", "it refuses the credentials. Check proxy-id and proxy-pw"},
      {"me", "Digest realm=\"r\", nonce=\"n\", stale=true",
       "it refuses the credentials. Check proxy-id and proxy-pw"},
      {"me", "Negotiate", "it wants a kind of authentication that is neither Basic nor Digest"},
  };
  for (const auto& c : kCases) {
    Proxied proxied(c.user, c.user[0] != 0 ? "geheim" : "");
    for (int i = 0; i < 5; ++i)
      proxied.refuse({c.challenge});
    const auto error = proxied.fail();
    ck_assert(error.kind == Kind::kProxyUnauthorized);
    ASSERT_TEXT(error.text, c.text);
  }
}

LAW(no_password_in_clear_text_once_digest_was_offered) {
  Proxied proxied("me", "geheim");
  proxied.refuse({"Digest realm=\"r\", nonce=\"n\", qop=\"auth\""});
  proxied.refuse({"Basic realm=\"r\""});
  const test::FakeWire& third = proxied.wire(kOk);
  ck_assert(proxied.fail().kind == Kind::kProxyUnauthorized);
  ASSERT_TEXT(third.output, "");
}

LAW(an_answer_that_connects_nothing_is_named) {
  const struct {
    const char* answer;
    Kind kind;
    const char* text;
  } kCases[] = {
      {"HTTP/1.1 403 Forbidden\r\n\r\n", Kind::kProxy,
       "it answered HTTP 403 Forbidden. Check location, and that the proxy allows connections to that port"},
      {"HTTP/1.1 502 me:geheim\x01\r\n\r\n", Kind::kProxy,
       "it answered HTTP 502 me:***\\x01. Check location, and that the proxy allows connections to that "
       "port"},
      {"HTTP/1.1 200 OK\r\n\r\n<html>", Kind::kProxy, "it sends a page instead of connecting"},
      {"RTSP/1.0 200 OK\r\n\r\n", Kind::kProxy,
       "it can't be used (what answers there is no HTTP server). Check proxy"},
      {"", Kind::kTimeout, "the proxy doesn't answer: no answer to HTTP"},
  };
  for (const auto& c : kCases) {
    Proxied proxied("me", "geheim");
    proxied.wire(c.answer);
    const auto error = proxied.fail();
    ASSERT_TEXT(error.text, c.text);
    ck_assert_int_eq(static_cast<int>(error.kind), static_cast<int>(c.kind));
  }
}

LAW(a_proxy_that_closes_or_is_not_there_is_named) {
  Proxied proxied;
  proxied.wire("HTTP/1.0 200").closed = true;
  ASSERT_TEXT(proxied.fail().text, "it can't be used (closed without an answer to HTTP). Check proxy");
  const auto error = proxied.fail();
  ASSERT_TEXT(error.text, "it can't be used (refused). Check proxy");
  ck_assert(error.kind == Kind::kProxy);
}

LAW(all_of_it_is_within_one_timeout) {
  Proxied proxied("me", "geheim");
  proxied.refuse({"Basic realm=\"r\""});
  proxied.wire("");
  const base::TimePoint start = proxied.clock.now();
  ck_assert(proxied.fail().kind == Kind::kTimeout);
  ck_assert(proxied.clock.now() - start == std::chrono::seconds(5));
}

LAW(an_interruption_ends_it_at_once) {
  Proxied proxied;
  proxied.wire("");
  proxied.wakeup.signal();
  const base::TimePoint start = proxied.clock.now();
  ck_assert(proxied.fail().kind == Kind::kWoken);
  ck_assert(proxied.clock.now() == start);
}

LAW(a_head_without_end_is_refused) {
  Proxied proxied;
  proxied.wire("HTTP/1.1 200 OK\r\nX: " + std::string(64 * 1024, 'x'));
  ASSERT_TEXT(proxied.fail().text, "it can't be used (what answers there is no HTTP server). Check proxy");
}

}  // namespace

int main() {
  return retina::test::run_laws("proxy_connector");
}
