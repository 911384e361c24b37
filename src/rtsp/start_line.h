#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "rtsp/message.h"

namespace retina::rtsp {

/// Bounds of what is taken for a start line (RFC 2326 s6.1, s7.1).
inline constexpr std::size_t kMaxStartLineBytes = 4096;
inline constexpr std::size_t kMaxMethodBytes = 24;

/// Tells whether a start line stands at the front of a stream, as early as can be told: garbage is mostly
/// known by its first byte. The caller shows the same bytes again with more behind them; none is looked at
/// twice, so that a line that comes byte by byte costs no more than one that comes at once. The verdict
/// depends on the bytes only, not on how they were cut.
class StartLineScanner {
 public:
  enum class Verdict {
    kWait,    ///< may become a start line
    kLine,    ///< stands there, with its line end: `length()` bytes
    kNoLine,  ///< what stands there can't be one: seen at byte `length()`
    kBroken   ///< a status line was plain to see, but goes wrong at byte `length()`
  };
  Verdict scan(base::ByteView bytes);
  std::size_t length() const { return scanned_; }
  void restart() { *this = StartLineScanner(); }

 private:
  enum class Part { kMethod, kStatusPrefix, kRest };
  bool accepts(char c);
  bool accepts_in_method(char c);
  bool accepts_in_status(char c);

  Part part_ = Part::kMethod;
  std::size_t scanned_ = 0;
  bool maybe_status_ = true;    // so far it reads "RTSP"
  bool after_version_ = false;  // in the status prefix
  std::size_t status_digits_ = 0;
};

/// The start line `line` (with or without its line end) as a message without headers and body. Tolerated: any
/// version, any case of "RTSP", white space where one space belongs, a missing reason. nullopt: it is none.
std::optional<Message> parse_start_line(std::string_view line);

}  // namespace retina::rtsp
