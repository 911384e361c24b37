#include "rtsp/hash.h"

#include <glib.h>

#include <memory>

#include "base/bytes.h"
#include "rtsp/sha512_256.h"

namespace retina::rtsp {
namespace {

std::string hex(base::ByteView bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes)
    out += {kHex[byte >> 4], kHex[byte & 0xF]};
  return out;
}

std::string checksum(GChecksumType type, std::string_view text) {
  const auto bytes = base::as_bytes(text);
  const std::unique_ptr<char, decltype(&g_free)> sum(
      g_compute_checksum_for_data(type, bytes.data(), bytes.size()), g_free);
  return sum.get();
}

}  // namespace

std::string hex_hash(HashAlgorithm algorithm, std::string_view text) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return checksum(G_CHECKSUM_SHA256, text);
    case HashAlgorithm::kSha512_256:
      return hex(sha512_256(base::as_bytes(text)));
    case HashAlgorithm::kMd5:
      break;
  }
  return checksum(G_CHECKSUM_MD5, text);
}

}  // namespace retina::rtsp
