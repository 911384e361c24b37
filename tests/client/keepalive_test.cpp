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
    std::chrono::seconds interval;
  } const cases[] = {{60s, 30s}, {15s, 7s}, {600s, 30s}, {1s, 1s}, {0s, 1s}};
  for (const auto& c : cases) {
    KeepAlive keepalive;
    keepalive.start(c.timeout, kStart);
    const auto interval = std::chrono::duration_cast<std::chrono::seconds>(keepalive.due() - kStart);
    ck_assert_int_eq(interval.count(), c.interval.count());
  }
}

LAW(the_method_is_the_first_that_the_server_offers) {
  struct {
    std::vector<std::string> offered;
    const char* method;
  } const cases[] = {
      {{}, "GET_PARAMETER"},
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
