#include "base/base64.h"

#include <array>

#include "base/ascii.h"

namespace retina::base {
namespace {

constexpr std::uint8_t kInvalid = 0xFF;

constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  for (auto& entry : table)
    entry = kInvalid;
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto kTable = make_table();
static_assert(kTable['A'] == 0 && kTable['/'] == 63 && kTable['='] == kInvalid);

}  // namespace

Result<Bytes> decode_base64(std::string_view text) {
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  unsigned digits = 0;
  bool padded = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_space(text[i])) continue;
    if (text[i] == '=') {
      padded = true;
      continue;
    }
    const std::uint8_t digit = kTable[static_cast<unsigned char>(text[i])];
    if (digit == kInvalid || padded) return fail(ErrorCode::kMalformed, i, "base64 digit");
    bits = (bits << 6) | digit;
    if (++digits % 4 == 0) {
      out.push_back(static_cast<std::uint8_t>(bits >> 16));
      out.push_back(static_cast<std::uint8_t>(bits >> 8));
      out.push_back(static_cast<std::uint8_t>(bits));
    }
  }
  switch (digits % 4) {
    case 1:
      return fail(ErrorCode::kMalformed, text.size(), "base64 length");
    case 2:
      out.push_back(static_cast<std::uint8_t>(bits >> 4));
      break;
    case 3:
      out.push_back(static_cast<std::uint8_t>(bits >> 10));
      out.push_back(static_cast<std::uint8_t>(bits >> 2));
      break;
    default:
      break;
  }
  return out;
}

}  // namespace retina::base
