#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace retina::sdp {

/// One line of a description, `type=value`. The value is trimmed, and sees the description's text.
struct Line {
  char type = '\0';
  std::string_view value;
  std::size_t offset = 0;      ///< of the line in the text
  std::size_t size_bytes = 0;  ///< of the whole line, without its end
};

/// Splits a description into its lines (RFC 8866 s5). A line ends at CR, LF, NUL or the end of the text.
/// Blank lines and lines that aren't `x=…` are skipped, and so is white space before the type.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  std::optional<Line> next();

 private:
  std::string_view text_;  // the caller's, for this object's life
  std::size_t offset_ = 0;
};

/// Takes the next word off `rest`: up to a space or tab. Empty: there was none.
std::string_view take_word(std::string_view& rest);

/// A decimal number with a point or a comma, all of `text`, finite and not negative; else nullopt.
std::optional<double> parse_decimal(std::string_view text);

/// The digits that `text` starts with as a number: 0 without any, and for more than fits.
std::uint32_t leading_number(std::string_view text);

}  // namespace retina::sdp
