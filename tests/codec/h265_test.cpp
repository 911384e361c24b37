// The payload structures of RFC 7798, and the access units that come of them.

#include "codec/h265_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

const Bytes kIdr = hevc_nal({.type = 19, .size = 300, .seed = 1});
const Bytes kTrail = hevc_nal({.type = 1, .size = 100, .seed = 2});
const Bytes kTrail2 = hevc_nal({.type = 1, .size = 90, .seed = 3});
const Bytes kAud{0x46, 0x01, 0x50};
const Bytes kSei = hevc_nal({.type = 39, .size = 9, .seed = 4});
const Bytes kSuffixSei = hevc_nal({.type = 40, .size = 9, .seed = 5});
const Bytes kVps = make_hevc_vps({});
const Bytes kSps = make_hevc_sps({});
const Bytes kPps = make_hevc_pps({});

Bytes part(const Bytes& bytes, std::size_t from, std::size_t to) {
  const auto at = bytes.begin();
  return {at + static_cast<std::ptrdiff_t>(from), at + static_cast<std::ptrdiff_t>(to)};
}

/// A fragment of what is the IDR picture or, with another `type`, pretends to be something else.
Bytes fragment(std::uint8_t flags, const Bytes& bytes, std::uint8_t type = 19) {
  return joined({{0x62, 0x01, static_cast<std::uint8_t>(flags | type)}, bytes});
}

LAW(what_is_packetized_comes_back_at_every_packet_size_in_both_framings) {
  const auto stream = hevc_stream(24, 2000);
  std::vector<std::size_t> sizes;
  for (std::size_t size = 64; size <= 200; ++size)
    sizes.push_back(size);
  for (std::size_t size = 250; size <= 9000; size += 177)
    sizes.push_back(size);
  for (const std::size_t size : sizes) {
    for (const bool length : {true, false}) {
      H265Feeder feeder(length ? codec::FrameFormat() : hevc_format());
      for (const HevcUnit& unit : stream)
        feeder.push(unit, size, size % 2 == 0);
      ck_assert_uint_eq(feeder.frames.size(), stream.size());
      for (std::size_t i = 0; i < stream.size(); ++i) {
        ck_assert_msg(feeder.frames[i].bytes == hevc_framed(stream[i].nals, length),
                      "picture %zu at %zu bytes", i, size);
        ck_assert_int_eq(feeder.frames[i].meta.timestamp, stream[i].timestamp);
        ck_assert(feeder.frames[i].meta.key_frame == stream[i].key_frame);
        ck_assert(!feeder.frames[i].meta.discontinuity);
      }
    }
  }
}

LAW(a_nal_unit_is_joined_wherever_fragments_cut_it) {
  const Bytes idr = part(kIdr, 0, 30);
  for (std::size_t first = 2; first <= idr.size(); ++first) {
    for (std::size_t second = first; second <= idr.size(); ++second) {
      H265Feeder feeder;
      ck_assert(feeder.push(fragment(0x80, part(idr, 2, first)), 0));
      ck_assert(feeder.push(fragment(0, part(idr, first, second)), 0));
      ck_assert(feeder.push(fragment(0x40, part(idr, second, idr.size())), 0, true));
      ck_assert_uint_eq(feeder.frames.size(), 1);
      ck_assert(feeder.frames[0].bytes == annexb({idr}) && feeder.frames[0].meta.key_frame);
    }
  }
}

LAW(a_frame_arrives_with_its_last_packet) {
  H265Feeder feeder;
  feeder.push(kIdr, 0);
  feeder.push(kSuffixSei, 0);
  feeder.push(kTrail, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].meta.arrival == H265Feeder::arrival_of(2));
  ck_assert(feeder.frames[1].meta.arrival == H265Feeder::arrival_of(3));
}

LAW(a_nal_unit_of_type_0_is_a_slice_like_any_other) {
  const Bytes slice = hevc_nal({.type = 0, .size = 40});
  H265Feeder feeder;
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.push(slice, 3600, true));
  ck_assert(feeder.frames.at(1).bytes == annexb({slice}));
}

