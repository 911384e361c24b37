// Whatever a server asks, the answer is one well-formed header that gives back what was asked.

#include "base/ascii.h"
#include "fuzz/fuzz.h"
#include "rtsp/auth.h"

namespace {

using namespace retina;

/// Reads the answer as the server does.
void check_answer(const rtsp::Challenge& asked, std::string_view value) {
  if (!asked.digest) {
    FUZZ_REQUIRE(value.starts_with("Basic "));
    return;
  }
  const auto answered = rtsp::parse_challenges({value});
  FUZZ_REQUIRE(answered.best && answered.best->digest);
  FUZZ_REQUIRE(answered.best->realm == asked.realm && answered.best->nonce == asked.nonce);
  FUZZ_REQUIRE(answered.best->opaque == asked.opaque && answered.best->qop == asked.qop);
  FUZZ_REQUIRE(answered.best->algorithm == asked.algorithm && answered.best->session == asked.session);
}

}  // namespace

/// User name, password and any number of WWW-Authenticate headers, a line each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = base::as_text({data, size});
  const auto take_line = [&] {
    const auto [line, tail] = base::split_once(rest, '\n');
    rest = tail.value_or("");
    return std::string(line);
  };
  const std::string user = take_line();
  const std::string password = take_line();
  rtsp::Headers headers;
  while (!rest.empty())
    headers.add("WWW-Authenticate", take_line());

  rtsp::Authenticator auth(user, password, [] { return std::string("0a4f113b"); });
  for (int refusals = 0; auth.on_unauthorized(headers) == rtsp::Authenticator::Outcome::kRetry; ++refusals) {
    FUZZ_REQUIRE(refusals < rtsp::Authenticator::kMaxRetries);
    const auto challenges = rtsp::parse_challenges(headers.all("WWW-Authenticate"));
    FUZZ_REQUIRE(challenges.best.has_value() && challenges.best->digest == challenges.digest_offered);
    const auto value = auth.authorization("DESCRIBE", "rtsp://h/x", "");
    FUZZ_REQUIRE(value.has_value());
    check_answer(*challenges.best, *value);
  }
  return 0;
}
