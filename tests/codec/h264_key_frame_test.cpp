// Where decoding can begin: what a key frame is, and what is none.

#include "codec/h264_feeder.h"
#include "codec/h264_syntax.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::ParameterSetInsertion;

constexpr unsigned kPatience = codec::H264AccessUnits::kEntryPatience;

const Syntax kSyntax;

Bytes picture(std::uint32_t type, std::uint32_t first_macroblock = 0) {
  return make_slice(kSyntax, {.first_macroblock = first_macroblock, .type = type});
}
const Bytes kIdr = make_slice(kSyntax, {.idr = true, .type = 7});
const Bytes kP = picture(5);
const Bytes kI = picture(7);

/// Pushes pictures of these NAL units each, and tells which came out as key frames: 'K', and '-' for others.
std::string kinds(H264Feeder& feeder, const std::vector<std::vector<Bytes>>& pictures) {
  std::string text;
  for (const auto& nals : pictures) {
    const std::size_t before = feeder.frames.size();
    const auto timestamp = static_cast<std::int64_t>(before) * 3600;
    for (std::size_t i = 0; i < nals.size(); ++i)
      feeder.push(nals[i], timestamp, i + 1 == nals.size());
    ck_assert_uint_eq(feeder.frames.size(), before + 1);
    text += feeder.frames.back().meta.key_frame ? 'K' : '-';
  }
  return text;
}

LAW(an_idr_picture_is_a_key_frame_and_no_other_of_its_stream) {
  H264Feeder feeder;
  ASSERT_TEXT(kinds(feeder, {{kP}, {kIdr}, {kP}, {kI}, {kP, picture(5, 60)}, {kIdr}}), "-K---K");
}

LAW(an_idr_slice_that_is_not_the_first_one_counts) {
  H264Feeder feeder;
  ASSERT_TEXT(kinds(feeder, {{kP, make_slice(kSyntax, {.idr = true, .first_macroblock = 60, .type = 7})}}),
              "K");
}

LAW(a_recovery_point_is_a_key_frame_however_long_it_takes) {
  H264Feeder feeder;
  const Bytes at_once = make_sei({recovery_message(0)});
  const Bytes gradually = make_sei({{5, Bytes(300, 0x41)}, recovery_message(29)});
  const Bytes other = make_sei({{1, {0x12}}});
  ASSERT_TEXT(kinds(feeder, {{kP}, {at_once, kI}, {kP}, {gradually, kP}, {other, kP}, {kP}}), "-K-K--");
}

LAW(a_recovery_point_behind_the_slices_belongs_to_the_next_picture_of_the_same_timestamp) {
  H264Feeder feeder({}, {make_sps(kSyntax), make_pps(kSyntax)});
  feeder.push(kP, 0, false);
  feeder.push(make_sei({recovery_message(0)}), 0, false);
  feeder.push(make_slice(kSyntax, {.type = 7, .frame_number = 1}), 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(!feeder.frames[0].meta.key_frame && feeder.frames[1].meta.key_frame);
}

LAW(without_idr_and_recovery_points_pictures_of_i_slices_are_key_frames) {
  H264Feeder feeder;
  const Bytes later_p = picture(5, 60);
  const Bytes later_i = picture(7, 60);
  const Bytes later_si = picture(9, 120);
  ASSERT_TEXT(kinds(feeder, {{kP}, {kI}, {kP}, {kI, later_i, later_si}, {kI, later_p}, {picture(6)}, {kI}}),
              "-K-K--K");
}

LAW(after_a_key_frame_i_slices_count_again_when_the_next_one_is_long_in_coming) {
  for (const bool idr : {true, false}) {
    H264Feeder feeder;
    kinds(feeder, {idr ? std::vector<Bytes>{kIdr} : std::vector<Bytes>{make_sei({recovery_message(0)}), kI}});
    for (unsigned i = 1; i < kPatience; ++i)
      ASSERT_TEXT(kinds(feeder, {{i % 10 == 0 ? kI : kP}}), "-");
    ASSERT_TEXT(kinds(feeder, {{kI}, {kP}, {kI}, {kIdr}, {kI}}), "K-KK-");
  }
}

LAW(a_stream_of_gradual_refresh_can_be_entered_and_gets_its_parameter_sets_there) {
  for (const auto insertion : {ParameterSetInsertion::kKeyFrames, ParameterSetInsertion::kOnChange}) {
    H264Feeder feeder(start_codes(insertion), {make_sps(kSyntax), make_pps(kSyntax)});
    const Bytes sei = make_sei({recovery_message(15)});
    ASSERT_TEXT(kinds(feeder, {{kP}, {kP}, {sei, kP}, {kP}}), "--K-");
    ck_assert(feeder.frames[1].bytes == annexb({kP}));
    ck_assert(feeder.frames[2].bytes == annexb({make_sps(kSyntax), make_pps(kSyntax), sei, kP}));
  }
}

LAW(an_access_unit_without_slices_is_never_a_key_frame) {
  H264Feeder feeder;
  feeder.push(make_sps(kSyntax), 0, true);
  feeder.push(make_pps(kSyntax), 0, true);
  feeder.push(make_sei({{1, {0x12}}}), 0, true);
  ck_assert(feeder.frames.empty());
  ck_assert(!feeder.depacketizer().progress().key_frame);
  feeder.push(kP, 3600, true);
  ck_assert(!feeder.frames.at(0).meta.key_frame);
}

LAW(a_key_frame_is_not_disposable) {
  H264Feeder feeder;
  feeder.push(make_sei({recovery_message(0)}), 0, false);
  feeder.push(make_slice(kSyntax, {.reference = 0, .type = 7}), 0, true);
  feeder.push(make_slice(kSyntax, {.reference = 0}), 3600, true);
  ck_assert(feeder.frames[0].meta.key_frame && !feeder.frames[0].meta.disposable);
  ck_assert(!feeder.frames[1].meta.key_frame && feeder.frames[1].meta.disposable);
}

LAW(progress_tells_a_key_frame_from_its_first_slice_on) {
  H264Feeder feeder;
  ck_assert(!feeder.depacketizer().progress().key_frame);
  feeder.push(kIdr, 0, false);
  ck_assert(feeder.depacketizer().progress().key_frame);
  feeder.push(kP, 3600, false);
  ck_assert(!feeder.depacketizer().progress().key_frame);
}

LAW(the_second_field_of_an_idr_frame_may_be_a_p_field) {
  Syntax fields;
  fields.fields = true;
  H264Feeder feeder(start_codes(ParameterSetInsertion::kNever), {make_sps(fields), make_pps(fields)});
  feeder.push(make_slice(fields, {.idr = true, .type = 7, .field = true}), 0, true);
  feeder.push(make_slice(fields, {.type = 5, .field = true, .bottom = true, .order = 1}), 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].meta.key_frame);
}

}  // namespace

int main() {
  return retina::test::run_laws("h264_key_frame");
}
