// Parameter sets: taken out, told when they change, put back where the format says.

#include "codec/h265_parameters.h"

#include "codec/h265_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::ParameterSetInsertion;
using Sets = std::vector<Bytes>;

const Bytes kIdr = hevc_nal({.type = 19, .size = 300, .seed = 1});
const Bytes kTrail = hevc_nal({.type = 1, .size = 100, .seed = 2});
const Bytes kAud{0x46, 0x01, 0x50};
const Bytes kSei = hevc_nal({.type = 39, .size = 9, .seed = 3});
const Bytes kVps = make_hevc_vps({});
const Bytes kSps = make_hevc_sps({});
const Bytes kPps = make_hevc_pps({});
const Bytes kOtherSps = make_hevc_sps({.level = 120, .width = 1920, .height = 1080});
const Bytes kPps1 = make_hevc_pps({.pps_id = 1});

H265Feeder feeder_with(ParameterSetInsertion insertion, Sets out_of_band = {kVps, kSps, kPps}) {
  return H265Feeder(hevc_format(insertion), with_sets(std::move(out_of_band)));
}

LAW(the_first_frame_brings_the_parameters_of_the_sdp) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  feeder.push(kIdr, 0, true);
  feeder.push(kTrail, 3600, true);
  ck_assert(feeder.frames[0].meta.parameters != nullptr && feeder.frames[1].meta.parameters == nullptr);
  ck_assert(feeder.frames[0].meta.parameters->vps == Sets{kVps});
  ck_assert(feeder.frames[0].meta.parameters->sps == Sets{kSps});
  ck_assert(feeder.frames[0].meta.parameters->pps == Sets{kPps});
}

LAW(garbage_among_the_out_of_band_sets_is_skipped) {
  Bytes large = kSps;
  large.resize(5000, 7);
  auto feeder = feeder_with(ParameterSetInsertion::kNever, {{},
                                                            {0x42},
                                                            {0x42, 0x01},
                                                            {0x42, 0x01, 1},
                                                            {1, 2, 3},
                                                            kTrail,
                                                            large,
                                                            {0x42, 0x00, 1},
                                                            kSps,
                                                            {0xC2, 0x01, 5},
                                                            kPps,
                                                            {0x44, 0x01}});
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.frames[0].meta.parameters->sps == Sets{kSps});
  ck_assert(feeder.frames[0].meta.parameters->pps == Sets{kPps});
}

LAW(until_sps_and_pps_are_known_frames_have_no_parameters) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever, {});
  feeder.push(kVps, 0);
  feeder.push(kTrail, 0, true);
  feeder.push(kSps, 3600);
  feeder.push(kTrail, 3600, true);
  feeder.push(kPps, 7200);
  feeder.push(kTrail, 7200, true);
  ck_assert(feeder.frames[0].meta.parameters == nullptr && feeder.frames[1].meta.parameters == nullptr);
  ck_assert(feeder.frames[2].meta.parameters != nullptr);
}

LAW(a_stream_without_vps_is_not_kept_waiting) {
  auto feeder = feeder_with(ParameterSetInsertion::kKeyFrames, {kPps, kSps});
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.frames[0].bytes == annexb({kSps, kPps, kIdr}));
  feeder.push(kVps, 3600);
  feeder.push(kIdr, 3600, true);
  ck_assert(feeder.frames[1].meta.parameters->vps == Sets{kVps});
  ck_assert(feeder.frames[1].bytes == annexb({kVps, kSps, kPps, kIdr}));
}

LAW(the_same_sets_again_are_no_change) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  for (int i = 0; i < 5; ++i) {
    for (const Bytes& nal : {kVps, kSps, kPps})
      feeder.push(nal, i * 3600);
    feeder.push(kIdr, i * 3600, true);
    ck_assert((feeder.frames.back().meta.parameters != nullptr) == (i == 0));
  }
}

LAW(a_change_comes_with_the_frame_that_needs_it) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  feeder.push(kIdr, 0, true);
  feeder.push(hevc_aggregate({kVps, kOtherSps, kPps, kIdr}), 3600, true);
  ck_assert(feeder.frames[1].meta.parameters->sps == Sets{kOtherSps});
  ck_assert(feeder.frames[1].bytes == annexb({kIdr}));
}

