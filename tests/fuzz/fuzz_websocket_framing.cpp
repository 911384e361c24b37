// What a WebSocket brings depends on the bytes, not on how they are cut; and what is written with a mask is
// what was to be written.

#include <algorithm>

#include "fuzz/fuzz.h"
#include "io/websocket_framing.h"

namespace {

using namespace retina;

struct Outcome {
  base::Bytes data;
  bool closed = false;
  std::optional<std::uint16_t> close_status;
  std::optional<base::Bytes> ping;
  const char* fault = nullptr;
  std::size_t fault_offset = 0;

  bool operator==(const Outcome&) const = default;
};

Outcome read_in_pieces(base::ByteView stream, std::size_t piece) {
  io::WebSocketReader reader;
  Outcome outcome;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    const auto cut = stream.subspan(at, std::min(piece, stream.size() - at));
    base::Bytes bytes(cut.begin(), cut.end());
    const std::size_t kept = reader.take(bytes);
    FUZZ_REQUIRE(kept <= bytes.size());
    outcome.data.insert(outcome.data.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept));
  }
  outcome.closed = reader.closed();
  outcome.close_status = reader.close_status();
  outcome.ping = reader.take_ping();
  if (reader.fault()) {
    outcome.fault = reader.fault()->what;
    outcome.fault_offset = reader.fault()->offset;
  }
  return outcome;
}

void check_mask(base::ByteView payload) {
  const io::WebSocketMask mask{0x12, 0x34, 0x56, 0x78};
  base::Bytes frame;
  io::append_websocket_frame(io::WebSocketOpcode::kBinary, payload, mask, frame);
  FUZZ_REQUIRE(frame.size() >= payload.size() + 6);
  const std::size_t header = frame.size() - payload.size();
  for (std::size_t i = 0; i < payload.size(); ++i)
    FUZZ_REQUIRE((frame[header + i] ^ mask[i % 4]) == payload[i]);
}

}  // namespace

/// Byte 0: the size of the pieces. The rest is the stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const base::ByteView stream(data + 1, size - 1);
  const Outcome whole = read_in_pieces(stream, std::max<std::size_t>(stream.size(), 1));
  FUZZ_REQUIRE(read_in_pieces(stream, 1) == whole);
  FUZZ_REQUIRE(read_in_pieces(stream, std::size_t{data[0]} + 1) == whole);
  FUZZ_REQUIRE(whole.data.size() <= stream.size());
  check_mask(stream);
  return 0;
}
