// Reading SPS and PPS as far as they can be read.

#include "codec/hevc_sets.h"

#include <algorithm>

#include "codec/h265_syntax.h"
#include "codec/hevc_nal.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

/// With everything in front of the last field that is read.
HevcSyntax everything() {
  HevcSyntax syntax;
  syntax.max_sub_layers = 3;
  syntax.sub_layers = {{true, true}, {false, true}};
  syntax.ordering_of_all = true;
  syntax.scaling_lists = true;
  syntax.pcm = true;
  syntax.references = HevcReferences::kPredicted;
  syntax.long_term = true;
  syntax.vui = true;
  syntax.everything_in_vui = true;
  syntax.time_scale = 25;
  syntax.min_spatial_segmentation = 77;
  syntax.extensions = true;
  return syntax;
}

LAW(every_type_layer_and_temporal_id_is_read_from_its_header) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const codec::hevc::NalHeader header{static_cast<std::uint8_t>(bits >> 8),
                                        static_cast<std::uint8_t>(bits)};
    ck_assert(header.is_forbidden() == (bits >= 0x8000));
    ck_assert(header.is_valid() == (bits < 0x8000 && bits % 8 != 0));
    ck_assert_uint_eq((header.is_forbidden() ? 0x8000U : 0U) | header.type() << 9 | header.layer() << 3 |
                          header.temporal_id_plus1(),
                      bits);
    const auto other = header.with_type(47 - header.type() % 48);
    ck_assert_uint_eq(other.type(), 47 - header.type() % 48);
    ck_assert(other.layer() == header.layer() && other.is_valid() == header.is_valid());
  }
}

LAW(profile_tier_and_level_are_read_as_written) {
  HevcSyntax syntax;
  syntax.profile_space = 2;
  syntax.high_tier = true;
  syntax.profile = 4;
  syntax.compatibility = 0x08000001;
  syntax.constraints = 0x9F0000000001;
  syntax.level = 156;
  syntax.vps_id = 7;
  syntax.sps_id = 5;
  const auto sps = codec::read_hevc_sps(make_hevc_sps(syntax));
  ck_assert(sps.has_value());
  ck_assert(sps->profile.space == 2 && sps->profile.high_tier && sps->profile.profile == 4);
  ck_assert_uint_eq(sps->profile.compatibility, 0x08000001);
  ck_assert_uint_eq(sps->profile.constraints, 0x9F0000000001);
  ck_assert_uint_eq(sps->profile.level, 156);
  ck_assert(sps->vps_id == 7 && sps->id == 5 && sps->max_sub_layers == 1 && sps->temporal_id_nesting);
}

LAW(every_combination_of_sub_layer_profiles_and_levels_is_skipped) {
  for (unsigned layers = 1; layers <= 7; ++layers) {
    for (unsigned flags = 0; flags<1U << (2 * (layers - 1)); flags += layers> 4 ? 37 : 1) {
      HevcSyntax syntax;
      syntax.max_sub_layers = layers;
      for (unsigned i = 0; i + 1 < layers; ++i)
        syntax.sub_layers.push_back({(flags >> (2 * i) & 1) != 0, (flags >> (2 * i) & 2) != 0});
      syntax.sps_id = 11;
      syntax.width = 2304;
      syntax.height = 1296;
      const auto sps = codec::read_hevc_sps(make_hevc_sps(syntax));
      ck_assert(sps && sps->has_sample_format);
      ck_assert_msg(sps->id == 11 && sps->width == 2304 && sps->height == 1296, "%u layers, flags %x", layers,
                    flags);
    }
  }
}

LAW(sample_formats_and_sizes_are_read_as_written) {
  struct {
    unsigned chroma_format, luma_bits, chroma_bits;
    std::uint32_t crop_bottom, height;
  } const cases[] = {{0, 8, 8, 4, 1084},
                     {1, 8, 8, 4, 1080},
                     {1, 10, 10, 0, 1088},
                     {2, 12, 9, 4, 1084},
                     {3, 16, 16, 4, 1084}};
  for (const auto& c : cases) {
    HevcSyntax syntax;
    syntax.chroma_format = c.chroma_format;
    syntax.luma_bits = c.luma_bits;
    syntax.chroma_bits = c.chroma_bits;
    syntax.crop_bottom = c.crop_bottom;
    syntax.width = 1920;
    syntax.height = 1088;
    const auto sps = codec::read_hevc_sps(make_hevc_sps(syntax));
    ck_assert(sps && sps->has_sample_format && sps->chroma_format == c.chroma_format);
    ck_assert(sps->luma_bits_over8 == c.luma_bits - 8 && sps->chroma_bits_over8 == c.chroma_bits - 8);
    ck_assert_uint_eq(sps->width, 1920);
    ck_assert_uint_eq(sps->height, c.height);
  }
}

