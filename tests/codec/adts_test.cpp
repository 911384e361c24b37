// ADTS headers: to the bit, and never a wrong one.

#include "codec/adts.h"

#include "codec/aac_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using base::ErrorCode;

codec::AudioSpecificConfig config_of(const Bytes& bytes) {
  return *codec::parse_audio_specific_config(bytes);
}

Bytes header_of(const Bytes& config, std::size_t payload_bytes) {
  const auto header = codec::adts_header(config_of(config), payload_bytes);
  ck_assert(header.has_value());
  return {header->begin(), header->end()};
}

LAW(a_header_is_right_to_the_bit) {
  ck_assert(header_of({0x12, 0x10}, 100) == (Bytes{0xFF, 0xF1, 0x50, 0x80, 0x0D, 0x7F, 0xFC}));
  ck_assert(header_of({0x14, 0x08}, 1) == (Bytes{0xFF, 0xF1, 0x60, 0x40, 0x01, 0x1F, 0xFC}));
  ck_assert(header_of({0x11, 0xB8}, 8184) == (Bytes{0xFF, 0xF1, 0x4D, 0xC3, 0xFF, 0xFF, 0xFC}));
}

LAW(what_is_written_is_read_back) {
  for (unsigned type = 1; type <= 4; ++type) {
    for (unsigned index = 0; index <= 12; ++index) {
      for (unsigned channels = 1; channels <= 7; ++channels) {
        for (const std::size_t size :
             {std::size_t{1}, std::size_t{200}, std::size_t{2047}, std::size_t{8184}}) {
          const Bytes header = header_of(codec::make_audio_specific_config(type, index, channels), size);
          const auto read = codec::parse_adts_header(header);
          ck_assert(read.has_value());
          ck_assert(read->object_type == type && read->rate_index == index &&
                    read->channel_configuration == channels && read->header_bytes == 7 &&
                    read->frame_bytes == size + 7);
        }
      }
    }
  }
}

LAW(what_adts_cannot_express_has_no_header) {
  struct {
    const char* what;
    Bytes config;
    bool expressible;
  } const cases[] = {
      {"AAC LC", {0x12, 0x10}, true},
      {"HE-AAC goes as its core", {0x2B, 0x11, 0x88, 0x00}, true},
      {"44100 Hz written out", BitWriter().put(2, 5).put(15, 4).put(44100, 24).put(2, 4).put(0, 3).bytes(),
       true},
      {"37800 Hz written out", BitWriter().put(2, 5).put(15, 4).put(37800, 24).put(2, 4).put(0, 3).bytes(),
       false},
      {"AAC scalable", BitWriter().put(6, 5).put(4, 4).put(2, 4).put(0, 6).bytes(), false},
      {"ER AAC LC", BitWriter().put(17, 5).put(4, 4).put(2, 4).put(0, 5).bytes(), false},
      {"AAC-LD", BitWriter().put(23, 5).put(4, 4).put(2, 4).put(0, 5).bytes(), false},
      {"AAC-ELD", BitWriter().put(31, 5).put(7, 6).put(4, 4).put(2, 4).put(0, 24).bytes(), false},
      {"960 samples", {0x12, 0x14}, false},
      {"6.1 channels", BitWriter().put(2, 5).put(4, 4).put(11, 4).put(0, 3).bytes(), false},
      {"7.1 channels", BitWriter().put(2, 5).put(4, 4).put(7, 4).put(0, 3).bytes(), true},
      {"a program config element",
       BitWriter()
           .put(2, 5)
           .put(4, 4)
           .put(0, 4)
           .put(0, 3)
           .put(0, 10)
           .put(1, 4)
           .put(0, 20)
           .put(1, 1)
           .put(0, 4)
           .align()
           .put(0, 8)
           .bytes(),
       false},
  };
  for (const auto& c : cases) {
    const auto config = codec::parse_audio_specific_config(c.config);
    ck_assert_msg(config.has_value(), "%s: %s", c.what, config ? "" : config.error().what);
    ck_assert_msg((codec::why_not_adts(*config) == nullptr) == c.expressible, "%s", c.what);
    const auto header = codec::adts_header(*config, 100);
    ck_assert_msg(header.has_value() == c.expressible, "%s", c.what);
    if (!header) ck_assert(header.error().code == ErrorCode::kUnsupported);
  }
}

LAW(a_frame_that_thirteen_bits_cannot_count_is_refused) {
  const auto config = config_of({0x12, 0x10});
  ck_assert(codec::adts_header(config, 8184).has_value());
  for (const std::size_t size : {std::size_t{8185}, std::size_t{8192}, std::size_t{65536}}) {
    const auto header = codec::adts_header(config, size);
    ck_assert(!header && header.error().code == ErrorCode::kTooLarge);
  }
}

LAW(bad_headers_are_errors) {
  const Bytes good{0xFF, 0xF1, 0x50, 0x80, 0x0D, 0x7F, 0xFC};
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto header = codec::parse_adts_header(slice(good, 0, size));
    ck_assert(!header && header.error().code == ErrorCode::kTruncated);
  }
  struct {
    const char* what;
    std::size_t at;
    std::uint8_t byte;
    ErrorCode code;
  } const cases[] = {
      {"sync word", 0, 0xFE, ErrorCode::kMalformed},
      {"sync word", 1, 0xE1, ErrorCode::kMalformed},
      {"layer", 1, 0xF3, ErrorCode::kMalformed},
      {"rate 13", 2, 0x74, ErrorCode::kMalformed},
      {"rate 15", 2, 0x7C, ErrorCode::kMalformed},
      {"frame of 3 bytes", 4, 0x00, ErrorCode::kMalformed},
      {"several blocks", 6, 0xFD, ErrorCode::kUnsupported},
  };
  for (const auto& c : cases) {
    Bytes bytes = good;
    bytes[c.at] = c.byte;
    const auto header = codec::parse_adts_header(bytes);
    ck_assert_msg(!header && header.error().code == c.code, "%s", c.what);
  }
}

LAW(a_checksum_makes_the_header_nine_bytes_long) {
  const auto header = codec::parse_adts_header(Bytes{0xFF, 0xF0, 0x50, 0x80, 0x0D, 0x7F, 0xFC});
  ck_assert(header.has_value());
  ck_assert_uint_eq(header->header_bytes, 9);
  ck_assert(!codec::parse_adts_header(Bytes{0xFF, 0xF0, 0x50, 0x80, 0x01, 0x3F, 0xFC}).has_value());
}

LAW(adts_is_frames_from_the_first_to_the_last_byte) {
  const Bytes unit = sample_unit(50, 1);
  const Bytes frame = header_of({0x12, 0x10}, unit.size()) + unit;
  ck_assert(codec::is_adts(frame));
  ck_assert(codec::is_adts(frame + frame));
  ck_assert(!codec::is_adts({}));
  ck_assert(!codec::is_adts(unit));
  ck_assert(!codec::is_adts(frame + Bytes{0}));
  for (std::size_t size = 0; size < frame.size(); ++size)
    ck_assert(!codec::is_adts(slice(frame, 0, size)));
}

}  // namespace

int main() {
  return retina::test::run_laws("adts");
}
