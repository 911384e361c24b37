#include "codec/audio_specific_config.h"

#include <array>

#include "base/ascii.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::array<std::uint32_t, 13> kRates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                               22050, 16000, 12000, 11025, 8000,  7350};
constexpr unsigned kWrittenOut = 15;

/// ISO/IEC 14496-3 table 1.19. 0: reserved, or a program config element says it.
constexpr std::array<unsigned, 16> kChannels{0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};

constexpr std::uint32_t kSyncExtensionSbr = 0x2B7;
constexpr std::uint32_t kSyncExtensionPs = 0x548;

constexpr bool is_error_resilient(unsigned type) {
  return type == kErAacLc || (type >= kErAacLtp && type <= kErAacLd) || type == kErAacEld;
}

constexpr bool is_supported(unsigned type) {
  switch (type) {
    case kAacMain:
    case kAacLc:
    case kAacSsr:
    case kAacLtp:
    case kAacScalable:
    case kErAacLc:
    case kErAacLtp:
    case kErAacScalable:
    case kErBsac:
    case kErAacLd:
    case kErAacEld:
      return true;
    default:
      return false;
  }
}

/// One parse, from the cursor on.
class Parser {
 public:
  explicit Parser(BitCursor& bits) : bits_(bits), start_(bits.position()) {}

  Result<AudioSpecificConfig> parse(bool with_extension) {
    CHECK_OK(parse_types());
    if (!is_supported(config_.object_type))
      return fail(ErrorCode::kUnsupported, offset(), "audio object type that is no AAC");
    if (config_.object_type == kErAacEld) {
      CHECK_OK(parse_eld());
    } else {
      CHECK_OK(parse_general_audio());
    }
    if (is_error_resilient(config_.object_type)) {
      TRY(const std::uint32_t protection, read(2));
      if (protection >= 2) return fail(ErrorCode::kUnsupported, offset(), "AAC with error protection");
    }
    config_.size_bits = bits_.position() - start_;
    if (with_extension && !config_.sbr) parse_extension();
    if (config_.parametric_stereo && config_.channels == 1) config_.channels = 2;
    return config_;
  }

 private:
  std::size_t offset() const { return (bits_.position() - start_) / 8; }

  Result<std::uint32_t> read(std::size_t count) {
    const auto value = bits_.bits(count);
    if (!value) return fail(ErrorCode::kTruncated, offset(), "AudioSpecificConfig");
    return *value;
  }
  Result<bool> flag() {
    TRY(const std::uint32_t bit, read(1));
    return bit != 0;
  }

  /// s1.6.2.1, GetAudioObjectType().
  Result<unsigned> object_type() {
    TRY(const std::uint32_t type, read(5));
    if (type != 31) return type;
    TRY(const std::uint32_t more, read(6));
    return 32 + more;
  }

  struct Rate {
    unsigned index = 0;
    std::uint32_t hz = 0;
  };
  Result<Rate> rate() {
    Rate found;
    TRY(found.index, read(4));
    if (found.index == kWrittenOut) {
      TRY(found.hz, read(24));
    } else {
      found.hz = rate_of_index(found.index).value_or(0);
    }
    if (found.hz == 0)
      return fail(ErrorCode::kMalformed, offset(), "sampling rate of an AudioSpecificConfig");
    return found;
  }

  Result<void> parse_types() {
    TRY(config_.object_type, object_type());
    TRY(const Rate core, rate());
    TRY(config_.channel_configuration, read(4));
    config_.rate_index = core.index;
    config_.core_rate_hz = config_.output_rate_hz = core.hz;
    if (config_.object_type == kSbr || config_.object_type == kParametricStereo) {
      config_.sbr = true;
      config_.parametric_stereo = config_.object_type == kParametricStereo;
      TRY(const Rate extended, rate());
      config_.output_rate_hz = extended.hz;
      TRY(config_.object_type, object_type());
      if (config_.object_type == kErBsac) CHECK_OK(read(4));  // extensionChannelConfiguration
    }
    config_.channels = kChannels[config_.channel_configuration];
    if (config_.channels == 0 && config_.channel_configuration != 0)
      return fail(ErrorCode::kMalformed, offset(), "channel configuration of an AudioSpecificConfig");
    return {};
  }

