#include "rtsp/message_parser.h"

#include <algorithm>
#include <limits>

#include "base/ascii.h"

namespace retina::rtsp {
namespace {

using Progress = MessageParser::Progress;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\r') || byte == 0x7F;
}

/// The number at the front of `text`, whatever follows it; too large a one is the largest.
std::optional<std::size_t> leading_number(std::string_view text) {
  const auto digits =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), base::is_digit) - text.begin());
  if (digits == 0) return std::nullopt;
  return base::parse_number<std::size_t>(text.substr(0, digits))
      .value_or(std::numeric_limits<std::size_t>::max());
}

}  // namespace

Headers& MessageParser::headers() {
  return std::visit([](auto& message) -> Headers& { return message.headers; }, message_);
}

std::string& MessageParser::body() {
  return std::visit([](auto& message) -> std::string& { return message.body; }, message_);
}

void MessageParser::start(Message start_line, std::size_t line_bytes, Controls controls) {
  part_ = Part::kHead;
  controls_ = controls;
  message_ = std::move(start_line);
  line_.clear();
  header_lines_ = 0;
  body_missing_ = 0;
  size_ = line_bytes;
}

Progress MessageParser::feed(base::ByteView bytes) {
  Progress progress;
  if (part_ == Part::kHead) {
    progress = feed_head(bytes);
    if (part_ == Part::kHead || progress.kind != Progress::Kind::kMore) return progress;
  }
  const auto rest = base::as_text(bytes.subspan(progress.consumed)).substr(0, body_missing_);
  append_to_body(rest);
  body_missing_ -= rest.size();
  size_ += rest.size();
  progress.consumed += rest.size();
  if (body_missing_ == 0) progress.kind = Progress::Kind::kDone;
  return progress;
}

/// Grows as the body comes, and never beyond what is announced: in halves of that, because a string that
/// doubles would end with up to twice of it, and hold three times of it meanwhile.
void MessageParser::append_to_body(std::string_view bytes) {
  std::string& text = body();
  const std::size_t needed = text.size() + bytes.size();
  if (needed > text.capacity()) {
    std::size_t room = text.size() + body_missing_;
    while (room / 2 >= needed)
      room /= 2;
    text.reserve(room);
  }
  text += bytes;
}

/// Up to the end of the head, where `part_` becomes kBody.
Progress MessageParser::feed_head(base::ByteView bytes) {
  const std::string_view text = base::as_text(bytes);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '$' && line_.empty()) {
      notes_.add(Fault::kNoBlankLine);
      part_ = Part::kBody;
      return Progress{Progress::Kind::kMore, i};
    }
    const bool ends_line = c == '\n';
    if (!ends_line && is_control(c) && controls_ == Controls::kBreak)
      return Progress{Progress::Kind::kBroken, i};
    const char* too_large = ++size_ > kMaxHeadBytes ? "a message with a head over 64 KiB"
                            : ends_line             ? end_line()
                                                    : nullptr;
    if (too_large != nullptr) return Progress{Progress::Kind::kTooLarge, i + 1, too_large};
    if (ends_line) {
      if (part_ == Part::kBody) return Progress{Progress::Kind::kMore, i + 1};
    } else if (is_control(c)) {
      notes_.add(Fault::kControlCharacters);
    } else {
      line_ += c;
    }
  }
  return Progress{Progress::Kind::kMore, text.size()};
}

const char* MessageParser::end_line() {
  if (!line_.ends_with('\r')) notes_.add(Fault::kBareLineFeed);
  while (line_.ends_with('\r'))
    line_.pop_back();
  if (line_.empty()) return end_head();
  if (++header_lines_ > kMaxHeaderLines) return "a message with more than 256 header lines";
  add_header(line_);
  line_.clear();
  return nullptr;
}

void MessageParser::add_header(std::string_view line) {
  if (std::any_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    notes_.add(Fault::kNotAscii);
  }
  // RFC 2616 s2.2: a line that starts with white space goes on with the one before.
  if (line.front() == ' ' || line.front() == '\t') return headers().extend_last(base::trim(line));
  const auto [name, value] = base::split_once(line, ':');
  const std::string_view trimmed = base::trim(name);
  if (!value || trimmed.empty()) return notes_.add(Fault::kNoColon);
  if (trimmed.size() != name.size()) notes_.add(Fault::kSpaceBeforeColon);
  headers().add(std::string(trimmed), std::string(base::trim(*value)));
}

const char* MessageParser::end_head() {
  part_ = Part::kBody;
  body_missing_ = content_length();
  return body_missing_ > kMaxBodyBytes ? "a message with a body over 1 MiB" : nullptr;
}

std::size_t MessageParser::content_length() {
  const auto list = headers().joined("Content-Length");
  if (!list) return 0;
  std::optional<std::size_t> length;
  for (std::string_view rest = *list; !rest.empty();) {
    const auto number = leading_number(base::take_until(rest, ','));
    if (number && length && *number != *length) notes_.add(Fault::kContentLengthsDiffer);
    if (!length) length = number;
  }
  if (!length) notes_.add(Fault::kBadContentLength);
  return length.value_or(0);
}

bool MessageParser::end_body(std::size_t least_bytes) {
  if (part_ != Part::kBody || body().size() < least_bytes) return false;
  body_missing_ = 0;
  notes_.add(Fault::kBodyCutShort);
  return true;
}

Message MessageParser::take() {
  part_ = Part::kIdle;
  return std::exchange(message_, Message());
}

}  // namespace retina::rtsp
