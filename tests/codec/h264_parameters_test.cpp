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

LAW(inserted_sets_have_lengths_in_the_length_prefixed_format) {
  H264Feeder feeder({NalFraming::kLengthPrefixed, ParameterSetInsertion::kKeyFrames},
                    {sample_sps(), sample_pps()});
  feeder.push(joined({{0x7C, 0x85}, Bytes(kIdr.begin() + 1, kIdr.begin() + 100)}), 0, false);
  feeder.push(joined({{0x7C, 0x45}, Bytes(kIdr.begin() + 100, kIdr.end())}), 0, true);
  AccessUnit expected;
  expected.nals = {sample_sps(), sample_pps(), kIdr};
  ck_assert(feeder.frames.at(0).bytes == framed(expected, true, true));
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
