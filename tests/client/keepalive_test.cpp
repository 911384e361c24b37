#include "client/keepalive.h"

#include "support/check.h"

namespace {

using namespace std::chrono_literals;
using retina::base::TimePoint;
using retina::client::KeepAlive;

constexpr TimePoint kStart{1h};

LAW(requests_are_due_at_half_the_session_timeout_within_bounds) {
  struct {
    std::chrono::seconds timeout;
    std::chrono::milliseconds interval;
  } const cases[] = {{60s, 30s}, {15s, 7500ms}, {600s, 30s}, {10s, 5s}, {1s, 500ms}, {0s, 500ms}};
  for (const auto& c : cases) {
    KeepAlive keepalive;
    keepalive.start(c.timeout, kStart);
    ck_assert_int_eq((keepalive.due() - kStart).count(), std::chrono::nanoseconds(c.interval).count());
    ck_assert(keepalive.interval() == c.interval);
  }
}

LAW(the_method_is_the_first_that_the_server_offers) {
  struct {
    std::vector<std::string> offered;
    const char* method;
  } const cases[] = {
      {{}, "OPTIONS"},
      {{"OPTIONS", "DESCRIBE", "GET_PARAMETER", "set_parameter"}, "SET_PARAMETER"},
      {{"OPTIONS", "GET_PARAMETER"}, "GET_PARAMETER"},
      {{"OPTIONS", "DESCRIBE"}, "OPTIONS"},
  };
  for (const auto& c : cases) {
    KeepAlive keepalive;
    keepalive.learn(c.offered);
    keepalive.start(60s, kStart);
    ASSERT_TEXT(keepalive.take(kStart), c.method);
  }
}

LAW(a_refused_method_gives_way_to_the_next_and_options_stays) {
  KeepAlive keepalive;
  keepalive.learn({"SET_PARAMETER", "GET_PARAMETER"});
  keepalive.start(60s, kStart);
  for (const char* method : {"SET_PARAMETER", "GET_PARAMETER", "OPTIONS", "OPTIONS"}) {
    ASSERT_TEXT(keepalive.take(kStart), method);
    keepalive.on_refused(method);
  }
}

LAW(before_methods_are_known_get_parameter_is_tried_only_where_options_is_refused) {
  KeepAlive keepalive;
  keepalive.start(60s, kStart);
  for (const char* method : {"OPTIONS", "GET_PARAMETER", "GET_PARAMETER"}) {
    ASSERT_TEXT(keepalive.take(kStart), method);
    keepalive.on_refused(method);
  }
}

LAW(what_was_refused_is_not_taken_up_again_though_the_server_lists_it) {
  KeepAlive keepalive;
  keepalive.learn({"SET_PARAMETER", "GET_PARAMETER"});
  keepalive.start(60s, kStart);
  keepalive.on_refused("SET_PARAMETER");
  keepalive.learn({"SET_PARAMETER", "GET_PARAMETER"});
  ASSERT_TEXT(keepalive.take(kStart), "GET_PARAMETER");
  keepalive.on_refused("GET_PARAMETER");
  keepalive.learn({"GET_PARAMETER", "OPTIONS"});
  ASSERT_TEXT(keepalive.take(kStart), "OPTIONS");
}

LAW(each_request_puts_the_next_one_interval_off) {
  KeepAlive keepalive;
  keepalive.start(20s, kStart);
  keepalive.take(kStart + 12s);
  ck_assert(keepalive.due() == kStart + 22s);
}

}  // namespace

int main() {
  return retina::test::run_laws("keepalive");
}
