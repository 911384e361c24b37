// The framer's result depends on the bytes, not on how they are cut; and every message that it reads can be
// written and read again.

#include <algorithm>

#include "fuzz/fuzz.h"
#include "rtsp/framing.h"

namespace {

using namespace retina;
using test::Trace;

std::string serialise(const rtsp::Message& message) {
  return std::visit([](const auto& m) { return rtsp::serialise(m); }, message);
}

void check_round_trip(const rtsp::Message& message) {
  const std::string text = serialise(message);
  // Percent-encoding can make a URI too long for the start line.
  if (text.find('\n') >= rtsp::kMaxStartLineBytes) return;
  const Trace again = test::feed_whole(text);
  FUZZ_REQUIRE(again.error.empty() && again.messages.size() == 1 && again.unread.empty() &&
               !again.in_message);
  FUZZ_REQUIRE(serialise(again.messages[0]) == text);
}

/// Pieces of sizes that follow from `seed`.
Trace feed_in_pieces(std::string_view stream, std::bitset<256> channels, std::uint32_t seed) {
  test::FramerDriver driver(channels);
  while (!stream.empty()) {
    seed = seed * 1664525 + 1013904223;
    const std::size_t length = std::min<std::size_t>(1 + (seed >> 24) % 40, stream.size());
    driver.feed(stream.substr(0, length));
    stream.remove_prefix(length);
  }
  return driver.finish();
}

}  // namespace

/// Byte 0: bit 0, whether channels 0 to 3 are the known ones; the other bits seed the cuts. The rest is the
/// stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto channels = (data[0] & 1) != 0 ? test::channels({0, 1, 2, 3}) : std::bitset<256>();
  const std::string_view stream = base::as_text({data + 1, size - 1});
  const Trace whole = test::feed_whole(stream, channels);
  FUZZ_REQUIRE(test::feed_bytewise(stream, channels).same_as(whole));
  FUZZ_REQUIRE(feed_in_pieces(stream, channels, data[0]).same_as(whole));
  if (whole.error.empty()) FUZZ_REQUIRE(whole.consumed + whole.unread.size() == stream.size());
  FUZZ_REQUIRE(whole.skipped_bytes <= whole.consumed);
  FUZZ_REQUIRE((whole.skipped_bytes > 0) <= (whole.resyncs > 0));
  for (const rtsp::Message& message : whole.messages)
    check_round_trip(message);
  return 0;
}