  /// s4.4.1, GASpecificConfig().
  Result<void> parse_general_audio() {
    const unsigned type = config_.object_type;
    TRY(const bool short_frame, flag());
    config_.samples_per_frame = type == kErAacLd ? (short_frame ? 480U : 512U) : (short_frame ? 960U : 1024U);
    TRY(const bool depends_on_core, flag());
    if (depends_on_core) CHECK_OK(read(14));
    TRY(const bool extension, flag());
    if (config_.channel_configuration == 0) CHECK_OK(parse_program_config());
    if (type == kAacScalable || type == kErAacScalable) CHECK_OK(read(3));
    if (!extension) return {};
    if (type == kErBsac) CHECK_OK(read(5 + 11));
    if (type == kErAacLc || type == kErAacLtp || type == kErAacScalable || type == kErAacLd)
      CHECK_OK(read(3));
    CHECK_OK(read(1));
    return {};
  }

  /// s4.4.1.1, program_config_element(): the channels are counted, the rest is passed over.
  Result<void> parse_program_config() {
    CHECK_OK(read(4 + 2 + 4));
    std::array<std::uint32_t, 3> elements{};  // front, side, back
    for (auto& count : elements) {
      TRY(count, read(4));
    }
    TRY(const std::uint32_t low_frequency, read(2));
    TRY(const std::uint32_t data, read(3));
    TRY(const std::uint32_t coupling, read(4));
    for (const std::size_t mixdown_bits : {4U, 4U, 3U}) {
      TRY(const bool mixdown, flag());
      if (mixdown) CHECK_OK(read(mixdown_bits));
    }
    config_.channels = low_frequency;
    for (const std::uint32_t count : elements) {
      for (std::uint32_t i = 0; i < count; ++i) {
        TRY(const bool pair, flag());
        CHECK_OK(read(4));
        config_.channels += pair ? 2 : 1;
      }
    }
    for (std::uint32_t i = 0; i < low_frequency + data; ++i)
      CHECK_OK(read(4));
    for (std::uint32_t i = 0; i < coupling; ++i)
      CHECK_OK(read(5));
    CHECK_OK(read((8 - (bits_.position() - start_) % 8) % 8));
    TRY(const std::uint32_t comment, read(8));
    for (std::uint32_t i = 0; i < comment; ++i)
      CHECK_OK(read(8));
    return {};
  }

  /// s4.6.20.3, ELDSpecificConfig().
  Result<void> parse_eld() {
    TRY(const bool short_frame, flag());
    config_.samples_per_frame = short_frame ? 480 : 512;
    CHECK_OK(read(3));
    TRY(const bool sbr, flag());
    if (sbr) CHECK_OK(parse_eld_sbr());
    for (;;) {
      TRY(const std::uint32_t type, read(4));
      if (type == 0) return {};
      TRY(std::uint32_t length, read(4));
      if (length == 15) {
        TRY(const std::uint32_t more, read(8));
        length += more;
        if (more == 255) {
          TRY(const std::uint32_t still_more, read(16));
          length += still_more;
        }
      }
      if (!bits_.skip(std::size_t{length} * 8))
        return fail(ErrorCode::kTruncated, offset(), "extension of an ELDSpecificConfig");
    }
  }