LAW(a_change_behind_a_picture_comes_with_the_next_one) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  feeder.push(kIdr, 0);
  feeder.push(kOtherSps, 0, true);
  feeder.push(kIdr, 3600, true);
  ck_assert(feeder.frames[0].meta.parameters->sps == Sets{kSps});
  ck_assert(feeder.frames[1].meta.parameters->sps == Sets{kOtherSps});
}

LAW(a_change_whose_frame_is_lost_comes_with_the_next_one) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  feeder.push(kIdr, 0, true);
  feeder.push(kOtherSps, 3600);
  feeder.push(Bytes{0x62, 0x01, 0x53, 1}, 3600, true, 1);
  feeder.push(kTrail, 7200, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.parameters->sps == Sets{kOtherSps});
}

LAW(sets_of_several_ids_stand_side_by_side_without_thrashing) {
  const Bytes sets[][2] = {
      {kPps, kPps1},
      {kSps, make_hevc_sps({.sps_id = 3})},
      {kVps, make_hevc_vps({.vps_id = 9})},
      {kPps, make_hevc_pps({.sps_id = 3, .pps_id = 63})},
  };
  for (const auto& pair : sets) {
    auto feeder = feeder_with(ParameterSetInsertion::kNever);
    for (int i = 0; i < 6; ++i) {
      feeder.push(pair[i % 2], i * 3600);
      feeder.push(kTrail, i * 3600, true);
      ck_assert_msg((feeder.frames.back().meta.parameters != nullptr) == (i < 2), "frame %d", i);
    }
    const auto known = feeder.depacketizer.parameters();
    ck_assert_uint_eq(known->vps.size() + known->sps.size() + known->pps.size(), 4);
  }
}

LAW(sets_stand_in_the_order_of_their_ids) {
  const Sets pps{make_hevc_pps({.pps_id = 0}), make_hevc_pps({.pps_id = 2}), make_hevc_pps({.pps_id = 63})};
  codec::H265Parameters parameters;
  for (const std::size_t i : {2U, 0U, 1U})
    ck_assert(parameters.learn(pps[i]));
  ck_assert(parameters.learn(kSps));
  ck_assert(parameters.snapshot()->pps == pps);
}

LAW(the_id_of_an_sps_is_found_behind_the_profiles_of_its_sub_layers) {
  for (unsigned layers = 1; layers <= 7; ++layers) {
    for (unsigned flags = 0; flags < 4; ++flags) {
      HevcSyntax syntax;
      syntax.max_sub_layers = layers;
      syntax.sub_layers.assign(layers - 1, {(flags & 1) != 0, (flags & 2) != 0});
      codec::H265Parameters parameters;
      parameters.learn(kPps);
      ck_assert(parameters.learn(make_hevc_sps(syntax)));
      syntax.sps_id = 15;
      ck_assert(parameters.learn(make_hevc_sps(syntax)));
      ck_assert_uint_eq(parameters.snapshot()->sps.size(), 2);
      ck_assert_uint_eq(*parameters.highest_temporal_id(), layers - 1);
    }
  }
}

LAW(a_set_whose_id_cannot_be_read_counts_as_id_0) {
  const Bytes sps(kSps.begin(), kSps.begin() + 18);  // up to its level
  codec::H265Parameters parameters;
  ck_assert(parameters.learn(kSps) && parameters.learn(kPps) && parameters.learn(sps));
  ck_assert(parameters.learn(make_hevc_pps({.pps_id = 64})));
  ck_assert(parameters.snapshot()->sps == Sets{sps});
  ck_assert(parameters.snapshot()->pps == Sets{make_hevc_pps({.pps_id = 64})});
}

LAW(sets_of_further_layers_stay_in_the_stream) {
  Bytes sps = kOtherSps;
  sps[1] |= 1 << 3;
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  feeder.push(sps, 0);
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.frames[0].meta.parameters->sps == Sets{kSps});
  ck_assert(feeder.frames[0].bytes == annexb({sps, kIdr}));
}

LAW(bytes_behind_a_set_are_kept_but_zeros_are_not) {
  const Bytes extended = joined({kSps, {0x34, 0x80}});
  auto feeder = feeder_with(ParameterSetInsertion::kNever, {});
  feeder.push(joined({extended, {0, 0}}), 0);
  feeder.push(kPps, 0);
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.frames[0].meta.parameters->sps == Sets{extended});
}

