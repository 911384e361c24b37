#include "rtsp/headers.h"

#include <algorithm>
#include <limits>

#include "base/ascii.h"

namespace retina::rtsp {
namespace {

/// "30", "30s", "30.0", "+30".
std::optional<std::uint32_t> leading_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto end = std::find_if_not(text.begin(), text.end(), base::is_digit);
  return base::parse_number<std::uint32_t>(text.substr(0, static_cast<std::size_t>(end - text.begin())));
}

std::string_view unquote(std::string_view text) {
  text = base::trim(text);
  if (!text.empty() && text.front() == '"') text.remove_prefix(1);
  if (!text.empty() && text.back() == '"') text.remove_suffix(1);
  return base::trim(text);
}

std::string_view without_brackets(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  return host;
}

std::optional<std::uint32_t> parse_ssrc(std::string_view text) {
  if (base::starts_with_ignore_case(text, "0x")) text.remove_prefix(2);
  return base::parse_number<std::uint32_t>(text, 16);
}

/// `a-b` or `a`, which means a and a + 1.
template <class T>
std::optional<std::pair<T, T>> parse_pair(std::string_view text) {
  const auto [head, tail] = base::split_once(unquote(text), '-');
  const auto first = base::parse_number<T>(base::trim(head));
  if (!first) return std::nullopt;
  if (tail) {
    if (const auto second = base::parse_number<T>(base::trim(*tail))) return std::pair(*first, *second);
  }
  const T next = *first == std::numeric_limits<T>::max() ? *first : static_cast<T>(*first + 1);
  return std::pair(*first, next);
}

/// The part before the first comma that starts another transport; `mode="PLAY,RECORD"` is one too.
std::string_view first_transport(std::string_view value) {
  for (std::size_t at = value.find(','); at != std::string_view::npos; at = value.find(',', at + 1)) {
    const std::string_view next = base::trim(value.substr(at + 1, 64));
    if (base::starts_with_ignore_case(next, "RTP/") || base::starts_with_ignore_case(next, "RAW/")) {
      return value.substr(0, at);
    }
  }
  return value;
}

void set_transport_part(TransportHeader& transport, std::string_view part) {
  const auto [raw_name, tail] = base::split_once(part, '=');
  const std::string_view name = base::trim(raw_name);
  const std::string_view value = unquote(tail.value_or(""));
  const auto is = [&](const char* expected) { return base::equals_ignore_case(name, expected); };
  if (is("multicast")) {
    transport.multicast = true;
  } else if (is("interleaved")) {
    transport.interleaved = parse_pair<std::uint8_t>(value);
  } else if (is("ssrc")) {
    transport.ssrc = parse_ssrc(value);
  } else if (is("server_port")) {
    transport.server_port = parse_pair<std::uint16_t>(value);
  } else if (is("client_port")) {
    transport.client_port = parse_pair<std::uint16_t>(value);
  } else if (is("port")) {
    transport.port = parse_pair<std::uint16_t>(value);
  } else if (is("source")) {
    transport.source = without_brackets(value);
  } else if (is("destination")) {
    transport.destination = without_brackets(value);
  } else if (is("mode")) {
    transport.mode = value;
  } else if (is("ttl")) {
    if (const auto ttl = base::parse_number<std::uint8_t>(value)) transport.ttl = *ttl;
  } else if (!tail && transport.protocol.empty() && name.find('/') != std::string_view::npos) {
    transport.protocol = name;
  }
}

/// RFC 2326 s3.6: seconds with a fraction, or h:mm:ss with one. Some write a decimal comma.
std::optional<base::Duration> parse_npt(std::string_view text) {
  std::uint64_t seconds = 0;
  const std::size_t point = text.find_first_of(".,");
  std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || std::count(whole.begin(), whole.end(), ':') > 2) return std::nullopt;
  while (!whole.empty()) {
    const auto part = base::parse_number<std::uint32_t>(base::take_until(whole, ':'));
    if (!part) return std::nullopt;
    seconds = seconds * 60 + *part;
  }
  // A few hundred years are all that fits into nanoseconds.
  if (seconds > 1'000'000'000) return std::nullopt;
  base::Duration time = std::chrono::seconds(seconds);
  base::Duration unit = std::chrono::milliseconds(100);
  for (const char digit : fraction) {
    if (!base::is_digit(digit)) return std::nullopt;
    time += unit * (digit - '0');
    unit /= 10;
  }
  return time;
}

}  // namespace

base::Result<SessionHeader> parse_session(std::string_view value) {
  SessionHeader session;
  session.id = base::take_until(value, ';');
  if (session.id.empty()) return base::fail(base::ErrorCode::kMalformed, 0, "Session without an id");
  while (!value.empty()) {
    const auto [name, tail] = base::split_once(base::take_until(value, ';'), '=');
    if (!tail || !base::equals_ignore_case(base::trim(name), "timeout")) continue;
    const auto seconds = leading_number(unquote(*tail));
    if (!seconds || *seconds == 0) continue;
    session.timeout_seconds = std::min(*seconds, session.timeout_seconds.value_or(*seconds));
  }
  return session;
}

base::Result<TransportHeader> parse_transport(std::string_view value) {
  TransportHeader transport;
  std::string_view rest = first_transport(value);
  bool empty = true;
  while (!rest.empty()) {
    const std::string_view part = base::take_until(rest, ';');
    if (part.empty()) continue;
    empty = false;
    set_transport_part(transport, part);
  }
  if (empty) return base::fail(base::ErrorCode::kMalformed, 0, "empty Transport");
  const std::string protocol = base::to_lower(transport.protocol);
  transport.tcp = protocol.ends_with("/tcp") || transport.interleaved.has_value();
  return transport;
}

std::vector<std::string> parse_public(std::string_view value) {
  // Methods are few and short; the bounds keep a hostile list from costing more than a glance.
  constexpr std::size_t kMaxMethods = 64;
  std::vector<std::string> methods;
  std::string method;
  const auto flush = [&] {
    const bool known = std::find(methods.begin(), methods.end(), method) != methods.end();
    if (!method.empty() && !known && methods.size() < kMaxMethods) methods.push_back(method);
    method.clear();
  };
  for (const char c : value) {
    if (base::is_alpha(c)) {
      method += static_cast<char>(base::to_lower(c) - 'a' + 'A');
    } else if (c == '_' || c == '-' || c == '.' || base::is_digit(c)) {
      method += c;
    } else {
      flush();
    }
  }
  flush();
  return methods;
}

base::Result<RangeHeader> parse_range(std::string_view value) {
  const auto [unit, rest] = base::split_once(base::take_until(value, ';'), '=');
  if (!rest || base::trim(unit).empty())
    return base::fail(base::ErrorCode::kMalformed, 0, "Range without a unit");
  RangeHeader range;
  range.unit = base::to_lower(base::trim(unit));
  const auto [start, end] = base::split_once(unquote(*rest), '-');
  range.start_text = base::trim(start);
  range.end_text = base::trim(end.value_or(""));
  if (range.unit != "npt") return range;
  range.now = base::equals_ignore_case(range.start_text, "now");
  range.start = parse_npt(range.start_text);
  range.end = parse_npt(range.end_text);
  return range;
}

}  // namespace retina::rtsp