LAW(a_window_that_leaves_nothing_is_none) {
  HevcSyntax syntax;
  syntax.crop_bottom = 1000;
  ck_assert_uint_eq(codec::read_hevc_sps(make_hevc_sps(syntax))->height, 368);
}

LAW(the_segmentation_is_found_behind_whatever_stands_in_front_of_it) {
  HevcSyntax plain;
  plain.vui = true;
  plain.min_spatial_segmentation = 77;
  HevcSyntax cases[] = {plain, plain, plain, plain, plain, plain, plain, plain, everything()};
  cases[1].scaling_lists = true;
  cases[2].pcm = true;
  cases[3].references = HevcReferences::kExplicit;
  cases[4].references = HevcReferences::kPredicted;
  cases[5].long_term = true;
  cases[6].time_scale = 25;
  cases[7].max_sub_layers = 7;
  cases[7].ordering_of_all = true;
  for (const HevcSyntax& syntax : cases) {
    const auto sps = codec::read_hevc_sps(make_hevc_sps(syntax));
    ck_assert(sps.has_value());
    ck_assert_msg(sps->min_spatial_segmentation == 77, "case %td: %u", &syntax - cases,
                  sps->min_spatial_segmentation);
  }
}

LAW(without_a_vui_there_is_no_segmentation) {
  ck_assert_uint_eq(codec::read_hevc_sps(make_hevc_sps({}))->min_spatial_segmentation, 0);
  ck_assert_uint_eq(codec::read_hevc_sps(make_hevc_sps({.vui = true}))->min_spatial_segmentation, 0);
}

LAW(wherever_an_sps_is_cut_what_stands_before_is_read) {
  const Bytes whole = make_hevc_sps(everything());
  std::size_t sizes = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto sps = codec::read_hevc_sps(base::ByteView(whole).first(size));
    if (size < 15) ck_assert(!sps);  // header, a byte, twelve of profile to level
    // Emulation prevention in the profile makes it longer.
    if (size >= 20) ck_assert(sps.has_value());
    if (!sps) continue;
    ck_assert_uint_eq(sps->profile.level, 93);
    ck_assert(sps->max_sub_layers == 3);
    ck_assert(!sps->has_sample_format || (sps->width == 640 && sps->height == 368));
    ck_assert(sps->min_spatial_segmentation == 0 || sps->min_spatial_segmentation == 77);
    if (sps->has_sample_format) ++sizes;
  }
  ck_assert_uint_gt(sizes, 50);
}

LAW(whatever_bits_are_wrong_reading_ends) {
  const Bytes whole = make_hevc_sps(everything());
  const Bytes pps = make_hevc_pps({.tiles = true});
  for (std::size_t bit = 16; bit < whole.size() * 8; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    const auto sps = codec::read_hevc_sps(flipped);
    ck_assert(sps && sps->chroma_format <= 3 && sps->luma_bits_over8 <= 8 && sps->chroma_bits_over8 <= 8);
    ck_assert_uint_le(sps->min_spatial_segmentation, 4095);
  }
  for (const std::uint8_t filling : Bytes{0x00, 0xFF, 0xAA, 0x55, 0x80, 0x03}) {
    Bytes garbage(4096, filling);
    (void)codec::read_hevc_sps(garbage);
    (void)codec::read_hevc_pps(garbage);
    for (std::size_t keep = 15; keep < whole.size(); ++keep) {
      std::copy_n(whole.begin(), keep, garbage.begin());
      ck_assert(codec::read_hevc_sps(garbage).has_value());
      std::fill_n(garbage.begin() + static_cast<std::ptrdiff_t>(keep), 8, filling);
    }
  }
}

LAW(a_pps_is_read_up_to_its_tools_whatever_stands_behind_them) {
  for (const bool tiles : {false, true}) {
    for (const bool sync : {false, true}) {
      for (const bool extensions : {false, true}) {
        const auto pps = codec::read_hevc_pps(make_hevc_pps(
            {.sps_id = 3, .pps_id = 40, .extensions = extensions, .tiles = tiles, .entropy_sync = sync}));
        ck_assert(pps && pps->has_tools && pps->id == 40 && pps->sps_id == 3);
        ck_assert(pps->tiles == tiles && pps->entropy_sync == sync);
      }
    }
  }
}

LAW(a_pps_that_is_cut_has_ids_at_least) {
  const Bytes whole = make_hevc_pps({.pps_id = 2, .tiles = true});
  ck_assert(!codec::read_hevc_pps({}) && !codec::read_hevc_pps(base::ByteView(whole).first(2)));
  const auto pps = codec::read_hevc_pps(base::ByteView(whole).first(4));
  ck_assert(pps && pps->id == 2 && !pps->has_tools && !pps->tiles);
}

}  // namespace

int main() {
  return retina::test::run_laws("hevc_sets");
}