  /// ld_sbr_header() (s4.6.20.3): one sbr_header() (s4.4.2.8) for each element of the channel configuration.
  Result<void> parse_eld_sbr() {
    // Single channels and pairs; the low frequency element has no SBR.
    constexpr std::array<unsigned, 16> kElements{0, 1, 1, 2, 3, 3, 3, 4, 0, 0, 0, 4, 4, 0, 4, 0};
    TRY(const bool twice, flag());
    CHECK_OK(read(1));
    config_.sbr = true;
    if (twice) config_.output_rate_hz = config_.core_rate_hz * 2;
    for (unsigned i = 0; i < kElements[config_.channel_configuration]; ++i) {
      CHECK_OK(read(1 + 4 + 4 + 3 + 2));
      TRY(const bool extra_1, flag());
      TRY(const bool extra_2, flag());
      if (extra_1) CHECK_OK(read(2 + 1 + 2));
      if (extra_2) CHECK_OK(read(2 + 2 + 1 + 1));
    }
    return {};
  }

  /// The backward-compatible signalling (s1.6.2.1, s1.6.5.3). What doesn't parse is no extension.
  void parse_extension() {
    BitCursor ahead = bits_;
    if (ahead.remaining() < 16 || ahead.bits(11) != kSyncExtensionSbr) return;
    Parser extension(ahead);
    const auto type = extension.object_type();
    if (!type || *type != kSbr) return;
    const auto present = ahead.flag();
    if (!present) return;
    if (*present) {
      const auto extended = extension.rate();
      if (!extended) return;
      config_.sbr = true;
      config_.output_rate_hz = extended->hz;
    }
    bits_ = ahead;
    if (*present && ahead.remaining() >= 12 && ahead.bits(11) == kSyncExtensionPs) {
      config_.parametric_stereo = ahead.flag().value_or(false);
      bits_ = ahead;
    }
    config_.size_bits = bits_.position() - start_;
  }

  BitCursor& bits_;
  const std::size_t start_;
  AudioSpecificConfig config_;
};

}  // namespace

Result<AudioSpecificConfig> parse_audio_specific_config(base::ByteView bytes) {
  BitCursor bits(bytes.first(std::min(bytes.size(), kMaxConfigBytes)));
  return Parser(bits).parse(true);
}

Result<AudioSpecificConfig> parse_audio_specific_config(BitCursor& bits) {
  return Parser(bits).parse(false);
}

std::optional<std::uint32_t> rate_of_index(unsigned index) {
  if (index >= kRates.size()) return std::nullopt;
  return kRates[index];
}

base::Bytes make_audio_specific_config(unsigned object_type, unsigned rate_index,
                                       unsigned channel_configuration) {
  const unsigned bits = (object_type << 11) | (rate_index << 7) | (channel_configuration << 3);
  return {static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)};
}

std::optional<base::Bytes> make_audio_specific_config(std::uint32_t rate_hz, unsigned channels) {
  constexpr std::array<unsigned, 9> kConfigurations{0, 1, 2, 3, 4, 5, 6, 11, 7};
  if (channels == 0 || channels >= kConfigurations.size()) return std::nullopt;
  for (unsigned index = 0; index < kRates.size(); ++index) {
    if (kRates[index] == rate_hz) return make_audio_specific_config(kAacLc, index, kConfigurations[channels]);
  }
  return std::nullopt;
}

std::optional<base::Bytes> decode_config(std::string_view hex) {
  if (base::starts_with_ignore_case(hex, "0x")) hex.remove_prefix(2);
  base::Bytes bytes;
  bool high = true;
  for (const char c : hex) {
    if (base::is_space(c)) continue;
    const auto digit = base::parse_number<std::uint8_t>({&c, 1}, 16);
    if (!digit) return std::nullopt;
    if (high) {
      if (bytes.size() == kMaxConfigBytes) break;
      bytes.push_back(static_cast<std::uint8_t>(*digit << 4));
    } else {
      bytes.back() = static_cast<std::uint8_t>(bytes.back() | *digit);
    }
    high = !high;
  }
  if (bytes.empty()) return std::nullopt;
  return bytes;
}

}  // namespace retina::codec
