// RFC 3640: what stands in packets, in any of the layouts that an fmtp can ask for.

#include "codec/aac.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "codec/aac_feeder.h"
#include "codec/adts.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using AacFeeder = AacFeederOf<codec::AacDepacketizer>;

constexpr const char* kHbr =
    "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190";

sdp::Media hbr() {
  return aac_media("mpeg4-generic", 48000, 2, kHbr);
}

const Bytes kUnit = sample_unit(100, 1);
const Bytes kUnit2 = sample_unit(60, 2);
const Bytes kUnit3 = sample_unit(1, 3);

Bytes adts(const Bytes& unit, const Bytes& config) {
  const auto header = codec::adts_header(*codec::parse_audio_specific_config(config), unit.size());
  ck_assert(header.has_value());
  return Bytes(header->begin(), header->end()) + unit;
}

// --- packets ---

LAW(a_unit_is_a_frame_with_its_duration_and_arrival) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({kUnit}), 5000));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  const AacGot& got = feeder.frames[0];
  ck_assert(got.bytes == kUnit);
  ck_assert_int_eq(got.meta.timestamp, 5000);
  ck_assert_uint_eq(got.meta.duration, 1024);
  ck_assert(got.meta.arrival == base::TimePoint(std::chrono::milliseconds(1)));
  ck_assert(!got.meta.discontinuity && got.meta.packets_lost == 0);
}

LAW(several_units_of_a_packet_follow_each_other_in_time) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({kUnit, kUnit2, kUnit3}), 5000));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  const Bytes* units[] = {&kUnit, &kUnit2, &kUnit3};
  for (std::size_t i = 0; i < 3; ++i) {
    ck_assert(feeder.frames[i].bytes == *units[i]);
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, 5000 + 1024 * static_cast<std::int64_t>(i));
    ck_assert_uint_eq(feeder.frames[i].meta.duration, 1024);
  }
}

LAW(durations_are_in_units_of_the_rtp_clock_and_add_up) {
  struct {
    std::uint32_t clock;
    const char* config;
    std::int64_t times[4];
  } const cases[] = {
      {48000, "1190", {0, 1024, 2048, 3072}},
      {90000, "1210", {0, 2090, 4180, 6269}},  // 1024 x 90000 / 44100 = 2089.8
      {48000, "1310", {0, 2048, 4096, 6144}},  // the clock of an HE-AAC stream whose config doesn't say so
      {24000, "131056E598", {0, 1024, 2048, 3072}},
      {48000, "2B118800", {0, 2048, 4096, 6144}},
      {8000, "1408", {0, 512, 1024, 1536}},  // an rtpmap that is wrong
      {48000, "1194", {0, 960, 1920, 2880}},
      {44100, "F8E85000", {0, 480, 960, 1440}},
      {0, "1210", {0, 1024, 2048, 3072}},
  };
  for (const auto& c : cases) {
    AacFeeder feeder(aac_media("mpeg4-generic", c.clock, 2, std::string("mode=AAC-hbr;config=") + c.config));
    ck_assert(feeder.push(hbr_packet({kUnit, kUnit2, kUnit3}), 7));
    ck_assert_uint_eq(feeder.frames.size(), 3);
    for (std::size_t i = 0; i < 3; ++i) {
      ck_assert_int_eq(feeder.frames[i].meta.timestamp, 7 + c.times[i]);
      ck_assert_int_eq(feeder.frames[i].meta.duration, c.times[i + 1] - c.times[i]);
    }
  }
}

