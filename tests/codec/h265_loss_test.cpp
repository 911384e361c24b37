// Loss: what it costs, and that it costs nothing else.

#include "codec/h265_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

const Bytes kIdr = hevc_nal({.type = 19, .size = 300, .seed = 1});
const Bytes kTrail = hevc_nal({.type = 1, .size = 100, .seed = 2});
const Bytes kLaterSlice = hevc_nal({.type = 1, .size = 80, .seed = 3, .first_slice = false});
const Bytes kSei = hevc_nal({.type = 39, .size = 9, .seed = 4});
const Bytes kAud{0x46, 0x01, 0x50};

/// A fragment of a slice that isn't the first of its picture in what it begins with.
Bytes fragment(std::uint8_t flags, std::uint8_t type = 1) {
  return {0x62, 0x01, static_cast<std::uint8_t>(flags | type), 0x41, 9, 9};
}

/// Past the pictures that are looked through for start codes, where slices go straight into the frame.
void look_through(H265Feeder& feeder) {
  for (int i = 0; i < 40; ++i)
    feeder.push(kTrail, (i - 40) * 3600, true);
  feeder.frames.clear();
}

struct Sent {
  HevcPayload payload;
  std::size_t unit = 0;
};

std::vector<Sent> all_packets(const std::vector<HevcUnit>& stream, std::size_t most) {
  std::vector<Sent> packets;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    for (auto& payload : packetize(stream[i], most))
      packets.push_back({std::move(payload), i});
  }
  return packets;
}

/// What is received is whole, and only `victims` may be missing.
void check_received(const H265Feeder& feeder, const std::vector<HevcUnit>& stream, std::size_t first_victim,
                    std::size_t last_victim, std::size_t lost) {
  std::size_t at = 0;
  bool gap = false;
  for (std::size_t unit = 0; unit < stream.size(); ++unit) {
    const bool victim = unit >= first_victim && unit <= last_victim;
    if (at == feeder.frames.size() || feeder.frames[at].meta.timestamp != stream[unit].timestamp) {
      ck_assert_msg(victim, "packet %zu: picture %zu is missing", lost, unit);
      gap = true;
      continue;
    }
    const auto& frame = feeder.frames[at++];
    // The victim itself may only come when what it lost stood before its first slice.
    if (!victim)
      ck_assert_msg(frame.bytes == annexb(stream[unit].nals), "packet %zu: picture %zu", lost, unit);
    if (gap && unit > 0) ck_assert_msg(frame.meta.discontinuity, "packet %zu: picture %zu", lost, unit);
    gap = false;
  }
  ck_assert_uint_eq(at, feeder.frames.size());
}

LAW(each_lost_packet_costs_its_picture_and_marks_the_next_one) {
  const auto stream = hevc_stream(60, 900, 5);
  const auto packets = all_packets(stream, 300);
  for (std::size_t lost = 0; lost < packets.size(); ++lost) {
    H265Feeder feeder;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i == lost) continue;
      feeder.push(packets[i].payload.bytes, stream[packets[i].unit].timestamp, packets[i].payload.marker,
                  i == lost + 1 ? 1 : 0);
    }
    check_received(feeder, stream, packets[lost].unit, packets[lost].unit, lost);
    ck_assert_uint_ge(feeder.frames.size(), stream.size() - 1);
  }
}

LAW(several_lost_packets_cost_their_pictures_and_are_counted) {
  const auto stream = hevc_stream(60, 900, 5);
  const auto packets = all_packets(stream, 300);
  constexpr std::size_t kLost = 7;
  for (std::size_t lost = 1; lost + kLost < packets.size(); ++lost) {
    H265Feeder feeder;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i >= lost && i < lost + kLost) continue;
      feeder.push(packets[i].payload.bytes, stream[packets[i].unit].timestamp, packets[i].payload.marker,
                  i == lost + kLost ? kLost : 0);
    }
    check_received(feeder, stream, packets[lost].unit, packets[lost + kLost].unit, lost);
    std::uint64_t told = 0;
    for (const auto& frame : feeder.frames)
      told += frame.meta.packets_lost;
    if (packets[lost + kLost].unit + 1 < stream.size()) ck_assert_uint_eq(told, kLost);
  }
}

LAW(a_loss_between_pictures_leaves_both_whole) {
  H265Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(kTrail, 7200, true, 5);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 5);
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 0);
}

LAW(a_picture_whose_first_slice_was_lost_is_dropped) {
  H265Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(kLaterSlice, 3600, true, 1);
  feeder.push(kTrail, 7200, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 7200);
  ck_assert(feeder.frames[1].meta.discontinuity);
}

LAW(what_stands_before_the_slices_is_forgotten_when_something_behind_it_is_lost) {
  H265Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(kAud, 3600);
  feeder.push(kSei, 3600);
  feeder.push(kTrail, 7200, true, 4);
  ck_assert(feeder.frames.at(1).bytes == annexb({kTrail}));
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 0);
  // The same behind slices.
  feeder.push(kTrail, 10800);
  feeder.push(kAud, 10800);
  feeder.push(kTrail, 14400, true, 1);
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[2].bytes == annexb({kTrail}));
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
}

