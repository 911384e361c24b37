// Whatever a header holds, its parsers yield values within their documented bounds.

#include <algorithm>

#include "base/ascii.h"
#include "fuzz/fuzz.h"
#include "rtsp/headers.h"

namespace {

using namespace retina;

void check_session(std::string_view value) {
  const auto session = rtsp::parse_session(value);
  if (!session) return;
  FUZZ_REQUIRE(!session->id.empty() && base::trim(session->id) == session->id);
  FUZZ_REQUIRE(session->timeout_seconds != 0U);
}

void check_transport(std::string_view value) {
  const auto transport = rtsp::parse_transport(value);
  if (!transport) return;
  FUZZ_REQUIRE(!transport->interleaved || transport->tcp);
  FUZZ_REQUIRE(!transport->ttl || (*transport->ttl >= 0 && *transport->ttl <= 255));
}

void check_public(std::string_view value) {
  const auto methods = rtsp::parse_public(value);
  for (const std::string& method : methods) {
    FUZZ_REQUIRE(!method.empty() && std::count(methods.begin(), methods.end(), method) == 1);
    FUZZ_REQUIRE(std::none_of(method.begin(), method.end(), [](char c) { return c >= 'a' && c <= 'z'; }));
  }
  // A list of them is read as the same list.
  std::string list;
  for (const std::string& method : methods)
    list += method + ", ";
  FUZZ_REQUIRE(rtsp::parse_public(list) == methods);
}

void check_range(std::string_view value) {
  const auto range = rtsp::parse_range(value);
  if (!range) return;
  FUZZ_REQUIRE(!range->unit.empty());
  FUZZ_REQUIRE(!range->start || *range->start >= base::Duration::zero());
  FUZZ_REQUIRE(!range->end || *range->end >= base::Duration::zero());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value = base::as_text({data, size});
  check_session(value);
  check_transport(value);
  check_public(value);
  check_range(value);
  FUZZ_REQUIRE(rtsp::parse_rtp_info(value).size() <= rtsp::kMaxRtpInfos);
  return 0;
}
