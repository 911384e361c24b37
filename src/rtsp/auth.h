#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "rtsp/challenge.h"
#include "rtsp/message.h"

namespace retina::rtsp {

/// Answers a server's challenges: Digest (RFC 7616, and RFC 2069 where no qop is offered) and Basic (RFC
/// 7617).
///
/// Basic is never used where Digest has been offered, not even a Digest that this code can't do. Credentials
/// appear in what authorization() returns and nowhere else. Thread-bound.
class Authenticator {
 public:
  using CnonceGenerator = std::function<std::string()>;

  /// User name and password are bytes (UTF-8). `cnonce` makes the client's nonces; by default 128 random bits
  /// each.
  Authenticator(std::string user, std::string password, CnonceGenerator cnonce = {});

  /// With the same credentials, for another server: no challenge is known yet.
  Authenticator fresh() const { return Authenticator(user_, password_, make_cnonce_); }

  enum class Outcome {
    kRetry,         ///< send the request once more, with what authorization() says now
    kRejected,      ///< the credentials were sent and refused
    kUnsupported,   ///< no challenge that this code can answer
    kNoCredentials  ///< neither user nor password is known
  };
  /// A request was answered with 401. A refusal of credentials that were sent is final unless the server
  /// gives a new nonce or says stale; but never more than kMaxRetries of these in a row.
  Outcome on_unauthorized(const Headers& response_headers);
  /// A request was answered with anything else.
  void on_success();

  /// The value of the Authorization header for a request; nullopt before a challenge has come. Each call
  /// counts as one use of the nonce. `uri`: as given to serialise().
  std::optional<std::string> authorization(std::string_view method, std::string_view uri,
                                           std::string_view body);

  static constexpr int kMaxRetries = 2;

  /// `text` of the camera's without the password and its Basic token: cameras repeat what they were told.
  /// Passwords of less than four bytes stay, since they can't be told from words.
  std::string without_secrets(std::string text) const;

 private:
  std::string basic() const;
  std::string digest(std::string_view method, std::string_view uri, std::string_view body);

  std::string user_;
  std::string password_;
  CnonceGenerator make_cnonce_;

  std::optional<Challenge> challenge_;
  std::string cnonce_;
  std::uint32_t nonce_count_ = 0;
  bool sent_ = false;  // credentials, for challenge_
  int retries_ = 0;    // since the last success
  /// Some cameras compare the Digest's uri with the path alone.
  bool relative_uri_ = false;
};

}  // namespace retina::rtsp
