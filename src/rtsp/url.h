#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

/// RTSP URLs (RFC 2326 s3.2, RFC 3986) as users and cameras write them.
namespace retina::rtsp {

/// Longer ones are refused: no camera has them.
inline constexpr std::size_t kMaxUrlBytes = 8192;

struct Url {
  std::string scheme;      ///< lower case, as asked for: also rtspt, rtspsu, …
  std::string user;        ///< percent-decoded
  std::string password;    ///< percent-decoded
  std::string host;        ///< name or address, without brackets
  std::uint16_t port = 0;  ///< 0: default_port(scheme)
  /// From the first '/' on, which is added when the URL has none. What can't stand in a request line is
  /// percent-encoded, all else verbatim.
  std::string path_and_query = "/";
  bool ipv6 = false;  ///< `host` is an IPv6 address: it needs brackets in a URL

  /// Host and, as far as one was given, port: for the Host header.
  std::string authority() const;
  /// For request lines: scheme rtsp or rtsps, no credentials, the port as far as one was given.
  std::string request_uri() const;
  /// For logs and messages: without credentials, also those that some cameras want in the path or the query
  /// (`password=`, `pwd=`, …), whose values are left out.
  std::string redacted() const;
};

/// Schemes rtsp, rtspt, rtspu, rtsph, rtsps, rtspst, rtspsu, rtspsh in any case. User and password end at the
/// last '@' before the path, so that raw '@', ':', '?' and '#' in a password work; '/' must be written %2F.
/// An IPv6 address may lack its brackets when no port follows. Errors: kUnsupported for another scheme,
/// kTooLarge, kMalformed; they never quote the URL, which may hold a password.
base::Result<Url> parse_url(std::string_view text);

/// The same for schemes ws and wss (RFC 6455 s3).
base::Result<Url> parse_websocket_url(std::string_view text);

/// 80 for ws and 443 for wss; 322 for the other schemes over TLS (RFC 7826 s19.2), else 554.
std::uint16_t default_port(std::string_view scheme);
/// The one that was given, else the scheme's.
std::uint16_t port_of(const Url& url);
bool is_tls_scheme(std::string_view scheme);
/// RTSP tunnelled through HTTP or HTTPS: rtsph, rtspsh.
bool is_http_scheme(std::string_view scheme);

/// The URL that relative control URLs of a description are joined to (RFC 2326 sC.1.1): Content-Base, else
/// Content-Location, else `request_url`. Mends what cameras write there: no scheme (Anjvision), a doubled
/// one, missing or too many slashes, userinfo, a path only. Where the host or the port is another one than
/// the connection's (NAT), the connection's take their place.
std::string resolve_base(std::optional<std::string_view> content_base,
                         std::optional<std::string_view> content_location, const Url& request_url);

enum class JoinStyle {
  kAppend,  ///< base, a '/' if missing, control; even behind a query. live555, ffmpeg; what most cameras
            ///< expect
  kRfc3986  ///< by the book (RFC 3986 s5.2)
};

/// The URL for SETUP and PLAY of an `a=control:` attribute. "*" and "" are the base; an absolute URL is
/// itself, without any userinfo.
std::string join_control(std::string_view base, std::string_view control, JoinStyle style);

}  // namespace retina::rtsp
