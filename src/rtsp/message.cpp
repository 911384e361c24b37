#include "rtsp/message.h"

#include <algorithm>

#include "base/ascii.h"

namespace retina::rtsp {
namespace {

/// RFC 2616 s2.2, without '$', which starts a packet where a header line starts.
bool is_token(char c) {
  return c > 0x20 && c < 0x7F && std::string_view("$()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
}

std::string token_only(std::string_view text) {
  std::string token;
  std::copy_if(text.begin(), text.end(), std::back_inserter(token), is_token);
  return token;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

void write_text(std::string& out, std::string_view text) {
  for (const char c : text)
    out += is_control(c) && c != '\t' ? ' ' : c;
}

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token);
}

void write_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_name(name)) return;
  out += name;
  out += ": ";
  write_text(out, value);
  out += "\r\n";
}

bool is_written_first(std::string_view name) {
  return base::equals_ignore_case(name, "CSeq") || base::equals_ignore_case(name, "User-Agent");
}

void write_rest(std::string& out, const Headers& headers, const std::string& body) {
  // Simple servers look for CSeq in the first line only.
  for (const char* first : {"CSeq", "User-Agent"}) {
    if (const auto value = headers.get(first)) write_field(out, first, *value);
  }
  for (const auto& [name, value] : headers) {
    if (is_written_first(name) || base::equals_ignore_case(name, "Content-Length")) continue;
    write_field(out, name, value);
  }
  if (!body.empty()) write_field(out, "Content-Length", std::to_string(body.size()));
  out += "\r\n";
  out += body;
}

}  // namespace

void Headers::add(std::string name, std::string value) {
  fields_.push_back({std::move(name), std::move(value)});
}

void Headers::set(std::string_view name, std::string value) {
  const auto is_named = [&](const Field& field) { return base::equals_ignore_case(field.name, name); };
  const auto first = std::find_if(fields_.begin(), fields_.end(), is_named);
  if (first == fields_.end()) return add(std::string(name), std::move(value));
  first->value = std::move(value);
  fields_.erase(std::remove_if(first + 1, fields_.end(), is_named), fields_.end());
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return base::equals_ignore_case(field.name, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Field& field : fields_) {
    if (base::equals_ignore_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Field& field : fields_) {
    if (base::equals_ignore_case(field.name, name)) values.push_back(field.value);
  }
  return values;
}

std::optional<std::string> Headers::joined(std::string_view name) const {
  std::optional<std::string> list;
  for (const std::string_view value : all(name)) {
    if (list) {
      *list += ", ";
    } else {
      list.emplace();
    }
    *list += value;
  }
  return list;
}

void Headers::extend_last(std::string_view text) {
  if (fields_.empty() || text.empty()) return;
  std::string& value = fields_.back().value;
  if (!value.empty()) value += ' ';
  value += text;
}

std::string wire_uri(std::string_view uri) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(uri.size());
  for (const char c : uri) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 0xF]};
    }
  }
  return out;
}

std::string serialise(const Request& request) {
  const std::string uri = wire_uri(request.uri);
  std::string out = token_only(request.method) + ' ' + (uri.empty() ? "*" : uri) + " RTSP/1.0\r\n";
  write_rest(out, request.headers, request.body);
  return out;
}

std::string serialise(const Response& response) {
  std::string out = "RTSP/1.0 " + std::to_string(response.status) + ' ';
  write_text(out, response.reason);
  out += "\r\n";
  write_rest(out, response.headers, response.body);
  return out;
}

}  // namespace retina::rtsp