LAW(a_unit_in_fragments_is_put_together_at_every_cut) {
  const Bytes unit = sample_unit(40, 9);
  for (const std::array<bool, 2> marker :
       {std::array{false, true}, {true, true}, {false, false}, {true, false}}) {
    for (std::size_t cut = 1; cut < unit.size(); ++cut) {
      AacFeeder feeder(hbr());
      ck_assert(feeder.push(hbr_fragment(40, slice(unit, 0, cut)), 9000, marker[0]));
      ck_assert(feeder.frames.empty());
      ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, cut);
      ck_assert(feeder.push(hbr_fragment(40, slice(unit, cut, 40)), 9000, marker[1]));
      ck_assert_uint_eq(feeder.frames.size(), 1);
      ck_assert(feeder.frames[0].bytes == unit);
      ck_assert_int_eq(feeder.frames[0].meta.timestamp, 9000);
      ck_assert(feeder.frames[0].meta.arrival == base::TimePoint(std::chrono::milliseconds(2)));
      ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
      ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
    }
  }
}

LAW(markers_do_not_matter_to_whole_units) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({kUnit}), 0, false));
  ck_assert(feeder.push(hbr_packet({kUnit2, kUnit3}), 1024, false));
  ck_assert_uint_eq(feeder.frames.size(), 3);
}

LAW(every_packet_that_is_cut_costs_only_itself) {
  const Bytes whole = hbr_packet({kUnit, kUnit2});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    AacFeeder feeder(hbr());
    ck_assert(feeder.push(hbr_packet({kUnit}), 0));
    ck_assert_msg(!feeder.push(slice(whole, 0, size), 1024), "%zu bytes", size);
    ck_assert(feeder.push(hbr_packet({kUnit2}), 3072));
    ck_assert_uint_eq(feeder.frames.size(), 2);
    ck_assert(feeder.frames[1].bytes == kUnit2 && feeder.frames[1].meta.discontinuity);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
  }
}

LAW(headers_that_do_not_add_up_cost_only_their_packet) {
  struct {
    const char* what;
    Bytes payload;
  } const cases[] = {
      {"no bytes", {}},
      {"half a length", {0}},
      {"no header", {0, 0, 1, 2, 3}},
      {"17 bits of headers", BitWriter().put(17, 16).put(2, 13).put(0, 3).put(0, 8).put({1, 2}).bytes()},
      {"8 bits of headers", {0, 8, 0, 1, 2}},
      {"headers longer than the packet", {0x01, 0x00, 0, 0x10, 1, 2}},
      {"units longer than the packet",
       BitWriter().put(32, 16).put(2, 13).put(0, 3).put(9, 13).put(0, 3).put({1, 2}).bytes()},
  };
  for (const auto& c : cases) {
    AacFeeder feeder(hbr());
    ck_assert(feeder.push(hbr_packet({kUnit}), 0));
    ck_assert_msg(!feeder.push(c.payload, 1024), "%s", c.what);
    ck_assert_msg(feeder.push(hbr_packet({kUnit2}), 2048), "%s", c.what);
    ck_assert_msg(feeder.frames.size() == 2 && feeder.frames[1].meta.discontinuity, "%s", c.what);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
  }
}

LAW(bytes_behind_the_last_unit_are_ignored) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({kUnit, kUnit2}) + Bytes{9, 9, 9}, 0));
  ck_assert(feeder.push(hbr_packet({kUnit}) + Bytes{9}, 2048));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[1].bytes == kUnit2 && feeder.frames[2].bytes == kUnit);
}

LAW(an_empty_unit_is_no_frame_but_takes_its_time) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({kUnit, {}, kUnit2}), 0));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 2048);
  ck_assert(feeder.push(hbr_packet({Bytes{}}), 3072));
  ck_assert_uint_eq(feeder.frames.size(), 2);
}

LAW(indices_mean_nothing_in_a_stream_that_is_not_interleaved) {
  // As of a sender that numbers its units.
  const Bytes packet =
      BitWriter().put(32, 16).put(100, 13).put(5, 3).put(60, 13).put(6, 3).put(kUnit).put(kUnit2).bytes();
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(packet, 0));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 1024);
}

