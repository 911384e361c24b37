// Any packets in, and after whatever went before, a document that begins in full view comes out whole.
//
// Input: [compression], then packets as message_packets.h has them.

#include <algorithm>
#include <string_view>

#include "codec/onvif_metadata.h"
#include "fuzz/message_packets.h"

using namespace retina;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  if (input.remaining() < 1) return 0;
  const auto compression = static_cast<codec::OnvifCompression>(*input.u8("compression") % 4);
  codec::HeapAllocator allocator;
  codec::OnvifMetadataDepacketizer depacketizer(compression, allocator);
  fuzz::MessagePackets packets(depacketizer);
  packets.push_all(input);

  // The end of whatever it is, after a loss; then a document in two packets, the first of which was preceded
  // by another loss.
  packets.push(base::as_bytes("</tt:MetadataStream>"), 1 | 2 | 4);
  FUZZ_REQUIRE(packets.frames() == 0);
  std::string_view first = "<?xml version='1.0'?><tt:Meta";
  if (compression == codec::OnvifCompression::kGzip) first = std::string_view("\x1F\x8B\x08\0abc", 7);
  if (compression == codec::OnvifCompression::kExiOnvif || compression == codec::OnvifCompression::kExiExt)
    first = "$EXI\x80";
  const std::string_view second = "dataStream/>";
  packets.push(base::as_bytes(first), 1 | 4);
  FUZZ_REQUIRE(packets.frames() == 0);
  packets.push(base::as_bytes(second), 2);
  FUZZ_REQUIRE(packets.frames() == 1 && packets.latest().discontinuity);
  const std::string_view whole = base::as_text(packets.latest().bytes());
  FUZZ_REQUIRE(whole.size() == first.size() + second.size());
  FUZZ_REQUIRE(whole.substr(0, first.size()) == first && whole.substr(first.size()) == second);
  return 0;
}
