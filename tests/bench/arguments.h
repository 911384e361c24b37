#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/ascii.h"

namespace retina::bench {

/// The command line of the benchmark's programs: `--name value`, `--name=value`, `--flag`. Anything unknown
/// or unreadable ends the program with status 2, because a benchmark that measures something else than asked
/// is worse than none.
class Arguments {
 public:
  struct Option {
    std::string_view name;
    bool takes_value;
  };

  Arguments(int argc, char** argv, std::initializer_list<Option> options) {
    for (int i = 1; i < argc; ++i) {
      const std::string_view word = argv[i];
      if (!word.starts_with("--")) reject(word);
      const auto [name, attached] = base::split_once(word.substr(2), '=');
      const Option* option = find(options, name);
      if (option == nullptr || (attached.has_value() && !option->takes_value)) reject(word);
      if (!option->takes_value) {
        values_[std::string(name)] = "";
      } else if (attached.has_value()) {
        values_[std::string(name)] = *attached;
      } else if (i + 1 < argc) {
        values_[std::string(name)] = argv[++i];
      } else {
        reject(word);
      }
    }
  }

  bool has(const std::string& name) const { return values_.count(name) != 0; }

  std::string text(const std::string& name, const std::string& fallback) const {
    const auto found = values_.find(name);
    return found == values_.end() ? fallback : found->second;
  }

  std::uint64_t number(const std::string& name, std::uint64_t fallback, std::uint64_t least,
                       std::uint64_t most) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return fallback;
    const auto value = base::parse_number<std::uint64_t>(found->second);
    if (!value.has_value() || *value < least || *value > most) reject("--" + name);
    return *value;
  }

  double seconds(const std::string& name, double fallback) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return fallback;
    char* end = nullptr;
    const double value = std::strtod(found->second.c_str(), &end);
    if (found->second.empty() || *end != '\0' || !(value >= 0 && value <= 86400)) reject("--" + name);
    return value;
  }

 private:
  static const Option* find(std::initializer_list<Option> options, std::string_view name) {
    for (const Option& option : options) {
      if (option.name == name) return &option;
    }
    return nullptr;
  }

  [[noreturn]] static void reject(std::string_view word) {
    std::fprintf(stderr, "bad argument: %.*s\n", static_cast<int>(word.size()), word.data());
    std::exit(2);
  }

  std::map<std::string, std::string> values_;
};

}  // namespace retina::bench