LAW(four_thousand_units_are_taken_and_one_more_is_not) {
  const auto packet = [](std::size_t count) {
    BitWriter bits;
    bits.put(count, 16);
    for (std::size_t i = 0; i < count; ++i)
      bits.put(1, 1);
    return (bits.align().bytes()) + Bytes(count, 0x21);
  };
  const auto media = aac_media("mpeg4-generic", 48000, 2, "mode=generic;sizeLength=1;config=1190");
  AacFeeder feeder(media);
  ck_assert(feeder.push(packet(codec::kMaxAacUnits), 0));
  ck_assert_uint_eq(feeder.frames.size(), codec::kMaxAacUnits);
  ck_assert(!feeder.push(packet(codec::kMaxAacUnits + 1), 0));
}

// --- layouts ---

LAW(the_low_bit_rate_mode_has_short_headers) {
  AacFeeder feeder(aac_media("mpeg4-generic", 22050, 1, "mode=AAC-lbr;config=1388"));
  ck_assert(feeder.push(
      BitWriter().put(16, 16).put(60, 6).put(0, 2).put(1, 6).put(0, 2).put(kUnit2).put(kUnit3).bytes(), 0));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == kUnit2 && feeder.frames[1].bytes == kUnit3);
}

LAW(every_field_of_a_header_can_be_there) {
  // The first has a random access flag and a stream state; the second a composition and a decoding time, too.
  BitWriter bits;
  const std::size_t first = 14 + 5 + 1 + 1 + 1 + 4;
  const std::size_t second = 14 + 2 + 1 + 12 + 1 + 9 + 1 + 4;
  bits.put(first + second, 16);
  bits.put(100, 14).put(0, 5).put(0, 1).put(0, 1).put(1, 1).put(11, 4);
  bits.put(60, 14).put(0, 2).put(1, 1).put(1000, 12).put(1, 1).put(3, 9).put(0, 1).put(12, 4);
  bits.align();
  bits.put(21, 7).put(0x1FFFFF, 21).align();  // auxiliary section
  bits.put(kUnit).put(kUnit2);
  AacFeeder feeder(
      aac_media("mpeg4-generic", 48000, 2,
                "mode=generic; sizeLength=14; indexLength=5; indexDeltaLength=2; CTSDeltaLength=12; "
                "DTSDeltaLength=9; randomAccessIndication=1; streamStateIndication=4; "
                "auxiliaryDataSizeLength=7; config=1190"));
  ck_assert(feeder.push(bits.bytes(), 100));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == kUnit && feeder.frames[1].bytes == kUnit2);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 1100);
  for (std::size_t size = 0; size + kUnit.size() + kUnit2.size() < bits.bytes().size(); ++size) {
    AacFeeder cut(aac_media("mpeg4-generic", 48000, 2,
                            "mode=generic; sizeLength=14; indexLength=5; indexDeltaLength=2; "
                            "CTSDeltaLength=12; DTSDeltaLength=9; randomAccessIndication=1; "
                            "streamStateIndication=4; auxiliaryDataSizeLength=7; config=1190"));
    ck_assert_msg(!cut.push(slice(bits.bytes(), 0, size), 0), "%zu bytes", size);
  }
}

LAW(a_composition_delta_has_a_sign) {
  const auto packet = BitWriter()
                          .put(13 + 1 + 13 + 1 + 8, 16)
                          .put(100, 13)
                          .put(0, 1)
                          .put(60, 13)
                          .put(1, 1)
                          .put(0xF0, 8)
                          .align()
                          .put(kUnit)
                          .put(kUnit2)
                          .bytes();
  AacFeeder feeder(
      aac_media("mpeg4-generic", 48000, 2, "mode=generic;sizeLength=13;CTSDeltaLength=8;config=1190"));
  ck_assert(feeder.push(packet, 100));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 84);
}

