#include "sdp/fmtp.h"

#include "support/check.h"

namespace {

using namespace retina::sdp;

/// Every parameter as "[name|value]".
std::string parameters_of(std::string_view text) {
  std::string all;
  for (const Parameter& p : parse_format_parameters(text).parameters)
    all += "[" + p.name + "|" + p.value + "]";
  return all;
}

LAW(parameters_are_read_as_cameras_write_them) {
  struct {
    const char* what;
    const char* text;
    const char* expected;
  } const cases[] = {
      {"plain", "a=1;b=2", "[a|1][b|2]"},
      {"spaces", " a = 1 ; b=2 ", "[a|1][b|2]"},
      {"trailing semicolon", "a=1;b=2;", "[a|1][b|2]"},
      {"empty items", ";;a=1; ;;b=2; ;", "[a|1][b|2]"},
      {"without values", "a;b=;c", "[a|][b|][c|]"},
      {"without a name", "=1;a=2", "[a|2]"},
      {"quotes", "a=\"1\";b=\"\"", "[a|1][b|]"},
      {"a semicolon in quotes", "a=\"1;2\" ;b=3", "[a|1;2][b|3]"},
      {"a quote that isn't closed", "a=\"1;b=2", "[a|1][b|2]"},
      {"a quote in the middle", "a=1\"2;b=3\"4", "[a|1\"2][b|3\"4]"},
      {"base64 with padding", "s=Z00A==,aO4=;b=1", "[s|Z00A==,aO4=][b|1]"},
      {"upper-case names", "SizeLength=13", "[SizeLength|13]"},
      {"nothing", "", ""},
  };
  for (const auto& c : cases) {
    const std::string parameters = parameters_of(c.text);
    ck_assert_msg(parameters == c.expected, "%s: %s", c.what, parameters.c_str());
  }
}

LAW(the_number_of_parameters_is_bounded) {
  std::string text;
  for (std::size_t i = 0; i < kMaxFormatParameters; ++i)
    text += "a;";
  ck_assert(parse_format_parameters(text).complete);
  const FormatParameters cut = parse_format_parameters(text + "b");
  ck_assert(!cut.complete);
  ck_assert_uint_eq(cut.parameters.size(), kMaxFormatParameters);
}

LAW(a_line_without_parameters_is_none) {
  for (const char* value : {"", "96", "96 ", "96 ;", "96 ; ;\t", "abc", ";"})
    ck_assert_msg(!split_format_line(value), "%s", value);
}

LAW(a_line_may_come_without_its_payload_type) {
  ck_assert(split_format_line("96 a=1")->payload_type == 96);
  ASSERT_TEXT(split_format_line("96 a=1")->parameters, "a=1");
  ASSERT_TEXT(split_format_line("\t96\ta=1;b")->parameters, "a=1;b");
  ck_assert(!split_format_line("a=1;b=2")->payload_type);
  ASSERT_TEXT(split_format_line("a=1;b=2")->parameters, "a=1;b=2");
  ck_assert(!split_format_line("300 a=1")->payload_type);
}

}  // namespace

int main() {
  return retina::test::run_laws("sdp fmtp");
}
