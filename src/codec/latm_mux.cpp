#include "codec/latm_mux.h"

#include <algorithm>

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

class MuxParser {
 public:
  MuxParser(BitCursor& bits, StreamMux& mux) : bits_(bits), mux_(mux) {}

  Result<void> parse() {
    TRY(const std::uint32_t version, read(1));
    version_ = version;
    if (version_ == 1) {
      TRY(const std::uint32_t version_a, read(1));
      if (version_a != 0) return fail(ErrorCode::kUnsupported, offset(), "audioMuxVersionA 1");
      CHECK_OK(value());  // taraBufferFullness
    }
    TRY(const std::uint32_t same_time_framing, read(1));
    TRY(const std::uint32_t subframes, read(6));
    TRY(const std::uint32_t programs, read(4));
    TRY(const std::uint32_t layers, read(3));
    if (same_time_framing == 0 || programs != 0 || layers != 0)
      return fail(ErrorCode::kUnsupported, offset(), "LATM with several programs or layers");
    mux_.subframes = subframes + 1;
    CHECK_OK(parse_config());
    CHECK_OK(parse_frame_length());
    CHECK_OK(parse_other_data());
    TRY(const std::uint32_t checksum, read(1));
    if (checksum != 0) CHECK_OK(read(8));
    return {};
  }

 private:
  std::size_t offset() const { return bits_.position() / 8; }

  Result<std::uint32_t> read(std::size_t count) {
    const auto found = bits_.bits(count);
    if (!found) return fail(ErrorCode::kTruncated, offset() + 1, "StreamMuxConfig");
    return *found;
  }

  /// LatmGetValue() (table 1.43).
  Result<std::uint32_t> value() {
    TRY(const std::uint32_t more_bytes, read(2));
    return read((more_bytes + 1) * 8);
  }

  Result<void> parse_config() {
    const std::size_t none = ~std::size_t{0};
    std::size_t length = none;
    if (version_ == 1) {
      TRY(length, value());
    }
    BitCursor config = bits_;
    const auto parsed = parse_audio_specific_config(config);
    if (!parsed) {
      const bool truncated = parsed.error().code == ErrorCode::kTruncated;
      return fail(parsed.error().code, truncated ? offset() + 1 : offset(), parsed.error().what);
    }
    mux_.parsed = *parsed;
    if (length == none) length = parsed->size_bits;
    // It goes on to readers that take no more. (The extensions of AAC-ELD may have any length.)
    if (length > kMaxConfigBytes * 8)
      return fail(ErrorCode::kTooLarge, offset(), "AudioSpecificConfig in LATM");
    if (length < parsed->size_bits)
      return fail(ErrorCode::kMalformed, offset(), "length of the AudioSpecificConfig in LATM");
    mux_.config.clear();
    while (length > 0) {
      const std::size_t count = std::min<std::size_t>(length, 8);
      TRY(const std::uint32_t bits, read(count));
      mux_.config.push_back(static_cast<std::uint8_t>(bits << (8 - count)));
      length -= count;
    }
    // With a length, backward-compatible signalling may follow.
    if (version_ == 1) {
      TRY(mux_.parsed, parse_audio_specific_config(mux_.config));
    }
    return {};
  }

  Result<void> parse_frame_length() {
    mux_.fixed_bytes = 0;
    TRY(const std::uint32_t type, read(3));
    if (type == 0) {
      CHECK_OK(read(8));  // latmBufferFullness
      return {};
    }
    if (type != 1) return fail(ErrorCode::kUnsupported, offset(), "frameLengthType in LATM");
    TRY(const std::uint32_t length, read(9));
    mux_.fixed_bytes = length + 20;
    return {};
  }

  Result<void> parse_other_data() {
    mux_.other_data_bits = 0;
    TRY(const std::uint32_t present, read(1));
    if (present == 0) return {};
    if (version_ == 1) {
      TRY(mux_.other_data_bits, value());
    } else {
      std::uint32_t more = 1;
      while (more != 0 && mux_.other_data_bits <= kMaxMuxElementBytes * 8) {
        TRY(more, read(1));
        TRY(const std::uint32_t low, read(8));
        mux_.other_data_bits = (mux_.other_data_bits << 8) | low;
      }
    }
    if (mux_.other_data_bits > kMaxMuxElementBytes * 8)
      return fail(ErrorCode::kTooLarge, offset(), "other data in LATM");
    return {};
  }

  BitCursor& bits_;
  StreamMux& mux_;
  std::uint32_t version_ = 0;
};

}  // namespace

Result<void> parse_stream_mux(BitCursor& bits, StreamMux& mux) {
  return MuxParser(bits, mux).parse();
}

Result<void> parse_sdp_stream_mux(base::ByteView bytes, StreamMux& mux) {
  BitCursor bits(bytes);
  const auto whole = parse_stream_mux(bits, mux);
  if (whole) return {};
  // audioMuxVersion 0, allStreamsSameTimeFraming, subframes, one program of one layer: then all the rest is
  // the AudioSpecificConfig.
  constexpr std::size_t kFieldsBits = 1 + 1 + 6 + 4 + 3;
  mux = {};
  bits = BitCursor(bytes);
  const auto fields = bits.bits(kFieldsBits);
  if (fields && (*fields & 0x607F) == 0x2000) {
    mux.subframes = (*fields >> 7 & 0x3F) + 1;
    mux.config.resize((bits.remaining() - 1) / 8);
    copy_bits(bytes, kFieldsBits, mux.config);
    mux.config.push_back(static_cast<std::uint8_t>(bytes.back() << (8 - bits.remaining() % 8)));
  } else {
    mux.config.assign(bytes.begin(), bytes.end());
  }
  const auto config = parse_audio_specific_config(mux.config);
  if (!config) return whole;
  mux.config.resize((config->size_bits + 7) / 8);
  mux.parsed = *config;
  return {};
}

Result<void> parse_mux_payload(BitCursor& bits, const StreamMux& mux, std::vector<MuxSlot>& slots) {
  slots.clear();
  const auto needs = [&bits](std::size_t more_bits) {
    return fail(ErrorCode::kTruncated, (bits.position() + more_bits + 7) / 8, "audioMuxElement");
  };
  for (unsigned i = 0; i < mux.subframes; ++i) {
    std::size_t size = mux.fixed_bytes;
    if (size == 0) {
      std::uint32_t part = 255;
      while (part == 255) {
        const auto read = bits.bits(8);
        if (!read) return needs(8);
        part = *read;
        size += part;
        if (size > kMaxMuxElementBytes)
          return fail(ErrorCode::kTooLarge, bits.position() / 8, "LATM subframe");
      }
    }
    slots.push_back({bits.position(), size});
    if (!bits.skip(size * 8)) return needs(size * 8);
  }
  if (!bits.skip(mux.other_data_bits)) return needs(mux.other_data_bits);
  bits.skip((8 - bits.position() % 8) % 8);
  return {};
}

}  // namespace retina::codec