LAW(units_of_a_constant_size_need_no_headers) {
  AacFeeder feeder(
      aac_media("mpeg4-generic", 48000, 2, "mode=generic;constantSize=20;constantDuration=960;config=1190"));
  const Bytes a = sample_unit(20, 1);
  const Bytes b = sample_unit(20, 2);
  ck_assert(feeder.push(a + b, 0));
  ck_assert(feeder.push(slice(a, 0, 7), 1920, false));
  ck_assert(feeder.push(slice(a, 7, 20), 1920, true));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[0].bytes == a && feeder.frames[1].bytes == b && feeder.frames[2].bytes == a);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 960);
  ck_assert_uint_eq(feeder.frames[1].meta.duration, 960);
  ck_assert(!feeder.push(a + Bytes{1}, 2880));
}

LAW(units_of_a_constant_size_may_have_headers) {
  AacFeeder feeder(aac_media("mpeg4-generic", 48000, 2,
                             "mode=generic;constantSize=20;indexLength=4;indexDeltaLength=4;config=1190"));
  const Bytes a = sample_unit(20, 1);
  ck_assert(feeder.push(BitWriter().put(8, 16).put(0, 8).put(a).put(a).bytes(), 0));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(!feeder.push(BitWriter().put(12, 16).put(0, 16).put(a).put(a).bytes(), 0));
}

LAW(a_first_header_may_have_no_bits) {
  AacFeeder feeder(
      aac_media("mpeg4-generic", 48000, 2, "mode=generic;constantSize=20;indexDeltaLength=8;config=1190"));
  const Bytes a = sample_unit(20, 1);
  ck_assert(feeder.push(Bytes{0, 0} + a, 0));
  ck_assert(feeder.push(Bytes{0, 8, 0} + a + a, 1024));
  ck_assert_uint_eq(feeder.frames.size(), 3);
}

LAW(without_sizes_the_marker_ends_a_unit) {
  AacFeeder feeder(aac_media("mpeg4-generic", 48000, 2, "mode=generic;config=1190"));
  ck_assert(feeder.push(kUnit, 0, true));
  ck_assert(feeder.push(slice(kUnit, 0, 30), 1024, false));
  ck_assert(feeder.push(slice(kUnit, 30, 100), 1024, true));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == kUnit && feeder.frames[1].bytes == kUnit);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 1024);
}

LAW(without_sizes_and_markers_the_next_timestamp_ends_a_unit) {
  AacFeeder feeder(aac_media("mpeg4-generic", 48000, 2, "mode=generic;config=1190"));
  ck_assert(feeder.push(kUnit, 0, false));
  ck_assert(feeder.push(kUnit2, 1024, false));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 2);
  for (int i = 0; i < 2; ++i)
    ck_assert(feeder.frames[static_cast<std::size_t>(i)].meta.arrival ==
              base::TimePoint(std::chrono::milliseconds(i + 1)));
  ck_assert(feeder.frames[0].bytes == kUnit && feeder.frames[1].bytes == kUnit2);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
}

LAW(a_layout_is_read_from_whatever_the_fmtp_says) {
  const auto layout = [](unsigned size, unsigned index, unsigned delta) {
    codec::AacPayloadFormat format;
    format.size_length = size;
    format.index_length = index;
    format.index_delta_length = delta;
    return format;
  };
  struct {
    const char* fmtp;
    codec::AacPayloadFormat format;
  } const cases[] = {
      {kHbr, layout(13, 3, 3)},
      {"streamtype=5; profile-level-id=15; mode=AAC-hbr; config=1188; SizeLength=13; IndexLength=3; "
       "IndexDeltaLength=3;",
       layout(13, 3, 3)},  // Ubiquiti
      {"MODE=\"aac-HBR\" ; CONFIG=\"1188\";", layout(13, 3, 3)},
      {"", layout(13, 3, 3)},  // Anpviz
      {"profile-level-id=1", layout(13, 3, 3)},
      {"mode=AAC-lbr", layout(6, 2, 2)},
      {"sizelength=6", layout(6, 2, 2)},
      {"sizelength=16;indexlength=0;indexdeltalength=0", layout(16, 0, 0)},
      {"mode=AAC-hbr;sizelength=x;indexlength=99;indexdeltalength=-3", layout(13, 3, 3)},
      {"mode=generic;sizelength=10", layout(10, 0, 0)},
  };
  for (const auto& c : cases) {
    const auto format = codec::read_aac_payload_format(aac_media("mpeg4-generic", 48000, 1, c.fmtp));
    ck_assert_msg(format.has_value() && *format == c.format, "%s", c.fmtp);
  }
}

