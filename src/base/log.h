#pragma once

#include <string_view>

namespace retina::base {

enum class LogLevel { kError, kWarning, kInfo, kDebug, kTrace };

/// Where diagnostics go; the owner of a session injects it. Ask `enabled` before formatting anything: the hot
/// path never formats. Callers never pass credentials. Called on the thread that drives the object that logs.
class Log {
 public:
  virtual ~Log() = default;
  virtual bool enabled(LogLevel level) const = 0;
  virtual void write(LogLevel level, std::string_view text) = 0;
};

/// Throws everything away.
class NullLog final : public Log {
 public:
  bool enabled(LogLevel) const override { return false; }
  void write(LogLevel, std::string_view) override {}
};

}  // namespace retina::base
