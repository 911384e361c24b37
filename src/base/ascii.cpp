#include "base/ascii.h"

namespace retina::base {

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    c = to_lower(c);
  return lower;
}

std::string printable(std::string_view text, std::size_t limit) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '\\') {
      out += c;
    } else {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 0xF];
    }
  }
  if (text.size() > limit) out += "…";
  return out;
}

bool may_hold_userinfo(std::string_view text) {
  const std::size_t authority = text.find("://");
  return authority != std::string_view::npos && text.find('@', authority) != std::string_view::npos;
}

}  // namespace retina::base
