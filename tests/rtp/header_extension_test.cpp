#include "rtp/header_extension.h"

#include "support/check.h"

namespace {

using namespace retina;
using rtp::ExtensionIds;
using rtp::parse_extension_time;

constexpr ExtensionIds kIds{3, 5};
constexpr std::uint64_t kNtp = 0x0102030405060708;

LAW(onvif_replay_gives_the_time_and_its_flags) {
  const struct {
    std::uint8_t flags;
    bool clean, end, discontinuity;
  } cases[] = {{0x00, false, false, false}, {0x80, true, false, false}, {0x40, false, true, false},
               {0x20, false, false, true},  {0xE0, true, true, true},   {0x1F, false, false, false}};
  for (const auto& one : cases) {
    const base::Bytes bytes{1, 2, 3, 4, 5, 6, 7, 8, one.flags, 9, 0, 0};
    const auto time = parse_extension_time(0xABAC, bytes, {});
    ck_assert(time && time->ntp == kNtp && !time->shortened);
    ck_assert(time->clean_point == one.clean && time->end == one.end &&
              time->discontinuity == one.discontinuity);
  }
}

LAW(rfc_6051_is_found_by_the_identifier_of_the_sdp) {
  const struct {
    const char* what;
    std::uint16_t profile;
    base::Bytes bytes;
    std::optional<std::uint64_t> ntp;
    bool shortened;
  } cases[] = {
      {"one byte, 64 bits", 0xBEDE, {0x37, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0}, kNtp, false},
      {"one byte, 56 bits", 0xBEDE, {0x56, 2, 3, 4, 5, 6, 7, 8}, 0x02030405060708, true},
      {"behind another one and padding", 0xBEDE, {0x10, 9, 0, 0, 0x37, 1, 2, 3, 4, 5, 6, 7, 8}, kNtp, false},
      {"two bytes", 0x1000, {3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0}, kNtp, false},
      {"two bytes, with application bits", 0x100F, {5, 7, 2, 3, 4, 5, 6, 7, 8}, 0x02030405060708, true},
      {"two bytes, behind an empty one", 0x1000, {9, 0, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8}, kNtp, false},
      {"other identifier", 0xBEDE, {0x47, 1, 2, 3, 4, 5, 6, 7, 8}, std::nullopt, false},
      {"other length", 0xBEDE, {0x36, 1, 2, 3, 4, 5, 6, 7}, std::nullopt, false},
      {"after the end", 0xBEDE, {0xF0, 0, 0x37, 1, 2, 3, 4, 5, 6, 7, 8}, std::nullopt, false},
      {"cut", 0xBEDE, {0x37, 1, 2, 3, 4, 5, 6, 7}, std::nullopt, false},
      {"cut after the identifier", 0x1000, {3}, std::nullopt, false},
      {"length beyond the end", 0x1000, {3, 200, 1, 2}, std::nullopt, false},
      {"unknown profile", 0x1234, {0x37, 1, 2, 3, 4, 5, 6, 7, 8}, std::nullopt, false},
      {"empty", 0xBEDE, {}, std::nullopt, false},
      {"short ONVIF", 0xABAC, {1, 2, 3, 4, 5, 6, 7, 8}, std::nullopt, false},
  };
  for (const auto& one : cases) {
    const auto time = parse_extension_time(one.profile, one.bytes, kIds);
    ck_assert_msg(time.has_value() == one.ntp.has_value(), "%s", one.what);
    if (time) ck_assert_msg(time->ntp == *one.ntp && time->shortened == one.shortened, "%s", one.what);
  }
}

LAW(without_identifiers_no_element_is_a_time) {
  ck_assert(!parse_extension_time(0xBEDE, base::Bytes{0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0}, {}));
  ck_assert(!parse_extension_time(0xBEDE, base::Bytes{0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0}, {0, 5}));
}

}  // namespace

int main() {
  return retina::test::run_laws("header_extension");
}
