// How cameras' base and control URLs become the URLs of requests.

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "rtsp/url.h"

namespace retina::rtsp {
namespace {

/// Length of "scheme://" at the front, else 0. RFC 3986 s3.1.
std::size_t scheme_length(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0 || !base::is_alpha(text[0])) return 0;
  const auto is_scheme_byte = [](char c) {
    return base::is_alpha(c) || base::is_digit(c) || c == '+' || c == '-' || c == '.';
  };
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), is_scheme_byte) ? end + 3
                                                                                                    : 0;
}

/// "rtsp://rtsp://host/x" -> "rtsp://host/x".
std::string_view without_doubled_scheme(std::string_view url) {
  for (std::size_t length = scheme_length(url); length != 0; length = scheme_length(url)) {
    if (scheme_length(url.substr(length)) == 0) break;
    url.remove_prefix(length);
  }
  return url;
}

/// An absolute URL without the credentials that some cameras echo.
std::string without_userinfo(std::string_view url) {
  const std::size_t host = scheme_length(url);
  const std::size_t path = std::min(url.find('/', host), url.size());
  const std::size_t at = url.substr(0, path).rfind('@');
  if (at == std::string_view::npos || at < host) return std::string(url);
  return std::string(url.substr(0, host)) + std::string(url.substr(at + 1));
}

/// Whether the first segment of a schemeless text is a host rather than a path: "1.2.3.4", "name:554",
/// "[::1]:554".
bool starts_with_host(std::string_view text, const Url& request_url) {
  const std::string_view segment = text.substr(0, text.find('/'));
  if (segment.empty()) return false;
  if (segment.front() == '[') return true;
  const auto [name, port] = base::split_once(segment.substr(segment.rfind('@') + 1), ':');
  if (base::equals_ignore_case(name, request_url.host)) return true;
  if (port && base::parse_number<std::uint16_t>(*port)) return true;
  return std::count(name.begin(), name.end(), '.') == 3 &&
         std::all_of(name.begin(), name.end(), [](char c) { return base::is_digit(c) || c == '.'; });
}

std::string_view strip_slashes(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('/'), text.size()));
  return text;
}

/// A base URL cut behind its scheme, if it has one.
struct Cut {
  bool has_host = false;
  std::optional<std::string_view> path;  // of one with a scheme, but without a host
  std::string_view rest;                 // host, port and path; or the relative URL
};

Cut cut(std::string_view text, const Url& request_url) {
  const auto [scheme, rest] = base::split_once(text, ':');
  const bool has_scheme = rest && rest->starts_with('/') && !scheme.empty() &&
                          std::all_of(scheme.begin(), scheme.end(), base::is_alpha);
  if (!has_scheme && !text.starts_with("//"))
    return {starts_with_host(text, request_url), std::nullopt, text};
  // Also "rtsp:/host/path" and "rtsp:////host/path"; but "rtsp:///path" has no host.
  const std::string_view behind = has_scheme ? *rest : text;
  const std::string_view stripped = strip_slashes(behind);
  const bool two_slashes = behind.size() - stripped.size() == 2;
  if (two_slashes || starts_with_host(stripped, request_url)) return {true, std::nullopt, stripped};
  return {false, stripped, stripped};
}

bool same_server(const Url& a, const Url& b) {
  return base::equals_ignore_case(a.host, b.host) && port_of(a) == port_of(b) &&
         is_tls_scheme(a.scheme) == is_tls_scheme(b.scheme);
}

/// `path` on the connection's host and port.
std::string on_connection(const Url& request_url, std::string_view path) {
  Url url = request_url;
  url.path_and_query = path.starts_with('/') ? std::string(path) : '/' + std::string(path);
  return url.request_uri();
}

/// RFC 3986 s5.2.4, on an absolute path.
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> segments;
  std::string_view rest = path.substr(1);
  for (bool last = false; !last;) {
    const std::size_t end = rest.find('/');
    last = end == std::string_view::npos;
    const std::string_view segment = rest.substr(0, end);
    if (!last) rest.remove_prefix(end + 1);
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (segment != ".") {
      segments.push_back(segment);
      continue;
    }
    if (last) segments.push_back("");
  }
  std::string out;
  for (const std::string_view segment : segments)
    (out += '/') += segment;
  return out;
}

/// RFC 3986 s5.2.2; `base` is absolute.
std::string resolve(std::string_view base, std::string_view reference) {
  const std::size_t host = scheme_length(base);
  if (reference.starts_with("//"))
    return without_userinfo(std::string(base.substr(0, host - 2)) + std::string(reference));
  const std::size_t path = std::min(base.find_first_of("/?#", host), base.size());
  const std::size_t query = std::min(base.find_first_of("?#", path), base.size());
  const std::string_view base_path = base.substr(path, query - path);
  if (reference.starts_with('?')) return std::string(base.substr(0, query)) + std::string(reference);

  const std::size_t reference_query = std::min(reference.find_first_of("?#"), reference.size());
  std::string merged;
  if (!reference.starts_with('/')) {
    merged = base_path.empty() ? "/" : std::string(base_path.substr(0, base_path.rfind('/') + 1));
  }
  merged += reference.substr(0, reference_query);
  return std::string(base.substr(0, path)) + remove_dot_segments(merged) +
         std::string(reference.substr(reference_query));
}

}  // namespace

std::string resolve_base(std::optional<std::string_view> content_base,
                         std::optional<std::string_view> content_location, const Url& request_url) {
  const auto usable = [](const std::optional<std::string_view>& value) {
    return value && !base::trim(*value).empty() && base::trim(*value).size() <= kMaxUrlBytes;
  };
  std::string request_uri = request_url.request_uri();
  if (!usable(content_base) && !usable(content_location)) return request_uri;
  const std::string_view text =
      without_doubled_scheme(base::trim(usable(content_base) ? *content_base : *content_location));

  const Cut parts = cut(text, request_url);
  if (parts.path) return on_connection(request_url, *parts.path);
  if (!parts.has_host) return resolve(request_uri, text);
  const std::string scheme = is_tls_scheme(request_url.scheme) ? "rtsps://" : "rtsp://";
  std::string absolute = without_userinfo(scheme + std::string(parts.rest));
  const auto url = parse_url(absolute);
  if (url && same_server(*url, request_url)) return absolute;
  const std::size_t path = absolute.find('/', scheme.size());
  return on_connection(request_url,
                       path == std::string::npos ? "/" : std::string_view(absolute).substr(path));
}

std::string join_control(std::string_view base, std::string_view control, JoinStyle style) {
  control = without_doubled_scheme(base::trim(control));
  if (control.empty() || control == "*") return std::string(base);
  if (scheme_length(control) != 0) return without_userinfo(control);
  if (style == JoinStyle::kRfc3986 && scheme_length(base) != 0) return resolve(base, control);
  std::string url(base);
  if (url.ends_with('/') && control.starts_with('/')) url.pop_back();
  if (!url.ends_with('/') && !control.starts_with('/')) url += '/';
  return url.append(control);
}

}  // namespace retina::rtsp
