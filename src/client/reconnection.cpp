#include "client/reconnection.h"

#include <algorithm>

namespace retina::client {
namespace {

bool is_lasting(Failure::Kind kind) {
  return kind == Failure::Kind::kNotAuthorized || kind == Failure::Kind::kNotFound ||
         kind == Failure::Kind::kUnsupported;
}

}  // namespace

std::optional<base::Duration> Reconnection::next_delay(Failure::Kind kind) {
  if (!options_.enabled || kind == Failure::Kind::kSettings) return std::nullopt;
  if (options_.attempts >= 0 && attempt_ >= static_cast<unsigned>(options_.attempts)) return std::nullopt;
  base::Duration delay = std::min(options_.delay, options_.max_delay);
  if (is_lasting(kind)) delay = options_.max_delay;
  for (unsigned doubled = 0; doubled < attempt_ && delay < options_.max_delay; ++doubled)
    delay = std::min(2 * delay, options_.max_delay);
  ++attempt_;
  return jittered(delay);
}

/// Between three quarters of it and the whole.
base::Duration Reconnection::jittered(base::Duration delay) {
  // Xorshift (Marsaglia 2003): nobody gains from guessing it.
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  const auto part = static_cast<std::int64_t>(random_ % 256);
  return delay - delay / 1024 * part;
}

}  // namespace retina::client
