#include "codec/sample_audio.h"

#include <string>

#include "codec/dvi4.h"
#include "codec/g726.h"
#include "codec/opus_duration.h"
#include "codec/opus_streams.h"
#include "codec/packet_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

using Feeder = PacketFeeder<codec::SampleAudioDepacketizer>;

sdp::Media media(const char* name, std::uint32_t clock_rate_hz = 8000, std::uint16_t channels = 1) {
  sdp::Media media;
  media.kind = sdp::MediaKind::kAudio;
  media.encoding_name = name;
  media.clock_rate_hz = clock_rate_hz;
  media.channels = channels;
  return media;
}

codec::AudioFormat format(const char* name, std::uint32_t clock_rate_hz = 8000, std::uint16_t channels = 1) {
  const auto known = codec::audio_format(media(name, clock_rate_hz, channels));
  ck_assert_msg(known.has_value(), "%s", name);
  return *known;
}

// --- sizes and durations ---

LAW(a_packet_is_a_frame_and_lasts_as_long_as_its_samples) {
  struct {
    const char* name;
    std::uint32_t rate;
    std::uint16_t channels;
    std::size_t size;
    std::uint32_t ticks;
  } const cases[] = {
      {"PCMU", 8000, 1, 384, 384},         {"PCMA", 8000, 1, 160, 160},
      {"pcma", 16000, 2, 320, 160},        {"L8", 22050, 1, 384, 384},
      {"L8", 22050, 2, 384, 192},          {"L16", 8000, 1, 320, 160},
      {"L16", 44100, 2, 1408, 352},        {"L16", 48000, 6, 1152, 96},
      {"L24", 48000, 2, 288, 48},          {"L24", 48000, 1, 3, 1},
      {"G722", 8000, 1, 160, 160},         {"G722", 8000, 2, 320, 160},
      {"G722", 16000, 1, 160, 320},        {"AAL2-G726-16", 8000, 1, 40, 160},
      {"AAL2-G726-24", 8000, 1, 60, 160},  {"AAL2-G726-32", 8000, 1, 80, 160},
      {"AAL2-G726-40", 8000, 1, 100, 160}, {"GSM", 8000, 1, 66, 320},
      {"iLBC", 8000, 1, 100, 480},
  };
  for (const auto& c : cases) {
    Feeder feeder(format(c.name, c.rate, c.channels));
    const Bytes payload = sample_bytes(c.size);
    ck_assert(feeder.push(payload, 90));
    ck_assert_uint_eq(feeder.frames.size(), 1);
    const Feeder::Got& got = feeder.frames[0];
    ck_assert_msg(got.bytes == payload, "%s", c.name);
    ck_assert_msg(got.meta.duration == c.ticks, "%s: %u", c.name, got.meta.duration);
    ck_assert_int_eq(got.meta.timestamp, 90);
    ck_assert(got.meta.arrival == Feeder::arrival_of(1));
    ck_assert(got.meta.key_frame && !got.meta.discontinuity && !got.meta.corrupted && !got.meta.parameters);
  }
}

/// Samples with their bytes swapped, and a clock of half the true one: what the SDP says can't be told from
/// what is meant, so that it counts.
LAW(hikvision_sends_pcm_that_is_not_what_its_sdp_says_and_the_sdp_counts) {  // go2rtc
  Feeder swapped(format("L16", 8000, 1));
  const Bytes little_endian{0x01, 0x00, 0x02, 0x00};
  ck_assert(swapped.push(little_endian, 0));
  ck_assert(swapped.frames.at(0).bytes == little_endian);
  Feeder slow(format("PCMA", 8000, 1));
  ck_assert(slow.push(sample_bytes(320), 0));
  ck_assert_uint_eq(slow.frames.at(0).meta.duration, 320);
}

