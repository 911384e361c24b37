// Where access units begin and end, and what is said of them.

#include "codec/h265_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

const Bytes kIdr = hevc_nal({.type = 19, .size = 300, .seed = 1});
const Bytes kTrail = hevc_nal({.type = 1, .size = 100, .seed = 2});
const Bytes kTrail2 = hevc_nal({.type = 1, .size = 90, .seed = 3});
const Bytes kLaterSlice = hevc_nal({.type = 1, .size = 80, .seed = 4, .first_slice = false});
const Bytes kAud{0x46, 0x01, 0x50};
const Bytes kEndOfSequence{0x48, 0x01};
const Bytes kSei = hevc_nal({.type = 39, .size = 9, .seed = 5});
const Bytes kSuffixSei = hevc_nal({.type = 40, .size = 9, .seed = 6});
const Bytes kVps = make_hevc_vps({});
const Bytes kSps = make_hevc_sps({});
const Bytes kPps = make_hevc_pps({});

Bytes slice(unsigned type, std::uint32_t seed = 7, unsigned temporal_id = 0) {
  return hevc_nal({.type = type, .size = 50, .seed = seed, .temporal_id = temporal_id});
}

LAW(a_timestamp_ends_an_access_unit_as_a_marker_does) {
  H265Feeder feeder;
  feeder.push(kIdr, 0);
  ck_assert(feeder.frames.empty());
  feeder.push(kTrail, 3600);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({kIdr}));
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 0);
}

LAW(one_packet_can_end_two_access_units) {
  H265Feeder feeder;
  feeder.push(kIdr, 0);
  feeder.push(kTrail, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
}

LAW(markers_on_parameter_sets_and_sei_end_nothing) {
  H265Feeder feeder;
  for (const Bytes& nal : {kAud, kVps, kSps, kPps, kSei})
    feeder.push(nal, 0, true);
  ck_assert(feeder.frames.empty());
  feeder.push(kIdr, 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({kAud, kSei, kIdr}));
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 0);
}

LAW(timestamps_of_parameter_sets_and_sei_end_nothing_and_the_slices_have_the_say) {
  H265Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(kVps, 0, true);
  feeder.push(kSps, 100, false);
  feeder.push(kPps, 200, true);
  feeder.push(kSei, 300, false);
  feeder.push(kIdr, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 3600);
  ck_assert(feeder.frames[1].bytes == annexb({kSei, kIdr}));
  ck_assert(!feeder.frames[1].meta.discontinuity);
}

LAW(what_begins_an_access_unit_goes_with_the_next_one_whatever_its_timestamp_and_marker) {
  for (const bool marker : {false, true}) {
    for (const bool own_packet : {false, true}) {
      H265Feeder feeder;
      if (own_packet) {
        feeder.push(kIdr, 0);
        feeder.push(kAud, 0);
        feeder.push(kSei, 0, marker);
      } else {
        feeder.push(hevc_aggregate({kIdr, kAud, kSei}), 0, marker);
      }
      feeder.push(kTrail, 3600, true);
      ck_assert_uint_eq(feeder.frames.size(), 2);
      ck_assert(feeder.frames[0].bytes == annexb({kIdr}));
      ck_assert(feeder.frames[1].bytes == annexb({kAud, kSei, kTrail}));
      ck_assert_int_eq(feeder.frames[1].meta.timestamp, 3600);
    }
  }
}

