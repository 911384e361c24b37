#include "codec/klv.h"

#include "base/ascii.h"

namespace retina::codec {
namespace {

/// How every universal label begins (SMPTE ST 298).
constexpr std::uint32_t kUniversalLabel = 0x060E2B34;

}  // namespace

bool is_klv(const sdp::Media& media) {
  return base::equals_ignore_case(media.encoding_name, "SMPTE336M");
}

bool KlvDepacketizer::begins(base::ByteView payload, Place place) {
  if (place != Place::kStart) return place == Place::kAfterEnd;
  return payload.size() >= 4 && base::load_be32(payload.data()) == kUniversalLabel;
}

bool KlvDepacketizer::ends_before(base::ByteView, bool jumped) const {
  return jumped;
}

bool KlvDepacketizer::looks_whole(base::ByteView) const {
  return true;
}

}  // namespace retina::codec
