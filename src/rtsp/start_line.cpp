#include "rtsp/start_line.h"

#include <algorithm>

#include "base/ascii.h"

namespace retina::rtsp {
namespace {

constexpr std::string_view kRtsp = "RTSP/";
/// "RTSP/", a version, spaces and the code: more is no status line.
constexpr std::size_t kMaxStatusPrefixBytes = 24;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || c == '\t' || c == '\r' || c == '\n';
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
}

std::optional<Message> parse_status_line(std::string_view line) {
  line.remove_prefix(kRtsp.size());
  const auto is_version = [](char c) { return base::is_digit(c) || c == '.'; };
  while (!line.empty() && is_version(line.front()))
    line.remove_prefix(1);
  skip_blanks(line);
  const auto status = base::parse_number<std::uint16_t>(line.substr(0, 3));
  if (!status || *status < 100 || *status > 599) return std::nullopt;
  line.remove_prefix(3);
  if (!line.empty() && base::is_digit(line.front())) return std::nullopt;
  Response response;
  response.status = *status;
  response.reason = base::trim(line);
  return response;
}

}  // namespace

std::optional<Message> parse_start_line(std::string_view line) {
  line = base::trim(line);
  if (base::starts_with_ignore_case(line, kRtsp)) return parse_status_line(line);
  const std::size_t method_end = line.find_first_of(" \t");
  const std::size_t uri_end = line.find_last_of(" \t");
  if (method_end == 0 || uri_end == std::string_view::npos) return std::nullopt;
  if (!base::starts_with_ignore_case(line.substr(uri_end + 1), kRtsp)) return std::nullopt;
  Request request;
  request.method = line.substr(0, method_end);
  request.uri = base::trim(line.substr(method_end, uri_end - method_end));
  if (request.uri.empty()) return std::nullopt;
  return request;
}

bool StartLineScanner::accepts_in_method(char c) {
  if (is_blank(c)) {
    part_ = Part::kRest;
    return scanned_ > 0;
  }
  if (c == '/') {
    part_ = Part::kStatusPrefix;
    return maybe_status_ && scanned_ == kRtsp.size() - 1;
  }
  if (scanned_ >= kRtsp.size() || base::to_lower(c) != base::to_lower(kRtsp[scanned_])) maybe_status_ = false;
  return scanned_ < kMaxMethodBytes &&
         (base::is_alpha(c) || (scanned_ > 0 && (c == '_' || c == '-' || base::is_digit(c))));
}

bool StartLineScanner::accepts_in_status(char c) {
  if (scanned_ >= kMaxStatusPrefixBytes) return false;
  const bool in_code = status_digits_ > 0;
  if (is_blank(c)) {
    after_version_ = true;
    return !in_code;
  }
  if (!after_version_) return base::is_digit(c) || c == '.';
  if (!base::is_digit(c)) return false;
  if (++status_digits_ == 3) part_ = Part::kRest;
  return true;
}

bool StartLineScanner::accepts(char c) {
  switch (part_) {
    case Part::kMethod:
      return accepts_in_method(c);
    case Part::kStatusPrefix:
      return accepts_in_status(c);
    case Part::kRest:
      break;
  }
  return is_text(c) && scanned_ < kMaxStartLineBytes;
}

StartLineScanner::Verdict StartLineScanner::scan(base::ByteView bytes) {
  const std::string_view text = base::as_text(bytes);
  for (; scanned_ < text.size(); ++scanned_) {
    const char c = text[scanned_];
    const bool accepted = accepts(c);
    if (accepted && c != '\n') continue;
    if (accepted) ++scanned_;
    if (accepted && parse_start_line(text.substr(0, scanned_))) return Verdict::kLine;
    // Nothing within what was a status line for sure is looked at again: that bounds the cost of garbage.
    return status_digits_ == 3 ? Verdict::kBroken : Verdict::kNoLine;
  }
  return Verdict::kWait;
}

}  // namespace retina::rtsp
