#include "support/rtsp_text.h"

#include <algorithm>

#include "base/ascii.h"

namespace retina::test {

namespace {

/// Where the header ends and how long its blank line is.
struct HeaderEnd {
  std::size_t at;
  std::size_t length;
};

std::optional<HeaderEnd> find_header_end(std::string_view text) {
  const std::size_t crlf = text.find("\r\n\r\n");
  const std::size_t lf = text.find("\n\n");
  if (crlf == std::string_view::npos && lf == std::string_view::npos) return std::nullopt;
  if (crlf < lf) return HeaderEnd{crlf, 4};
  return HeaderEnd{lf, 2};
}

RtspRequest parse_header(std::string_view text) {
  RtspRequest request;
  std::string_view first = base::take_until(text, '\n');
  const base::SplitPair method = base::split_once(first, ' ');
  const base::SplitPair url = base::split_once(method.tail.value_or(""), ' ');
  const bool is_response = method.head.substr(0, 5) == "RTSP/";
  request.method = is_response ? "RESPONSE" : std::string(method.head);
  request.url = url.head;
  request.version = is_response ? method.head : url.tail.value_or("");
  while (!text.empty()) {
    const base::SplitPair line = base::split_once(base::take_until(text, '\n'), ':');
    request.headers.emplace_back(base::trim(line.head), base::trim(line.tail.value_or("")));
  }
  return request;
}

}  // namespace

std::optional<std::string> RtspRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (base::equals_ignore_case(key, name)) return value;
  }
  return std::nullopt;
}

std::string RtspRequest::header_or_empty(std::string_view name) const {
  return header(name).value_or("");
}

bool RtspReader::skip_packet() {
  if (buffer_.size() < 4) return false;
  const base::ByteView bytes = base::as_bytes(buffer_);
  const std::size_t size = 4 + std::size_t{base::load_be16(bytes.data() + 2)};
  if (bytes.size() < size) return false;
  packets_.emplace_back(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  buffer_.erase(0, size);
  return true;
}

std::optional<RtspRequest> RtspReader::next() {
  while (!buffer_.empty() && buffer_.front() == '$') {
    if (!skip_packet()) return std::nullopt;
  }
  const auto end = find_header_end(buffer_);
  if (!end) return std::nullopt;
  RtspRequest request = parse_header(std::string_view(buffer_).substr(0, end->at));
  const auto length = base::parse_number<std::size_t>(request.header_or_empty("Content-Length")).value_or(0);
  const std::size_t body_at = end->at + end->length;
  // A tunnel's POST announces a length that never comes: its body is a stream of its own.
  const bool is_http = request.version.starts_with("HTTP/");
  const std::size_t total = is_http ? body_at : body_at + length;
  if (buffer_.size() < total) return std::nullopt;
  request.text = buffer_.substr(0, total);
  request.body = request.text.substr(body_at);
  buffer_.erase(0, total);
  return request;
}

std::string expand(std::string_view text, const Placeholders& values) {
  std::string expanded;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    expanded += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const std::string_view name = text.substr(1, close == std::string_view::npos ? 0 : close - 1);
    std::string_view replacement = text.substr(0, 1);
    std::size_t consumed = 1;
    for (const auto& [key, value] : values) {
      if (key != name) continue;
      replacement = value;
      consumed = close + 1;
      break;
    }
    expanded += replacement;
    text.remove_prefix(consumed);
  }
  return expanded;
}

std::string finish_message(std::string_view text, std::string_view body) {
  if (text.find("\r\n\r\n") != std::string_view::npos) return std::string(text) + std::string(body);
  std::string message;
  while (!text.empty()) {
    const std::string_view line = base::take_until(text, '\n');
    if (!line.empty()) message.append(line).append("\r\n");
  }
  if (!body.empty()) message += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return message + "\r\n" + std::string(body);
}

base::Bytes interleave(std::uint8_t channel, base::ByteView payload) {
  base::Bytes framed(4 + payload.size());
  framed[0] = '$';
  framed[1] = channel;
  base::store_be16(framed.data() + 2, static_cast<std::uint16_t>(payload.size()));
  std::copy(payload.begin(), payload.end(), framed.begin() + 4);
  return framed;
}

std::optional<std::string> parameter(std::string_view header, std::string_view name, char separator) {
  while (!header.empty()) {
    const base::SplitPair part = base::split_once(base::take_until(header, separator), '=');
    if (!part.tail || !base::equals_ignore_case(base::trim(part.head), name)) continue;
    std::string_view value = base::trim(*part.tail);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return std::nullopt;
}

}  // namespace retina::test
