#include "sdp/fmtp.h"

#include <algorithm>

#include "base/ascii.h"
#include "sdp/lines.h"

namespace retina::sdp {
namespace {

/// Where the item that `text` starts with ends: at the first semicolon that isn't inside of a quoted value.
std::size_t item_end(std::string_view text) {
  const std::size_t semicolon = std::min(text.find(';'), text.size());
  const std::size_t equals = text.substr(0, semicolon).find('=');
  if (equals == std::string_view::npos) return semicolon;
  const std::size_t value = text.find_first_not_of(" \t", equals + 1);
  if (value == std::string_view::npos || text[value] != '"') return semicolon;
  const std::size_t closing = text.find('"', value + 1);
  if (closing == std::string_view::npos) return semicolon;
  return std::min(text.find(';', closing), text.size());
}

std::string_view without_quotes(std::string_view value) {
  if (!value.empty() && value.front() == '"') value.remove_prefix(1);
  if (!value.empty() && value.back() == '"') value.remove_suffix(1);
  return base::trim(value);
}

}  // namespace

std::optional<FormatLine> split_format_line(std::string_view value) {
  FormatLine line;
  std::string_view rest = value;
  line.payload_type = base::parse_number<std::uint8_t>(take_word(rest));
  line.parameters = base::trim(line.payload_type ? rest : value);
  const bool has_parameters = line.payload_type || line.parameters.find('=') != std::string_view::npos;
  if (!has_parameters || line.parameters.find_first_not_of("; \t") == std::string_view::npos)
    return std::nullopt;
  return line;
}

FormatParameters parse_format_parameters(std::string_view text) {
  FormatParameters result;
  while (!text.empty()) {
    const std::size_t end = item_end(text);
    const base::SplitPair item = base::split_once(base::trim(text.substr(0, end)), '=');
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view name = base::trim(item.head);
    if (name.empty()) continue;
    if (result.parameters.size() >= kMaxFormatParameters) {
      result.complete = false;
      break;
    }
    const std::string_view content = without_quotes(base::trim(item.tail.value_or("")));
    result.parameters.push_back({std::string(name), std::string(content)});
  }
  return result;
}

}  // namespace retina::sdp
