#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sdp/description.h"

namespace retina::sdp {

/// An fmtp line (RFC 8866 s6.15) in its two parts.
struct FormatLine {
  std::optional<std::uint8_t> payload_type;  ///< absent where the line starts with its parameters
  std::string_view parameters;
};

/// Splits what follows `a=fmtp:`; nullopt when there are no parameters.
std::optional<FormatLine> split_format_line(std::string_view value);

/// `name=value; name="quoted; value"; flag;`: empty items are skipped, names keep their case. At most
/// kMaxFormatParameters; `complete` is false when there are more.
struct FormatParameters {
  std::vector<Parameter> parameters;
  bool complete = true;
};
FormatParameters parse_format_parameters(std::string_view text);

}  // namespace retina::sdp
