// AudioSpecificConfig: what encoders and cameras write, what the standard allows, and what is neither.

#include "codec/audio_specific_config.h"

#include "codec/aac_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using base::ErrorCode;
using codec::AudioSpecificConfig;

AudioSpecificConfig parsed(const Bytes& bytes) {
  const auto config = codec::parse_audio_specific_config(bytes);
  ck_assert_msg(config.has_value(), "%s", config ? "" : config.error().what);
  return *config;
}

AudioSpecificConfig parsed(const BitWriter& bits) {
  return parsed(bits.bytes());
}

ErrorCode error_of(const Bytes& bytes) {
  const auto config = codec::parse_audio_specific_config(bytes);
  ck_assert(!config.has_value());
  return config.error().code;
}

LAW(configs_of_cameras_and_encoders_are_read) {
  struct {
    const char* hex;
    unsigned object_type;
    std::uint32_t core_rate, output_rate;
    unsigned channels, samples;
    bool sbr, ps;
  } const cases[] = {
      {"1188", 2, 48000, 48000, 1, 1024, false, false},
      {"1408", 2, 16000, 16000, 1, 1024, false, false},
      {"1490", 2, 12000, 12000, 2, 1024, false, false},
      {"1210", 2, 44100, 44100, 2, 1024, false, false},
      {"0990", 1, 48000, 48000, 2, 1024, false, false},
      {"1194", 2, 48000, 48000, 2, 960, false, false},
      {"119056E500", 2, 48000, 48000, 2, 1024, false, false},    // says that there is no SBR
      {"131056E598", 2, 24000, 48000, 2, 1024, true, false},     // backward-compatible HE-AAC
      {"130856E59D4880", 2, 24000, 48000, 2, 1024, true, true},  // and HE-AAC v2, mono coded
      {"2B118800", 2, 24000, 48000, 2, 1024, true, false},       // explicit HE-AAC
      {"EB098800", 2, 24000, 48000, 2, 1024, true, true},        // explicit HE-AAC v2, mono coded
      {"B9A000", 23, 48000, 48000, 4, 512, false, false},
      {"F8E85000", 39, 44100, 44100, 2, 480, false, false},
  };
  for (const auto& c : cases) {
    const auto bytes = codec::decode_config(c.hex);
    ck_assert(bytes.has_value());
    const auto result = codec::parse_audio_specific_config(*bytes);
    ck_assert_msg(result.has_value(), "%s: %s", c.hex, result ? "" : result.error().what);
    const bool same = result->object_type == c.object_type && result->core_rate_hz == c.core_rate &&
                      result->output_rate_hz == c.output_rate && result->channels == c.channels &&
                      result->samples_per_frame == c.samples && result->sbr == c.sbr &&
                      result->parametric_stereo == c.ps;
    ck_assert_msg(same, "%s: type %u, %u/%u Hz, %u channels, %u samples, sbr %d, ps %d", c.hex,
                  result->object_type, result->core_rate_hz, result->output_rate_hz, result->channels,
                  result->samples_per_frame, result->sbr, result->parametric_stereo);
  }
}

LAW(every_rate_index_and_a_rate_written_out_are_read) {
  const std::uint32_t rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                 22050, 16000, 12000, 11025, 8000,  7350};
  for (unsigned index = 0; index < 13; ++index)
    ck_assert_uint_eq(parsed(BitWriter().put(2, 5).put(index, 4).put(2, 4).put(0, 3)).core_rate_hz,
                      rates[index]);
  ck_assert(error_of(BitWriter().put(2, 5).put(13, 4).put(2, 4).put(0, 3).bytes()) == ErrorCode::kMalformed);
  ck_assert(error_of(BitWriter().put(2, 5).put(14, 4).put(2, 4).put(0, 3).bytes()) == ErrorCode::kMalformed);
  const auto odd = parsed(BitWriter().put(2, 5).put(15, 4).put(37800, 24).put(1, 4).put(0, 3));
  ck_assert_uint_eq(odd.core_rate_hz, 37800);
  ck_assert_uint_eq(odd.rate_index, 15);
  ck_assert_uint_eq(odd.channels, 1);
  ck_assert(error_of(BitWriter().put(2, 5).put(15, 4).put(0, 24).put(1, 4).put(0, 3).bytes()) ==
            ErrorCode::kMalformed);
}

LAW(channel_configurations_stand_for_channels) {
  const unsigned channels[] = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};
  for (unsigned configuration = 1; configuration < 16; ++configuration) {
    const Bytes bytes = BitWriter().put(2, 5).put(3, 4).put(configuration, 4).put(0, 3).bytes();
    if (channels[configuration] == 0) {
      ck_assert(error_of(bytes) == ErrorCode::kMalformed);
    } else {
      ck_assert_uint_eq(parsed(bytes).channels, channels[configuration]);
    }
  }
}

