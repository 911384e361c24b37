#include "codec/aac_packet.h"

#include "base/ascii.h"
#include "codec/bit_cursor.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

/// Further ahead than this, an index is nonsense.
constexpr std::uint64_t kMaxIndex = std::uint64_t{1} << 16;

std::optional<std::uint32_t> number(const sdp::Media& media, std::string_view name) {
  const std::string* value = media.format_parameter(name);
  if (value == nullptr) return std::nullopt;
  return base::parse_number<std::uint32_t>(base::trim(*value));
}

unsigned length(const sdp::Media& media, std::string_view name, unsigned otherwise = 0) {
  const auto value = number(media, name);
  return value && *value <= 32 ? *value : otherwise;
}

/// The AU header section (s3.2.1).
class HeaderReader {
 public:
  HeaderReader(const AacPayloadFormat& format, BitCursor& bits, std::size_t end)
      : format_(format), bits_(bits), end_(end) {}

  base::Result<void> read(std::vector<AacUnit>& units) {
    do {  // the first one may have no bits at all
      if (units.size() >= kMaxAacUnits) return fail(ErrorCode::kTooLarge, 0, "too many AU headers");
      if (!read_one(units) || bits_.position() > end_)
        return fail(ErrorCode::kMalformed, 0, "AU-headers-length that is no multiple of the headers");
    } while (bits_.position() < end_);
    return {};
  }

 private:
  bool read_one(std::vector<AacUnit>& units) {
    AacUnit unit;
    const bool first = units.empty();
    const auto size = bits_.bits(format_.size_length);
    const auto index = bits_.bits(first ? format_.index_length : format_.index_delta_length);
    if (!size || !index) return false;
    unit.size_bytes = *size;
    if (!first) unit.index = units.back().index + 1 + (format_.is_interleaved() ? *index : 0);
    if (unit.index > kMaxIndex) return false;
    if (!read_delta(format_.cts_delta_length, unit.composition_delta)) return false;
    std::optional<std::int32_t> decoding_delta;
    if (!read_delta(format_.dts_delta_length, decoding_delta)) return false;
    if (!bits_.skip((format_.random_access ? 1 : 0) + format_.stream_state_length)) return false;
    units.push_back(unit);
    return true;
  }

  /// A flag, and behind it a number with a sign.
  bool read_delta(unsigned bits, std::optional<std::int32_t>& delta) {
    if (bits == 0) return true;
    const auto present = bits_.flag();
    if (!present) return false;
    if (!*present) return true;
    const auto value = bits_.bits(bits);
    if (!value) return false;
    const unsigned unused = 32 - bits;
    delta = static_cast<std::int32_t>(*value << unused) >> unused;
    return true;
  }

  const AacPayloadFormat& format_;
  BitCursor& bits_;
  const std::size_t end_;
};

/// Units without a size in their headers.
base::Result<void> set_sizes(const AacPayloadFormat& format, std::size_t data_bytes,
                             std::vector<AacUnit>& units) {
  if (format.constant_size == 0) {
    if (units.size() > 1) return fail(ErrorCode::kMalformed, 0, "several access units without sizes");
    units.resize(1);
    return {};
  }
  if (!format.has_headers()) {
    const std::size_t count = data_bytes / format.constant_size;
    if (count > kMaxAacUnits) return fail(ErrorCode::kTooLarge, 0, "too many access units");
    if (count > 0 && data_bytes % format.constant_size != 0)
      return fail(ErrorCode::kMalformed, 0, "data that is no multiple of constantSize");
    units.resize(count > 0 ? count : 1);
    for (std::size_t i = 0; i < units.size(); ++i)
      units[i].index = i;
  }
  for (AacUnit& unit : units)
    unit.size_bytes = format.constant_size;
  return {};
}

}  // namespace

base::Result<AacPayloadFormat> read_aac_payload_format(const sdp::Media& media) {
  const std::string* mode = media.format_parameter("mode");
  const auto is = [mode](std::string_view name) {
    return mode != nullptr && base::equals_ignore_case(*mode, name);
  };
  if (is("CELP-cbr") || is("CELP-vbr")) return fail(ErrorCode::kUnsupported, 0, "CELP in mpeg4-generic");

  AacPayloadFormat format;
  const auto given_size = number(media, "sizeLength");
  const bool low = is("AAC-lbr") || (mode == nullptr && given_size == 6U);
  const bool generic = is("generic");
  format.size_length = length(media, "sizeLength", generic ? 0 : low ? 6 : 13);
  format.index_length = length(media, "indexLength", generic ? 0 : low ? 2 : 3);
  format.index_delta_length = length(media, "indexDeltaLength", generic ? 0 : low ? 2 : 3);
  format.cts_delta_length = length(media, "CTSDeltaLength");
  format.dts_delta_length = length(media, "DTSDeltaLength");
  format.stream_state_length = length(media, "streamStateIndication");
  format.auxiliary_size_length = length(media, "auxiliaryDataSizeLength");
  format.random_access = number(media, "randomAccessIndication").value_or(0) != 0;
  format.constant_size = number(media, "constantSize").value_or(0);
  // A generic stream of constant size has no sizes unless it says so.
  if (format.constant_size != 0 && !given_size) format.size_length = 0;
  if (format.size_length != 0) format.constant_size = 0;
  // Above a second a frame it is something else.
  const std::uint32_t duration = number(media, "constantDuration").value_or(0);
  if (media.clock_rate_hz == 0 || duration <= media.clock_rate_hz) format.constant_duration = duration;
  format.max_displacement = number(media, "maxDisplacement").value_or(0);
  format.deinterleave_buffer_bytes = number(media, "de-interleaveBufferSize").value_or(0);
  return format;
}

base::Result<base::ByteView> parse_aac_packet(const AacPayloadFormat& format, base::ByteView payload,
                                              std::vector<AacUnit>& units) {
  units.clear();
  BitCursor bits(payload);
  if (format.has_headers()) {
    const auto header_bits = bits.bits(16);
    if (!header_bits || *header_bits > bits.remaining())
      return fail(ErrorCode::kTruncated, 0, "AU header section");
    CHECK_OK(HeaderReader(format, bits, bits.position() + *header_bits).read(units));
  }
  std::size_t at = (bits.position() + 7) / 8;
  if (format.auxiliary_size_length > 0) {  // s3.2.2
    BitCursor auxiliary(payload.subspan(at));
    const auto auxiliary_bits = auxiliary.bits(format.auxiliary_size_length);
    if (!auxiliary_bits || !auxiliary.skip(*auxiliary_bits))
      return fail(ErrorCode::kTruncated, at, "auxiliary section");
    at += (auxiliary.position() + 7) / 8;
  }
  const base::ByteView data = payload.subspan(at);
  if (format.size_length == 0) CHECK_OK(set_sizes(format, data.size(), units));
  if (units.size() > 1) {
    std::uint64_t total = 0;
    for (const AacUnit& unit : units)
      total += unit.size_bytes;
    if (total > data.size()) return fail(ErrorCode::kTruncated, at, "access units");
  }
  return data;
}

}  // namespace retina::codec
