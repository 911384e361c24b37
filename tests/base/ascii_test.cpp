#include "base/ascii.h"

#include "support/check.h"

namespace {

using namespace retina::base;

static_assert(equals_ignore_case("CSeq", "cSEQ") && !equals_ignore_case("CSeq", "CSe"));
static_assert(trim(" \t a b \r\n") == "a b" && trim("  ").empty());

LAW(take_until_yields_every_part_then_empties_the_rest) {
  std::string_view rest = " a ;b;; c";
  ASSERT_TEXT(take_until(rest, ';'), "a");
  ASSERT_TEXT(take_until(rest, ';'), "b");
  ASSERT_TEXT(take_until(rest, ';'), "");
  ASSERT_TEXT(take_until(rest, ';'), "c");
  ck_assert(rest.empty());
}

LAW(split_once_tells_an_empty_tail_from_a_missing_one) {
  ck_assert(split_once("a=", '=').tail == "");
  ck_assert(!split_once("a", '=').tail.has_value());
  ck_assert(split_once("a=b=c", '=').tail == "b=c");
}

LAW(numbers_are_whole_unsigned_and_in_range) {
  struct {
    const char* text;
    int base;
    std::optional<std::uint16_t> expected;
  } const cases[] = {
      {"0", 10, 0},           {"65535", 10, 65535},     {"65536", 10, std::nullopt}, {"-1", 10, std::nullopt},
      {"", 10, std::nullopt}, {" 1", 10, std::nullopt}, {"1 ", 10, std::nullopt},    {"+1", 10, std::nullopt},
      {"ff", 16, 255},        {"fG", 16, std::nullopt},
  };
  for (const auto& c : cases)
    ck_assert_msg(parse_number<std::uint16_t>(c.text, c.base) == c.expected, "%s", c.text);
}

LAW(printable_escapes_and_bounds_what_it_shows) {
  ASSERT_TEXT(printable("a\r\n\\\x80"), "a\\x0d\\x0a\\x5c\\x80");
  ASSERT_TEXT(printable("abcdef", 3), "abc…");
}

LAW(an_url_with_credentials_in_a_text_is_noticed) {
  for (const char* text : {"rtsp://a:b@host/", "see rtsp://a@host", "http://[::1]/?x=@"})
    ck_assert_msg(may_hold_userinfo(text), "%s", text);
  for (const char* text : {"", "rtsp://host/stream", "a@b.example", "a@b: rtsp://host", "://"})
    ck_assert_msg(!may_hold_userinfo(text), "%s", text);
}

}  // namespace

int main() {
  return retina::test::run_laws("ascii");
}
