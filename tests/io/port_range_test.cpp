#include "io/port_range.h"

#include "support/check.h"

namespace {

using retina::io::parse_port_range;

LAW(a_range_holds_at_least_one_even_port_with_the_next) {
  struct {
    const char* text;
    int first;  ///< -1: refused
    int last;
  } const cases[] = {
      {"5000-5100", 5000, 5100},
      {" 5000 - 5001 ", 5000, 5001},
      {"5001-5003", 5001, 5003},
      {"65534-65535", 65534, 65535},
      {"", 0, 0},
      {"0-0", 0, 0},
      {"5001-5002", -1, 0},
      {"5000-5000", -1, 0},
      {"5000", -1, 0},
      {"5100-5000", -1, 0},
      {"0-100", -1, 0},
      {"65535-65535", -1, 0},
      {"5000-70000", -1, 0},
      {"a-b", -1, 0},
      {"-", -1, 0},
      {"-5", -1, 0},
      {"5000-5100-5200", -1, 0},
  };
  for (const auto& c : cases) {
    const auto range = parse_port_range(c.text);
    ck_assert_msg(range.has_value() == (c.first >= 0), "'%s'", c.text);
    if (!range) continue;
    ck_assert_int_eq(range->first, c.first);
    ck_assert_int_eq(range->last, c.last);
    ck_assert(range->any() == (c.first == 0));
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("port_range");
}
