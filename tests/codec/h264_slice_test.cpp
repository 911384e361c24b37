// Slice headers and SEI: what tells pictures apart, and where decoding can begin.

#include "codec/h264_slice.h"

#include "codec/h264_sei.h"
#include "codec/h264_syntax.h"
#include "support/check.h"
#include "support/h264_stream.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

codec::H264SliceReader reader_for(const Syntax& syntax) {
  codec::ParameterSets sets;
  sets.sps = {make_sps(syntax)};
  sets.pps = {make_pps(syntax)};
  codec::H264SliceReader reader;
  reader.set_parameters(sets);
  return reader;
}

std::optional<codec::H264SliceHeader> read(const Syntax& syntax, const Slice& slice) {
  const Bytes nal = make_slice(syntax, slice);
  return reader_for(syntax).read(nal[0], base::ByteView(nal).subspan(1));
}

LAW(a_slice_header_is_read_under_every_syntax) {
  std::vector<Syntax> cases(10);
  cases[1].profile = 100;
  cases[2].profile = 100;
  cases[2].scaling_lists = true;
  cases[3].profile = 244;
  cases[3].chroma_format = 3;
  cases[3].colour_planes = cases[3].scaling_lists = true;
  cases[4].order_type = 1;
  cases[4].order_of_bottom = true;
  cases[5].order_type = 2;
  cases[6].order_of_bottom = true;
  cases[7].fields = cases[7].order_of_bottom = true;
  cases[8].frame_number_bits = cases[8].order_bits = 16;
  cases[9].sequence_id = 31;
  cases[9].picture_id = 255;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Slice slice;
    slice.idr = i % 2 == 0;
    slice.first_macroblock = static_cast<std::uint32_t>(i);
    slice.frame_number = 171;
    slice.idr_picture_id = 9;
    slice.order = 77;
    slice.order_delta = -3;
    const auto header = read(cases[i], slice);
    ck_assert_msg(header.has_value(), "case %zu", i);
    ck_assert_uint_eq(header->first_macroblock, i);
    ck_assert_uint_eq(header->frame_number, 171);
    ck_assert_uint_eq(header->picture_parameters, cases[i].picture_id);
    ck_assert_uint_eq(header->idr_picture_id, slice.idr ? 9 : 0);
    ck_assert(header->idr == slice.idr && header->reference && !header->field);
    if (cases[i].order_type == 0) ck_assert_uint_eq(header->order[0], 77);
    ck_assert((header->order[0] != 0) == (cases[i].order_type != 2));
    ck_assert((header->order[1] != 0) == (cases[i].order_of_bottom && cases[i].order_type != 2));
  }
}

LAW(each_field_of_a_header_that_differs_tells_pictures_apart) {
  Syntax syntax;
  syntax.fields = syntax.order_of_bottom = true;
  const Slice slice{.idr = false, .reference = 2, .frame_number = 5, .order = 10, .order_delta = 1};
  const auto header = read(syntax, slice);
  std::vector<Slice> others(6, slice);
  others[0].frame_number = 6;
  others[1].order = 12;
  others[2].order_delta = 2;
  others[3].reference = 0;
  others[4].idr = true;
  others[5].field = true;
  for (std::size_t i = 0; i < others.size(); ++i) {
    ck_assert_msg(!header->same_picture(*read(syntax, others[i])), "case %zu", i);
  }
  Slice same = slice;
  same.reference = 1;
  same.first_macroblock = 7;
  same.type = 2;
  ck_assert(header->same_picture(*read(syntax, same)));
  Slice idr = slice;
  idr.idr = true;
  Slice other_idr = idr;
  other_idr.idr_picture_id = 1;
  ck_assert(!read(syntax, idr)->same_picture(*read(syntax, other_idr)));
}

LAW(two_fields_of_a_frame_are_known_as_such) {
  Syntax syntax;
  syntax.fields = true;
  ck_assert(reader_for(syntax).may_have_fields() && !reader_for(Syntax()).may_have_fields());
  const Slice top{.frame_number = 5, .field = true};
  struct {
    const char* what;
    Slice second;
    bool pair;
  } const cases[] = {
      {"the other parity", {.frame_number = 5, .field = true, .bottom = true}, true},
      {"the same parity", {.frame_number = 5, .field = true}, false},
      {"another frame", {.frame_number = 6, .field = true, .bottom = true}, false},
      {"a frame", {.frame_number = 5}, false},
      {"a disposable one", {.reference = 0, .frame_number = 5, .field = true, .bottom = true}, false},
      {"an IDR one", {.idr = true, .frame_number = 5, .field = true, .bottom = true}, false},
  };
  for (const auto& c : cases) {
    ck_assert_msg(read(syntax, top)->is_field_before(*read(syntax, c.second)) == c.pair, "%s", c.what);
  }
  Slice idr_top = top;
  idr_top.idr = true;
  ck_assert(read(syntax, idr_top)->is_field_before(*read(syntax, cases[0].second)));
}

