// A URL that is accepted names one server, in one way, without credentials; and no base or control URL of a
// camera leads elsewhere than it says.

#include <algorithm>

#include "base/ascii.h"
#include "fuzz/fuzz.h"
#include "rtsp/url.h"

namespace {

using namespace retina;

bool breaks_line(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F;
}

std::string host_without_zone(const rtsp::Url& url) {
  return url.ipv6 ? url.host.substr(0, url.host.find('%')) : url.host;
}

void check_url(std::string_view text) {
  const auto url = rtsp::parse_url(text);
  if (!url) return;
  const std::string uri = url->request_uri();
  FUZZ_REQUIRE(std::none_of(uri.begin(), uri.end(), breaks_line));
  if (uri.size() > rtsp::kMaxUrlBytes) return;
  for (const std::string& form : {uri, url->redacted()}) {
    const auto again = rtsp::parse_url(form);
    FUZZ_REQUIRE(again.has_value() && again->user.empty() && again->password.empty());
    FUZZ_REQUIRE(again->host == host_without_zone(*url) && again->port == url->port &&
                 again->ipv6 == url->ipv6);
  }
  FUZZ_REQUIRE(rtsp::parse_url(uri)->path_and_query == url->path_and_query);
}

void check_joins(std::string_view base_text, std::string_view control) {
  const auto request = *rtsp::parse_url("rtsp://user:secret@cam.example:8554/live?x=1");
  const std::string base = rtsp::resolve_base(base_text, std::nullopt, request);
  FUZZ_REQUIRE(base.find("secret") == std::string::npos ||
               base_text.find("secret") != std::string_view::npos);
  const auto url = rtsp::parse_url(base);
  // Percent-encoding may make it too long, and nothing else may be wrong with it.
  FUZZ_REQUIRE(url ? base::equals_ignore_case(url->host, request.host) && url->port == request.port
                   : base.size() > rtsp::kMaxUrlBytes);
  for (const auto style : {rtsp::JoinStyle::kAppend, rtsp::JoinStyle::kRfc3986}) {
    FUZZ_REQUIRE(!rtsp::join_control(base, control, style).empty());
  }
}

}  // namespace

/// A base URL, and after a line end a control URL.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = base::as_text({data, size});
  check_url(text);
  const auto [base, control] = base::split_once(text, '\n');
  check_joins(base, control.value_or("*"));
  return 0;
}