LAW(two_access_units_may_share_a_timestamp) {
  H265Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(kTrail, 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(!feeder.frames[1].meta.discontinuity);
}

LAW(two_pictures_with_one_timestamp_and_no_marker_are_told_apart) {
  for (const bool delimited : {false, true}) {
    H265Feeder feeder;
    feeder.push(kIdr, 0);
    if (delimited) feeder.push(kAud, 0);
    feeder.push(kTrail, 0);
    feeder.push(kLaterSlice, 0);
    feeder.push(kTrail2, 0, true);
    ck_assert_uint_eq(feeder.frames.size(), 3);
    ck_assert(feeder.frames[0].bytes == annexb({kIdr}));
    ck_assert(feeder.frames[1].bytes ==
              (delimited ? annexb({kAud, kTrail, kLaterSlice}) : annexb({kTrail, kLaterSlice})));
    ck_assert(feeder.frames[2].bytes == annexb({kTrail2}));
    for (const auto& frame : feeder.frames)
      ck_assert(frame.meta.timestamp == 0 && !frame.meta.discontinuity);
  }
}

LAW(all_pictures_of_a_byte_stream_in_one_packet_come_out) {
  const Bytes code{0, 0, 0, 1};
  H265Feeder feeder;
  feeder.push(joined({kAud, code, kIdr, code, kAud, code, kTrail, code, kAud, code, kTrail2}), 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[1].bytes == annexb({kAud, kTrail}));
}

LAW(the_pictures_of_further_layers_belong_to_the_access_unit) {
  const Bytes enhancement = hevc_nal({.type = 19, .size = 40, .layer = 1});
  H265Feeder feeder;
  feeder.push(kIdr, 0);
  feeder.push(enhancement, 0);
  feeder.push(kTrail, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == annexb({kIdr, enhancement}));
}

LAW(where_every_slice_has_a_marker_markers_end_nothing) {
  H265Feeder feeder;
  for (int i = 0; i < 10; ++i) {
    feeder.push(kTrail, i * 3600, true);
    ck_assert(feeder.push(kLaterSlice, i * 3600, true));
  }
  feeder.flush();
  // The first picture came in halves before that was known.
  ck_assert_uint_eq(feeder.frames.size(), 10);
  ck_assert(feeder.frames[0].bytes == annexb({kTrail}));
  for (std::size_t i = 1; i < 10; ++i)
    ck_assert(feeder.frames[i].bytes == annexb({kTrail, kLaterSlice}));
  ck_assert(feeder.frames[1].meta.discontinuity && !feeder.frames[2].meta.discontinuity);
}

LAW(a_delimiter_between_the_slices_of_a_picture_is_left_out) {
  H265Feeder feeder;
  feeder.push(kTrail, 0);
  feeder.push(kAud, 0);
  feeder.push(kSei, 0);
  feeder.push(kLaterSlice, 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({kTrail, kSei, kLaterSlice}));
}

LAW(what_belongs_behind_a_picture_is_left_out_without_one) {
  H265Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(kSuffixSei, 0);
  for (const unsigned type : {38U, 45U, 46U, 47U})
    feeder.push(hevc_nal({.type = type}), 0);
  feeder.push(kTrail, 3600);
  feeder.push(kSuffixSei, 3600, true);
  ck_assert(feeder.frames.at(1).bytes == annexb({kTrail, kSuffixSei}));
}

LAW(more_than_can_be_held_back_is_not_lost) {
  H265Feeder feeder;
  std::vector<Bytes> nals{kTrail};
  feeder.push(kTrail, 0);
  for (unsigned i = 0; i < 50; ++i) {
    nals.push_back(hevc_nal({.type = 39, .size = 3000, .seed = i}));
    feeder.push(nals.back(), 0);
  }
  feeder.push(kTrail2, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_uint_eq(feeder.frames[0].bytes.size() + feeder.frames[1].bytes.size(),
                    annexb(nals).size() + kTrail2.size() + 4);
}

// --- key frames ---

LAW(idr_cra_and_bla_pictures_are_key_frames_and_no_others) {
  for (unsigned type = 0; type < 32; ++type) {
    H265Feeder feeder;
    feeder.push(kIdr, 0, true);
    feeder.push(slice(type), 3600, true);
    ck_assert_uint_eq(feeder.frames.size(), type == 8 || type == 9 ? 1 : 2);
    if (feeder.frames.size() == 2)
      ck_assert_msg(feeder.frames[1].meta.key_frame == (type >= 16 && type <= 23), "type %u", type);
  }
}

LAW(what_has_no_slice_is_no_key_frame_and_no_frame) {
  H265Feeder feeder;
  for (const Bytes& nal : {kAud, kVps, kSps, kPps, kSei, kEndOfSequence}) {
    feeder.push(nal, 0, true);
    ck_assert(!feeder.depacketizer.progress().key_frame);
  }
  feeder.flush();
  ck_assert(feeder.frames.empty());
}

/// recovery_poc_cnt 0, exact_match_flag, no broken_link_flag (sD.2.8).
const Bytes kRecoveryPoint{0x4E, 0x01, 0x06, 0x01, 0xD0, 0x80};

LAW(recovery_points_are_key_frames_where_there_are_no_others) {
  H265Feeder refreshing;
  for (int i = 0; i < 30; ++i) {
    if (i % 10 == 0) refreshing.push(kRecoveryPoint, i * 3600);
    refreshing.push(kTrail, i * 3600, true);
    ck_assert(refreshing.frames.back().meta.key_frame == (i % 10 == 0));
  }
  H265Feeder usual;
  for (int i = 0; i < 300; ++i) {
    usual.push(kRecoveryPoint, i * 3600);
    usual.push(i == 0 ? kIdr : kTrail, i * 3600, true);
    // Patience has an end.
    ck_assert_msg(usual.frames.back().meta.key_frame == (i == 0 || i > 256), "picture %d", i);
  }
}

// --- leading pictures ---

std::vector<std::int64_t> timestamps(const H265Feeder& feeder) {
  std::vector<std::int64_t> all;
  for (const auto& frame : feeder.frames)
    all.push_back(frame.meta.timestamp);
  return all;
}

/// A picture of each type, a tick apart.
void push_types(H265Feeder& feeder, std::initializer_list<unsigned> types) {
  std::int64_t timestamp = feeder.frames.empty() ? 0 : feeder.frames.back().meta.timestamp + 1;
  for (const unsigned type : types)
    feeder.push(slice(type, type), timestamp++, true);
}

constexpr unsigned kTrailR = 1;
constexpr unsigned kRadl = 7;
constexpr unsigned kRaslN = 8;
constexpr unsigned kRaslR = 9;
constexpr unsigned kBla = 16;
constexpr unsigned kIdrType = 19;
constexpr unsigned kCra = 21;
using Times = std::vector<std::int64_t>;

LAW(rasl_pictures_of_the_first_cra_picture_are_left_out_without_a_gap) {
  H265Feeder feeder;
  push_types(feeder, {kCra, kRaslR, kRaslN, kRadl, kTrailR, kCra, kRaslR, kTrailR});
  ck_assert(timestamps(feeder) == (Times{0, 3, 4, 5, 6, 7}));
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 0);
  for (const auto& frame : feeder.frames)
    ck_assert(!frame.meta.discontinuity);
}

LAW(rasl_pictures_of_bla_pictures_and_behind_an_end_of_sequence_are_left_out) {
  H265Feeder bla;
  push_types(bla, {kIdrType, kTrailR, kBla, kRaslR, kTrailR, kCra, kRaslR});
  ck_assert(timestamps(bla) == (Times{0, 1, 2, 4, 5, 6}));

  H265Feeder ended;
  ended.push(kIdr, 0);
  ended.push(kEndOfSequence, 0, true);
  ended.push(slice(kCra), 1, true);
  ended.push(slice(kRaslR), 2, true);
  ended.push(kTrail, 3, true);
  ck_assert(timestamps(ended) == (Times{0, 1, 3}));
  ck_assert(ended.frames[0].bytes == annexb({kIdr, kEndOfSequence}));
}

LAW(rasl_pictures_come_out_where_what_they_refer_to_may_be_there) {
  H265Feeder before;
  push_types(before, {kTrailR, kRaslR, kTrailR});
  ck_assert_uint_eq(before.frames.size(), 3);

  H265Feeder lost;
  lost.push(kIdr, 0, true);
  lost.push(slice(kCra), 2, true, 3);
  lost.push(slice(kRaslR), 1, true);
  ck_assert(timestamps(lost) == (Times{0, 2, 1}));
}

LAW(a_cra_picture_that_was_dropped_leaves_the_start_to_the_next_one) {
  H265Feeder feeder;
  feeder.push(hevc_nal({.type = kCra, .first_slice = false}), 0, true);
  push_types(feeder, {kCra, kRaslR, kTrailR});
  ck_assert(timestamps(feeder) == (Times{0, 2}));
}

LAW(after_a_reset_a_stream_starts_anew) {
  H265Feeder feeder;
  push_types(feeder, {kIdrType, kTrailR});
  feeder.depacketizer.reset();
  push_types(feeder, {kCra, kRaslR, kTrailR});
  ck_assert(timestamps(feeder) == (Times{0, 1, 2, 4}));
}

// --- disposable pictures ---

LAW(non_reference_pictures_of_the_highest_sub_layer_are_disposable) {
  HevcSyntax layered;
  layered.max_sub_layers = 3;
  struct {
    const char* what;
    Bytes sps;
    Bytes picture;
    bool disposable;
  } const cases[] = {
      {"one layer, no reference", make_hevc_sps({}), slice(0), true},
      {"one layer, a reference", make_hevc_sps({}), slice(1), false},
      {"one layer, RADL_N", make_hevc_sps({}), slice(6), true},
      {"one layer, RASL_N", make_hevc_sps({}), slice(8), true},
      {"reserved, no reference", make_hevc_sps({}), slice(14), true},
      {"reserved, a reference", make_hevc_sps({}), slice(15), false},
      {"IDR", make_hevc_sps({}), slice(20), false},
      {"reserved IRAP", make_hevc_sps({}), slice(22), false},
      {"lowest of three", make_hevc_sps(layered), slice(0), false},
      {"middle of three", make_hevc_sps(layered), slice(0, 7, 1), false},
      {"highest of three", make_hevc_sps(layered), slice(0, 7, 2), true},
      {"highest of three, a reference", make_hevc_sps(layered), slice(1, 7, 2), false},
      {"no SPS", {}, slice(0), false},
  };
  for (const auto& c : cases) {
    H265Feeder feeder(hevc_format(), with_sets({c.sps}));
    feeder.push(c.picture, 3600, true);
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ck_assert_msg(feeder.frames[0].meta.disposable == c.disposable, "%s", c.what);
  }
}

LAW(a_picture_that_is_an_entry_is_not_disposable) {
  H265Feeder feeder(hevc_format(), with_sets({kSps}));
  feeder.push(kRecoveryPoint, 0);
  feeder.push(slice(0), 0, true);
  ck_assert(feeder.frames.at(0).meta.key_frame && !feeder.frames[0].meta.disposable);
}

LAW(one_slice_that_may_be_referred_to_keeps_its_picture) {
  H265Feeder feeder(hevc_format(), with_sets({kSps}));
  feeder.push(slice(0), 0);
  feeder.push(hevc_nal({.type = 1, .first_slice = false}), 0, true);
  ck_assert(!feeder.frames.at(0).meta.disposable);
}

}  // namespace

int main() {
  return retina::test::run_laws("h265_access_unit");
}
