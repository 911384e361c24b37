#pragma once

#include <string>
#include <vector>

#include "gst/overheard.h"
#include "gst/sample_camera.h"
#include "support/check.h"

/// Cameras that ask for credentials, and what of these nobody may hear.
namespace retina::test {

inline constexpr const char* kUser = "admin";
inline constexpr const char* kPassword = "Zq7@ge:h/e%im#\xC3\xB6";
inline constexpr const char* kInUrl = "admin:Zq7%40ge%3Ah%2Fe%25im%23%C3%B6@";
inline constexpr const char* kRawInUrl = "admin:Zq7@ge:he%25im@";
inline constexpr const char* kRawPassword = "Zq7@ge:he%im";
inline constexpr const char* kWrong = "Xw9-falsch";

inline std::string base64_of(const std::string& text) {
  gchar* encoded = g_base64_encode(retina::base::as_bytes(text).data(), text.size());
  std::string result = encoded;
  g_free(encoded);
  return result;
}

inline std::string md5_of(const std::string& text) {
  gchar* digest = g_compute_checksum_for_string(G_CHECKSUM_MD5, text.c_str(), -1);
  std::string result = digest;
  g_free(digest);
  return result;
}

/// What nobody may hear: the passwords, in every form in which they are written, and what proves them.
inline std::vector<std::string> secrets(const std::vector<RtspRequest>& requests) {
  std::vector<std::string> list{kInUrl, "Zq7%40ge", "Zq7@ge", "e%im", "e%25im", kWrong};
  for (const char* password : {kPassword, kRawPassword, kWrong}) {
    list.emplace_back(password);
    list.push_back(base64_of(password));
    list.push_back(base64_of(std::string(kUser) + ":" + password));
    list.push_back(md5_of(std::string(kUser) + ":camera:" + password));
  }
  for (const RtspRequest& request : requests) {
    const std::string authorization = request.header_or_empty("Authorization");
    if (authorization.starts_with("Basic ")) list.push_back(authorization.substr(6));
    const std::size_t at = authorization.find("response=\"");
    if (at != std::string::npos) list.push_back(authorization.substr(at + 10, 32));
  }
  return list;
}

inline StandardCamera locked_camera(AuthScheme scheme, bool qop = false, const char* password = kPassword) {
  StandardCamera camera = sample_camera(3);
  camera.credentials = {scheme, kUser, password, "camera", qop};
  return camera;
}

inline void expect_silence(const Overheard& overheard, const std::vector<std::string>& secrets,
                           const char* scenario) {
  std::string text = overheard.text();
  // A serialised structure escapes what is in it, a structure in a structure twice.
  std::erase(text, '\\');
  for (const std::string& secret : secrets) {
    const std::size_t at = text.find(secret);
    if (at == std::string::npos) continue;
    const std::size_t begin = text.rfind('\n', at) + 1;
    ck_abort_msg("%s: \"%s\" is heard in: %s", scenario, secret.c_str(),
                 text.substr(begin, text.find('\n', at) - begin).c_str());
  }
}

}  // namespace retina::test