LAW(celp_is_unsupported) {
  codec::HeapAllocator allocator;
  for (const char* fmtp : {"mode=CELP-cbr;config=440E00", "mode=celp-VBR", "mode=AAC-hbr;config=440E00"}) {
    const auto made =
        codec::AacDepacketizer::create(aac_media("mpeg4-generic", 16000, 1, fmtp), {}, allocator);
    ck_assert(!made && made.error().code == base::ErrorCode::kUnsupported);
  }
}

// --- configs ---

LAW(the_first_frame_has_the_config_and_no_other) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.depacketizer().parameters()->config == (Bytes{0x11, 0x90}));
  ck_assert(feeder.push(hbr_packet({kUnit, kUnit2}), 0));
  ck_assert(feeder.push(hbr_packet({kUnit3}), 2048));
  ck_assert(feeder.frames[0].meta.parameters != nullptr);
  ck_assert(feeder.frames[0].meta.parameters->config == (Bytes{0x11, 0x90}));
  ck_assert(feeder.frames[1].meta.parameters == nullptr && feeder.frames[2].meta.parameters == nullptr);
}

LAW(a_config_goes_on_as_it_was_sent) {
  for (const char* hex : {"119056E500", "1408", "2B118800", "F8E85000"}) {
    AacFeeder feeder(aac_media("mpeg4-generic", 48000, 2, std::string("mode=AAC-hbr; config=") + hex));
    ck_assert(feeder.depacketizer().parameters()->config == *codec::decode_config(hex));
  }
}

LAW(without_a_config_that_can_be_read_the_rtpmap_tells) {
  for (const char* fmtp :
       {"", "mode=AAC-hbr", "mode=AAC-hbr;config=", "config=zz", "config=1", "config=17F0"}) {
    AacFeeder feeder(aac_media("mpeg4-generic", 16000, 2, fmtp));
    ck_assert(feeder.depacketizer().parameters()->config == (Bytes{0x14, 0x10}));
    ck_assert(feeder.push(hbr_packet({kUnit}), 0));
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ck_assert_uint_eq(feeder.frames[0].meta.duration, 1024);
  }
  codec::HeapAllocator allocator;
  for (const std::uint32_t clock : {0U, 90000U}) {
    const auto made = codec::AacDepacketizer::create(aac_media("mpeg4-generic", clock, 1, ""), {}, allocator);
    ck_assert(!made && made.error().code == base::ErrorCode::kUnsupported);
  }
}

LAW(an_sdp_with_aac_as_payload_type_0_and_hardly_an_fmtp_plays) {
  const auto description = sdp::parse(
      "v=0\r\nm=audio 0 RTP/AVP 0\r\na=rtpmap:0 mpeg4-generic/16000/1\r\na=fmtp:0 profile-level-id=1;\r\n");
  ck_assert(description.has_value());
  AacFeeder feeder(description->media.at(0));
  ck_assert(feeder.push(hbr_packet({kUnit}), 0));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.depacketizer().parameters()->config == (Bytes{0x14, 0x08}));
}

LAW(an_fmtp_under_another_payload_type_is_found) {
  const auto description = sdp::parse(
      "v=0\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/48000\r\n"
      "a=fmtp:96 mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190\r\n");
  ck_assert(description.has_value());
  AacFeeder feeder(description->media.at(0));
  ck_assert(feeder.depacketizer().parameters()->config == (Bytes{0x11, 0x90}));
}

