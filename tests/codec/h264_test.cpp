// Access units: where they begin and end, and the payload structures that carry them.

#include "codec/h264_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

const Bytes kIdr = sample_slice(true, 300, 1);
const Bytes kP = sample_slice(false, 100, 2);
const Bytes kP2 = sample_slice(false, 90, 3);
const Bytes kAud{0x09, 0xF0};
const Bytes kSei{0x06, 0x05, 0x01, 0xAA, 0x80};

LAW(what_is_packetized_comes_back_at_every_packet_size_in_both_framings) {
  const auto stream = sample_stream(24, 2000);
  std::vector<std::size_t> sizes;
  for (std::size_t size = 64; size <= 200; ++size)
    sizes.push_back(size);
  for (std::size_t size = 250; size <= 9000; size += 177)
    sizes.push_back(size);
  for (const std::size_t size : sizes) {
    for (const bool length : {true, false}) {
      H264Feeder feeder({length ? codec::NalFraming::kLengthPrefixed : codec::NalFraming::kStartCode,
                         codec::ParameterSetInsertion::kNever});
      for (const AccessUnit& unit : stream)
        feeder.push(unit, size);
      ck_assert_uint_eq(feeder.frames.size(), stream.size());
      for (std::size_t i = 0; i < stream.size(); ++i) {
        ck_assert_msg(feeder.frames[i].bytes == framed(stream[i], length, false), "picture %zu at %zu bytes",
                      i, size);
        ck_assert_int_eq(feeder.frames[i].meta.timestamp, stream[i].timestamp);
        ck_assert(feeder.frames[i].meta.key_frame == stream[i].key_frame);
        ck_assert(!feeder.frames[i].meta.discontinuity);
      }
    }
  }
}

LAW(a_timestamp_ends_an_access_unit_as_a_marker_does) {
  H264Feeder feeder;
  feeder.push(kIdr, 0, false);
  ck_assert(feeder.frames.empty());
  feeder.push(kP, 3600, false);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({kIdr}));
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 0);
}

