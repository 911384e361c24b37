#include "codec/annexb.h"

#include <algorithm>
#include <cstring>

namespace retina::codec {
namespace {

constexpr std::size_t kStartCodeBytes = 3;

/// Where 00 00 01 begins; bytes.size() if nowhere.
std::size_t find_start_code(base::ByteView bytes) {
  std::size_t at = 2;
  while (at < bytes.size()) {
    // Ones are rare enough to let memchr do the walking.
    const void* one = std::memchr(bytes.data() + at, 1, bytes.size() - at);
    if (one == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - bytes.data());
    if (bytes[at - 1] == 0 && bytes[at - 2] == 0) return at - 2;
    ++at;
  }
  return bytes.size();
}

}  // namespace

base::ByteView AnnexBReader::next() {
  while (!rest_.empty()) {
    const std::size_t end = find_start_code(rest_);
    base::ByteView unit = rest_.first(end);
    rest_ = rest_.subspan(std::min(rest_.size(), end + kStartCodeBytes));
    while (!unit.empty() && unit.back() == 0)
      unit = unit.first(unit.size() - 1);
    if (!unit.empty()) return unit;
  }
  return {};
}

bool has_start_code(base::ByteView bytes) {
  return find_start_code(bytes) < bytes.size();
}

}  // namespace retina::codec
