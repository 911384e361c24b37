#include "sdp/range.h"

#include "support/check.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using Time = std::optional<base::Duration>;

LAW(ranges_are_read_as_far_as_they_can_be) {
  struct {
    const char* text;
    bool live;
    Time start;
    Time end;
  } const cases[] = {
      {"npt=now-", true, {}, {}},
      {"NPT = Now -", true, {}, {}},
      {"npt=0-", false, 0ns, {}},
      {"npt=0.000-596.48", false, 0ns, 596480ms},
      {"npt=0,5-1,25", false, 500ms, 1250ms},
      {"npt=2:00-1:02:03.5", false, 2min, 1h + 2min + 3500ms},
      {"npt=596.48-0", false, 0ns, 596480ms},
      {"npt=-5", false, {}, 5s},
      {"npt=0-10;time=19970123T143720Z", false, 0ns, 10s},
      {"0-10", false, 0ns, 10s},
      {"npt=", false, {}, {}},
      {"npt=abc-10", false, {}, 10s},
      {"npt=1:2:3:4-", false, {}, {}},
      {"npt=99999999999999999999-", false, {}, {}},
      {"clock=19961108T142300Z-19961108T143520Z", false, {}, {}},
      {"smpte=10:07:00-10:07:33:05.01", false, {}, {}},
  };
  for (const auto& c : cases) {
    const sdp::Range range = sdp::parse_range(c.text);
    ck_assert_msg(range.live == c.live && range.start == c.start && range.end == c.end, "%s", c.text);
    ASSERT_TEXT(range.text, c.text);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("sdp range");
}
