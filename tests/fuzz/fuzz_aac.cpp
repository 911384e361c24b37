// Any fmtp and any packets in, frames with a config, a size and a duration out; and after whatever went
// before, the next good packet comes out whole.
//
// Input: as aac_feeder.h has it.

#include "codec/aac.h"
#include "fuzz/aac_feeder.h"

namespace {

using namespace retina;

using Feeder = fuzz::AacFeeder<codec::AacDepacketizer>;

/// A packet with one unit of one byte, or of the constant size; empty: they are too large.
base::Bytes good_packet(const codec::AacPayloadFormat& format, std::size_t& unit_bytes) {
  unit_bytes = std::max<std::size_t>(format.constant_size, 1);
  if (unit_bytes > codec::AacFrames::kMaxUnitBytes) return {};
  fuzz::Bits bits;
  if (format.has_headers()) {
    bits.put(format.size_length + format.index_length + (format.cts_delta_length > 0 ? 1 : 0) +
                 (format.dts_delta_length > 0 ? 1 : 0) + (format.random_access ? 1 : 0) +
                 format.stream_state_length,
             16);
    bits.put(unit_bytes, format.size_length);
    bits.put(0, format.index_length + (format.cts_delta_length > 0 ? 1 : 0) +
                    (format.dts_delta_length > 0 ? 1 : 0));
    bits.put(0, (format.random_access ? 1 : 0) + format.stream_state_length);
    bits.align();
  }
  bits.put(0, format.auxiliary_size_length);
  bits.align();
  bits.bytes().insert(bits.bytes().end(), unit_bytes, fuzz::kAacUnitByte);
  return bits.bytes();
}

void check_recovery(Feeder& feeder, const fuzz::AacInput& stream) {
  std::size_t unit_bytes = 0;
  const base::Bytes packet = good_packet(*codec::read_aac_payload_format(stream.media), unit_bytes);
  if (packet.empty()) return;
  const auto config = codec::parse_audio_specific_config(feeder.depacketizer()->parameters()->config);
  if (stream.adts && (codec::why_not_adts(*config) != nullptr ||
                      unit_bytes > codec::kMaxAdtsFrameBytes - codec::kAdtsHeaderBytes)) {
    return;
  }
  feeder.leap();
  feeder.forget();
  feeder.push(packet, 3);
  feeder.flush();
  FUZZ_REQUIRE(feeder.has_good_unit(unit_bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  if (input.remaining() == 0) return 0;
  const fuzz::AacInput stream = fuzz::read_aac_input(input);
  Feeder feeder(stream.media, stream.adts);
  if (feeder.depacketizer() == nullptr) return 0;
  feeder.push_all(input);
  check_recovery(feeder, stream);
  return 0;
}