LAW(whole_samples_are_taken_and_the_rest_is_complained_of_once) {
  struct {
    const char* name;
    std::uint16_t channels;
    std::size_t size;
    std::size_t whole;
    std::uint32_t ticks;
  } const cases[] = {
      {"L16", 1, 321, 320, 160}, {"L16", 2, 323, 320, 80},         {"L24", 2, 17, 12, 2},
      {"PCMA", 2, 161, 160, 80}, {"AAL2-G726-24", 1, 62, 60, 160}, {"AAL2-G726-40", 1, 104, 100, 160},
      {"GSM", 1, 34, 33, 160},   {"iLBC", 1, 149, 100, 480},
  };
  for (const auto& c : cases) {
    Feeder feeder(format(c.name, 8000, c.channels));
    const Bytes payload = sample_bytes(c.size);
    ck_assert(!feeder.push(payload, 0));
    ck_assert(feeder.error.code == base::ErrorCode::kMalformed);
    ck_assert_uint_eq(feeder.error.offset, c.whole);
    ck_assert(feeder.push(payload, c.ticks));
    ck_assert_uint_eq(feeder.frames.size(), 2);
    for (const Feeder::Got& got : feeder.frames) {
      ck_assert(got.bytes == Bytes(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(c.whole)));
      ck_assert_uint_eq(got.meta.duration, c.ticks);
      ck_assert(!got.meta.discontinuity);
    }
    ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 0);
  }
}

LAW(a_packet_without_a_whole_sample_is_an_error_and_no_frame) {
  struct {
    const char* name;
    std::size_t size;
  } const cases[] = {{"PCMU", 0}, {"L16", 0},  {"L16", 1},  {"L24", 2},  {"G726-40", 4}, {"GSM", 32},
                     {"G723", 0}, {"opus", 0}, {"DVI4", 0}, {"DVI4", 3}, {"DVI4", 4}};
  for (const auto& c : cases) {
    Feeder feeder(format(c.name));
    ck_assert_msg(!feeder.push(Bytes(c.size, 0), 0), "%s %zu", c.name, c.size);
    ck_assert(feeder.frames.empty());
    ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
    ck_assert(!feeder.push(Bytes(c.size, 0), 0));
  }
}

LAW(the_first_good_packet_after_an_error_is_a_discontinuity) {
  Feeder feeder(format("PCMU"));
  ck_assert(feeder.push(sample_bytes(160), 0));
  ck_assert(!feeder.push(Bytes(), 160));
  ck_assert(feeder.push(sample_bytes(160), 320) && feeder.push(sample_bytes(160), 480));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(!feeder.frames[0].meta.discontinuity && feeder.frames[1].meta.discontinuity &&
            !feeder.frames[2].meta.discontinuity);
}

LAW(a_loss_marks_the_next_frame_and_costs_nothing_else) {
  Feeder feeder(format("PCMA"));
  ck_assert(feeder.push(sample_bytes(160, 1), 0));
  ck_assert(feeder.push(sample_bytes(160, 2), 640, false, 3));
  ck_assert(feeder.push(sample_bytes(160, 3), 800));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[1].bytes == sample_bytes(160, 2));
  ck_assert(feeder.frames[1].meta.discontinuity && !feeder.frames[2].meta.discontinuity);
  ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 3);
  ck_assert_uint_eq(feeder.frames[2].meta.packets_lost, 0);
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 0);
}

LAW(losses_before_an_unreadable_packet_are_counted_to_the_next_frame) {
  Feeder feeder(format("L16"));
  ck_assert(!feeder.push(Bytes{1}, 0, false, 2));
  ck_assert(feeder.push(sample_bytes(320), 160, false, 5));
  ck_assert_uint_eq(feeder.frames[0].meta.packets_lost, 7);
}

LAW(after_a_reset_the_next_frame_is_a_discontinuity) {
  Feeder feeder(format("PCMA"));
  ck_assert(feeder.push(sample_bytes(160), 0));
  feeder.depacketizer.reset();
  feeder.depacketizer.flush();
  ck_assert(feeder.push(sample_bytes(160), 160));
  ck_assert(feeder.frames[1].meta.discontinuity);
}

// --- which sections ---

