// Loss: what it costs, and that it costs nothing else.

#include "codec/jpeg_payload.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

const Bytes kEnd{0xFF, 0xD9};

Bytes scan(std::size_t size, std::uint8_t seed) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i)
    data[i] = static_cast<std::uint8_t>((i * 7 + seed) % 251);
  return data;
}

struct Packet {
  Bytes payload;
  std::int64_t timestamp = 0;
  bool marker = false;
};

/// Pictures of 100 bytes with EOI, in fragments of `most`.
std::vector<Packet> stream(std::size_t pictures, std::size_t most, bool markers = true) {
  std::vector<Packet> packets;
  for (std::size_t i = 0; i < pictures; ++i) {
    const Bytes data = joined({scan(98, static_cast<std::uint8_t>(i)), kEnd});
    for (std::size_t at = 0; at < data.size(); at += most) {
      const std::size_t size = std::min(most, data.size() - at);
      const auto from = data.begin() + static_cast<std::ptrdiff_t>(at);
      JpegPayload payload{.offset = static_cast<std::uint32_t>(at),
                          .data = Bytes(from, from + static_cast<std::ptrdiff_t>(size))};
      packets.push_back(
          {payload.bytes(), static_cast<std::int64_t>(i * 3600), markers && at + size == data.size()});
    }
  }
  return packets;
}

LAW(each_run_of_lost_packets_costs_its_pictures_and_marks_the_next_one) {
  for (const bool markers : {true, false}) {
    const auto packets = stream(5, 30, markers);
    for (std::size_t first = 0; first < packets.size(); ++first) {
      for (std::size_t count = 1; first + count <= packets.size(); ++count) {
        // That the stream's end is missing, nobody can tell.
        if (first + count == packets.size() && first % 4 != 0) continue;
        JpegFeeder feeder;
        for (std::size_t i = 0; i < packets.size(); ++i) {
          if (i >= first && i < first + count) continue;
          const std::uint32_t lost = i == first + count && first > 0 ? static_cast<std::uint32_t>(count) : 0;
          ck_assert(feeder.push(packets[i].payload, packets[i].timestamp, packets[i].marker, lost) ||
                    first == 0);
        }
        feeder.flush();
        std::size_t at = 0;
        std::uint64_t lost = 0;
        for (std::size_t picture = 0; picture < 5; ++picture) {
          const bool damaged = first < picture * 4 + 4 && first + count > picture * 4;
          if (damaged) continue;
          ck_assert_msg(at < feeder.frames.size(), "lost %zu from %zu: picture %zu is missing", count, first,
                        picture);
          const auto& frame = feeder.frames[at++];
          ck_assert_int_eq(frame.meta.timestamp, static_cast<std::int64_t>(picture * 3600));
          ck_assert(parse_jpeg(frame.bytes).data ==
                    joined({scan(98, static_cast<std::uint8_t>(picture)), kEnd}));
          const bool after = first < picture * 4 && first + count > picture * 4 - 4;
          if (first > 0)
            ck_assert_msg(frame.meta.discontinuity == after, "lost %zu from %zu: picture %zu", count, first,
                          picture);
          lost += frame.meta.packets_lost;
        }
        ck_assert_uint_eq(at, feeder.frames.size());
        if (first > 0 && first + count <= 16) ck_assert_uint_eq(lost, count);
      }
    }
  }
}

LAW(a_gap_in_the_offsets_costs_the_picture_though_no_packet_was_lost) {
  for (const std::uint32_t offset : {1U, 29U, 31U, 60U, 0xFFFFFFU}) {
    JpegFeeder feeder;
    ck_assert(feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 0, false));
    ck_assert(!feeder.push(JpegPayload{.offset = offset, .data = scan(30, 1)}.bytes(), 0, false));
    // Said once.
    ck_assert(feeder.push(JpegPayload{.offset = 60, .data = scan(30, 1)}.bytes(), 0, true));
    ck_assert_uint_eq(feeder.frames.size(), 0);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
    ck_assert(feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 1, true));
    ck_assert(feeder.frames.at(0).meta.discontinuity);
  }
}

