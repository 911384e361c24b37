// hvcC, byte for byte.

#include "codec/hevc_record.h"

#include "codec/h265_syntax.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::HevcRecordUse;

codec::ParameterSets sets_of(const HevcSyntax& syntax) {
  codec::ParameterSets sets;
  sets.vps = {make_hevc_vps(syntax)};
  sets.sps = {make_hevc_sps(syntax)};
  sets.pps = {make_hevc_pps(syntax)};
  return sets;
}

Bytes record_of(const HevcSyntax& syntax) {
  return codec::hevc_record(sets_of(syntax), HevcRecordUse::kComplete);
}

void append_array(Bytes& bytes, std::uint8_t type, const std::vector<Bytes>& nals) {
  bytes.insert(bytes.end(), {type, 0, static_cast<std::uint8_t>(nals.size())});
  for (const Bytes& nal : nals) {
    bytes.insert(bytes.end(), {0, static_cast<std::uint8_t>(nal.size())});
    bytes.insert(bytes.end(), nal.begin(), nal.end());
  }
}

constexpr std::size_t kSegmentation = 13;
constexpr std::size_t kParallelism = 15;
constexpr std::size_t kChroma = 16;
constexpr std::size_t kLuma = 17;
constexpr std::size_t kLayers = 21;

LAW(the_record_has_every_field_and_all_sets) {
  HevcSyntax syntax;
  syntax.profile = 2;
  syntax.high_tier = true;
  syntax.compatibility = 0x20000000;
  syntax.constraints = 0x900000000000;
  syntax.level = 123;
  syntax.chroma_format = 2;
  syntax.luma_bits = 10;
  syntax.chroma_bits = 9;
  syntax.vui = true;
  syntax.min_spatial_segmentation = 0x123;
  syntax.entropy_sync = true;
  const auto sets = sets_of(syntax);
  for (const bool complete : {true, false}) {
    const std::uint8_t flag = complete ? 0x80 : 0;
    Bytes expected{1,   0x22, 0x20, 0,    0,    0,    0x90, 0, 0, 0,    0, 0,
                   123, 0xF1, 0x23, 0xFF, 0xFE, 0xFA, 0xF9, 0, 0, 0x0F, 3};
    append_array(expected, flag | 32, sets.vps);
    append_array(expected, flag | 33, sets.sps);
    append_array(expected, flag | 34, sets.pps);
    ck_assert(codec::hevc_record(sets, complete ? HevcRecordUse::kComplete : HevcRecordUse::kAlsoInStream) ==
              expected);
  }
}

LAW(sub_layers_are_counted_and_do_not_shift_what_follows) {
  HevcSyntax syntax;
  syntax.temporal_id_nesting = false;
  syntax.max_sub_layers = 4;
  syntax.sub_layers = {{false, true}, {true, false}, {true, true}};
  syntax.luma_bits = 12;
  const Bytes record = record_of(syntax);
  ck_assert_uint_eq(record.at(kLayers), 4 << 3 | 3);
  ck_assert_uint_eq(record.at(kLuma), 0xF8 | 4);
}

LAW(sixteen_bit_video_does_not_overflow_the_field) {
  HevcSyntax syntax;
  syntax.luma_bits = syntax.chroma_bits = 16;
  const Bytes record = record_of(syntax);
  ck_assert_uint_eq(record.at(kLuma), 0xFF);
  ck_assert_uint_eq(record.at(kLuma + 1), 0xFF);
}

LAW(parallelism_is_told_where_all_pictures_have_the_same_and_there_is_a_segmentation) {
  struct {
    const char* what;
    std::uint32_t segmentation;
    std::vector<Bytes> pps;
    std::uint8_t type;
  } const cases[] = {
      {"slices", 5, {make_hevc_pps({})}, 1},
      {"tiles", 5, {make_hevc_pps({.tiles = true})}, 2},
      {"wavefronts", 5, {make_hevc_pps({.entropy_sync = true})}, 3},
      {"both", 5, {make_hevc_pps({.tiles = true, .entropy_sync = true})}, 0},
      {"no segmentation", 0, {make_hevc_pps({.tiles = true})}, 0},
      {"the same twice", 5, {make_hevc_pps({.tiles = true}), make_hevc_pps({.pps_id = 1, .tiles = true})}, 2},
      {"mixed", 5, {make_hevc_pps({.tiles = true}), make_hevc_pps({.pps_id = 1})}, 0},
      {"cut", 5, {{0x44, 0x01, 0xC0}}, 0},
      {"one of two cut", 5, {make_hevc_pps({}), {0x44, 0x01, 0x50}}, 0},
      {"none", 5, {}, 0},
  };
  for (const auto& c : cases) {
    HevcSyntax syntax;
    syntax.vui = true;
    syntax.min_spatial_segmentation = c.segmentation;
    auto sets = sets_of(syntax);
    sets.pps = c.pps;
    const Bytes record = codec::hevc_record(sets, HevcRecordUse::kComplete);
    ck_assert_msg(record.at(kParallelism) == (0xFC | c.type), "%s: %02x", c.what, record.at(kParallelism));
  }
}

