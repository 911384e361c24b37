#pragma once

#include <string>

#include "support/rtsp_text.h"

namespace retina::test {

enum class AuthScheme { kNone, kBasic, kDigest };

/// What a camera asks for. RFC 7617 (Basic); RFC 2617 (Digest, MD5), with qop=auth if `qop`.
struct Credentials {
  AuthScheme scheme = AuthScheme::kNone;
  std::string user;
  std::string password;
  std::string realm = "camera";
  bool qop = false;
};

/// The WWW-Authenticate header's value.
std::string challenge(const Credentials& credentials, const std::string& nonce, bool stale);

/// Whether the request's Authorization header proves the credentials. A Digest made with another nonce
/// doesn't.
bool authorized(const Credentials& credentials, const std::string& nonce, const RtspRequest& request);

}  // namespace retina::test
