// A compound's packets stand one behind the other within it, and every report that is read is one of them.

#include "fuzz/fuzz.h"
#include "rtp/rtcp.h"

namespace {

using namespace retina;

void check_packet(const rtp::RtcpPacket& packet) {
  if (const auto report = rtp::parse_sender_report(packet)) {
    FUZZ_REQUIRE(packet.type == rtp::kSenderReportType &&
                 report->ssrc == base::load_be32(packet.body.data()));
  }
  for (std::size_t i = 0; i < 33; ++i) {
    const auto block = rtp::parse_report_block(packet, i);
    FUZZ_REQUIRE(!block || i < packet.count);
    FUZZ_REQUIRE(!block || (block->cumulative_lost >= -0x800000 && block->cumulative_lost <= 0x7FFFFF));
  }
  if (const auto bye = rtp::parse_bye(packet)) {
    FUZZ_REQUIRE(bye->source_count() == packet.count);
    FUZZ_REQUIRE(fuzz::is_within(bye->sources, packet.body) && fuzz::is_within(bye->reason, packet.body));
    for (std::size_t i = 0; i < bye->source_count(); ++i) {
      FUZZ_REQUIRE(bye->names(bye->source(i)));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes(data, size);
  rtp::CompoundReader reader(bytes);
  std::size_t used = 0;
  for (;;) {
    const auto packet = reader.next();
    if (!packet) {
      FUZZ_REQUIRE(packet.error().offset <= size);
      FUZZ_REQUIRE(!reader.next());
      return 0;
    }
    if (!*packet) break;
    FUZZ_REQUIRE((*packet)->count <= 31 && (*packet)->body.size() % 4 == 0);
    FUZZ_REQUIRE(fuzz::is_within((*packet)->body, bytes));
    used += 4 + (*packet)->body.size();
    check_packet(**packet);
  }
  FUZZ_REQUIRE(used > 0 && used <= size);
  return 0;
}
