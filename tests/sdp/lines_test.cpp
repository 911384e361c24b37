#include "sdp/lines.h"

#include "support/check.h"

namespace {

using namespace retina::sdp;
using namespace std::string_view_literals;

/// Every line as "type(value)".
std::string lines_of(std::string_view text) {
  std::string all;
  LineReader reader(text);
  while (const auto line = reader.next())
    all += line->type + ("(" + std::string(line->value) + ")");
  return all;
}

LAW(lines_end_in_any_way_and_the_last_one_may_not_end) {
  for (const std::string_view end :
       {"\r\n"sv, "\n"sv, "\r"sv, "\0"sv, "\r\n\0"sv, "\n\n"sv, " \t\r\n"sv, "\r\r\n"sv}) {
    const std::string sep(end);
    ASSERT_TEXT(lines_of("v=0" + sep + "s=a b" + sep + "a=x"), "v(0)s(a b)a(x)");
    ASSERT_TEXT(lines_of("v=0" + sep + "s=a b" + sep + "a=x" + sep), "v(0)s(a b)a(x)");
  }
}

LAW(what_is_no_line_is_skipped) {
  ASSERT_TEXT(lines_of(""), "");
  ASSERT_TEXT(lines_of("\xEF\xBB\xBFhello\r\n\r\n \r\na\r\n=b\r\nab=c\r\nv=1"), "v(1)");
}

LAW(white_space_around_a_line_and_its_value_is_trimmed) {
  ASSERT_TEXT(lines_of("  a=b \r\na= c\t\r\na=\r\n"), "a(b)a(c)a()");
}

LAW(a_line_knows_where_it_stands_and_how_long_it_is) {
  LineReader reader("v=0\r\n a=bc \r\n");
  ck_assert_uint_eq(reader.next()->offset, 0);
  const auto line = reader.next();
  ck_assert_uint_eq(line->offset, 5);
  ck_assert_uint_eq(line->size_bytes, 6);
}

LAW(words_are_parted_by_any_number_of_spaces_and_tabs) {
  std::string_view rest = "\t a  b\tc ";
  ASSERT_TEXT(take_word(rest), "a");
  ASSERT_TEXT(take_word(rest), "b");
  ASSERT_TEXT(take_word(rest), "c");
  ASSERT_TEXT(take_word(rest), "");
}

LAW(decimals_take_a_point_or_a_comma_and_nothing_else) {
  struct {
    const char* text;
    std::optional<double> value;
  } const cases[] = {
      {"25", 25.0},          {"12.5", 12.5},        {"12,5", 12.5},         {"0", 0.0},
      {"15.000000", 15.0},   {"", std::nullopt},    {"0S", std::nullopt},   {"-1", std::nullopt},
      {"nan", std::nullopt}, {"inf", std::nullopt}, {"1e3", std::nullopt},  {"1.2.3", std::nullopt},
      {" 1", std::nullopt},  {".5", std::nullopt},  {"0x10", std::nullopt},
  };
  for (const auto& c : cases)
    ck_assert_msg(parse_decimal(c.text) == c.value, "%s", c.text);
  ck_assert(!parse_decimal(std::string(400, '9')));
}

LAW(a_leading_number_ignores_what_follows) {
  ck_assert_uint_eq(leading_number("90000Hz"), 90000);
  ck_assert_uint_eq(leading_number("x"), 0);
  ck_assert_uint_eq(leading_number(""), 0);
  ck_assert_uint_eq(leading_number("4294967295"), 4294967295U);
  ck_assert_uint_eq(leading_number("4294967296"), 0);
}

}  // namespace

int main() {
  return retina::test::run_laws("sdp lines");
}
