#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace retina::bench {

/// Builds one JSON object (RFC 8259), member by member, in the order of the calls.
class JsonObject {
 public:
  template <class T>
  JsonObject& add(std::string_view name, T value) {
    static_assert(std::is_arithmetic_v<T>);
    if constexpr (std::is_same_v<T, bool>) {
      return add_raw(name, value ? "true" : "false");
    } else if constexpr (std::is_floating_point_v<T>) {
      char text[40];
      std::snprintf(text, sizeof text, "%.9g", static_cast<double>(value));
      return add_raw(name, text);
    } else {
      return add_raw(name, std::to_string(value));
    }
  }

  JsonObject& add(std::string_view name, const std::vector<std::uint64_t>& values) {
    std::string text = "[";
    for (const std::uint64_t value : values) {
      if (text.size() > 1) text += ',';
      text += std::to_string(value);
    }
    return add_raw(name, text + "]");
  }

  JsonObject& add_text(std::string_view name, std::string_view value) { return add_raw(name, quoted(value)); }
  JsonObject& add_object(std::string_view name, const JsonObject& value) {
    return add_raw(name, value.text());
  }

  std::string text() const { return "{" + members_ + "}"; }

  /// One line on standard output.
  void print() const {
    std::printf("%s\n", text().c_str());
    std::fflush(stdout);
  }

 private:
  JsonObject& add_raw(std::string_view name, std::string_view value) {
    if (!members_.empty()) members_ += ",";
    members_ += quoted(name) + ":";
    members_ += value;
    return *this;
  }

  static std::string quoted(std::string_view value) {
    std::string result = "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') result += '\\';
      result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return result + "\"";
  }

  std::string members_;
};

}  // namespace retina::bench
