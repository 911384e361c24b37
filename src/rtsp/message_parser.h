#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "rtsp/fault_notes.h"
#include "rtsp/message.h"

namespace retina::rtsp {

/// Bounds of one message. What is over them is too large; nothing is allocated before it has come.
inline constexpr std::size_t kMaxHeadBytes = 64 * 1024;  ///< start line and headers
inline constexpr std::size_t kMaxHeaderLines = 256;
inline constexpr std::size_t kMaxBodyBytes = 1024 * 1024;

/// Reads what follows a start line: headers and body (RFC 2326 s4, RFC 2616 s4). Every byte is looked at once
/// and kept here, so that the bytes may come in pieces of any size, and go.
///
/// Tolerated, each noted once: LF for CR LF, white space before the colon, lines without a colon, bytes
/// outside of ASCII, a Content-Length that is no number (taken as 0: if a body follows all the same, it is
/// skipped like any garbage, while waiting for a body that doesn't come would hang). Folded lines and empty
/// values are in order. A '$' at the start of a header line ends the message: no header starts so, but media
/// does behind a message whose blank line is missing.
class MessageParser {
 public:
  enum class Controls {
    kDrop,  ///< control characters inside of headers are left out
    kBreak  ///< they mean that other data has been mixed in: the message is broken there
  };

  /// Starts with the parsed start line, of `line_bytes` bytes.
  void start(Message start_line, std::size_t line_bytes, Controls controls);

  struct Progress {
    enum class Kind { kMore, kDone, kBroken, kTooLarge };
    Kind kind = Kind::kMore;
    std::size_t consumed = 0;
    const char* too_large = nullptr;  ///< which bound was passed
  };
  /// Takes bytes up to the end of the message. After kDone: take(); after kBroken or kTooLarge: drop().
  Progress feed(base::ByteView bytes);

  bool active() const { return part_ != Part::kIdle; }
  /// Bytes of the message so far, its start line included.
  std::size_t size() const { return size_; }
  /// How many bytes must follow at least.
  std::size_t missing() const { return part_ == Part::kBody ? body_missing_ : 1; }

  /// A body of which so much has come, but not its announced end, is ended here, with a note. False: there is
  /// none.
  bool end_body(std::size_t least_bytes);

  Message take();
  void drop() { part_ = Part::kIdle; }

  FaultNotes& notes() { return notes_; }
  const FaultNotes& notes() const { return notes_; }

 private:
  enum class Part { kIdle, kHead, kBody };

  Progress feed_head(base::ByteView bytes);
  void append_to_body(std::string_view bytes);
  bool accept_control(char c);
  /// Which bound was passed, or null.
  const char* end_line();
  const char* end_head();
  void add_header(std::string_view line);
  std::size_t content_length();
  Headers& headers();
  std::string& body();

  Part part_ = Part::kIdle;
  Controls controls_ = Controls::kDrop;
  Message message_;
  std::string line_;  // of the head, without its line end
  std::size_t header_lines_ = 0;
  std::size_t body_missing_ = 0;
  std::size_t size_ = 0;
  FaultNotes notes_;
};

}  // namespace retina::rtsp