LAW(forms_that_no_decoder_could_be_told_of_are_not_taken) {
  struct {
    const char* name;
    std::uint32_t rate;
    std::uint16_t channels;
  } const cases[] = {
      {"MPA", 90000, 1},  {"MPEG4-GENERIC", 48000, 2}, {"G723.1", 8000, 1}, {"U8", 8000, 1},
      {"PCMA", 0, 1},     {"PCMA", 4000000000, 1},     {"PCMA", 8000, 0},   {"L16", 48000, 65},
      {"G722", 44100, 1}, {"G723", 16000, 1},          {"G723", 8000, 2},   {"G726-32", 8000, 2},
      {"DVI4", 8000, 2},  {"GSM", 16000, 1},           {"iLBC", 8000, 2},   {"", 8000, 1},
  };
  for (const auto& c : cases)
    ck_assert_msg(!codec::audio_format(media(c.name, c.rate, c.channels)), "%s", c.name);
  sdp::Media video = media("PCMA");
  video.kind = sdp::MediaKind::kVideo;
  ck_assert(!codec::audio_format(video));
}

LAW(the_mode_of_ilbc_is_the_length_of_its_frames) {
  struct {
    const char* mode;
    std::size_t block;
    unsigned ticks;
  } const cases[] = {{nullptr, 50, 240}, {"30", 50, 240}, {"20", 38, 160}, {"x", 50, 240}};
  for (const auto& c : cases) {
    sdp::Media section = media("ILBC");
    if (c.mode != nullptr) section.format_parameters = {{"mode", c.mode}};
    const auto known = codec::audio_format(section);
    ck_assert(known && known->block_bytes == c.block && known->ticks_per_block == c.ticks);
  }
}

// --- G.723 ---