/// Two pairs in front, a single one behind, one low frequency channel, a comment of three bytes.
BitWriter with_program_config() {
  BitWriter bits;
  bits.put(2, 5).put(3, 4).put(0, 4).put(0, 3);
  bits.put(0, 4).put(1, 2).put(3, 4);
  bits.put(2, 4).put(0, 4).put(1, 4).put(1, 2).put(1, 3).put(1, 4);
  bits.put(1, 1).put(5, 4).put(0, 1).put(1, 1).put(3, 3);
  bits.put(1, 1).put(0, 4).put(1, 1).put(1, 4).put(0, 1).put(0, 4);
  bits.put(0, 4).put(0, 4).put(0, 5);
  bits.align().put(3, 8).put({'a', 'b', 'c'});
  return bits;
}

LAW(a_program_config_element_is_counted) {
  const BitWriter bits = with_program_config();
  const auto config = parsed(bits);
  ck_assert_uint_eq(config.channel_configuration, 0);
  ck_assert_uint_eq(config.channels, 6);
  ck_assert_uint_eq(config.size_bits, bits.size_bits());
}

LAW(object_types_are_known_by_name_or_unsupported) {
  for (unsigned type = 0; type < 64; ++type) {
    BitWriter bits;
    if (type < 31) {
      bits.put(type, 5);
    } else {
      bits.put(31, 5).put(type - 32, 6);
    }
    if (type == 31 || type == 5 || type == 29) continue;
    bits.put(3, 4).put(2, 4).put(0, 64);
    const auto config = codec::parse_audio_specific_config(bits.bytes());
    const bool aac = (type >= 1 && type <= 4) || type == 6 || type == 17 || (type >= 19 && type <= 20) ||
                     type == 22 || type == 23 || type == 39;
    ck_assert_msg(config.has_value() == aac, "type %u", type);
    if (aac) {
      ck_assert_uint_eq(config->object_type, type);
    } else {
      ck_assert(config.error().code == ErrorCode::kUnsupported);
    }
  }
}

LAW(frame_lengths_follow_their_flag) {
  struct {
    unsigned type, flag, samples;
  } const cases[] = {{2, 0, 1024}, {2, 1, 960},  {23, 0, 512}, {23, 1, 480},
                     {39, 0, 512}, {39, 1, 480}, {17, 1, 960}};
  for (const auto& c : cases) {
    BitWriter bits;
    if (c.type > 31) {
      bits.put(31, 5).put(c.type - 32, 6);
    } else {
      bits.put(c.type, 5);
    }
    bits.put(3, 4).put(1, 4).put(c.flag, 1).put(0, 32);
    ck_assert_msg(parsed(bits).samples_per_frame == c.samples, "type %u, flag %u", c.type, c.flag);
  }
}

LAW(optional_fields_are_passed_over) {
  // dependsOnCoreCoder, and the extension of ER AAC LD; then epConfig 0.
  BitWriter bits;
  bits.put(23, 5).put(3, 4).put(2, 4).put(0, 1).put(1, 1).put(77, 14).put(1, 1).put(7, 3).put(0, 1).put(0, 2);
  ck_assert_uint_eq(parsed(bits).size_bits, bits.size_bits());
  BitWriter bsac;
  bsac.put(22, 5).put(3, 4).put(2, 4).put(0, 2).put(1, 1).put(9, 5).put(9, 11).put(0, 1).put(1, 2);
  ck_assert_uint_eq(parsed(bsac).size_bits, bsac.size_bits());
  BitWriter scalable;
  scalable.put(6, 5).put(3, 4).put(2, 4).put(0, 3).put(5, 3);
  ck_assert_uint_eq(parsed(scalable).size_bits, scalable.size_bits());
  // AAC-ELD with SBR headers of two elements, and an extension of 16 bytes.
  BitWriter eld;
  eld.put(31, 5).put(7, 6).put(6, 4).put(3, 4).put(0, 1).put(0, 3).put(1, 1).put(1, 1).put(0, 1);
  eld.put(0, 14).put(1, 1).put(0, 1).put(0, 5).put(0, 14).put(0, 1).put(1, 1).put(0, 6);
  eld.put(1, 4).put(15, 4).put(1, 8).put(0, 64).put(0, 64).put(0, 4).put(0, 2);
  const auto config = parsed(eld);
  ck_assert_uint_eq(config.size_bits, eld.size_bits());
  ck_assert(config.sbr);
  ck_assert_uint_eq(config.core_rate_hz, 24000);
  ck_assert_uint_eq(config.output_rate_hz, 48000);
  ck_assert_uint_eq(config.channels, 3);
}

