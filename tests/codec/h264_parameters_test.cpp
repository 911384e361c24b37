// Parameter sets: taken out, told when they change, put back where the format says.

#include "codec/avc_record.h"
#include "codec/h264_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::NalFraming;
using codec::ParameterSetInsertion;

const Bytes kIdr = sample_slice(true, 300, 1);
const Bytes kP = sample_slice(false, 100, 2);
const Bytes kAud{0x09, 0xF0};
const Bytes kSei{0x06, 0x05, 0x01, 0xAA, 0x80};

/// A PPS of another id: ue(v) 1 is 010.
const Bytes kPps1{0x68, 0x5B, 0x8C, 0xB2};
/// The sample's SPS with another level.
Bytes other_sps() {
  Bytes sps = sample_sps();
  sps[3] = 0x1F;
  return sps;
}

H264Feeder feeder_with(ParameterSetInsertion insertion,
                       std::vector<Bytes> out_of_band = {sample_sps(), sample_pps()}) {
  return H264Feeder({NalFraming::kStartCode, insertion}, out_of_band);
}

LAW(the_first_frame_brings_the_parameters_of_the_sdp) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  feeder.push(kIdr, 0, true);
  feeder.push(kP, 3600, true);
  ck_assert(feeder.frames[0].meta.parameters != nullptr && feeder.frames[1].meta.parameters == nullptr);
  ck_assert(feeder.frames[0].meta.parameters->sps == std::vector<Bytes>{sample_sps()});
  ck_assert(feeder.frames[0].meta.parameters->pps == std::vector<Bytes>{sample_pps()});
}

LAW(garbage_among_the_out_of_band_sets_is_skipped) {
  for (const std::vector<Bytes>& sets :
       {std::vector<Bytes>{{}, {0x67}, {1, 2, 3}, sample_sps(), Bytes(5000, 0x67), sample_pps()}}) {
    auto feeder = feeder_with(ParameterSetInsertion::kNever, sets);
    feeder.push(kIdr, 0, true);
    ck_assert(feeder.frames[0].meta.parameters->sps == std::vector<Bytes>{sample_sps()});
  }
}

LAW(until_both_kinds_are_known_frames_have_no_parameters) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever, {});
  feeder.push(kP, 0, true);
  feeder.push(sample_sps(), 3600, false);
  feeder.push(kP, 3600, true);
  feeder.push(sample_pps(), 7200, false);
  feeder.push(kP, 7200, true);
  ck_assert(feeder.frames[0].meta.parameters == nullptr && feeder.frames[1].meta.parameters == nullptr);
  ck_assert(feeder.frames[2].meta.parameters != nullptr);
}

LAW(the_same_sets_again_are_no_change) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  for (int i = 0; i < 5; ++i) {
    feeder.push(sample_sps(), i * 3600, false);
    feeder.push(sample_pps(), i * 3600, false);
    feeder.push(kIdr, i * 3600, true);
    ck_assert((feeder.frames.back().meta.parameters != nullptr) == (i == 0));
  }
}

LAW(a_change_comes_with_the_frame_that_needs_it) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  feeder.push(kIdr, 0, true);
  feeder.push(other_sps(), 3600, false);
  feeder.push(kIdr, 3600, true);
  ck_assert(feeder.frames[1].meta.parameters != nullptr);
  ck_assert(feeder.frames[1].meta.parameters->sps == std::vector<Bytes>{other_sps()});
}

LAW(a_change_whose_frame_is_lost_comes_with_the_next_one) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  feeder.push(kIdr, 0, true);
  feeder.push(other_sps(), 3600, false);
  feeder.push({0x7C, 0x45, 1}, 3600, true, 1);
  feeder.push(kP, 7200, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.parameters->sps == std::vector<Bytes>{other_sps()});
}

LAW(sets_of_several_ids_stand_side_by_side_without_thrashing) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  for (int i = 0; i < 6; ++i) {
    feeder.push(i % 2 == 0 ? sample_pps() : kPps1, i * 3600, false);
    feeder.push(kP, i * 3600, true);
    ck_assert_msg((feeder.frames.back().meta.parameters != nullptr) == (i < 2), "frame %d", i);
  }
  ck_assert_uint_eq(feeder.depacketizer().parameters()->pps.size(), 2);
}

LAW(bytes_behind_a_set_are_kept_but_zeros_are_not) {
  const Bytes extended = joined({sample_sps(), {0x34, 0x80}});
  auto feeder = feeder_with(ParameterSetInsertion::kNever, {});
  feeder.push(joined({extended, {0, 0}}), 0, false);
  feeder.push(sample_pps(), 0, false);
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.frames[0].meta.parameters->sps == std::vector<Bytes>{extended});
}

