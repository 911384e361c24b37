#include "sdp/lines.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "base/ascii.h"

namespace retina::sdp {
namespace {

using namespace std::string_view_literals;
constexpr std::string_view kLineEnds = "\r\n\0"sv;

}  // namespace

std::optional<Line> LineReader::next() {
  while (offset_ < text_.size()) {
    const std::size_t end = std::min(text_.find_first_of(kLineEnds, offset_), text_.size());
    Line line;
    line.offset = offset_;
    line.size_bytes = end - offset_;
    const std::string_view content = base::trim(text_.substr(offset_, line.size_bytes));
    offset_ = end + 1;
    if (content.size() < 2 || content[1] != '=') continue;
    line.type = content[0];
    line.value = base::trim(content.substr(2));
    return line;
  }
  return std::nullopt;
}

std::string_view take_word(std::string_view& rest) {
  rest = base::trim(rest);
  const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

std::optional<double> parse_decimal(std::string_view text) {
  constexpr std::size_t kMaxDigits = 64;
  if (text.empty() || text.size() > kMaxDigits || !base::is_digit(text.front())) return std::nullopt;
  std::string number(text);
  std::replace(number.begin(), number.end(), ',', '.');
  double value = 0;
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, value, std::chars_format::fixed);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::uint32_t leading_number(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);  // leaves it 0 on failure
  return value;
}

}  // namespace retina::sdp
