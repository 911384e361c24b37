#include "rtsp/challenge.h"

#include "base/ascii.h"

namespace retina::rtsp {
namespace {

/// A parameter's value as it stood in the header.
struct Value {
  std::string text;  // fit to stand between quotes
  bool quoted = false;
};

bool ends_token(char c) {
  return base::is_space(c) || c == ',' || c == '=';
}

/// All that ends a token, but '=' and ','.
constexpr std::string_view kSpaces = " \t\r\n";

void skip(std::string_view& rest, std::string_view characters) {
  const std::size_t at = rest.find_first_not_of(characters);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at);
}

std::string_view take_token(std::string_view& rest) {
  std::size_t length = 0;
  while (length < rest.size() && !ends_token(rest[length]))
    ++length;
  const std::string_view token = rest.substr(0, length);
  rest.remove_prefix(length);
  return token;
}

/// Behind the opening quote. Without a closing one, the rest of the header is taken.
std::string take_quoted(std::string_view& rest) {
  std::string text;
  while (!rest.empty() && rest.front() != '"') {
    // A backslash that escapes nothing stays one (realms such as DOMAIN\name).
    const std::size_t length =
        rest.size() > 1 && rest[0] == '\\' && (rest[1] == '"' || rest[1] == '\\') ? 2 : 1;
    text += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  if (!rest.empty()) rest.remove_prefix(1);
  // A lone backslash at the end would escape the quote that it is written before.
  std::size_t trailing = 0;
  while (trailing < text.size() && text[text.size() - 1 - trailing] == '\\')
    ++trailing;
  if (trailing % 2 == 1) text += '\\';
  return text;
}

/// White space before `name=`: the comma between two parameters was forgotten.
bool starts_parameter(std::string_view rest) {
  skip(rest, kSpaces);
  const bool named = !take_token(rest).empty();
  skip(rest, kSpaces);
  return named && !rest.empty() && rest.front() == '=';
}

/// RFC 7235 wants tokens here; realms with spaces and nonces in base64 come unquoted too.
std::string take_unquoted(std::string_view& rest) {
  std::string text;
  while (!rest.empty() && rest.front() != ',') {
    const char c = rest.front();
    // Only at the first of several spaces, or a long run of them would be looked through once for each.
    const bool first_space = base::is_space(c) && (text.empty() || !base::is_space(text.back()));
    if (first_space && starts_parameter(rest)) break;
    if (c == '"' || c == '\\') text += '\\';
    text += c;
    rest.remove_prefix(1);
  }
  return std::string(base::trim(text));
}

Value take_value(std::string_view& rest) {
  skip(rest, kSpaces);
  if (rest.empty() || rest.front() != '"') return {take_unquoted(rest), false};
  rest.remove_prefix(1);
  return {take_quoted(rest), true};
}

/// Accepts odd case and spelling: "md5", "SHA256", "SHA-512/256-Sess". False: unknown.
bool set_algorithm(Challenge& challenge, const Value& value) {
  std::string name;
  std::string safe;
  for (const char c : value.text) {
    const bool letter_or_digit = base::is_alpha(c) || base::is_digit(c);
    if (letter_or_digit) name += base::to_lower(c);
    if (letter_or_digit || c == '-' || c == '/') safe += c;
  }
  challenge.algorithm_text = value.quoted ? '"' + safe + '"' : safe;
  challenge.session = name.ends_with("sess");
  if (challenge.session) name.resize(name.size() - 4);
  if (name.empty() && !challenge.session) {
    challenge.algorithm = HashAlgorithm::kMd5;
    challenge.algorithm_text.clear();
    return true;
  }
  if (name == "md5") {
    challenge.algorithm = HashAlgorithm::kMd5;
  } else if (name == "sha256") {
    challenge.algorithm = HashAlgorithm::kSha256;
  } else if (name == "sha512256") {
    challenge.algorithm = HashAlgorithm::kSha512_256;
  } else {
    return false;
  }
  return true;
}

/// auth is enough where both are offered; what is offered besides is ignored (RFC 7616 s3.3).
Challenge::Qop choose_qop(std::string_view offered) {
  auto qop = Challenge::Qop::kNone;
  while (!offered.empty()) {
    const std::string_view name = base::take_until(offered, ',');
    if (base::equals_ignore_case(name, "auth")) return Challenge::Qop::kAuth;
    if (base::equals_ignore_case(name, "auth-int")) qop = Challenge::Qop::kAuthInt;
  }
  return qop;
}

/// The challenge that is being read.
struct Candidate {
  bool known_scheme = false;
  bool usable = true;
  Challenge challenge;
};

void set_parameter(Candidate& candidate, std::string_view name, const Value& value) {
  Challenge& challenge = candidate.challenge;
  const auto is = [&](const char* expected) { return base::equals_ignore_case(name, expected); };
  if (is("realm")) {
    challenge.realm = value.text;
  } else if (is("nonce")) {
    challenge.nonce = value.text;
  } else if (is("opaque")) {
    challenge.opaque = value.text;
  } else if (is("algorithm")) {
    candidate.usable = set_algorithm(challenge, value);
  } else if (is("qop")) {
    challenge.qop = choose_qop(value.text);
  } else if (is("stale")) {
    challenge.stale = base::equals_ignore_case(base::trim(value.text), "true");
  } else if (is("userhash")) {
    challenge.userhash = base::equals_ignore_case(base::trim(value.text), "true");
  }
}

/// Digest over Basic, then the stronger hash; of equals the first.
bool is_better(const Challenge& challenge, const Challenge& than) {
  if (challenge.digest != than.digest) return challenge.digest;
  return challenge.digest && challenge.algorithm > than.algorithm;
}

void offer(Challenges& challenges, const Candidate& candidate) {
  if (!candidate.known_scheme) return;
  if (candidate.challenge.digest) challenges.digest_offered = true;
  if (!candidate.usable) return;
  if (!challenges.best || is_better(candidate.challenge, *challenges.best))
    challenges.best = candidate.challenge;
}

void read_header(Challenges& challenges, std::string_view rest) {
  Candidate candidate;
  for (skip(rest, " \t\r\n,="); !rest.empty(); skip(rest, " \t\r\n,=")) {
    const std::string_view token = take_token(rest);
    skip(rest, kSpaces);
    if (!rest.empty() && rest.front() == '=') {
      rest.remove_prefix(1);
      set_parameter(candidate, token, take_value(rest));
      continue;
    }
    // What isn't followed by '=' is the scheme of the next challenge.
    offer(challenges, candidate);
    candidate = Candidate{};
    candidate.challenge.digest = base::equals_ignore_case(token, "Digest");
    candidate.known_scheme = candidate.challenge.digest || base::equals_ignore_case(token, "Basic");
  }
  offer(challenges, candidate);
}

}  // namespace

Challenges parse_challenges(const std::vector<std::string_view>& header_values) {
  Challenges challenges;
  for (const std::string_view value : header_values)
    read_header(challenges, value);
  if (challenges.digest_offered && challenges.best && !challenges.best->digest) challenges.best.reset();
  return challenges;
}

std::string unescape_quoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    out += text[i];
  }
  return out;
}

}  // namespace retina::rtsp