LAW(what_is_cut_or_refers_to_unknown_sets_is_not_read) {
  const Syntax syntax;
  const Bytes nal = make_slice(syntax, {.frame_number = 5});
  const auto reader = reader_for(syntax);
  for (std::size_t size = 0; size <= 2; ++size)
    ck_assert(!reader.read(nal[0], base::ByteView(nal).subspan(1, size)));
  ck_assert(!codec::H264SliceReader().read(nal[0], base::ByteView(nal).subspan(1)));
  Syntax other;
  other.picture_id = 1;
  const Bytes unknown = make_slice(other, {});
  ck_assert(!reader.read(unknown[0], base::ByteView(unknown).subspan(1)));
  // A PPS whose SPS isn't there.
  codec::ParameterSets sets;
  sets.sps = {make_sps(other)};
  other.sequence_id = 3;
  sets.pps = {make_pps(other)};
  codec::H264SliceReader lonely;
  lonely.set_parameters(sets);
  ck_assert(!lonely.read(unknown[0], base::ByteView(unknown).subspan(1)));
}

LAW(parameter_sets_cut_anywhere_do_no_harm) {
  Syntax syntax;
  syntax.profile = 100;
  syntax.scaling_lists = true;
  const Bytes sps = make_sps(syntax);
  const Bytes pps = make_pps(syntax);
  const Bytes slice = make_slice(syntax, {.frame_number = 5});
  for (std::size_t size = 0; size <= sps.size(); ++size) {
    codec::ParameterSets sets;
    sets.sps = {Bytes(sps.begin(), sps.begin() + static_cast<std::ptrdiff_t>(size))};
    sets.pps = {pps};
    codec::H264SliceReader reader;
    reader.set_parameters(sets);
    const auto header = reader.read(slice[0], base::ByteView(slice).subspan(1));
    ck_assert(!header || header->frame_number == 5);
    if (size == sps.size()) ck_assert(header.has_value());
    if (size < 10) ck_assert(!header.has_value());
  }
}

LAW(intra_slices_are_known_without_parameter_sets) {
  for (std::uint32_t type = 0; type < 10; ++type) {
    const Bytes nal = make_slice({}, {.first_macroblock = 300, .type = type});
    ck_assert(codec::is_intra_slice(base::ByteView(nal).subspan(1)) == (type % 5 == 2 || type % 5 == 4));
  }
  ck_assert(!codec::is_intra_slice({}));
  const Bytes cut{0x08};
  ck_assert(!codec::is_intra_slice(cut));
}

LAW(a_recovery_point_is_found_wherever_it_stands) {
  const Bytes user_data(700, 0x41);
  ck_assert(codec::recovery_point(make_sei({recovery_message(0)})) == 0U);
  ck_assert(codec::recovery_point(make_sei({recovery_message(29)})) == 29U);
  ck_assert(codec::recovery_point(make_sei({{5, user_data}, {1, {0x12, 0x34}}, recovery_message(3)})) == 3U);
  ck_assert(codec::recovery_point(make_sei({{700, {1}}, recovery_message(1)})) == 1U);
  // Emulation prevention within a message: the 03 isn't counted.
  Bytes prevented = make_sei({{5, {0, 0, 9}}, recovery_message(2)});
  prevented.insert(prevented.begin() + 5, 3);
  prevented[6] = 1;
  ck_assert(codec::recovery_point(prevented) == 2U);
}

LAW(an_sei_without_a_recovery_point_or_cut_has_none) {
  ck_assert(!codec::recovery_point(make_sei({{5, Bytes(20, 6)}})));
  ck_assert(!codec::recovery_point(Bytes{0x06}));
  ck_assert(!codec::recovery_point(Bytes{0x06, 0xFF, 0xFF, 0xFF}));
  ck_assert(!codec::recovery_point(Bytes{0x06, 5, 200, 1, 2, 3}));
  ck_assert(!codec::recovery_point(make_sei({{5, Bytes(5000, 0x41)}, recovery_message(0)})));
  const Bytes whole = make_sei({{5, {1, 2, 3}}, recovery_message(200)});
  for (std::size_t size = 1; size + 2 < whole.size(); ++size)
    ck_assert(!codec::recovery_point(base::ByteView(whole).first(size)));
}

}  // namespace

int main() {
  return retina::test::run_laws("h264_slice");
}
