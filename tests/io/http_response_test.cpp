// The head of a HTTP response, wherever the stream is cut.

#include "io/http_response.h"

#include <string>
#include <string_view>

#include "support/check.h"

namespace {

using namespace retina;

std::string fault_of(std::string_view stream) {
  io::HttpResponseReader reader;
  const auto taken = reader.take(base::as_bytes(stream));
  return taken ? "none" : taken.error().what;
}

LAW(a_head_is_the_same_at_every_two_split_points_and_what_follows_is_left) {
  const std::string head =
      "HTTP/1.1 401 Not you\r\nWWW-Authenticate: Digest realm=\"a\",\r\n nonce=\"b\"\r\n"
      "www-authenticate:Basic realm=\"a\"\nServer:\r\n\r\n";
  const std::string stream = head + "$\1\2";
  for (std::size_t a = 0; a <= stream.size(); ++a) {
    for (std::size_t b = a; b <= stream.size(); ++b) {
      io::HttpResponseReader reader;
      std::size_t taken = 0;
      for (const auto& piece : {stream.substr(0, a), stream.substr(a, b - a), stream.substr(b)}) {
        const auto part = reader.take(base::as_bytes(piece));
        ck_assert(part.has_value());
        taken += *part;
      }
      ck_assert(reader.done());
      ck_assert_uint_eq(taken, head.size());
      const io::HttpResponse& response = reader.response();
      ck_assert_uint_eq(response.status, 401);
      ASSERT_TEXT(response.reason, "Not you");
      const auto values = response.find_all("WWW-authenticate");
      ck_assert_uint_eq(values.size(), 2);
      ASSERT_TEXT(values[0], "Digest realm=\"a\", nonce=\"b\"");
      ASSERT_TEXT(values[1], "Basic realm=\"a\"");
      ASSERT_TEXT(response.find("server").value_or("none"), "");
      ck_assert(!response.find("Location").has_value());
    }
  }
}

LAW(no_prefix_of_a_head_is_done) {
  const std::string head = "HTTP/1.0 200\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < head.size(); ++size) {
    io::HttpResponseReader reader;
    ck_assert(reader.take(base::as_bytes(head.substr(0, size))).has_value());
    ck_assert(!reader.done());
  }
}

LAW(what_is_no_http_is_refused_at_its_first_line) {
  for (const char* line : {"RTSP/1.0 200 OK\r\n", "HTTP/2 200\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 2000 OK\r\n",
                           "HTTP/1.1  200 OK\r\n", "\r\n", "$garbage\n", "http/1.1 200 OK\n"}) {
    ASSERT_TEXT(fault_of(line), "HTTP status line");
  }
  for (const char* line : {"HTTP/1.1 099 Low\r\n", "HTTP/1.1 600 High\r\n", "HTTP/1.1 -20 OK\r\n"}) {
    ASSERT_TEXT(fault_of(line), "HTTP status");
  }
}

LAW(lines_that_are_no_headers_cost_themselves) {
  io::HttpResponseReader reader;
  ck_assert(
      reader.take(base::as_bytes("HTTP/1.1 200 OK\n lost\nnothing\n lost\n: lost\nA: b\n\n")).has_value());
  ck_assert(reader.done());
  ck_assert_uint_eq(reader.response().headers.size(), 1);
  ASSERT_TEXT(reader.response().find("a").value_or("none"), "b");
}

LAW(a_head_is_bounded) {
  ASSERT_TEXT(fault_of("HTTP/1.1 200 OK\r\nA: " + std::string(io::kMaxHttpHeadBytes, 'a')), "HTTP head");
  ASSERT_TEXT(fault_of(std::string(io::kMaxHttpHeadBytes + 1, 'a')), "HTTP head");
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (std::size_t i = 0; i < io::kMaxHttpHeaders; ++i)
    many += "A: b\r\n";
  ASSERT_TEXT(fault_of(many + "\r\n"), "none");
  ASSERT_TEXT(fault_of(many + "A: b\r\n"), "HTTP headers");
}

}  // namespace

int main() {
  return retina::test::run_laws("http_response");
}
