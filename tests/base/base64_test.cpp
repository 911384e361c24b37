#include "base/base64.h"

#include "support/check.h"

namespace {

using namespace retina::base;

LAW(decoding_accepts_what_encoders_and_sloppy_cameras_write) {
  struct {
    const char* text;
    const char* decoded;
  } const cases[] = {
      {"", ""},
      {"Zg==", "f"},
      {"Zg", "f"},
      {"Zm8=", "fo"},
      {"Zm8", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYmFy", "foobar"},
      {" Zm9v\r\nYmFy ", "foobar"},
  };
  for (const auto& c : cases) {
    const auto decoded = decode_base64(c.text);
    ck_assert_msg(decoded.has_value(), "%s", c.text);
    ASSERT_TEXT(as_text(*decoded), c.decoded);
  }
}

LAW(decoding_names_the_first_byte_outside_of_the_alphabet) {
  struct {
    const char* text;
    std::size_t offset;
  } const cases[] = {{"Zm9v!", 4}, {"Z", 1}, {"Zg==Zg==", 4}, {"\x80", 0}};
  for (const auto& c : cases) {
    const auto decoded = decode_base64(c.text);
    ck_assert_msg(!decoded.has_value(), "%s", c.text);
    ck_assert_uint_eq(decoded.error().offset, c.offset);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("base64");
}