Bytes g723_frame(std::size_t size) {
  Bytes frame = sample_bytes(size, static_cast<unsigned>(size));
  frame[0] = static_cast<std::uint8_t>((frame[0] & 0xFC) | (size == 24 ? 0 : size == 20 ? 1 : 2));
  return frame;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

LAW(g723_frames_of_all_three_sizes_last_240_ticks_each) {
  const Bytes high = g723_frame(24);
  const Bytes low = g723_frame(20);
  const Bytes silence = g723_frame(4);
  struct {
    Bytes payload;
    std::size_t whole;
    std::uint32_t ticks;
  } const cases[] = {
      {high, 24, 240},
      {low, 20, 240},
      {silence, 4, 240},
      {joined({low, low}), 40, 480},
      {joined({high, low, silence}), 48, 720},
      {joined({high, Bytes{0}}), 24, 240},
      {joined({high, Bytes(23, 0)}), 24, 240},
      {joined({low, Bytes(24, 3)}), 20, 240},
  };
  for (const auto& c : cases) {
    Feeder feeder(format("G723"));
    ck_assert_int_eq(feeder.push(c.payload, 0), c.whole == c.payload.size());
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ck_assert(feeder.frames[0].bytes ==
              Bytes(c.payload.begin(), c.payload.begin() + static_cast<std::ptrdiff_t>(c.whole)));
    ck_assert_uint_eq(feeder.frames[0].meta.duration, c.ticks);
  }
}

LAW(what_is_no_g723_frame_is_an_error) {
  for (const Bytes& payload : {Bytes(23, 0), Bytes(19, 1), Bytes(3, 2), Bytes(24, 3)}) {
    Feeder feeder(format("G723"));
    ck_assert(!feeder.push(payload, 0));
    ck_assert(feeder.frames.empty());
  }
}

// --- G.726 ---

/// Codewords in the order that RFC 3551 s4.5.4 shows, or in that of AAL2, bit by bit.
Bytes pack(const std::vector<unsigned>& codewords, unsigned bits, bool first_low) {
  Bytes packed(codewords.size() * bits / 8, 0);
  for (std::size_t i = 0; i < codewords.size(); ++i) {
    for (unsigned bit = 0; bit < bits; ++bit) {  // from the codeword's lowest
      const std::size_t low_place = i * bits + bit;
      const std::size_t high_place = i * bits + (bits - 1 - bit);
      const unsigned value = (codewords[i] >> bit) & 1U;
      const std::size_t at = first_low ? low_place / 8 : high_place / 8;
      const std::size_t shift = first_low ? low_place % 8 : 7 - high_place % 8;
      packed[at] = static_cast<std::uint8_t>(packed[at] | (value << shift));
    }
  }
  return packed;
}

LAW(g726_comes_out_in_one_order_whichever_was_sent) {
  const char* const names[] = {"G726-16", "G726-24", "G726-32", "G726-40"};
  for (unsigned bits = 2; bits <= 5; ++bits) {
    std::vector<unsigned> codewords;
    for (const std::uint8_t byte : sample_bytes(160))
      codewords.push_back(byte & ((1U << bits) - 1));
    const Bytes aal2 = pack(codewords, bits, false);
    const std::string name = names[bits - 2];
    Feeder rfc3551(format(name.c_str()));
    ck_assert(rfc3551.push(pack(codewords, bits, true), 0));
    Feeder as_sent(format(("AAL2-" + name).c_str()));
    ck_assert(as_sent.push(aal2, 0));
    ck_assert_msg(rfc3551.frames[0].bytes == aal2, "%s", name.c_str());
    ck_assert(as_sent.frames[0].bytes == aal2);
    ck_assert_uint_eq(rfc3551.frames[0].meta.duration, 160);
  }
}

LAW(g726_packing_is_that_of_the_figures_in_rfc_3551) {
  // The figures' places, at 24 kbit/s: |C C|B B B|A A A|F|E E E|D D D|C|H H H|G G G|F F|
  const Bytes sent{0b11'010'001, 0b0'101'100'0, 0b000'111'11};
  const Bytes expected{0b001'010'01, 0b1'100'101'1, 0b10'111'000};
  Bytes out(3);
  codec::g726_to_aal2(sent, 3, out.data());
  ck_assert(out == expected);
  // At 40 kbit/s: |B B B|A A A A A|D|C C C C C|B B|E E E E|D D D D|G G|F F F F F|E|H H H H H|G G G|
  const Bytes sent40{0b110'00001, 0b0'00011'10, 0b0101'0101, 0b10'10110'0, 0b00111'001};
  out.resize(5);
  codec::g726_to_aal2(sent40, 5, out.data());
  ck_assert(out == pack({0b00001, 0b10110, 0b00011, 0b01010, 0b00101, 0b10110, 0b00110, 0b00111}, 5, false));
}

// --- DVI4 ---

LAW(dvi4_is_decoded_from_its_header_and_the_higher_half_of_each_octet_first) {
  // Index 0 has step 7. Codes: 4 adds 7, 8|4 takes 7 off, 0 adds 0 (7 >> 3).
  struct {
    Bytes block;
    std::vector<int> samples;
  } const cases[] = {
      {{0x00, 0x64, 0, 0, 0x00}, {100, 100}},
      {{0x00, 0x64, 0, 0, 0x40}, {107, 108}},  // the index went to 2, step 9
      {{0xFF, 0x9C, 0, 0, 0xC0}, {-107, -106}},
      {{0x7F, 0xFF, 88, 0, 0x7F}, {32767, 32767 - (4095 + 32767 + 16383 + 8191)}},
      {{0x80, 0x00, 88, 0, 0xF0}, {-32768, -32768 + 4095}},
  };
  for (const auto& c : cases) {
    Bytes out(codec::dvi4_decoded_bytes(c.block.size()));
    ck_assert(codec::decode_dvi4(c.block, out).has_value());
    ck_assert_uint_eq(out.size(), c.samples.size() * 2);
    for (std::size_t i = 0; i < c.samples.size(); ++i) {
      const int got = static_cast<std::int16_t>(out[2 * i] | (out[2 * i + 1] << 8));
      ck_assert_msg(got == c.samples[i], "%d is not %d", got, c.samples[i]);
    }
  }
}

LAW(dvi4_has_two_samples_an_octet_behind_its_header) {
  Feeder feeder(format("DVI4", 11025));
  Bytes block = sample_bytes(84);
  block[2] = 40;
  ck_assert(feeder.push(block, 0));
  ck_assert_uint_eq(feeder.frames[0].meta.duration, 160);
  ck_assert_uint_eq(feeder.frames[0].bytes.size(), 320);
  block[2] = 89;
  ck_assert(!feeder.push(block, 160));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

// --- Opus ---

LAW(the_first_octets_of_an_opus_packet_tell_its_duration) {
  struct {
    Bytes packet;
    std::uint32_t samples;
  } const cases[] = {
      {{0 << 3}, 480},          {{1 << 3}, 960},           {{2 << 3}, 1920},
      {{3 << 3}, 2880},         {{8 << 3}, 480},           {{11 << 3}, 2880},
      {{12 << 3}, 480},         {{13 << 3}, 960},          {{14 << 3}, 480},
      {{15 << 3}, 960},         {{16 << 3}, 120},          {{17 << 3}, 240},
      {{18 << 3}, 480},         {{19 << 3}, 960},          {{28 << 3}, 120},
      {{31 << 3 | 4}, 960},     {{1 << 3 | 1}, 1920},      {{1 << 3 | 2, 1}, 1920},
      {{31 << 3 | 3, 3}, 2880}, {{16 << 3 | 3, 48}, 5760}, {{3 << 3 | 3, 0xC2}, 5760},
  };
  for (const auto& c : cases) {
    const auto samples = codec::opus_duration(c.packet);
    ck_assert_msg(samples && *samples == c.samples, "%02x", c.packet[0]);
    Feeder feeder(format("OPUS", 48000, 2));
    ck_assert(feeder.push(c.packet, 0));
    ck_assert_uint_eq(feeder.frames[0].meta.duration, c.samples);
    ck_assert(feeder.frames[0].bytes == c.packet);
  }
}

LAW(opus_packets_that_no_decoder_takes_are_errors) {
  for (const Bytes& packet : {Bytes{}, Bytes{3}, Bytes{3, 0}, Bytes{3 << 3 | 3, 3}, Bytes{16 << 3 | 3, 49}}) {
    ck_assert(!codec::opus_duration(packet));
    Feeder feeder(format("opus", 48000, 2));
    ck_assert(!feeder.push(packet, 0));
    ck_assert(feeder.frames.empty());
  }
}

LAW(several_opus_streams_in_a_packet_need_their_mapping) {
  struct {
    const char* streams;
    const char* coupled;
    const char* mapping;
    bool known;
  } const cases[] = {
      {"4", "2", "0,4,1,2,3,5", true},    {"4", "2", " 0, 4, 1, 2, 3, 255", true},
      {"4", "2", "0,4,1,2,3", false},     {"4", "2", "0,4,1,2,3,5,5", false},
      {"4", "2", "0,4,1,2,3,6", false},   {"0", "0", "0,4,1,2,3,5", false},
      {"2", "3", "0,4,1,2,3,4", false},   {"4", "2", "0,4,1,2,3,x", false},
      {"256", "2", "0,4,1,2,3,5", false}, {"", "2", "0,4,1,2,3,5", false},
  };
  for (const auto& c : cases) {
    sdp::Media section = media("multiopus", 48000, 6);
    section.format_parameters = {
        {"num_streams", c.streams}, {"coupled_streams", c.coupled}, {"channel_mapping", c.mapping}};
    ck_assert_msg(codec::audio_format(section).has_value() == c.known, "%s", c.mapping);
    ck_assert(codec::opus_streams(section).has_value() == c.known);
  }
  ck_assert(!codec::audio_format(media("multiopus", 48000, 6)));
}

LAW(opus_under_another_clock_rate_lasts_as_long) {
  Feeder feeder(format("opus", 16000));
  ck_assert(feeder.push(Bytes{1 << 3, 1, 2}, 0));
  ck_assert_uint_eq(feeder.frames[0].meta.duration, 320);
}

}  // namespace

int main() {
  return retina::test::run_laws("sample_audio");
}
