#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace retina::rtsp {

enum class HashAlgorithm { kMd5, kSha256, kSha512_256 };

/// One way of authentication that a server offers (RFC 7235 s4.1, RFC 7616 s3.3), as far as it can be
/// answered.
struct Challenge {
  bool digest = false;  ///< else Basic

  // Digest only. Text is as it stood in the header, fit to stand between quotes again.
  std::string realm;
  std::string nonce;
  std::optional<std::string> opaque;
  /// As the server wrote it, with its quotes if it had any; some firmware compares it. Empty: it wrote none.
  std::string algorithm_text;
  HashAlgorithm algorithm = HashAlgorithm::kMd5;
  bool session = false;  ///< -sess: the hash of the credentials also covers nonce and cnonce
  enum class Qop { kNone, kAuth, kAuthInt } qop = Qop::kNone;
  bool stale = false;
  bool userhash = false;  ///< RFC 7616 s3.4.4
};

struct Challenges {
  std::optional<Challenge> best;  ///< the strongest that can be answered
  bool digest_offered = false;    ///< also when it can't be answered
};

/// Reads every WWW-Authenticate header of a response; each may hold several challenges. Tolerated: unquoted,
/// empty and missing values, odd case and spacing, missing commas, unknown parameters. Where Digest is
/// offered at all, `best` is never Basic.
Challenges parse_challenges(const std::vector<std::string_view>& header_values);

/// A text from a header without the escapes of quoted strings (RFC 7230 s3.2.6): what is hashed.
std::string unescape_quoted(std::string_view text);

}  // namespace retina::rtsp
