#include "codec/annexb.h"

#include <vector>

#include "codec/bit_reader.h"
#include "support/check.h"

namespace {

using namespace retina;
using base::Bytes;

std::vector<Bytes> split(const Bytes& bytes) {
  std::vector<Bytes> parts;
  codec::AnnexBReader reader(bytes);
  for (auto part = reader.next(); !part.empty(); part = reader.next())
    parts.emplace_back(part.begin(), part.end());
  return parts;
}

LAW(start_codes_separate_and_zeros_around_them_belong_to_nothing) {
  struct {
    Bytes bytes;
    std::vector<Bytes> parts;
  } const cases[] = {
      {{}, {}},
      {{0, 0, 0}, {}},
      {{5, 6}, {{5, 6}}},
      {{0, 0, 1, 5}, {{5}}},
      {{0, 0, 0, 1, 5, 0, 0, 1, 6}, {{5}, {6}}},
      {{5, 0, 0, 0, 0, 1, 6, 0, 0}, {{5}, {6}}},
      {{5, 0, 0, 1, 0, 0, 1, 6}, {{5}, {6}}},
      {{5, 0, 1, 6}, {{5, 0, 1, 6}}},
      {{5, 0, 0, 2, 6}, {{5, 0, 0, 2, 6}}},
      {{1, 1, 0, 0, 1}, {{1, 1}}},
  };
  for (const auto& c : cases)
    ck_assert(split(c.bytes) == c.parts);
}

LAW(a_start_code_is_seen_wherever_it_stands) {
  for (std::size_t size = 3; size < 40; ++size) {
    for (std::size_t at = 0; at + 3 <= size; ++at) {
      Bytes bytes(size, 9);
      ck_assert(!codec::has_start_code(bytes));
      bytes[at] = bytes[at + 1] = 0;
      bytes[at + 2] = 1;
      ck_assert(codec::has_start_code(bytes));
    }
  }
}

LAW(bits_are_read_without_emulation_prevention_bytes) {
  const Bytes bytes{0x00, 0x00, 0x03, 0x01, 0xFF};
  codec::BitReader reader(bytes);
  ck_assert(reader.bits(24) == 1U);
  ck_assert(reader.bits(8) == 0xFFU);
  ck_assert(!reader.bits(1));
}

LAW(exp_golomb_codes_are_read_to_their_limit) {
  struct {
    Bytes bytes;
    std::optional<std::uint32_t> value;
  } const cases[] = {
      {{0x80}, 0U}, {{0x40}, 1U},           {{0x60}, 2U},       {{0x20}, 3U},
      {{0x38}, 6U}, {{0x00}, std::nullopt}, {{}, std::nullopt}, {Bytes(20, 0), std::nullopt},
  };
  for (const auto& c : cases)
    ck_assert(codec::BitReader(c.bytes).exp_golomb() == c.value);
}

}  // namespace

int main() {
  return retina::test::run_laws("annexb");
}