LAW(insertion_puts_sets_where_the_format_says) {
  const Bytes sps = sample_sps();
  const Bytes pps = sample_pps();
  struct {
    ParameterSetInsertion insertion;
    std::vector<std::vector<Bytes>> frames;  // IDR, P, IDR
  } const cases[] = {
      {ParameterSetInsertion::kNever, {{kAud, kSei, kIdr}, {kP}, {kIdr}}},
      {ParameterSetInsertion::kKeyFrames, {{kAud, sps, pps, kSei, kIdr}, {kP}, {sps, pps, kIdr}}},
      {ParameterSetInsertion::kOnChange, {{kAud, sps, pps, kSei, kIdr}, {kP}, {kIdr}}},
  };
  for (const auto& c : cases) {
    auto feeder = feeder_with(c.insertion);
    feeder.push(kAud, 0, false);
    feeder.push(sps, 0, false);
    feeder.push(pps, 0, false);
    feeder.push(kSei, 0, false);
    feeder.push(kIdr, 0, true);
    feeder.push(kP, 3600, true);
    feeder.push(kIdr, 7200, true);
    for (std::size_t i = 0; i < 3; ++i)
      ck_assert_msg(feeder.frames[i].bytes == annexb(c.frames[i]), "frame %zu", i);
  }
}

LAW(a_change_is_inserted_also_before_a_picture_that_is_no_key_frame) {
  for (const auto insertion : {ParameterSetInsertion::kKeyFrames, ParameterSetInsertion::kOnChange}) {
    auto feeder = feeder_with(insertion);
    feeder.push(kIdr, 0, true);
    feeder.push(kPps1, 3600, false);
    feeder.push(kP, 3600, true);
    ck_assert(feeder.frames[1].bytes == annexb({sample_sps(), kPps1, sample_pps(), kP}) ||
              feeder.frames[1].bytes == annexb({sample_sps(), sample_pps(), kPps1, kP}));
  }
}

LAW(sets_whose_frame_was_dropped_are_inserted_again) {
  auto feeder = feeder_with(ParameterSetInsertion::kOnChange);
  feeder.push({0x7C, 0x85, 0x88, 1}, 0, false);
  feeder.push({0x7C, 0x45, 1}, 0, true, 1);
  feeder.push(kIdr, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({sample_sps(), sample_pps(), kIdr}));
}

LAW(sets_of_a_first_key_frame_that_was_dropped_wait_for_the_next_one) {
  auto feeder = feeder_with(ParameterSetInsertion::kOnChange);
  feeder.push({0x7C, 0x85, 0x88, 1}, 0, false);
  feeder.push({0x7C, 0x45, 1}, 0, true, 1);
  feeder.push(kP, 3600, true);
  feeder.push(kIdr, 7200, true);
  feeder.push(kIdr, 10800, true);
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[0].bytes == annexb({kP}));
  ck_assert(feeder.frames[1].bytes == annexb({sample_sps(), sample_pps(), kIdr}));
  ck_assert(feeder.frames[2].bytes == annexb({kIdr}));
}

LAW(inserted_sets_have_lengths_in_the_length_prefixed_format) {
  H264Feeder feeder({NalFraming::kLengthPrefixed, ParameterSetInsertion::kKeyFrames},
                    {sample_sps(), sample_pps()});
  feeder.push(joined({{0x7C, 0x85}, Bytes(kIdr.begin() + 1, kIdr.begin() + 100)}), 0, false);
  feeder.push(joined({{0x7C, 0x45}, Bytes(kIdr.begin() + 100, kIdr.end())}), 0, true);
  AccessUnit expected;
  expected.nals = {sample_sps(), sample_pps(), kIdr};
  ck_assert(feeder.frames.at(0).bytes == framed(expected, true, true));
}

LAW(a_change_whose_picture_was_dropped_is_inserted_into_the_next_one_whatever_it_is) {
  for (const auto insertion : {ParameterSetInsertion::kKeyFrames, ParameterSetInsertion::kOnChange}) {
    auto feeder = feeder_with(insertion);
    feeder.push(kIdr, 0, true);
    feeder.push(kPps1, 3600, false);
    feeder.push({0x5C, 0x81, 0x9A, 1}, 3600, false);
    feeder.push({0x5C, 0x41, 1}, 3600, true, 1);  // the picture of the change is lost
    feeder.push(kP, 7200, true);
    feeder.push(kP, 10800, true);
    ck_assert_uint_eq(feeder.frames.size(), 3);
    ck_assert(feeder.frames[1].bytes == annexb({sample_sps(), sample_pps(), kPps1, kP}));
    ck_assert(feeder.frames[2].bytes == annexb({kP}));
  }
}