LAW(one_packet_can_end_two_access_units) {
  H264Feeder feeder;
  feeder.push(kIdr, 0, false);
  feeder.push(kP, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
}

LAW(markers_on_parameter_sets_and_sei_end_nothing) {
  H264Feeder feeder;
  feeder.push(sample_sps(), 0, true);
  feeder.push(sample_pps(), 0, true);
  feeder.push(kSei, 0, true);
  ck_assert(feeder.frames.empty());
  feeder.push(kIdr, 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({kSei, kIdr}));
}

LAW(parameter_sets_with_the_timestamp_of_the_picture_before_belong_to_the_next_one) {
  H264Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(sample_sps(), 0, true);
  feeder.push(sample_pps(), 0, false);
  feeder.push(kP, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 3600);
  ck_assert(feeder.frames[1].bytes == annexb({kP}));
}

LAW(two_access_units_may_share_a_timestamp) {
  H264Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(kP, 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(!feeder.frames[1].meta.discontinuity);
}

LAW(pictures_that_no_other_refers_to_are_disposable) {
  H264Feeder feeder;
  Bytes b_slice = kP;
  b_slice[0] = 0x01;
  feeder.push(kIdr, 0, true);
  feeder.push(b_slice, 3600, true);
  feeder.push(kP, 7200, true);
  ck_assert(!feeder.frames[0].meta.disposable && feeder.frames[1].meta.disposable &&
            !feeder.frames[2].meta.disposable);
}

LAW(only_an_idr_picture_is_a_key_frame) {
  H264Feeder feeder;
  feeder.push(kP, 0, true);
  feeder.push(kIdr, 3600, true);
  ck_assert(!feeder.frames[0].meta.key_frame && feeder.frames[1].meta.key_frame);
}

LAW(empty_and_malformed_packets_are_errors) {
  struct {
    const char* what;
    Bytes payload;
  } const cases[] = {
      {"empty payload", {}},
      {"forbidden bit", {0xC1, 0x88, 1}},
      {"type 0", {0x60, 1, 2}},
      {"type 30", {0x7E, 1, 2}},
      {"forbidden bit of a fragment", {0xFC, 0x85, 0x88}},
      {"type 31", {0x7F, 1, 2}},
      {"empty STAP-A", {0x78}},
      {"empty NAL unit in a STAP-A", {0x78, 0, 0}},
      {"empty NAL unit before another", joined({{0x78, 0, 0, 0, 3}, {0x41, 0x88, 7}})},
      {"truncated STAP-A", {0x78, 0, 9, 0x41, 0x88}},
      {"a byte after a STAP-A", joined({{0x78, 0, 3}, {0x41, 0x88, 7}, {9}})},
      {"FU-A without its header", {0x7C}},
      {"a fragment without a start", {0x7C, 0x01, 0xFF}},
  };
  for (const auto& c : cases) {
    H264Feeder feeder;
    feeder.push(kIdr, 0, true);
    ck_assert_msg(!feeder.push(c.payload, 3600, true), "%s", c.what);
    ck_assert_msg(feeder.push(kIdr, 7200, true), "%s", c.what);
    ck_assert_msg(feeder.frames.size() == 2, "%s: the next good picture is missing", c.what);
    ck_assert_msg(feeder.frames[1].meta.discontinuity && feeder.frames[1].bytes == annexb({kIdr}), "%s",
                  c.what);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
  }
}

LAW(an_error_keeps_a_picture_that_is_finished) {
  H264Feeder feeder;
  feeder.push(kIdr, 0, false);
  ck_assert(!feeder.push({0x7F}, 3600, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

/// Later fragments of a slice go a shorter way, once no start codes are looked for any more.
LAW(a_later_fragment_with_its_forbidden_bit_set_costs_its_picture) {
  H264Feeder feeder;
  std::int64_t at = 0;
  for (; at < 3; ++at)
    feeder.push(kIdr, at * 3600, true);
  const Bytes start{0x7C, 0x85, 0x88, 1, 2};
  const Bytes end{0x7C, 0x45, 3, 4};
  ck_assert(feeder.push(start, at * 3600, false));
  ck_assert(!feeder.push({0xFC, 0x05, 9}, at * 3600, false));
  feeder.push(end, at * 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.push(start, ++at * 3600, false) && feeder.push(end, at * 3600, true));
  ck_assert_uint_eq(feeder.frames.size(), 4);
  ck_assert(feeder.frames[3].meta.discontinuity &&
            feeder.frames[3].bytes == annexb({{0x65, 0x88, 1, 2, 3, 4}}));
}

LAW(the_reserved_bit_of_a_fragment_is_ignored) {
  H264Feeder feeder;
  feeder.push({0x7C, 0xA5, 0x88, 1}, 0, false);
  feeder.push({0x7C, 0x65, 2, 3}, 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({{0x65, 0x88, 1, 2, 3}}));
}

LAW(fragments_of_another_type_go_with_the_first) {
  H264Feeder feeder;
  feeder.push({0x7C, 0x85, 0x88, 1}, 0, false);
  feeder.push({0x7C, 0x01, 2}, 0, false);
  feeder.push({0x7C, 0x41, 3}, 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({{0x65, 0x88, 1, 2, 3}}));
}

LAW(a_fragment_with_start_and_end_is_a_whole_nal_unit) {
  H264Feeder feeder;
  feeder.push({0x7C, 0xC5, 0x88, 1, 2}, 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({{0x65, 0x88, 1, 2}}));
}

LAW(an_empty_fragment_is_accepted) {
  H264Feeder feeder;
  feeder.push({0x7C, 0x85, 0x88}, 0, false);
  ck_assert(feeder.push({0x7C, 0x05}, 0, false));
  feeder.push({0x7C, 0x45, 2}, 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({{0x65, 0x88, 2}}));
}

LAW(a_marker_ends_a_fragmented_nal_unit_without_end_bit) {
  H264Feeder feeder;
  feeder.push({0x7C, 0x85, 0x88}, 0, false);
  feeder.push({0x7C, 0x05, 2}, 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({{0x65, 0x88, 2}}));
}

LAW(a_nal_unit_cut_by_the_next_one_or_by_a_timestamp_drops_its_picture) {
  struct {
    const char* what;
    Bytes next;
    std::int64_t timestamp;
  } const cases[] = {
      {"another fragment's start", {0x7C, 0xC1, 0x88, 5}, 0},
      {"a whole NAL unit", kP, 0},
      {"a timestamp", kP, 3600},
  };
  for (const auto& c : cases) {
    H264Feeder feeder;
    feeder.push({0x7C, 0x85, 0x88}, 0, false);
    feeder.push(c.next, c.timestamp, true);
    feeder.push(kIdr, 7200, true);
    ck_assert_msg(feeder.frames.back().bytes == annexb({kIdr}), "%s", c.what);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
    for (const Got& frame : feeder.frames)
      ck_assert_msg(frame.bytes[4] != 0x65 || frame.bytes.size() > 10, "%s", c.what);
  }
}

LAW(access_units_of_several_megabytes_come_whole) {  // rgaufman/live555
  AccessUnit unit;
  unit.nals = {sample_slice(true, 7'000'000, 1)};
  H264Feeder feeder;
  feeder.push(unit, 60000);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb(unit.nals));
}

LAW(an_access_unit_above_the_bound_is_dropped_and_the_next_one_comes) {
  H264Feeder feeder;
  const Bytes fragment = joined({{0x7C, 0x05}, Bytes(60000, 7)});
  feeder.push({0x7C, 0x85, 0x88}, 0, false);
  int errors = 0;
  for (int i = 0; i < 300; ++i)
    errors += feeder.push(fragment, 0, i == 299) ? 0 : 1;
  ck_assert_int_ge(errors, 1);
  ck_assert(feeder.frames.empty());
  feeder.push(kIdr, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(at_the_end_of_the_stream_what_is_gathered_comes_out_unless_it_is_cut) {
  H264Feeder whole;
  whole.push(kIdr, 0, false);
  whole.depacketizer().flush();
  const auto frame = whole.depacketizer().pull();
  ck_assert(frame && frame->size_bytes == kIdr.size() + 4);
  H264Feeder cut;
  cut.push({0x7C, 0x85, 0x88}, 0, false);
  cut.depacketizer().flush();
  ck_assert(!cut.depacketizer().pull());
}

LAW(progress_counts_what_is_gathered) {
  H264Feeder feeder;
  ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
  feeder.push(joined({{0x7C, 0x85, 0x88}, Bytes(999, 7)}), 0, false);
  ck_assert_uint_ge(feeder.depacketizer().progress().size_bytes, 1000);
  feeder.push({0x7C, 0x45, 2}, 0, true);
  ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
}

// --- Annex B inside the payload ---

const Bytes kCode3{0, 0, 1};
const Bytes kCode4{0, 0, 0, 1};

LAW(a_byte_stream_in_a_single_packet_is_split) {
  for (const Bytes& code : {kCode3, kCode4}) {
    H264Feeder feeder;
    feeder.push(joined({sample_sps(), code, sample_pps(), code, kSei, code, kIdr}), 0, true);
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ck_assert(feeder.frames[0].bytes == annexb({kSei, kIdr}));
    ck_assert(feeder.frames[0].meta.parameters != nullptr);
    ck_assert(feeder.frames[0].meta.parameters->sps.at(0) == sample_sps());
    ck_assert(feeder.frames[0].meta.key_frame);
  }
}

LAW(a_byte_stream_that_begins_with_its_start_code_is_split) {
  H264Feeder feeder;
  ck_assert(feeder.push(joined({kCode4, sample_sps(), kCode4, sample_pps(), kCode4, kIdr}), 0, true));
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr}));
}

LAW(a_byte_stream_is_split_wherever_fragments_cut_it) {
  const Bytes whole = joined({sample_sps(), kCode4, sample_pps(), kCode3, sample_slice(true, 40, 9)});
  for (std::size_t first = 1; first < whole.size(); ++first) {
    for (std::size_t middle = 0; middle <= 3 && first + middle < whole.size(); ++middle) {
      const auto at = [&](std::size_t i) { return whole.begin() + static_cast<std::ptrdiff_t>(i); };
      H264Feeder feeder;
      feeder.push(joined({{0x7C, 0x87}, Bytes(at(1), at(first))}), 0, false);
      feeder.push(joined({{0x7C, 0x07}, Bytes(at(first), at(first + middle))}), 0, false);
      feeder.push(joined({{0x7C, 0x47}, Bytes(at(first + middle), whole.end())}), 0, true);
      ck_assert_msg(feeder.frames.size() == 1, "cut at %zu, %zu", first, middle);
      ck_assert(feeder.frames[0].bytes == annexb({sample_slice(true, 40, 9)}));
      ck_assert(feeder.frames[0].meta.parameters != nullptr);
    }
  }
}

LAW(slices_in_one_packet_are_split_also_later_once_seen) {
  H264Feeder feeder;
  Bytes second = kP2;
  second[1] = 0x48;
  for (int i = 0; i < 100; ++i) {
    feeder.push(joined({kP, kCode3, second}), i * 3600, true);
    ck_assert(feeder.frames.back().bytes == annexb({kP, second}));
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("h264");
}
