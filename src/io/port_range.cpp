#include "io/port_range.h"

#include "base/ascii.h"

namespace retina::io {

std::optional<PortRange> parse_port_range(std::string_view text) {
  text = base::trim(text);
  if (text.empty()) return PortRange{};
  const auto [head, tail] = base::split_once(text, '-');
  if (!tail) return std::nullopt;
  const auto first = base::parse_number<std::uint16_t>(base::trim(head));
  const auto last = base::parse_number<std::uint16_t>(base::trim(*tail));
  if (!first || !last) return std::nullopt;
  if (*first == 0) return *last == 0 ? std::optional(PortRange{}) : std::nullopt;
  const std::uint32_t even = *first + (*first & 1U);
  if (even + 1 > *last) return std::nullopt;
  return PortRange{*first, *last};
}

}  // namespace retina::io
