// A HTTP response's head depends on the bytes, not on how they are cut.

#include <algorithm>

#include "fuzz/fuzz.h"
#include "io/http_response.h"

namespace {

using namespace retina;

struct Outcome {
  std::size_t taken = 0;
  bool done = false;
  const char* fault = nullptr;
  io::HttpResponse response;
};

Outcome read_in_pieces(base::ByteView stream, std::size_t piece) {
  io::HttpResponseReader reader;
  Outcome outcome;
  for (std::size_t at = 0; at < stream.size() && !reader.done(); at += piece) {
    const auto cut = stream.subspan(at, std::min(piece, stream.size() - at));
    const auto taken = reader.take(cut);
    if (!taken) {
      outcome.fault = taken.error().what;
      return outcome;
    }
    FUZZ_REQUIRE(*taken == cut.size() || reader.done());
    outcome.taken += *taken;
  }
  outcome.done = reader.done();
  outcome.response = reader.response();
  return outcome;
}

bool same(const Outcome& a, const Outcome& b) {
  if (a.fault != nullptr || b.fault != nullptr) return a.fault == b.fault;
  return a.taken == b.taken && a.done == b.done && a.response.status == b.response.status &&
         a.response.reason == b.response.reason && a.response.headers == b.response.headers;
}

}  // namespace

/// Byte 0: the size of the pieces. The rest is the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const base::ByteView stream(data + 1, size - 1);
  const Outcome whole = read_in_pieces(stream, std::max<std::size_t>(stream.size(), 1));
  FUZZ_REQUIRE(same(read_in_pieces(stream, 1), whole));
  FUZZ_REQUIRE(same(read_in_pieces(stream, std::size_t{data[0]} + 1), whole));
  FUZZ_REQUIRE(whole.taken <= io::kMaxHttpHeadBytes);
  FUZZ_REQUIRE(whole.response.headers.size() <= io::kMaxHttpHeaders);
  if (whole.done) FUZZ_REQUIRE(whole.response.status >= 100 && whole.response.status <= 599);
  return 0;
}
