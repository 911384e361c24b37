#include "io/http_response.h"

#include "base/ascii.h"

namespace retina::io {

using base::ErrorCode;

std::optional<std::string_view> HttpResponse::find(std::string_view name) const {
  for (const auto& [header, value] : headers) {
    if (base::equals_ignore_case(header, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> HttpResponse::find_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [header, value] : headers) {
    if (base::equals_ignore_case(header, name)) values.emplace_back(value);
  }
  return values;
}

base::Result<std::size_t> HttpResponseReader::take(base::ByteView bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !done_) {
    if (offset_ == kMaxHttpHeadBytes) return base::fail(ErrorCode::kTooLarge, offset_, "HTTP head");
    const char c = static_cast<char>(bytes[taken++]);
    ++offset_;
    if (c != '\n') {
      line_ += c;
      continue;
    }
    CHECK_OK(end_line());
    line_.clear();
  }
  return taken;
}

base::Result<void> HttpResponseReader::end_line() {
  std::string_view line = line_;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!started_) return status_line(line);
  if (line.empty()) {
    done_ = true;
    return {};
  }
  return header_line(line);
}

/// RFC 9112 s4: "HTTP/1." DIGIT SP 3DIGIT [SP reason].
base::Result<void> HttpResponseReader::status_line(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kStatusAt = kVersion.size() + 2;
  const bool shaped = line.size() >= kStatusAt + 3 && line.substr(0, kVersion.size()) == kVersion &&
                      base::is_digit(line[kVersion.size()]) && line[kStatusAt - 1] == ' ' &&
                      (line.size() == kStatusAt + 3 || line[kStatusAt + 3] == ' ');
  if (!shaped) return base::fail(ErrorCode::kMalformed, 0, "HTTP status line");
  const auto status = base::parse_number<unsigned>(line.substr(kStatusAt, 3));
  if (!status || *status < 100 || *status > 599) {
    return base::fail(ErrorCode::kMalformed, kStatusAt, "HTTP status");
  }
  response_.status = *status;
  response_.reason = std::string(base::trim(line.substr(kStatusAt + 3)));
  started_ = true;
  return {};
}

base::Result<void> HttpResponseReader::header_line(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') {
    if (folds_) response_.headers.back().second.append(" ").append(base::trim(line));
    return {};
  }
  const auto [name, value] = base::split_once(line, ':');
  folds_ = value.has_value() && !base::trim(name).empty();
  if (!folds_) return {};
  if (response_.headers.size() == kMaxHttpHeaders) {
    return base::fail(ErrorCode::kTooLarge, offset_, "HTTP headers");
  }
  response_.headers.emplace_back(base::trim(name), base::trim(*value));
  return {};
}

}  // namespace retina::io