LAW(descriptions_of_real_cameras_are_understood) {
  const char* folder = std::getenv("RETINA_CAPTURES");
  struct {
    const char* file;
    Bytes config;
  } const cases[] = {
      {"dahua_describe_h264_aac_onvif.txt", {0x11, 0x88}},
      {"missing_content_type_describe.txt", {0x11, 0x90, 0x56, 0xE5, 0x00}},
      {"reolink_describe.txt", {0x14, 0x08}},
      {"ubiquiti_sdp.txt", {0x11, 0x88}},
  };
  for (const auto& c : cases) {
    std::ifstream file(folder != nullptr ? std::string(folder) + "/" + c.file : std::string(),
                       std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.empty()) continue;
    const auto description = sdp::parse(text.substr(text.find("v=0")));
    ck_assert_msg(description.has_value(), "%s", c.file);
    const auto media = std::ranges::find_if(description->media, [](const sdp::Media& section) {
      return base::equals_ignore_case(section.encoding_name, "mpeg4-generic");
    });
    ck_assert_msg(media != description->media.end(), "%s", c.file);
    AacFeeder feeder(*media);
    ck_assert_msg(feeder.depacketizer().parameters()->config == c.config, "%s", c.file);
    ck_assert(feeder.push(hbr_packet({kUnit, kUnit2}), 0));
    ck_assert_uint_eq(feeder.frames.size(), 2);
    ck_assert_uint_eq(feeder.frames[0].meta.duration, 1024);
  }
}

// --- ADTS ---

LAW(adts_output_has_a_header_a_frame) {
  AacFeeder feeder(hbr(), codec::AacFraming::kAdts);
  ck_assert(feeder.push(hbr_packet({kUnit, kUnit2}), 0));
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 0, 50)), 2048, false));
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 50, 100)), 2048, true));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[0].bytes == adts(kUnit, {0x11, 0x90}));
  ck_assert(feeder.frames[1].bytes == adts(kUnit2, {0x11, 0x90}));
  ck_assert(feeder.frames[2].bytes == adts(kUnit, {0x11, 0x90}));
}

LAW(framing_can_change_between_frames) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({kUnit}), 0));
  codec::FrameFormat format;
  format.aac = codec::AacFraming::kAdts;
  feeder.depacketizer().set_format(format);
  ck_assert(feeder.push(hbr_packet({kUnit}), 1024));
  ck_assert(feeder.frames[0].bytes == kUnit && feeder.frames[1].bytes == adts(kUnit, {0x11, 0x90}));
}

LAW(frames_that_adts_cannot_express_are_dropped_and_never_mislabelled) {
  AacFeeder eld(aac_media("mpeg4-generic", 44100, 2, "mode=AAC-hbr;config=F8E85000"),
                codec::AacFraming::kAdts);
  ck_assert(!eld.push(hbr_packet({kUnit, kUnit2}), 0));
  ck_assert(eld.frames.empty());
  ck_assert_uint_eq(eld.depacketizer().frames_dropped(), 2);

  // Only the unit that is too large is missing.
  AacFeeder feeder(hbr(), codec::AacFraming::kAdts);
  const Bytes large = sample_unit(8185, 1);
  const Bytes largest = sample_unit(8184, 1);
  ck_assert(!feeder.push(hbr_packet({kUnit, large, largest}), 0));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == adts(kUnit, {0x11, 0x90}));
  ck_assert(feeder.frames[1].bytes == adts(largest, {0x11, 0x90}));
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 2048);
  ck_assert(feeder.frames[1].meta.discontinuity);
}