LAW(empty_and_malformed_packets_are_errors_that_cost_their_picture_only) {
  struct {
    const char* what;
    Bytes payload;
  } const cases[] = {
      {"empty payload", {}},
      {"half a header", {0x02}},
      {"forbidden bit", {0x82, 0x01, 0x80}},
      {"no temporal id", {0x02, 0x00, 0x80}},
      {"type 51", {0x66, 0x01, 0x80}},
      {"type 63", {0x7E, 0x01, 0x80}},
      {"a slice without content", {0x02, 0x01}},
      {"empty aggregation packet", {0x60, 0x01}},
      {"aggregation packet with half a size", {0x60, 0x01, 0}},
      {"aggregation packet with an empty NAL unit", {0x60, 0x01, 0, 0, 1}},
      {"aggregation packet of nothing but zeros", {0x60, 0x01, 0, 0, 0, 0}},
      {"aggregation packet with half a header", {0x60, 0x01, 0, 1, 0x02}},
      {"aggregation packet cut short", {0x60, 0x01, 0, 9, 0x02, 0x01, 0x80}},
      {"forbidden bit of an aggregation packet", {0xE0, 0x01, 0, 3, 0x02, 0x01, 0x80}},
      {"forbidden bit in an aggregation packet", {0x60, 0x01, 0, 3, 0x82, 0x01, 0x80}},
      {"fragment without its header", {0x62, 0x01}},
      {"forbidden bit of a fragment", {0xE2, 0x01, 0x93, 0x80}},
      {"no temporal id in a fragment", {0x62, 0x00, 0xD3, 0x80}},
      {"a fragment of an aggregation packet", {0x62, 0x01, 0xF0, 0x80}},
      {"a fragment without a start", fragment(0, {1, 2})},
      {"half a PACI", {0x64, 0x01, 0x26}},
      {"PACI with a cut extension", {0x64, 0x01, 0x26, 0x38, 1, 2}},
      {"PACI of a forbidden NAL unit", {0x64, 0x01, 0xA6, 0, 0x80}},
      {"PACI within a PACI", {0x64, 0x01, 0x64, 0, 0x26, 0, 0x80}},
  };
  for (const auto& c : cases) {
    H265Feeder feeder;
    feeder.push(kIdr, 0, true);
    ck_assert_msg(!feeder.push(c.payload, 3600, true), "%s", c.what);
    ck_assert_msg(feeder.push(kIdr, 7200, true), "%s", c.what);
    ck_assert_msg(feeder.frames.size() == 2, "%s: the next good picture is missing", c.what);
    ck_assert_msg(feeder.frames[1].meta.discontinuity && feeder.frames[1].bytes == annexb({kIdr}), "%s",
                  c.what);
    ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
  }
}

LAW(an_error_keeps_a_picture_that_is_finished) {
  H265Feeder feeder;
  feeder.push(kIdr, 0);
  ck_assert(!feeder.push(Bytes{0x7E, 0x01}, 3600, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(what_is_left_behind_the_last_unit_of_an_aggregation_packet_is_tolerated) {
  for (const Bytes& rest : {Bytes{}, Bytes{7}, Bytes{0}, Bytes{0, 0}, Bytes(20, 0)}) {
    H265Feeder feeder;
    ck_assert(feeder.push(joined({hevc_aggregate({kSei, kIdr}), rest}), 0, true));
    ck_assert(feeder.frames.at(0).bytes == annexb({kSei, kIdr}));
  }
}

LAW(an_aggregation_packet_may_have_a_single_unit) {
  H265Feeder feeder;
  ck_assert(feeder.push(hevc_aggregate({kIdr}), 0, true));
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr}));
}

LAW(unspecified_types_in_an_aggregation_packet_are_left_out) {
  H265Feeder feeder;
  ck_assert(feeder.push(hevc_aggregate({hevc_nal({.type = 48}), kIdr, hevc_nal({.type = 63})}), 0, true));
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr}));
}

/// Later fragments of a slice go a shorter way, once no start codes are looked for any more.
LAW(a_later_fragment_with_its_forbidden_bit_set_costs_its_picture) {
  H265Feeder feeder;
  std::int64_t at = 0;
  for (; at < 3; ++at)
    ck_assert(feeder.push(hevc_nal({.type = 19}), at * 3600, true));
  const Bytes nal = hevc_nal({.type = 19, .size = 60});
  const auto fragments = hevc_fragments(nal, 40);
  ck_assert_uint_eq(fragments.size(), 2);
  ck_assert(feeder.push(fragments[0], at * 3600, false));
  ck_assert(!feeder.push(Bytes{0xE2, 0x01, 0x13, 9}, at * 3600, false));
  feeder.push(fragments[1], at * 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ++at;
  ck_assert(feeder.push(fragments[0], at * 3600, false) && feeder.push(fragments[1], at * 3600, true));
  ck_assert_uint_eq(feeder.frames.size(), 4);
  ck_assert(feeder.frames[3].meta.discontinuity && feeder.frames[3].bytes == annexb({nal}));
}

LAW(fragments_of_another_type_go_with_the_first) {
  H265Feeder feeder;
  feeder.push(fragment(0x80, part(kIdr, 2, 100)), 0);
  ck_assert(feeder.push(fragment(0, part(kIdr, 100, 200), 1), 0));
  ck_assert(feeder.push(fragment(0x40, part(kIdr, 200, 300), 33), 0, true));
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr}));
}