LAW(several_sps_are_joined_to_what_holds_for_all_of_them) {
  HevcSyntax a;
  a.compatibility = 0x60000000;
  a.constraints = 0xB00000000001;
  a.level = 153;
  a.max_sub_layers = 2;
  a.vui = true;
  a.min_spatial_segmentation = 40;
  HevcSyntax b;
  b.sps_id = 1;
  b.profile = 2;
  b.high_tier = true;
  b.compatibility = 0x20000000;
  b.constraints = 0x900000000001;
  b.level = 120;
  b.temporal_id_nesting = false;
  b.vui = true;
  b.min_spatial_segmentation = 30;
  for (const bool swapped : {false, true}) {
    auto sets = sets_of(a);
    sets.sps.push_back(make_hevc_sps(b));
    if (swapped) std::swap(sets.sps[0], sets.sps[1]);
    const Bytes record = codec::hevc_record(sets, HevcRecordUse::kComplete);
    // The level is that of the highest tier.
    const Bytes expected{1, 0x22, 0x20, 0, 0, 0, 0x90, 0, 0, 0, 0, 1, 120, 0xF0, 30};
    ck_assert(Bytes(record.begin(), record.begin() + 15) == expected);
    ck_assert_uint_eq(record.at(kLayers), 2 << 3 | 3);
  }
  auto same_tier = sets_of(a);
  b.high_tier = false;
  same_tier.sps.push_back(make_hevc_sps(b));
  ck_assert_uint_eq(codec::hevc_record(same_tier, HevcRecordUse::kComplete).at(12), 153);
}

LAW(several_sets_of_each_type_are_all_in_the_record) {
  auto sets = sets_of({});
  sets.vps.push_back(make_hevc_vps({.vps_id = 1}));
  sets.sps.push_back(make_hevc_sps({.sps_id = 1}));
  for (std::uint32_t id = 1; id < 64; ++id)
    sets.pps.push_back(make_hevc_pps({.pps_id = id}));
  const Bytes record = codec::hevc_record(sets, HevcRecordUse::kComplete);
  Bytes arrays;
  append_array(arrays, 0x80 | 32, sets.vps);
  append_array(arrays, 0x80 | 33, sets.sps);
  append_array(arrays, 0x80 | 34, sets.pps);
  ck_assert(Bytes(record.begin() + 23, record.end()) == arrays);
}

LAW(types_of_which_there_are_no_sets_have_no_array) {
  auto sets = sets_of({});
  sets.vps.clear();
  const Bytes record = codec::hevc_record(sets, HevcRecordUse::kComplete);
  ck_assert_uint_eq(record.at(22), 2);
  ck_assert_uint_eq(record.at(23), 0x80 | 33);
}

LAW(an_sps_that_can_only_be_read_in_part_gives_a_record_all_the_same) {
  auto sets = sets_of({});
  sets.sps.front().resize(18);
  const Bytes record = codec::hevc_record(sets, HevcRecordUse::kComplete);
  ck_assert_uint_eq(record.at(12), 93);
  ck_assert(record.at(kSegmentation) == 0xF0 && record.at(kSegmentation + 1) == 0);
  ck_assert_uint_eq(record.at(kChroma), 0xFD);
  ck_assert_uint_eq(record.at(kLuma), 0xF8);
}

LAW(without_an_sps_that_tells_its_level_there_is_no_record) {
  ck_assert(codec::hevc_record({}, HevcRecordUse::kComplete).empty());
  auto sets = sets_of({});
  sets.sps.front().resize(14);
  ck_assert(codec::hevc_record(sets, HevcRecordUse::kComplete).empty());
}

}  // namespace

int main() {
  return retina::test::run_laws("hevc_record");
}