LAW(insertion_puts_sets_where_the_format_says) {
  struct {
    ParameterSetInsertion insertion;
    std::vector<Sets> frames;  // IDR, trailing, CRA
  } const cases[] = {
      {ParameterSetInsertion::kNever, {{kAud, kSei, kIdr}, {kTrail}, {kIdr}}},
      {ParameterSetInsertion::kKeyFrames,
       {{kAud, kVps, kSps, kPps, kSei, kIdr}, {kTrail}, {kVps, kSps, kPps, kIdr}}},
      {ParameterSetInsertion::kOnChange, {{kAud, kVps, kSps, kPps, kSei, kIdr}, {kTrail}, {kIdr}}},
  };
  for (const auto& c : cases) {
    auto feeder = feeder_with(c.insertion, {});
    for (const Bytes& nal : {kAud, kVps, kSps, kPps, kSei})
      feeder.push(nal, 0);
    feeder.push(kIdr, 0, true);
    feeder.push(kTrail, 3600, true);
    feeder.push(kIdr, 7200, true);
    for (std::size_t i = 0; i < 3; ++i)
      ck_assert_msg(feeder.frames[i].bytes == annexb(c.frames[i]), "frame %zu", i);
  }
}

LAW(sets_are_inserted_behind_a_delimiter_that_comes_late) {
  const Bytes end_of_sequence{0x48, 0x01};
  auto feeder = feeder_with(ParameterSetInsertion::kKeyFrames);
  feeder.push(kIdr, 0, true);
  feeder.push(end_of_sequence, 0);
  feeder.push(kAud, 3600);
  feeder.push(kIdr, 3600, true);
  ck_assert(feeder.frames[1].bytes == annexb({end_of_sequence, kAud, kVps, kSps, kPps, kIdr}));
}

LAW(a_change_is_inserted_also_before_a_picture_that_is_no_key_frame) {
  for (const auto insertion : {ParameterSetInsertion::kKeyFrames, ParameterSetInsertion::kOnChange}) {
    auto feeder = feeder_with(insertion);
    feeder.push(kIdr, 0, true);
    feeder.push(kPps1, 3600);
    feeder.push(kTrail, 3600, true);
    ck_assert(feeder.frames[1].bytes == annexb({kVps, kSps, kPps, kPps1, kTrail}));
  }
}

LAW(before_the_first_key_frame_nothing_is_inserted) {
  auto feeder = feeder_with(ParameterSetInsertion::kOnChange);
  feeder.push(kTrail, 0, true);
  feeder.push(kIdr, 3600, true);
  ck_assert(feeder.frames[0].bytes == annexb({kTrail}));
  ck_assert(feeder.frames[1].bytes == annexb({kVps, kSps, kPps, kIdr}));
}

LAW(sets_whose_frame_was_dropped_are_inserted_again) {
  auto feeder = feeder_with(ParameterSetInsertion::kOnChange);
  feeder.push(Bytes{0x62, 0x01, 0x93, 0x80, 1}, 0);
  feeder.push(Bytes{0x62, 0x01, 0x53, 1}, 0, true, 1);
  feeder.push(kIdr, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({kVps, kSps, kPps, kIdr}));
}

LAW(sets_of_a_first_key_frame_that_was_dropped_wait_for_the_next_one) {
  auto feeder = feeder_with(ParameterSetInsertion::kOnChange);
  feeder.push(Bytes{0x62, 0x01, 0x93, 0x80, 1}, 0, false);
  feeder.push(Bytes{0x62, 0x01, 0x53, 1}, 0, true, 1);
  feeder.push(kTrail, 3600, true);
  feeder.push(kIdr, 7200, true);
  feeder.push(kIdr, 10800, true);
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[0].bytes == annexb({kTrail}));
  ck_assert(feeder.frames[1].bytes == annexb({kVps, kSps, kPps, kIdr}));
  ck_assert(feeder.frames[2].bytes == annexb({kIdr}));
}

LAW(inserted_sets_have_lengths_in_the_length_prefixed_format) {
  codec::FrameFormat format;
  format.parameter_sets = ParameterSetInsertion::kKeyFrames;
  H265Feeder feeder(format, with_sets({kVps, kSps, kPps}));
  for (const Bytes& bytes : hevc_fragments(kIdr, 100))
    feeder.push(bytes, 0);
  feeder.flush();
  ck_assert(feeder.frames.at(0).bytes == hevc_framed({kVps, kSps, kPps, kIdr}, true));
}

}  // namespace

int main() {
  return retina::test::run_laws("h265_parameters");
}