LAW(a_fragment_with_start_and_end_is_a_whole_nal_unit) {
  H265Feeder feeder;
  ck_assert(feeder.push(fragment(0xC0, part(kIdr, 2, 300)), 0, true));
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr}));
}

LAW(fragments_without_any_content_are_no_nal_unit) {
  H265Feeder feeder;
  for (int i = 0; i < 40; ++i)  // past the pictures that are looked through
    feeder.push(kTrail, i * 3600, true);
  ck_assert(feeder.push(fragment(0x80, {}, 1), 40 * 3600));
  ck_assert(feeder.push(fragment(0x40, {}, 1), 40 * 3600));
  ck_assert(feeder.push(kTrail, 40 * 3600, true));
  ck_assert(feeder.frames.back().bytes == annexb({kTrail}) && feeder.frames.size() == 41);
}

LAW(a_marker_ends_a_fragmented_nal_unit_without_end_bit) {
  H265Feeder feeder;
  feeder.push(fragment(0x80, part(kIdr, 2, 100)), 0);
  feeder.push(fragment(0, part(kIdr, 100, 300)), 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr}));
}

LAW(a_nal_unit_cut_by_the_next_one_or_by_a_timestamp_drops_its_picture) {
  struct {
    const char* what;
    Bytes next;
    std::int64_t timestamp;
  } const cases[] = {
      {"another fragment's start", fragment(0xC0, part(kTrail, 2, 50), 1), 0},
      {"a whole NAL unit", kTrail, 0},
      {"an aggregation packet", hevc_aggregate({kTrail}), 0},
      {"a timestamp", kTrail, 3600},
  };
  for (const int before : {0, 40}) {  // slices are gathered, or go straight into the frame
    for (const auto& c : cases) {
      H265Feeder feeder;
      for (int i = 0; i < before; ++i)
        feeder.push(kTrail, i - before, true);
      feeder.push(fragment(0x80, part(kIdr, 2, 100)), 0);
      feeder.push(c.next, c.timestamp, true);
      feeder.push(kTrail2, 7200, true);
      ck_assert_msg(feeder.frames.back().bytes == annexb({kTrail2}), "%s", c.what);
      ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
      for (const auto& frame : feeder.frames)
        ck_assert_msg(!frame.meta.key_frame, "%s", c.what);
    }
  }
}

LAW(access_units_of_several_megabytes_come_whole) {  // rgaufman/live555
  const Bytes nal = hevc_nal({.type = 19, .size = 7'000'000});
  H265Feeder feeder;
  const auto fragments = hevc_fragments(nal, 60000);
  for (const Bytes& fragment : fragments)
    ck_assert(feeder.push(fragment, 0, &fragment == &fragments.back()));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({nal}));
}

LAW(an_access_unit_above_the_bound_is_dropped_and_the_next_one_comes) {
  for (const int before : {0, 40}) {
    H265Feeder feeder;
    for (int i = 0; i < before; ++i)
      feeder.push(kTrail, i - before, true);
    const auto frames = feeder.frames.size();
    feeder.push(fragment(0x80, {0x80}), 0);
    int errors = 0;
    for (int i = 0; i < 300; ++i)
      errors += feeder.push(fragment(0, Bytes(60000, 7)), 0, i == 299) ? 0 : 1;
    ck_assert_int_ge(errors, 1);
    ck_assert_uint_eq(feeder.frames.size(), frames);
    feeder.push(kIdr, 3600, true);
    ck_assert(feeder.frames.back().bytes == annexb({kIdr}));
  }
}

LAW(a_paci_gives_way_to_what_it_carries) {
  for (const std::size_t extension : {0U, 3U, 31U}) {
    H265Feeder single;
    ck_assert(single.push(hevc_paci(kIdr, extension), 0, true));
    ck_assert(single.frames.at(0).bytes == annexb({kIdr}));

    H265Feeder aggregate;
    ck_assert(aggregate.push(hevc_paci(hevc_aggregate({kSei, kIdr}), extension), 0, true));
    ck_assert(aggregate.frames.at(0).bytes == annexb({kSei, kIdr}));

    H265Feeder fragments;
    for (const Bytes& bytes : hevc_fragments(kIdr, 80))
      ck_assert(fragments.push(hevc_paci(bytes, extension), 0));
    fragments.flush();
    ck_assert(fragments.frames.at(0).bytes == annexb({kIdr}));
  }
}

LAW(a_paci_keeps_layer_and_temporal_id) {
  const Bytes slice = hevc_nal({.type = 1, .size = 40, .temporal_id = 5, .layer = 37});
  H265Feeder feeder;
  feeder.push(kIdr, 0);
  ck_assert(feeder.push(hevc_paci(slice, 2), 0, true));
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr, slice}));
}

