// Any fmtp and any packets of MP4A-LATM in, frames with a config, a size and a duration out; and after
// whatever went before, the next good element comes out whole, with its config in band or in the SDP.
//
// Input: as aac_feeder.h has it.

#include <optional>

#include "base/ascii.h"
#include "codec/latm.h"
#include "fuzz/aac_feeder.h"

namespace {

using namespace retina;

using Feeder = fuzz::AacFeeder<codec::LatmDepacketizer>;

constexpr std::size_t kUnitBytes = 3;

/// A StreamMuxConfig of one frame of AAC LC, 48 kHz, stereo, with its length before it.
constexpr std::string_view kMuxConfig = "400023203fc0";

/// An element of one frame of three bytes, behind kMuxConfig if that is in band.
base::Bytes good_element(bool in_band) {
  fuzz::Bits bits;
  if (in_band) {
    bits.put(0, 1);  // useSameStreamMux
    bits.put(0x400023203FC0 >> 4, 44);
  }
  bits.put(kUnitBytes, 8);
  for (std::size_t i = 0; i < kUnitBytes; ++i)
    bits.put(fuzz::kAacUnitByte, 8);
  return bits.bytes();
}

/// Empty: the SDP leaves open where the config is.
std::optional<bool> config_is_in_band(const sdp::Media& media) {
  const std::string* present = media.format_parameter("cpresent");
  if (present == nullptr) return std::nullopt;
  if (*present == "1") return true;
  const std::string* config = media.format_parameter("config");
  if (*present == "0" && config != nullptr && base::equals_ignore_case(*config, kMuxConfig)) return false;
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  if (input.remaining() == 0) return 0;
  const fuzz::AacInput stream = fuzz::read_aac_input(input);
  Feeder feeder(stream.media, stream.adts);
  if (feeder.depacketizer() == nullptr) return 0;
  feeder.push_all(input);

  const auto in_band = config_is_in_band(stream.media);
  if (!in_band) return 0;
  feeder.leap();
  feeder.forget();
  feeder.push(good_element(*in_band), 3);
  feeder.flush();
  FUZZ_REQUIRE(feeder.has_good_unit(kUnitBytes));
  return 0;
}
