#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

/// Text of protocols: ASCII, whatever the process's locale is.
namespace retina::base {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}
/// SP, HTAB and the line-end characters: what broken peers pad fields with.
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

constexpr bool equals_ignore_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

constexpr bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

std::string to_lower(std::string_view text);

struct SplitPair {
  std::string_view head;
  std::optional<std::string_view> tail;  ///< absent when the separator is
};

/// Cuts at the first `separator`; neither side is trimmed.
constexpr SplitPair split_once(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + 1)};
}

/// Takes the part before the first `separator` off `rest`, trimmed. Never fails: the last part empties
/// `rest`.
constexpr std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return trim(part);
}

/// All of `text` as an unsigned number in `base`, no sign, no space, no overflow; else nullopt.
template <class T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  static_assert(std::is_unsigned_v<T>);
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// `text` with every byte outside of printable ASCII as \xNN, at most `limit` bytes of it, for messages to
/// people.
std::string printable(std::string_view text, std::size_t limit = 128);

/// Whether `text` may hold an URL with a user name and a password in it (`rtsp://user:password@host`).
/// Cameras repeat the URL that they were asked for, in texts that are shown to everyone.
bool may_hold_userinfo(std::string_view text);

}  // namespace retina::base