LAW(error_protection_is_unsupported) {
  const Bytes bytes = BitWriter().put(17, 5).put(3, 4).put(2, 4).put(0, 3).put(2, 2).put(0, 32).bytes();
  ck_assert(error_of(bytes) == ErrorCode::kUnsupported);
}

LAW(every_config_that_is_cut_is_truncated) {
  const Bytes configs[] = {{0x12, 0x10}, {0x2B, 0x11, 0x88, 0x00}, with_program_config().bytes()};
  for (const Bytes& whole : configs) {
    const std::size_t needed = (parsed(whole).size_bits + 7) / 8;
    for (std::size_t size = 0; size < needed; ++size) {
      const auto config = codec::parse_audio_specific_config(slice(whole, 0, size));
      ck_assert_msg(!config && config.error().code == ErrorCode::kTruncated, "%zu bytes", size);
    }
  }
}

LAW(bytes_behind_a_config_are_ignored) {
  for (const Bytes& behind : {Bytes{0}, Bytes{0xFF, 0xFF, 0xFF}, Bytes{0x56, 0xE5}, Bytes{0x56, 0xE0, 0, 0},
                              Bytes{0x56, 0xE5, 0xF8}, Bytes(2000, 0x55)}) {
    const auto config = parsed(Bytes{0x12, 0x10} + behind);
    ck_assert_uint_eq(config.core_rate_hz, 44100);
    ck_assert_uint_eq(config.output_rate_hz, 44100);
    ck_assert(!config.sbr);
  }
}

LAW(inside_of_a_larger_structure_only_the_config_is_consumed) {
  // What would be the signalling of SBR is what comes next there.
  const Bytes bytes = BitWriter()
                          .put(5, 3)
                          .put(2, 5)
                          .put(6, 4)
                          .put(2, 4)
                          .put(0, 3)
                          .put(0x2B7, 11)
                          .put(5, 5)
                          .put(0xFF, 8)
                          .bytes();
  codec::BitCursor bits(bytes);
  bits.skip(3);
  const auto config = codec::parse_audio_specific_config(bits);
  ck_assert(config.has_value());
  ck_assert(!config->sbr);
  ck_assert_uint_eq(config->size_bits, 16);
  ck_assert_uint_eq(bits.position(), 19);
}

LAW(what_is_made_for_a_rate_and_channels_says_so) {
  for (const std::uint32_t rate : {7350U, 8000U, 16000U, 44100U, 48000U, 96000U}) {
    for (unsigned channels = 1; channels <= 8; ++channels) {
      const auto bytes = codec::make_audio_specific_config(rate, channels);
      ck_assert(bytes.has_value());
      const auto config = parsed(*bytes);
      ck_assert_uint_eq(config.object_type, 2);
      ck_assert_uint_eq(config.core_rate_hz, rate);
      ck_assert_uint_eq(config.channels, channels);
      ck_assert_uint_eq(config.samples_per_frame, 1024);
      ck_assert_uint_eq(config.size_bits, 16);
    }
  }
  ck_assert(*codec::make_audio_specific_config(44100, 2) == (Bytes{0x12, 0x10}));
  ck_assert(!codec::make_audio_specific_config(90000, 1));
  ck_assert(!codec::make_audio_specific_config(0, 1));
  ck_assert(!codec::make_audio_specific_config(48000, 0));
  ck_assert(!codec::make_audio_specific_config(48000, 9));
}

LAW(hexadecimal_is_read_as_cameras_write_it) {
  struct {
    const char* text;
    std::optional<Bytes> bytes;
  } const cases[] = {
      {"1210", Bytes{0x12, 0x10}},   {"1aBc", Bytes{0x1A, 0xBC}},    {"121", Bytes{0x12, 0x10}},
      {"0x1210", Bytes{0x12, 0x10}}, {" 12 10 ", Bytes{0x12, 0x10}}, {"", std::nullopt},
      {"0x", std::nullopt},          {"12G0", std::nullopt},         {"EhA=", std::nullopt},
  };
  for (const auto& c : cases)
    ck_assert_msg(codec::decode_config(c.text) == c.bytes, "\"%s\"", c.text);
  ck_assert_uint_eq(codec::decode_config(std::string(100000, '1'))->size(), codec::kMaxConfigBytes);
}

}  // namespace

int main() {
  return retina::test::run_laws("audio_specific_config");
}