LAW(a_change_behind_the_slices_of_a_picture_is_of_the_next_one) {
  // Unmarked, marked, and with the next one's timestamp or not: never of the picture before.
  for (const bool marker : {true, false}) {
    for (const std::int64_t timestamp : {0, 3600}) {
      auto feeder = feeder_with(ParameterSetInsertion::kOnChange);
      feeder.push(kIdr, 0, marker);
      feeder.push(other_sps(), timestamp, false);
      feeder.push(kP, 3600, true);
      ck_assert_uint_eq(feeder.frames.size(), 2);
      ck_assert(feeder.frames[0].meta.parameters->sps.at(0) == sample_sps());
      ck_assert(feeder.frames[0].bytes == annexb({sample_sps(), sample_pps(), kIdr}));
      ck_assert(feeder.frames[1].meta.parameters->sps.at(0) == other_sps());
      ck_assert(feeder.frames[1].bytes == annexb({other_sps(), sample_pps(), kP}));
    }
  }
}

LAW(each_change_of_many_is_inserted_once) {
  auto feeder = feeder_with(ParameterSetInsertion::kOnChange);
  for (int i = 0; i < 20; ++i) {
    Bytes sps = sample_sps();
    sps[3] = static_cast<std::uint8_t>(10 + i / 3);
    feeder.push(sps, i * 3600, false);
    const Bytes& slice = i % 5 == 0 ? kIdr : kP;
    feeder.push(slice, i * 3600, true);
    const bool changed = i % 3 == 0;
    ck_assert(feeder.frames.back().bytes == (changed ? annexb({sps, sample_pps(), slice}) : annexb({slice})));
    ck_assert((feeder.frames.back().meta.parameters != nullptr) == changed);
  }
}

LAW(sps_of_several_ids_stand_side_by_side) {
  // seq_parameter_set_id 0 is 1, id 1 is 010.
  const Bytes first{0x67, 66, 0, 30, 0xD9};
  const Bytes second{0x67, 66, 0, 30, 0x59};
  auto feeder = feeder_with(ParameterSetInsertion::kNever, {second, sample_pps(), first});
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.frames[0].meta.parameters->sps == (std::vector<Bytes>{first, second}));
  feeder.push(second, 3600, false);
  feeder.push(first, 3600, false);
  feeder.push(kIdr, 3600, true);
  ck_assert(feeder.frames[1].meta.parameters == nullptr);
}

LAW(sps_extensions_are_taken_out_kept_and_put_back_behind_the_sps) {
  const Bytes extension{0x6D, 0xB0, 0x80};  // seq_parameter_set_id 0
  auto feeder = feeder_with(ParameterSetInsertion::kKeyFrames);
  feeder.push(sample_sps(), 0, false);
  feeder.push(extension, 0, false);
  feeder.push(sample_pps(), 0, false);
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.frames[0].meta.parameters->sps_extensions == std::vector<Bytes>{extension});
  ck_assert(feeder.frames[0].bytes == annexb({sample_sps(), extension, sample_pps(), kIdr}));
  auto told = feeder_with(ParameterSetInsertion::kNever, {extension, sample_sps(), sample_pps()});
  ck_assert(told.depacketizer().parameters()->sps_extensions == std::vector<Bytes>{extension});
}

LAW(a_parameter_set_with_a_hole_is_not_learnt) {
  for (const bool pass : {false, true}) {
    H264Feeder feeder(start_codes(ParameterSetInsertion::kNever, pass), {sample_sps(), sample_pps()});
    feeder.push(kIdr, 0, true);
    feeder.push({0x7C, 0x87, 0x42, 0xC0, 0x1E}, 3600, false);
    feeder.push({0x7C, 0x47, 0x33, 0x44, 0x55}, 3600, false, 1);
    feeder.push(kP, 3600, true);
    feeder.push(kP, 7200, true);
    ck_assert(feeder.depacketizer().parameters()->sps == std::vector<Bytes>{sample_sps()});
    ck_assert(feeder.frames.back().bytes == annexb({kP}));
  }
}

