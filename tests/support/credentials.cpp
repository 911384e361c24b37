#include "support/credentials.h"

#include <glib.h>

#include <memory>

#include "base/ascii.h"

namespace retina::test {

namespace {

using Text = std::unique_ptr<char, decltype(&g_free)>;

std::string md5(const std::string& text) {
  const Text digest(g_compute_checksum_for_string(G_CHECKSUM_MD5, text.c_str(), -1), g_free);
  return digest.get();
}

std::string base64(const std::string& text) {
  const base::ByteView bytes = base::as_bytes(text);
  const Text encoded(g_base64_encode(bytes.data(), bytes.size()), g_free);
  return encoded.get();
}

/// RFC 2617 s3.2.2.1.
std::string expected_digest(const Credentials& credentials, const std::string& nonce,
                            const std::string& method, std::string_view fields) {
  const auto field = [&](const char* name) { return parameter(fields, name, ',').value_or(""); };
  const std::string secret = md5(credentials.user + ":" + credentials.realm + ":" + credentials.password);
  const std::string target = md5(method + ":" + field("uri"));
  if (!credentials.qop) return md5(secret + ":" + nonce + ":" + target);
  return md5(secret + ":" + nonce + ":" + field("nc") + ":" + field("cnonce") + ":auth:" + target);
}

}  // namespace

std::string challenge(const Credentials& credentials, const std::string& nonce, bool stale) {
  if (credentials.scheme == AuthScheme::kBasic) return "Basic realm=\"" + credentials.realm + "\"";
  std::string text = "Digest realm=\"" + credentials.realm + "\", nonce=\"" + nonce + "\"";
  if (credentials.qop) text += ", qop=\"auth\"";
  if (stale) text += ", stale=true";
  return text;
}

bool authorized(const Credentials& credentials, const std::string& nonce, const RtspRequest& request) {
  if (credentials.scheme == AuthScheme::kNone) return true;
  const std::string header = request.header_or_empty("Authorization");
  const base::SplitPair parts = base::split_once(header, ' ');
  const std::string_view fields = base::trim(parts.tail.value_or(""));
  if (credentials.scheme == AuthScheme::kBasic) {
    return base::equals_ignore_case(parts.head, "Basic") &&
           fields == base64(credentials.user + ":" + credentials.password);
  }
  return base::equals_ignore_case(parts.head, "Digest") &&
         parameter(fields, "username", ',') == credentials.user &&
         parameter(fields, "realm", ',') == credentials.realm && parameter(fields, "nonce", ',') == nonce &&
         parameter(fields, "response", ',') == expected_digest(credentials, nonce, request.method, fields);
}

}  // namespace retina::test
