// The opening handshake of a WebSocket.

#include "io/websocket_handshake.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "support/check.h"

namespace {

using namespace retina;

/// RFC 6455 s1.3 has this pair.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::string outcome(std::string_view head) {
  io::HttpResponseReader reader;
  ck_assert(reader.take(base::as_bytes(head)).has_value());
  ck_assert(reader.done());
  const auto checked = io::check_websocket_response(reader.response(), kKey);
  return checked ? "open" : checked.error().what;
}

std::string switching(std::string_view accept, std::string_view more) {
  return "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         std::string(accept) + "\r\n" + std::string(more) + "\r\n";
}

LAW(a_key_is_sixteen_bytes_in_base64) {
  const auto text = base::as_bytes("the sample nonce");
  std::array<std::uint8_t, 16> bytes{};
  std::copy(text.begin(), text.end(), bytes.begin());
  ASSERT_TEXT(io::websocket_key(bytes), kKey);
}

LAW(only_the_answer_to_this_key_opens) {
  ASSERT_TEXT(outcome(switching(kAccept, "Sec-WebSocket-Protocol: rtsp.onvif.org\r\n")), "open");
  ASSERT_TEXT(outcome(switching(kAccept, "")), "open");
  ASSERT_TEXT(outcome(switching("S3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "")), "Sec-WebSocket-Accept");
  ASSERT_TEXT(outcome(switching("", "")), "Sec-WebSocket-Accept");
}

LAW(what_was_not_asked_for_is_refused) {
  ASSERT_TEXT(outcome(switching(kAccept, "Sec-WebSocket-Protocol: chat\r\n")), "Sec-WebSocket-Protocol");
  ASSERT_TEXT(outcome(switching(kAccept, "Sec-WebSocket-Extensions: permessage-deflate\r\n")),
              "Sec-WebSocket-Extensions");
  ASSERT_TEXT(outcome("HTTP/1.1 200 OK\r\n\r\n"), "WebSocket status");
  ASSERT_TEXT(outcome("HTTP/1.1 404 Not Found\r\n\r\n"), "WebSocket status");
  ASSERT_TEXT(outcome("HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
              "WebSocket upgrade");
  ASSERT_TEXT(outcome("HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n\r\n"), "WebSocket upgrade");
}

}  // namespace

int main() {
  return retina::test::run_laws("websocket_handshake");
}
