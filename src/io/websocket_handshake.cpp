#include "io/websocket_handshake.h"

#include <glib.h>

#include <cstddef>
#include <memory>

#include "base/ascii.h"
#include "base/bytes.h"
#include "io/glib_text.h"

namespace retina::io {

namespace {

using base::ErrorCode;

struct ChecksumFree {
  void operator()(GChecksum* checksum) const { g_checksum_free(checksum); }
};

/// RFC 6455 s4.2.2, item 5.4.
std::string expected_accept(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const std::unique_ptr<GChecksum, ChecksumFree> sha1(g_checksum_new(G_CHECKSUM_SHA1));
  const base::ByteView bytes = base::as_bytes(text);
  g_checksum_update(sha1.get(), bytes.data(), static_cast<gssize>(bytes.size()));
  std::array<std::uint8_t, 20> digest{};
  gsize size = digest.size();
  g_checksum_get_digest(sha1.get(), digest.data(), &size);
  return encode_base64(base::ByteView(digest).first(size));
}

bool has_token(const HttpResponse& response, std::string_view name, std::string_view token) {
  for (std::string_view value : response.find_all(name)) {
    while (!value.empty()) {
      if (base::equals_ignore_case(base::take_until(value, ','), token)) return true;
    }
  }
  return false;
}

}  // namespace

std::string websocket_key(const std::array<std::uint8_t, 16>& random) {
  return encode_base64(random);
}

base::Result<void> check_websocket_response(const HttpResponse& response, std::string_view key) {
  if (response.status != 101) return base::fail(ErrorCode::kUnsupported, 0, "WebSocket status");
  if (!has_token(response, "Upgrade", "websocket") || !has_token(response, "Connection", "Upgrade")) {
    return base::fail(ErrorCode::kMalformed, 0, "WebSocket upgrade");
  }
  if (response.find("Sec-WebSocket-Accept").value_or("") != expected_accept(key)) {
    return base::fail(ErrorCode::kMalformed, 0, "Sec-WebSocket-Accept");
  }
  if (response.find("Sec-WebSocket-Extensions").value_or("") != "") {
    return base::fail(ErrorCode::kMalformed, 0, "Sec-WebSocket-Extensions");
  }
  const auto protocol = response.find("Sec-WebSocket-Protocol");
  if (protocol && !base::equals_ignore_case(*protocol, kOnvifSubprotocol)) {
    return base::fail(ErrorCode::kUnsupported, 0, "Sec-WebSocket-Protocol");
  }
  return {};
}

}  // namespace retina::io