LAW(at_the_end_of_the_stream_what_is_gathered_comes_out_unless_it_is_cut) {
  H265Feeder whole;
  whole.push(kIdr, 0);
  whole.flush();
  ck_assert(whole.frames.at(0).bytes == annexb({kIdr}));
  H265Feeder cut;
  cut.push(fragment(0x80, {0x80, 1}), 0);
  cut.flush();
  ck_assert(cut.frames.empty());
}

LAW(progress_counts_what_is_gathered_and_knows_a_key_frame) {
  H265Feeder feeder;
  for (int i = 0; i < 40; ++i)
    feeder.push(kTrail, i - 40, true);
  ck_assert_uint_eq(feeder.depacketizer.progress().size_bytes, 0);
  feeder.push(fragment(0x80, part(kIdr, 2, 200)), 0);
  ck_assert_uint_ge(feeder.depacketizer.progress().size_bytes, 200);
  ck_assert(feeder.depacketizer.progress().key_frame);
  feeder.push(fragment(0x40, part(kIdr, 200, 300)), 0, true);
  ck_assert_uint_eq(feeder.depacketizer.progress().size_bytes, 0);
  ck_assert(!feeder.depacketizer.progress().key_frame);
}

LAW(a_changed_framing_begins_with_the_next_frame) {
  H265Feeder feeder;
  feeder.push(kIdr, 0);
  feeder.depacketizer.set_format({});
  feeder.push(kSuffixSei, 0, true);
  feeder.push(kIdr, 3600, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr, kSuffixSei}));
  ck_assert(feeder.frames.at(1).bytes == hevc_framed({kIdr}, true));
}

// --- Annex B inside the payload ---

const Bytes kCode3{0, 0, 1};
const Bytes kCode4{0, 0, 0, 1};

LAW(a_byte_stream_in_a_single_packet_is_split) {
  for (const Bytes& code : {kCode3, kCode4}) {
    for (const Bytes& first : {Bytes{}, code}) {
      H265Feeder feeder;
      ck_assert(feeder.push(joined({first, kVps, code, kSps, code, kPps, code, kSei, code, kIdr}), 0, true));
      ck_assert_uint_eq(feeder.frames.size(), 1);
      ck_assert(feeder.frames[0].bytes == annexb({kSei, kIdr}));
      ck_assert(feeder.frames[0].meta.parameters != nullptr);
      ck_assert(feeder.frames[0].meta.parameters->sps.at(0) == kSps);
      ck_assert(feeder.frames[0].meta.key_frame);
    }
  }
}

LAW(a_byte_stream_in_an_aggregation_packet_is_split) {
  H265Feeder feeder;
  ck_assert(feeder.push(hevc_aggregate({joined({kCode4, kVps, kCode4, kSps}), joined({kCode3, kPps}),
                                        joined({kSei, kCode3, kIdr})}),
                        0, true));
  ck_assert(feeder.frames.at(0).bytes == annexb({kSei, kIdr}));
  ck_assert(feeder.frames.at(0).meta.parameters != nullptr);
}

LAW(a_byte_stream_is_split_wherever_fragments_cut_it) {
  const Bytes idr = hevc_nal({.type = 19, .size = 24, .seed = 9});
  for (const Bytes& code : {Bytes{}, kCode4}) {
    const Bytes whole = joined({code, kVps, kCode4, kSps, kCode3, kPps, kCode4, idr});
    const std::uint8_t type = code.empty() ? 32 : 0;
    const Bytes header{0x62, whole[1]};
    for (std::size_t first = 2; first < whole.size(); ++first) {
      for (std::size_t middle = 0; middle <= 3 && first + middle < whole.size(); ++middle) {
        const auto piece = [&](std::uint8_t flags, std::size_t from, std::size_t to) {
          return joined({header, {static_cast<std::uint8_t>(flags | type)}, part(whole, from, to)});
        };
        H265Feeder feeder;
        feeder.push(piece(0x80, 2, first), 0);
        feeder.push(piece(0, first, first + middle), 0);
        feeder.push(piece(0x40, first + middle, whole.size()), 0, true);
        ck_assert_msg(feeder.frames.size() == 1, "cut at %zu, %zu", first, middle);
        ck_assert(feeder.frames[0].bytes == annexb({idr}));
        ck_assert(feeder.frames[0].meta.parameters != nullptr);
      }
    }
  }
}

LAW(slices_in_one_packet_are_split_also_later_once_seen) {
  Bytes second = kTrail2;
  second[2] &= 0x7F;
  H265Feeder feeder;
  for (int i = 0; i < 100; ++i) {
    feeder.push(joined({kTrail, kCode3, second}), i * 3600, true);
    ck_assert(feeder.frames.back().bytes == annexb({kTrail, second}));
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("h265");
}
