// What a server answers to a TEARDOWN on a connection made for it: the outcome depends on the bytes, not on
// how they are cut, and nothing makes the client ask without end.

#include <string>

#include "client/farewell_attempt.h"
#include "fuzz/fuzz.h"

namespace {

using namespace retina;
using client::FarewellAttempt;

struct Farewell {
  FarewellAttempt::Outcome outcome;
  std::size_t asked = 0;  // bytes
};

/// `known`: user name and password are.
Farewell play(base::ByteView bytes, std::size_t piece, bool known) {
  client::Exchange exchange("fuzz", rtsp::Authenticator(known ? "user" : "", known ? "pw" : "",
                                                        [] { return std::string("0a4f113b"); }));
  exchange.set_session_id("1");
  exchange.send({"TEARDOWN", "rtsp://cam/stream", {}, {}}, {});
  FarewellAttempt attempt(exchange, {});
  std::size_t challenges = 0;
  Farewell farewell{attempt.outcome(), 0};
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    farewell.asked += attempt.output().size();
    challenges += attempt.output().empty() ? 0U : 1U;
    attempt.output().clear();
    attempt.receive(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  }
  farewell.asked += attempt.output().size();
  farewell.outcome = attempt.outcome();
  FUZZ_REQUIRE(challenges <= 2U + rtsp::Authenticator::kMaxRetries);
  FUZZ_REQUIRE(known || farewell.asked < 200);
  return farewell;
}

}  // namespace

/// Byte 0: bit 0, whether credentials are known; the others, how large the pieces are. The rest is what the
/// server says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const base::ByteView bytes(data + 1, size - 1);
  const bool known = (data[0] & 1) != 0;
  const Farewell whole = play(bytes, std::max<std::size_t>(bytes.size(), 1), known);
  const Farewell cut = play(bytes, 1 + data[0] / 2U, known);
  FUZZ_REQUIRE(cut.outcome == whole.outcome && cut.asked == whole.asked);
  return 0;
}