LAW(a_loss_between_pictures_leaves_both_whole) {
  JpegFeeder feeder;
  feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 0, true);
  feeder.push(JpegPayload{.data = scan(30, 2)}.bytes(), 7200, true, 9);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 9);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
}

LAW(a_loss_behind_the_end_marker_leaves_the_picture_whole) {
  JpegFeeder feeder;
  feeder.push(JpegPayload{.data = joined({scan(30, 1), kEnd})}.bytes(), 0, false);
  feeder.push(JpegPayload{.data = scan(30, 2)}.bytes(), 3600, true, 1);
  ck_assert_uint_eq(feeder.frames.size(), 2);
}

LAW(joining_in_the_middle_of_a_picture_waits_for_the_next_one_without_complaint) {
  JpegFeeder feeder;
  ck_assert(feeder.push(JpegPayload{.offset = 30, .data = scan(30, 1)}.bytes(), 0, false));
  ck_assert(feeder.push(JpegPayload{.offset = 60, .data = scan(30, 1)}.bytes(), 0, false));
  ck_assert(feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 3600, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(joining_at_a_timestamp_that_never_changes_takes_the_first_whole_picture) {
  JpegFeeder feeder;
  ck_assert(feeder.push(JpegPayload{.offset = 30, .data = scan(30, 1)}.bytes(), 0, false));
  ck_assert(feeder.push(JpegPayload{.data = scan(30, 2)}.bytes(), 0, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(a_missing_start_without_a_loss_is_complained_of_once_a_picture) {
  JpegFeeder feeder;
  feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 0, true);
  for (std::int64_t timestamp = 1; timestamp < 3; ++timestamp) {
    ck_assert(!feeder.push(JpegPayload{.offset = 30, .data = scan(30, 1)}.bytes(), timestamp, false));
    ck_assert(feeder.push(JpegPayload{.offset = 60, .data = scan(30, 1)}.bytes(), timestamp, true));
  }
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 2);
}

LAW(pictures_of_one_timestamp_are_never_mixed_across_a_loss) {
  // Both fragments have the offset that the other picture would go on with.
  JpegFeeder feeder;
  feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 0, false);
  ck_assert(feeder.push(JpegPayload{.offset = 30, .data = scan(30, 2)}.bytes(), 0, true, 2));
  ck_assert_uint_eq(feeder.frames.size(), 0);
}

LAW(an_incomplete_picture_is_passed_on_up_to_the_gap_if_wanted) {
  JpegFeeder feeder({}, true);
  feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 0, false);
  feeder.push(JpegPayload{.offset = 60, .data = scan(30, 1)}.bytes(), 0, false, 1);
  feeder.push(JpegPayload{.offset = 90, .data = scan(30, 1)}.bytes(), 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  const auto& frame = feeder.frames[0];
  ck_assert(frame.meta.corrupted && frame.meta.discontinuity);
  ck_assert_uint_eq(frame.meta.packets_lost, 1);
  ck_assert(parse_jpeg(frame.bytes).data == joined({scan(30, 1), kEnd}));
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);

  feeder.push(JpegPayload{.data = scan(30, 2)}.bytes(), 1, true);
  ck_assert(!feeder.frames.at(1).meta.corrupted && !feeder.frames[1].meta.discontinuity);
}

LAW(without_its_first_fragment_no_picture_is_passed_on) {
  JpegFeeder feeder({}, true);
  feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 0, true);
  feeder.push(JpegPayload{.offset = 30, .data = scan(30, 1)}.bytes(), 1, true, 1);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

LAW(a_picture_whose_end_was_lost_is_incomplete) {
  for (const bool pass : {false, true}) {
    JpegFeeder feeder({}, pass);
    feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 0, true);
    feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 1, false);
    feeder.push(JpegPayload{.data = scan(30, 1)}.bytes(), 2, true, 1);
    ck_assert_uint_eq(feeder.frames.size(), pass ? 3 : 2);
    if (pass) ck_assert(feeder.frames[1].meta.corrupted);
    ck_assert(!feeder.frames.back().meta.corrupted);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("jpeg_loss");
}