LAW(what_is_left_of_a_picture_whose_slices_are_lost_goes_into_no_other) {
  const Bytes end_of_sequence{0x48, 0x01};
  for (const bool marker : {false, true}) {
    H265Feeder feeder;
    feeder.push(kIdr, 0, true);
    feeder.push(kSei, 3600, false, 2);
    feeder.push(end_of_sequence, 3600, marker);
    feeder.push(kTrail, 7200, true);
    ck_assert(feeder.frames.at(1).bytes == annexb({kTrail}));
    // Once.
    feeder.push(kSei, 10800, marker);
    feeder.push(kTrail, 14400, true);
    ck_assert(feeder.frames.at(2).bytes == annexb({kSei, kTrail}));
  }
}

LAW(parameter_sets_before_a_loss_are_kept) {
  H265Feeder feeder;
  feeder.push(kTrail, 0);
  for (const Bytes& nal : {make_hevc_vps({}), make_hevc_sps({}), make_hevc_pps({})})
    feeder.push(nal, 0);
  feeder.push(kIdr, 3600, true, 1);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].meta.parameters && feeder.frames[0].meta.parameters->vps.size() == 1);
}

LAW(a_nal_unit_with_a_hole_drops_its_picture_once) {
  for (const bool direct : {false, true}) {
    for (const std::uint8_t start : {std::uint8_t{0x80}, std::uint8_t{0x41}}) {
      H265Feeder feeder;
      if (direct) look_through(feeder);
      feeder.push(Bytes{0x62, 0x01, 0x81, start, 1}, 0);
      feeder.push(fragment(0), 0, false, 1);
      feeder.push(fragment(0x40), 0, true);
      feeder.push(kTrail, 3600, true);
      ck_assert_uint_eq(feeder.frames.size(), 1);
      ck_assert(feeder.frames[0].bytes == annexb({kTrail}) && feeder.frames[0].meta.discontinuity);
      ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
    }
  }
}

LAW(a_slice_whose_first_content_was_lost_is_not_taken_for_a_whole_one) {
  H265Feeder feeder;
  look_through(feeder);
  feeder.push(Bytes{0x62, 0x01, 0x81}, 0);  // a start without content
  feeder.push(Bytes{0x62, 0x01, 0x01, 0xC1, 5}, 0, false, 1);
  feeder.push(fragment(0x40), 0, true);
  ck_assert(feeder.frames.empty());
  feeder.push(kTrail, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(joining_in_the_middle_of_a_picture_waits_for_the_next_one) {
  H265Feeder feeder;
  ck_assert(feeder.push(fragment(0), 0));
  ck_assert(feeder.push(fragment(0x40), 0, true));
  ck_assert(feeder.push(kTrail, 3600, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(losses_add_up_until_a_frame_comes_out) {
  H265Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(fragment(0), 3600, false, 2);
  feeder.push(fragment(0), 3600, false, 3);
  feeder.push(fragment(0x40), 3600, true);
  feeder.push(kTrail, 7200, true);
  ck_assert_uint_eq(feeder.frames.back().meta.packets_lost, 5);
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
}

LAW(incomplete_pictures_are_passed_on_as_corrupted_when_asked_for) {
  for (const bool direct : {false, true}) {
    H265Feeder feeder(hevc_format(codec::ParameterSetInsertion::kNever, true));
    if (direct) look_through(feeder);
    feeder.push(kIdr, 0, true);
    feeder.push(Bytes{0x62, 0x01, 0x81, 0x81, 1}, 3600);
    feeder.push(fragment(0x40), 3600, true, 1);
    ck_assert_uint_eq(feeder.frames.size(), 2);
    ck_assert(feeder.frames[1].meta.corrupted && feeder.frames[1].meta.discontinuity);
    ck_assert(feeder.frames[1].bytes == annexb({{0x02, 0x01, 0x81, 1, 0x41, 9, 9}}));
    feeder.push(kTrail, 7200, true);
    ck_assert(!feeder.frames[2].meta.corrupted);
  }
}

LAW(an_sei_with_a_hole_goes_into_no_picture) {
  H265Feeder feeder(hevc_format(codec::ParameterSetInsertion::kNever, true));
  feeder.push(kIdr, 0);
  feeder.push(fragment(0x80, 40), 0);
  feeder.push(fragment(0x40, 40), 0, true, 1);
  ck_assert(feeder.frames.at(0).meta.corrupted && feeder.frames[0].bytes == annexb({kIdr}));
}

LAW(after_a_reset_the_next_whole_picture_is_a_discontinuity) {
  H265Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(fragment(0x80), 3600);
  feeder.depacketizer.reset();
  feeder.push(fragment(0x40), 3600, true);
  feeder.push(kTrail, 7200, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity && feeder.frames[1].bytes == annexb({kTrail}));
}

}  // namespace

int main() {
  return retina::test::run_laws("h265_loss");
}
