// How a tunnel is opened: what is asked, what its server may answer, and what is said of that.

#include "client/tunnel.h"

#include <string>
#include <vector>

#include "io/websocket_handshake.h"
#include "support/check.h"
#include "support/fake_connection.h"

namespace {

using namespace retina;
using Kind = io::ConnectError::Kind;
using Tunnel = client::Endpoint::Tunnel;

struct Opening {
  test::FakeClock clock;
  test::FakeConnector connector;
  io::Wakeup wakeup;
  std::string user;
  std::string password;

  test::FakeWire& wire(std::string answer) {
    test::FakeWire& wire = connector.add_wire(&clock);
    if (!answer.empty()) wire.input = {std::move(answer)};
    return wire;
  }
  client::Connected open(Tunnel tunnel, const std::string& url) {
    const auto parsed = tunnel == Tunnel::kWebSocket ? rtsp::parse_websocket_url(url) : rtsp::parse_url(url);
    ck_assert(parsed.has_value());
    return client::connect_to_endpoint(
        connector, {tunnel, *parsed, rtsp::Authenticator(user, password, [] { return "0a4f113b"; }), "test"},
        std::chrono::seconds(5), clock, wakeup);
  }
  io::ConnectError fail(Tunnel tunnel, const std::string& url) {
    auto opened = open(tunnel, url);
    ck_assert(!opened.has_value());
    return opened.error();
  }
};

const char* const kOk = "HTTP/1.0 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n";

std::string header_of(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

LAW(an_http_tunnel_is_a_get_and_a_post_of_one_cookie) {
  Opening opening;
  test::FakeWire& get = opening.wire(std::string(kOk) + "RTSP");
  test::FakeWire& post = opening.wire("");
  auto opened = opening.open(Tunnel::kHttp, "rtsph://cam:80/a/b?c=d");
  ck_assert(opened.has_value());
  ck_assert(get.output.starts_with("GET /a/b?c=d HTTP/1.0\r\nHost: cam:80\r\nUser-Agent: test\r\n"));
  ASSERT_TEXT(header_of(get.output, "Accept"), "application/x-rtsp-tunnelled");
  const std::string cookie = header_of(get.output, "x-sessioncookie");
  ck_assert_uint_eq(cookie.size(), 22);
  ck_assert((*opened)->write(base::as_bytes(std::string_view("OPTIONS"))).bytes == 7);
  ck_assert(post.output.starts_with("POST /a/b?c=d HTTP/1.0\r\nHost: cam:80\r\n"));
  ASSERT_TEXT(header_of(post.output, "x-sessioncookie"), cookie);
  ASSERT_TEXT(header_of(post.output, "Content-Type"), "application/x-rtsp-tunnelled");
  ck_assert(post.output.ends_with("\r\n\r\nT1BUSU9OUw=="));
  std::array<std::uint8_t, 16> room{};
  ck_assert_uint_eq((*opened)->read(room).bytes, 4);
}

LAW(two_tunnels_have_two_cookies) {
  std::string cookies[2];
  for (std::string& cookie : cookies) {
    Opening opening;
    test::FakeWire& get = opening.wire(kOk);
    opening.wire("");
    ck_assert(opening.open(Tunnel::kHttp, "rtsph://cam/a").has_value());
    cookie = header_of(get.output, "x-sessioncookie");
  }
  ck_assert(cookies[0] != cookies[1]);
}

LAW(the_port_and_tls_are_those_of_the_scheme) {
  const struct {
    Tunnel tunnel;
    const char* url;
    const char* asked;
  } kCases[] = {
      {Tunnel::kNone, "rtsp://cam/a", "cam:554"},           {Tunnel::kNone, "rtsps://cam/a", "cam:322 tls"},
      {Tunnel::kHttp, "rtsph://cam/a", "cam:554"},          {Tunnel::kHttp, "rtsph://cam:80/a", "cam:80"},
      {Tunnel::kHttp, "rtspsh://cam:443/a", "cam:443 tls"}, {Tunnel::kWebSocket, "ws://cam/a", "cam:80"},
      {Tunnel::kWebSocket, "wss://cam/a", "cam:443 tls"},   {Tunnel::kWebSocket, "ws://[::1]:81/", "::1:81"},
  };
  for (const auto& c : kCases) {
    Opening opening;
    ck_assert(opening.fail(c.tunnel, c.url).kind == Kind::kRefused);
    ASSERT_TEXT(opening.connector.asked.at(0), c.asked);
  }
}

LAW(a_server_that_wants_digest_gets_it_for_get_and_post) {
  Opening opening;
  opening.user = "admin";
  opening.password = "geheim";
  test::FakeWire& first = opening.wire(
      "HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n\r\n");
  test::FakeWire& second = opening.wire(kOk);
  test::FakeWire& post = opening.wire("");
  auto opened = opening.open(Tunnel::kHttp, "rtsph://cam/a");
  ck_assert(opened.has_value());
  ASSERT_TEXT(header_of(first.output, "Authorization"), "");
  const std::string get = header_of(second.output, "Authorization");
  ck_assert(get.starts_with("Digest username=\"admin\""));
  ck_assert(get.find("nc=00000001") != std::string::npos && get.find("uri=\"/a\"") != std::string::npos);
  ck_assert((*opened)->write(base::as_bytes(std::string_view("x"))).bytes == 1);
  ck_assert(header_of(post.output, "Authorization").find("nc=00000002") != std::string::npos);
  ck_assert_msg(!first.open, "the connection of the refused GET stays open");
}

LAW(what_goes_wrong_with_credentials_is_said_without_them) {
  const struct {
    const char* user;
    const char* challenge;
    const char* text;
  } kCases[] = {
      {"", "Basic realm=\"r\"", "it wants credentials. Set user-id and user-pw"},
      {"admin", "Basic realm=\"r\"", "it refuses the credentials. Check user-id and user-pw"},
      {"admin", "Negotiate", "it wants a kind of authentication that is neither Basic nor Digest"},
  };
  for (const Tunnel tunnel : {Tunnel::kHttp, Tunnel::kWebSocket}) {
    for (const auto& c : kCases) {
      Opening opening;
      opening.user = c.user;
      opening.password = c.user[0] != 0 ? "geheim" : "";
      for (int i = 0; i < 4; ++i)
        opening.wire(std::string("HTTP/1.1 401 No\r\nWWW-Authenticate: ") + c.challenge + "\r\n\r\n");
      const auto error = opening.fail(tunnel, tunnel == Tunnel::kHttp ? "rtsph://cam/a" : "ws://cam/a");
      ck_assert(error.kind == Kind::kUnauthorized);
      ASSERT_TEXT(error.text, c.text);
    }
  }
}

LAW(an_answer_that_opens_no_tunnel_is_named) {
  const struct {
    Tunnel tunnel;
    const char* answer;
    Kind kind;
    const char* text;
  } kCases[] = {
      {Tunnel::kHttp, "HTTP/1.1 404 Not Found\r\n\r\n", Kind::kTunnel,
       "it answered HTTP 404 Not Found. Check the path and the port in location, and that the camera has "
       "RTSP "
       "over HTTP enabled"},
      {Tunnel::kHttp, "HTTP/1.1 302 Go\x01There\r\nLocation: /b\r\n\r\n", Kind::kTunnel,
       "it answered HTTP 302 Go\\x01There. Check the path and the port in location, and that the camera has "
       "RTSP "
       "over HTTP enabled"},
      {Tunnel::kHttp, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", Kind::kTunnel,
       "it answered with a page of text. Check the path and the port in location"},
      {Tunnel::kHttp, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Kind::kTunnel,
       "it answers in chunks, and RTSP isn't. Connect to the camera without what is in between"},
      {Tunnel::kHttp, "RTSP/1.0 400 Bad Request\r\n\r\n", Kind::kOther,
       "what answers there is no HTTP server"},
      {Tunnel::kWebSocket, "HTTP/1.1 200 OK\r\n\r\n", Kind::kTunnel,
       "it answered HTTP 200 OK. Check the path and the port in websocket-uri, and that the camera has RTSP "
       "over WebSocket enabled"},
      {Tunnel::kWebSocket,
       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", Kind::kTunnel,
       "its answer opens no WebSocket for RTSP (Sec-WebSocket-Accept)"},
  };
  for (const auto& c : kCases) {
    Opening opening;
    opening.wire(c.answer);
    const auto error = opening.fail(c.tunnel, c.tunnel == Tunnel::kHttp ? "rtsph://cam/a" : "ws://cam/a");
    ASSERT_TEXT(error.text, c.text);
    ck_assert_int_eq(static_cast<int>(error.kind), static_cast<int>(c.kind));
  }
}

LAW(the_answers_head_may_come_in_pieces_of_any_size) {
  const std::string answer = std::string(kOk) + "RTSP/1.0 200";
  for (std::size_t size = 1; size < answer.size(); ++size) {
    Opening opening;
    test::FakeWire& get = opening.wire("");
    for (std::size_t at = 0; at < answer.size(); at += size)
      get.input.push_back(answer.substr(at, size));
    opening.wire("");
    auto opened = opening.open(Tunnel::kHttp, "rtsph://cam/a");
    ck_assert(opened.has_value());
    std::string stream;
    std::array<std::uint8_t, 64> room{};
    for (io::Transfer got; (got = (*opened)->read(room)).bytes > 0;)
      stream += base::as_text(base::ByteView(room).first(got.bytes));
    ASSERT_TEXT(stream, "RTSP/1.0 200");
  }
}

LAW(interim_answers_are_passed_over_and_not_without_end) {
  for (const int count : {1, 8, 9}) {
    Opening opening;
    std::string answer;
    for (int i = 0; i < count; ++i)
      answer += "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n";
    opening.wire(answer + kOk + "RTSP");
    opening.wire("");
    auto opened = opening.open(Tunnel::kHttp, "rtsph://cam/a");
    ck_assert(opened.has_value() == (count < 9));
    if (!opened) continue;
    std::array<std::uint8_t, 16> room{};
    ck_assert_uint_eq((*opened)->read(room).bytes, 4);
  }
}

LAW(a_post_that_is_refused_for_its_nonce_is_made_again_with_the_next) {
  Opening opening;
  opening.user = "admin";
  opening.password = "geheim";
  opening.wire("HTTP/1.0 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n\r\n");
  opening.wire(kOk);
  test::FakeWire& post = opening.wire("");
  test::FakeWire& again = opening.wire("");
  auto opened = opening.open(Tunnel::kHttp, "rtsph://cam/a");
  ck_assert(opened.has_value());
  const auto say = [&] { return (*opened)->write(base::as_bytes(std::string_view("x"))).bytes == 1; };
  ck_assert(say());
  post.input = {"HTTP/1.0 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"m\"\r\n\r\n"};
  ck_assert(say());
  for (int i = 0; i < 2; ++i)
    (*opened)->wait(false, base::TimePoint{}, base::TimePoint{}, opening.wakeup);
  ck_assert(header_of(again.output, "Authorization").find("nonce=\"m\"") != std::string::npos);
  ck_assert(again.output.ends_with("\r\n\r\neA==eA=="));
}

LAW(a_password_that_a_server_repeats_is_left_out) {
  Opening opening;
  opening.user = "admin";
  opening.password = "geheim";
  opening.wire("HTTP/1.1 500 no geheim here\r\n\r\n");
  ck_assert(
      opening.fail(Tunnel::kHttp, "rtsph://cam/a").text.starts_with("it answered HTTP 500 no *** here."));
}

LAW(silence_ends_at_the_timeout) {
  Opening opening;
  opening.wire("");
  const base::TimePoint start = opening.clock.now();
  const auto error = opening.fail(Tunnel::kHttp, "rtsph://cam/a");
  ck_assert(error.kind == Kind::kTimeout);
  ASSERT_TEXT(error.text, "no answer to HTTP");
  ck_assert(opening.clock.now() - start == std::chrono::seconds(5));
}

LAW(a_server_that_closes_is_named) {
  Opening opening;
  opening.wire("HTTP/1.0 200").closed = true;
  ASSERT_TEXT(opening.fail(Tunnel::kHttp, "rtsph://cam/a").text, "closed without an answer to HTTP");
}

LAW(an_interruption_ends_it_at_once) {
  Opening opening;
  opening.wire("");
  opening.wakeup.signal();
  const base::TimePoint start = opening.clock.now();
  ck_assert(opening.fail(Tunnel::kWebSocket, "ws://cam/a").kind == Kind::kWoken);
  ck_assert(opening.clock.now() == start);
}

LAW(a_post_that_cannot_connect_is_no_tunnel) {
  Opening opening;
  opening.wire(kOk);
  ck_assert(opening.fail(Tunnel::kHttp, "rtsph://cam/a").kind == Kind::kRefused);
}

LAW(a_websocket_is_asked_for_with_onvifs_subprotocol) {
  Opening opening;
  test::FakeWire& wire = opening.wire("HTTP/1.1 404 No\r\n\r\n");
  opening.fail(Tunnel::kWebSocket, "ws://cam/rtsp-over-websocket");
  ck_assert(wire.output.starts_with("GET /rtsp-over-websocket HTTP/1.1\r\nHost: cam\r\n"));
  ASSERT_TEXT(header_of(wire.output, "Upgrade"), "websocket");
  ASSERT_TEXT(header_of(wire.output, "Connection"), "Upgrade");
  ASSERT_TEXT(header_of(wire.output, "Sec-WebSocket-Version"), "13");
  ASSERT_TEXT(header_of(wire.output, "Sec-WebSocket-Protocol"), "rtsp.onvif.org");
  ck_assert_uint_eq(header_of(wire.output, "Sec-WebSocket-Key").size(), 24);
}

}  // namespace

int main() {
  return retina::test::run_laws("tunnel");
}
