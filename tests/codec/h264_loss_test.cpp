// Loss: what it costs, and that it costs nothing else.

#include "codec/h264_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

const Bytes kIdr = sample_slice(true, 300, 1);
const Bytes kP = sample_slice(false, 100, 2);

LAW(each_lost_packet_costs_its_picture_and_marks_the_next_one) {
  const auto stream = sample_stream(20, 3000, 5);
  struct Packet {
    H264Payload payload;
    std::size_t unit;
  };
  std::vector<Packet> packets;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    for (auto& payload : packetize(stream[i], 1000))
      packets.push_back({std::move(payload), i});
  }
  for (std::size_t lost = 0; lost < packets.size(); ++lost) {
    H264Feeder feeder;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i == lost) continue;
      feeder.push(packets[i].payload.bytes, stream[packets[i].unit].timestamp, packets[i].payload.marker,
                  i == lost + 1 ? 1 : 0);
    }
    const std::size_t victim = packets[lost].unit;
    std::size_t at = 0;
    for (std::size_t unit = 0; unit < stream.size(); ++unit) {
      if (at < feeder.frames.size() && feeder.frames[at].meta.timestamp == stream[unit].timestamp) {
        const Got& frame = feeder.frames[at++];
        // The victim itself may only come when what it lost stood before its first slice.
        const bool whole = frame.bytes == framed(stream[unit], false, false);
        if (unit != victim) ck_assert_msg(whole, "packet %zu: picture %zu is damaged", lost, unit);
        if (unit == victim + 1 && frame.meta.packets_lost > 0) ck_assert(frame.meta.discontinuity);
        if (unit == victim && lost > 0) ck_assert_msg(frame.meta.discontinuity, "packet %zu", lost);
      } else {
        // A marker that was lost takes the pictures on both sides of it with it at the most.
        ck_assert_msg(unit == victim, "packet %zu: picture %zu is missing", lost, unit);
      }
    }
    ck_assert_uint_eq(at, feeder.frames.size());
  }
}

LAW(a_loss_between_pictures_leaves_both_whole) {
  H264Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(kP, 7200, true, 5);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 5);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
}

LAW(a_picture_whose_first_slice_was_lost_is_dropped) {
  Bytes later = kP;
  later[1] = 0x48;  // first_mb_in_slice is not 0
  H264Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(later, 3600, true, 1);
  feeder.push(kP, 7200, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 7200);
  ck_assert(feeder.frames[1].meta.discontinuity);
}

LAW(joining_in_the_middle_of_a_picture_waits_for_the_next_one) {
  H264Feeder feeder;
  ck_assert(feeder.push({0x7C, 0x05, 1, 2}, 0, false));
  ck_assert(feeder.push({0x7C, 0x45, 1, 2}, 0, true));
  feeder.push(kP, 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(losses_add_up_until_a_frame_comes_out) {
  H264Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push({0x7C, 0x05, 1}, 3600, false, 2);
  feeder.push({0x7C, 0x05, 1}, 3600, false, 3);
  feeder.push({0x7C, 0x45, 1}, 3600, true);
  feeder.push(kP, 7200, true);
  ck_assert_uint_eq(feeder.frames.back().meta.packets_lost, 5);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

LAW(incomplete_pictures_are_passed_on_as_corrupted_when_asked_for) {
  H264Feeder feeder(start_codes(codec::ParameterSetInsertion::kNever, true));
  feeder.push(kIdr, 0, true);
  feeder.push({0x7C, 0x81, 0x88, 1}, 3600, false);
  feeder.push({0x7C, 0x41, 9}, 3600, true, 1);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.corrupted && feeder.frames[1].meta.discontinuity);
  feeder.push(kP, 7200, true);
  ck_assert(!feeder.frames[2].meta.corrupted);
}

LAW(after_a_reset_the_next_whole_picture_is_a_discontinuity) {
  H264Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push({0x7C, 0x81, 0x88, 1}, 3600, false);
  feeder.depacketizer().reset();
  feeder.push({0x7C, 0x41, 9}, 3600, true);
  feeder.push(kP, 7200, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity && feeder.frames[1].bytes == annexb({kP}));
}

}  // namespace

int main() {
  return retina::test::run_laws("h264_loss");
}