LAW(adts_headers_inside_of_units_are_taken_off) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({kUnit}), 0));
  ck_assert(!feeder.depacketizer().found_adts());
  ck_assert(feeder.push(hbr_packet({adts(kUnit, {0x11, 0x90}), adts(kUnit2, {0x11, 0x90})}), 1024));
  ck_assert(feeder.depacketizer().found_adts());
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[1].bytes == kUnit && feeder.frames[2].bytes == kUnit2);
  ck_assert_int_eq(feeder.frames[2].meta.timestamp, 2048);
  ck_assert(feeder.frames[1].meta.parameters == nullptr);

  AacFeeder again(hbr(), codec::AacFraming::kAdts);
  ck_assert(again.push(hbr_packet({adts(kUnit, {0x11, 0x90})}), 0));
  ck_assert(again.frames.at(0).bytes == adts(kUnit, {0x11, 0x90}));
}

LAW(adts_with_a_checksum_is_taken_off_whole) {
  Bytes frame = adts(kUnit, {0x11, 0x90});
  frame[1] = 0xF0;  // protection_absent 0
  frame.insert(frame.begin() + 7, {0xAB, 0xCD});
  const std::size_t size = frame.size();
  frame[4] = static_cast<std::uint8_t>(size >> 3);
  frame[5] = static_cast<std::uint8_t>(((size & 7) << 5) | 0x1F);
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({frame}), 0));
  ck_assert(feeder.frames.at(0).bytes == kUnit);
}

LAW(several_adts_frames_in_a_unit_follow_each_other_in_time) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({adts(kUnit, {0x11, 0x90}) + adts(kUnit2, {0x11, 0x90}), kUnit3}), 0));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  for (std::size_t i = 0; i < 3; ++i)
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, 1024 * static_cast<std::int64_t>(i));
  ck_assert(feeder.frames[2].bytes == kUnit3);
}

LAW(adts_without_au_headers_is_understood) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(adts(kUnit, {0x11, 0x90}) + adts(kUnit2, {0x11, 0x90}), 0));
  ck_assert(feeder.push(adts(kUnit3, {0x11, 0x90}), 2048));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[0].bytes == kUnit && feeder.frames[1].bytes == kUnit2 &&
            feeder.frames[2].bytes == kUnit3);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 1024);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
}

LAW(an_adts_header_that_contradicts_the_config_rules) {
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({kUnit}), 0));
  ck_assert(feeder.push(hbr_packet({adts(kUnit, {0x14, 0x08})}), 1024));
  ck_assert(feeder.push(hbr_packet({adts(kUnit, {0x14, 0x08})}), 4096));
  ck_assert(feeder.frames[1].meta.parameters != nullptr);
  ck_assert(feeder.frames[1].meta.parameters->config == (Bytes{0x14, 0x08}));
  ck_assert_uint_eq(feeder.frames[1].meta.duration, 3072);
  ck_assert(feeder.frames[2].meta.parameters == nullptr);
}

LAW(an_adts_header_of_the_core_leaves_the_config_of_he_aac_alone) {
  AacFeeder feeder(aac_media("mpeg4-generic", 48000, 2, "mode=AAC-hbr;config=2B118800"));
  ck_assert(feeder.push(hbr_packet({adts(kUnit, {0x2B, 0x11, 0x88, 0x00})}), 0));
  ck_assert(feeder.frames.at(0).bytes == kUnit);
  ck_assert(feeder.frames[0].meta.parameters->config == (Bytes{0x2B, 0x11, 0x88, 0x00}));
}

LAW(what_only_begins_like_adts_is_left_alone) {
  Bytes unit = adts(kUnit, {0x11, 0x90});
  unit.push_back(0);
  AacFeeder feeder(hbr());
  ck_assert(feeder.push(hbr_packet({unit}), 0));
  ck_assert(feeder.frames.at(0).bytes == unit);
  // Object types without ADTS may begin so by chance.
  const Bytes whole = adts(kUnit, {0x11, 0x90});
  AacFeeder low_delay(aac_media("mpeg4-generic", 48000, 4, "mode=AAC-hbr;config=B9A000"));
  ck_assert(low_delay.push(hbr_packet({whole}), 0));
  ck_assert(low_delay.frames.at(0).bytes == whole);
}

}  // namespace

int main() {
  return retina::test::run_laws("aac");
}
