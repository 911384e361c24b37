// What a packet says of itself stays within it, and adds up; and a stream of such packets never stalls or
// overflows.

#include "fuzz/fuzz.h"
#include "rtp/packet.h"
#include "rtp/sequence.h"
#include "rtp/timeline.h"

namespace {

using namespace retina;

void check_packet(base::ByteView bytes) {
  const bool rtcp = rtp::is_rtcp(bytes);
  FUZZ_REQUIRE(!rtcp || bytes.size() >= 4);
  const auto packet = rtp::parse_packet(bytes);
  if (!packet) {
    FUZZ_REQUIRE(packet.error().offset <= bytes.size());
    return;
  }
  FUZZ_REQUIRE(packet->payload_type <= 127);
  FUZZ_REQUIRE(fuzz::is_within(packet->payload, bytes) && fuzz::is_within(packet->extension, bytes));
  FUZZ_REQUIRE(packet->extension.size() % 4 == 0);
  FUZZ_REQUIRE(packet->payload.size() + packet->extension.size() + rtp::kFixedHeaderBytes <= bytes.size());
  if (bytes[0] == 0x80) {
    // Both ways of parsing agree.
    const auto slow = rtp::parse_unusual_packet(bytes);
    FUZZ_REQUIRE(slow && slow->payload.data() == packet->payload.data() &&
                 slow->payload.size() == packet->payload.size());
    FUZZ_REQUIRE(slow->sequence == packet->sequence && slow->timestamp == packet->timestamp);
    FUZZ_REQUIRE(slow->ssrc == packet->ssrc && slow->marker == packet->marker);
  }
}

/// Every 6 bytes are a sequence number and a timestamp.
void check_stream(base::ByteView bytes) {
  rtp::SequenceTracker tracker;
  rtp::Timeline timeline(90000);
  int dropped_in_a_row = 0;
  for (; bytes.size() >= 6; bytes = bytes.subspan(6)) {
    const auto verdict = tracker.accept(base::load_be16(bytes.data()));
    const bool dropped = verdict.kind == rtp::SequenceTracker::Verdict::kDuplicateOrOld;
    dropped_in_a_row = dropped ? dropped_in_a_row + 1 : 0;
    FUZZ_REQUIRE(dropped_in_a_row <= rtp::SequenceTracker::kMaxMisorder + 1);
    FUZZ_REQUIRE(verdict.lost < rtp::SequenceTracker::kMaxDropout);
    FUZZ_REQUIRE((verdict.lost > 0) >= (verdict.kind == rtp::SequenceTracker::Verdict::kGap));

    const std::uint32_t timestamp = base::load_be32(bytes.data() + 2);
    const std::int64_t peeked = timeline.peek(timestamp);
    const auto placed = timeline.place(timestamp);
    FUZZ_REQUIRE(placed.extended == peeked && static_cast<std::uint32_t>(placed.extended) == timestamp);
    rtp::to_duration(placed.extended, timestamp);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_packet({data, size});
  check_stream({data, size});
  return 0;
}