LAW(the_format_of_the_next_picture_can_be_changed_at_any_time) {
  auto feeder = feeder_with(ParameterSetInsertion::kNever);
  feeder.push({0x7C, 0x85, 0x88, 1}, 0, false);
  feeder.depacketizer().set_format({NalFraming::kLengthPrefixed, ParameterSetInsertion::kKeyFrames});
  feeder.push({0x7C, 0x45, 1}, 0, true);
  feeder.push(kIdr, 3600, true);
  ck_assert(feeder.frames[0].bytes == annexb({{0x65, 0x88, 1, 1}}));
  AccessUnit expected;
  expected.nals = {sample_sps(), sample_pps(), kIdr};
  ck_assert(feeder.frames[1].bytes == framed(expected, true, true));
}

// --- avcC ---

LAW(the_avc_record_has_the_sets_and_the_profile_of_the_first_sps) {
  codec::ParameterSets sets;
  sets.sps = {sample_sps()};
  sets.pps = {sample_pps()};
  const Bytes expected =
      joined({{1, 0x42, 0xC0, 0x1E, 0xFF, 0xE1, 0, static_cast<std::uint8_t>(sample_sps().size())},
              sample_sps(),
              {1, 0, static_cast<std::uint8_t>(sample_pps().size())},
              sample_pps()});
  ck_assert(codec::avc_record(sets) == expected);
}

LAW(the_avc_record_of_a_high_profile_ends_with_chroma_format_and_bit_depths) {
  codec::ParameterSets sets;
  // profile 100; id 0 (1), chroma_format_idc 1 (010), luma and chroma 8 bit (1 1): 1010 11..
  sets.sps = {{0x67, 100, 0, 40, 0xAC}};
  sets.pps = {sample_pps()};
  const Bytes record = codec::avc_record(sets);
  const Bytes tail(record.end() - 4, record.end());
  ck_assert(tail == (Bytes{0xFD, 0xF8, 0xF8, 0}));
}

LAW(the_avc_record_ends_with_the_sps_extensions) {
  codec::ParameterSets sets;
  sets.sps = {{0x67, 100, 0, 40, 0xAC}};
  sets.pps = {sample_pps()};
  sets.sps_extensions = {{0x6D, 0xB0, 0x80}};
  const Bytes record = codec::avc_record(sets);
  const Bytes tail(record.end() - 9, record.end());
  ck_assert(tail == (Bytes{0xFD, 0xF8, 0xF8, 1, 0, 3, 0x6D, 0xB0, 0x80}));
  sets.sps = {sample_sps()};  // Baseline: there is no place for them
  const Bytes without = codec::avc_record(sets);
  ck_assert(Bytes(without.end() - 4, without.end()) == sample_pps());
}

LAW(every_profile_but_baseline_main_and_extended_has_the_chroma_fields) {
  for (const int profile : {66, 77, 88, 100, 110, 122, 244, 44, 83, 86, 118, 128, 138}) {
    codec::ParameterSets sets;
    // id 0, chroma_format_idc 2 (011), luma and chroma 10 bit (011 011).
    sets.sps = {{0x67, static_cast<std::uint8_t>(profile), 0, 40, 0xB6, 0xE0}};
    sets.pps = {sample_pps()};
    const bool high = profile != 66 && profile != 77 && profile != 88;
    const Bytes record = codec::avc_record(sets);
    ck_assert_uint_eq(record.size(), 6 + 2 + 6 + 1 + 2 + 4 + (high ? 4 : 0));
    if (high) ck_assert((Bytes(record.end() - 4, record.end()) == Bytes{0xFE, 0xFA, 0xFA, 0}));
  }
}

LAW(the_avc_record_has_as_many_sets_as_it_can_count) {
  codec::ParameterSets sets;
  sets.sps.assign(32, sample_sps());
  sets.pps.assign(256, sample_pps());
  const Bytes record = codec::avc_record(sets);
  ck_assert_uint_eq(record[5], 0xE0 | 31);
  const std::size_t pps_at = 6 + 31 * (2 + sample_sps().size());
  ck_assert_uint_eq(record[pps_at], 255);
  ck_assert_uint_eq(record.size(), pps_at + 1 + 255 * (2 + sample_pps().size()));
}

LAW(an_sps_that_cannot_be_read_leaves_the_chroma_fields_out) {
  codec::ParameterSets sets;
  sets.sps = {{0x67, 100, 0, 40}};
  ck_assert_uint_eq(codec::avc_record(sets).size(), 6 + 2 + 4 + 1);
  sets.sps = {{0x67, 100, 0}};
  ck_assert(codec::avc_record(sets).empty());
  ck_assert(codec::avc_record({}).empty());
}

}  // namespace

int main() {
  return retina::test::run_laws("h264_parameters");
}
