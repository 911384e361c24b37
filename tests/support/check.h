#pragma once

#include <gst/check/gstcheck.h>
#undef fail  // Check defines it as a macro; in this project it makes an error Result

#include <string>
#include <vector>

/// A thin layer over Check: `LAW(name) { … }` defines and registers a test, `run_laws` is main()'s body.
/// Inside, use Check's assertions (ck_assert, ck_assert_int_eq, …) and the ones below. Each law runs in a
/// process of its own.
namespace retina::test {

struct Law {
  const char* name;
  TFun run;
};

inline std::vector<Law>& registered_laws() {
  static std::vector<Law> laws;
  return laws;
}

struct LawRegistration {
  LawRegistration(const char* name, TFun run) { registered_laws().push_back({name, run}); }
};

/// Runs every law of this program; a law that takes longer than `timeout_seconds` fails. Returns main()'s
/// result.
inline int run_laws(const char* suite_name, double timeout_seconds = 20) {
  Suite* suite = suite_create(suite_name);
  for (const Law& law : registered_laws()) {
    TCase* test_case = tcase_create(law.name);
    tcase_set_timeout(test_case, timeout_seconds);
    _tcase_add_test(test_case, law.run, law.name, 0, 0, 0, 1);
    suite_add_tcase(suite, test_case);
  }
  SRunner* runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? 0 : 1;
}

}  // namespace retina::test

#define LAW(law_name)                                                                        \
  static void law_name##_body();                                                             \
  static void law_name(int) {                                                                \
    tcase_fn_start(#law_name, __FILE__, __LINE__);                                           \
    law_name##_body();                                                                       \
  }                                                                                          \
  static const ::retina::test::LawRegistration law_name##_registration{#law_name, law_name}; \
  static void law_name##_body()

/// Compares two strings of any kind and shows both.
#define ASSERT_TEXT(actual, expected)                                                                     \
  do {                                                                                                    \
    const std::string actual_text{actual};                                                                \
    const std::string expected_text{expected};                                                            \
    ck_assert_msg(actual_text == expected_text, "%s is \"%s\", not \"%s\"", #actual, actual_text.c_str(), \
                  expected_text.c_str());                                                                 \
  } while (false)
