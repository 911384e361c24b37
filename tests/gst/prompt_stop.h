#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>

#include "gst/element_runner.h"

namespace retina::test {

/// Stops an element in the middle of what `reached` waits for, five times, and fails the test unless one of
/// the stops was within `limit`: a wait that the element has in its way is there each time, while a busy
/// machine, or a sanitizer's thread that isn't scheduled, is not. TEARDOWN's own wait is left out. `prepare`
/// may set more properties.
inline void expect_prompt_stop(
    const std::string& location, GstClockTime limit, const std::function<bool(std::size_t stops)>& reached,
    const std::function<void(ElementRunner&)>& prepare = [](ElementRunner&) {}) {
  constexpr std::size_t kStops = 5;
  GstClockTime fastest = GST_CLOCK_TIME_NONE;
  for (std::size_t i = 1; i <= kStops; ++i) {
    ElementRunner runner("teardown-timeout=0 location=" + location);
    prepare(runner);
    runner.start();
    ck_assert_msg(reached(i), "the camera never got there");
    fastest = std::min(fastest, runner.stop());
  }
  ck_assert_msg(fastest <= limit, "%.1f ms", static_cast<double>(fastest) / GST_MSECOND);
}

}  // namespace retina::test
