#include "rtsp/auth.h"

#include <glib.h>
#include <sys/random.h>

#include <array>
#include <cstdio>
#include <memory>
#include <random>

#include "base/ascii.h"
#include "base/bytes.h"
#include "rtsp/hash.h"

namespace retina::rtsp {
namespace {

std::string random_cnonce() {
  std::array<std::uint32_t, 4> words{};
  if (getrandom(words.data(), sizeof words, 0) != static_cast<ssize_t>(sizeof words)) {
    std::random_device device;
    for (std::uint32_t& word : words)
      word = device();
  }
  std::string text;
  for (const std::uint32_t word : words) {
    std::array<char, 9> hex{};
    std::snprintf(hex.data(), hex.size(), "%08x", word);
    text += hex.data();
  }
  return text;
}

std::string escape_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// "rtsp://host/path?query" -> "/path?query".
std::string_view path_of(std::string_view uri) {
  const std::size_t scheme_end = uri.find("://");
  if (scheme_end == std::string_view::npos) return uri;
  const std::size_t path = uri.find('/', scheme_end + 3);
  return path == std::string_view::npos ? "/" : uri.substr(path);
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view& part : parts) {
    if (&part != parts.begin()) text += ':';
    text += part;
  }
  return text;
}

}  // namespace

Authenticator::Authenticator(std::string user, std::string password, CnonceGenerator cnonce)
    : user_(std::move(user)),
      password_(std::move(password)),
      make_cnonce_(cnonce ? std::move(cnonce) : CnonceGenerator(random_cnonce)) {}

Authenticator::Outcome Authenticator::on_unauthorized(const Headers& response_headers) {
  if (user_.empty() && password_.empty()) return Outcome::kNoCredentials;
  const auto values = response_headers.all("WWW-Authenticate");
  auto [best, digest_offered] = parse_challenges(values);
  if (!best) return sent_ && values.empty() ? Outcome::kRejected : Outcome::kUnsupported;
  // A server that has offered Digest before gets no password in clear text.
  if (challenge_ && challenge_->digest && !best->digest) return Outcome::kUnsupported;

  const bool same = challenge_ && challenge_->digest == best->digest && challenge_->nonce == best->nonce;
  if (sent_ && same && !best->stale) return Outcome::kRejected;
  if (retries_ >= kMaxRetries) return Outcome::kRejected;
  ++retries_;
  // A fresh nonce was refused, as servers do that give a new one with every refusal: it may have been for the
  // uri.
  if (sent_ && retries_ == kMaxRetries && !best->stale) relative_uri_ = !relative_uri_;

  if (!same || best->stale) {
    nonce_count_ = 0;
    cnonce_ = make_cnonce_();
  }
  challenge_ = std::move(best);
  sent_ = false;
  return Outcome::kRetry;
}

void Authenticator::on_success() {
  retries_ = 0;
}

std::optional<std::string> Authenticator::authorization(std::string_view method, std::string_view uri,
                                                        std::string_view body) {
  if (!challenge_) return std::nullopt;
  sent_ = true;
  return challenge_->digest ? digest(method, uri, body) : basic();
}

std::string Authenticator::without_secrets(std::string text) const {
  constexpr std::size_t kShortestPassword = 4;
  if (password_.size() < kShortestPassword) return text;
  const std::string token = basic().substr(std::string_view("Basic ").size());
  for (const std::string& secret : {token, password_, base::printable(password_, password_.size())}) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
      text.replace(at, secret.size(), "***");
  }
  return text;
}

std::string Authenticator::basic() const {
  const auto bytes = user_ + ':' + password_;
  const std::unique_ptr<char, decltype(&g_free)> encoded(
      g_base64_encode(base::as_bytes(bytes).data(), bytes.size()), g_free);
  return std::string("Basic ") + encoded.get();
}

std::string Authenticator::digest(std::string_view method, std::string_view uri, std::string_view body) {
  const Challenge& c = *challenge_;
  const auto hash = [&](std::initializer_list<std::string_view> parts) {
    return hex_hash(c.algorithm, join(parts));
  };
  const std::string wire = wire_uri(uri);
  const std::string_view digest_uri = relative_uri_ ? path_of(wire) : std::string_view(wire);
  const std::string realm = unescape_quoted(c.realm);
  const std::string nonce = unescape_quoted(c.nonce);
  std::array<char, 9> nc{};
  std::snprintf(nc.data(), nc.size(), "%08x", ++nonce_count_);

  // RFC 7616 s3.4.2, s3.4.3, s3.4.1.
  std::string ha1 = hash({user_, realm, password_});
  if (c.session) ha1 = hash({ha1, nonce, cnonce_});
  const bool covers_body = c.qop == Challenge::Qop::kAuthInt;
  const std::string ha2 =
      covers_body ? hash({method, digest_uri, hex_hash(c.algorithm, body)}) : hash({method, digest_uri});
  const char* qop = covers_body ? "auth-int" : "auth";
  const bool has_qop = c.qop != Challenge::Qop::kNone;
  const std::string response =
      has_qop ? hash({ha1, nonce, nc.data(), cnonce_, qop, ha2}) : hash({ha1, nonce, ha2});

  const std::string username = c.userhash ? hash({user_, realm}) : escape_quoted(user_);
  std::string value = "Digest username=\"" + username + "\", realm=\"" + c.realm + "\", nonce=\"" + c.nonce +
                      "\", uri=\"" + escape_quoted(digest_uri) + "\", response=\"" + response + '"';
  if (c.opaque) value += ", opaque=\"" + *c.opaque + '"';
  if (!c.algorithm_text.empty()) value += ", algorithm=" + c.algorithm_text;
  if (has_qop) value += std::string(", qop=") + qop + ", nc=" + nc.data();
  if (has_qop || c.session) value += ", cnonce=\"" + cnonce_ + '"';
  if (c.userhash) value += ", userhash=true";
  return value;
}

}  // namespace retina::rtsp
