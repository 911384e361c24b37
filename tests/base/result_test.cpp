#include "base/result.h"

#include <memory>
#include <string>

#include "support/check.h"

namespace {

using namespace retina::base;

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kMalformed, 7, "odd");
  return value / 2;
}

Result<std::string> quarter(int value) {
  TRY(const int once, half(value));
  TRY(const int twice, half(once));
  return std::to_string(twice);
}

Result<void> must_be_even(int value) {
  CHECK_OK(half(value));
  return {};
}

LAW(try_passes_values_on_and_returns_the_first_error) {
  ASSERT_TEXT(quarter(12).value(), "3");
  const auto failed = quarter(6);
  ck_assert(!failed && failed.error().code == ErrorCode::kMalformed);
  ck_assert_uint_eq(failed.error().offset, 7);
}

LAW(check_ok_returns_the_error_of_a_step_without_a_value) {
  ck_assert(must_be_even(2).has_value());
  ASSERT_TEXT(must_be_even(3).error().what, "odd");
}

LAW(a_result_moves_what_cannot_be_copied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = std::move(result).value();
  ck_assert_int_eq(*taken, 5);
}

}  // namespace

int main() {
  return retina::test::run_laws("result");
}
