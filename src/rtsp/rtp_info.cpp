#include <algorithm>

#include "base/ascii.h"
#include "rtsp/headers.h"

// RTP-Info: `url=<URL>;seq=<n>;rtptime=<n>[;ssrc=<hex>], url=…` (RFC 2326 s12.33). In RTSP 2.0 (RFC 7826
// s18.45) `url="<URL>" ssrc=<hex>:seq=<n>;rtptime=<n>`. URLs stand there unquoted and unescaped, commas and
// semicolons included, so an item can only be told from its context.

namespace retina::rtsp {
namespace {

/// `name` and, after white space, '=' stand at the front of `text`. Returns the length of both, else 0.
std::size_t match_key(std::string_view text, std::string_view name) {
  if (!base::starts_with_ignore_case(text, name)) return 0;
  std::size_t at = name.size();
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t'))
    ++at;
  return at < text.size() && text[at] == '=' ? at + 1 : 0;
}

constexpr std::string_view kParameters[] = {"seq", "rtptime", "ssrc"};

bool starts_parameter(std::string_view text) {
  return std::any_of(std::begin(kParameters), std::end(kParameters),
                     [&](std::string_view name) { return match_key(text, name) != 0; });
}

std::string_view skip_spaces(std::string_view text) {
  while (!text.empty() && base::is_space(text.front()))
    text.remove_prefix(1);
  return text;
}

/// Takes the URL off `rest`: to the closing quote, or up to a parameter, or to where the next item starts.
std::string_view take_url(std::string_view& rest) {
  if (!rest.empty() && rest.front() == '"') {
    const std::size_t end = std::min(rest.find('"', 1), rest.size());
    const std::string_view url = rest.substr(1, end - 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return url;
  }
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    if (rest[at] != ';' && rest[at] != ',') continue;
    const std::string_view next = skip_spaces(rest.substr(at + 1));
    if (next.empty()) break;
    if (rest[at] == ';' ? starts_parameter(next) : match_key(next, "url") != 0) break;
  }
  const std::string_view url = rest.substr(0, at);
  rest.remove_prefix(at);
  return base::trim(url);
}

bool is_separator(char c) {
  return c == ';' || c == ':' || c == ',' || base::is_space(c) || c == '"';
}

void take_parameter(RtpInfo& info, std::string_view& rest) {
  for (const std::string_view name : kParameters) {
    const std::size_t length = match_key(rest, name);
    if (length == 0) continue;
    rest = skip_spaces(rest.substr(length));
    const std::size_t end = std::min(
        static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_separator) - rest.begin()),
        rest.size());
    const std::string_view value = rest.substr(0, end);
    rest.remove_prefix(end);
    if (name == "seq") {
      info.seq = base::parse_number<std::uint16_t>(value);
    } else if (name == "rtptime") {
      info.rtptime = base::parse_number<std::uint32_t>(value);
    } else {
      info.ssrc = base::parse_number<std::uint32_t>(value, 16);
    }
    return;
  }
  // Something else: skipped to its end.
  while (!rest.empty() && !is_separator(rest.front()))
    rest.remove_prefix(1);
}

/// One item; leaves `rest` behind the comma that ends it.
RtpInfo take_item(std::string_view& rest) {
  RtpInfo info;
  if (const std::size_t length = match_key(rest, "url")) rest = skip_spaces(rest.substr(length));
  if (!starts_parameter(rest)) info.url = take_url(rest);
  while (!rest.empty() && rest.front() != ',') {
    if (is_separator(rest.front())) {
      rest.remove_prefix(1);
    } else {
      take_parameter(info, rest);
    }
  }
  return info;
}

}  // namespace

std::vector<RtpInfo> parse_rtp_info(std::string_view value) {
  std::vector<RtpInfo> infos;
  while (infos.size() < kMaxRtpInfos) {
    while (!value.empty() && (is_separator(value.front()) && value.front() != '"'))
      value.remove_prefix(1);
    if (value.empty()) break;
    infos.push_back(take_item(value));
  }
  return infos;
}

}  // namespace retina::rtsp
