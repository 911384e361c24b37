// Loss: what it costs, and that it costs nothing else.

#include "codec/av1_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

struct Packet {
  Bytes payload;
  std::size_t unit = 0;
  bool marker = false;
};

struct Stream {
  std::vector<std::vector<Av1Unit>> units;
  std::vector<Packet> packets;
};

Stream packed(std::vector<std::vector<Av1Unit>> units, const Av1Packing& packing) {
  Stream stream{.units = std::move(units), .packets = {}};
  for (std::size_t i = 0; i < stream.units.size(); ++i) {
    const bool new_sequence = stream.units[i].front().type == 1;
    for (Av1Payload& payload : packetize_av1(stream.units[i], new_sequence, packing))
      stream.packets.push_back({std::move(payload.bytes), i, payload.marker});
  }
  return stream;
}

/// Key frame, inter frames, key frame, as cameras send them.
Stream camera_stream(const Av1Packing& packing) {
  return packed({{sequence_obu(), frame_obu(kKey, 100, 1)},
                 {frame_obu(kInter, 70, 2)},
                 {frame_obu(kInter, 20, 3)},
                 {sequence_obu(), frame_obu(kKey, 100, 4)},
                 {frame_obu(kInter, 50, 5)}},
                packing);
}

/// Frames that aren't shown stand before those that are.
Stream reordering_stream(const Av1Packing& packing) {
  return packed({{sequence_obu(), frame_obu(kKey, 100, 1)},
                 {frame_obu(kHidden, 40, 2), frame_obu(kInter, 40, 3)},
                 {frame_obu(kInter, 60, 4)},
                 {frame_obu(kHidden, 40, 5), frame_obu(kInter, 40, 6)},
                 {sequence_obu(), frame_obu(kKey, 100, 7)},
                 {frame_obu(kHidden, 40, 8), frame_obu(kInter, 40, 9)}},
                packing);
}

/// Each run of lost packets: what comes out is whole and in order, what lost nothing comes out (but for one
/// that can't be known to be whole, if `doubtful`), and the first one behind a loss is a discontinuity.
void lose_every_run(const Stream& stream, std::size_t first_lost, bool doubtful) {
  const auto& packets = stream.packets;
  for (std::size_t first = first_lost; first < packets.size(); ++first) {
    for (std::size_t count = 1; first + count < packets.size(); ++count) {
      Av1Feeder feeder;
      std::vector<bool> damaged(stream.units.size());
      for (std::size_t i = 0; i < packets.size(); ++i) {
        const bool lost = i >= first && i < first + count;
        if (lost) damaged[packets[i].unit] = true;
        const auto timestamp = static_cast<std::int64_t>(packets[i].unit * 3000);
        const std::uint32_t lost_before = i == first + count ? static_cast<std::uint32_t>(count) : 0;
        if (!lost) ck_assert(feeder.push(packets[i].payload, timestamp, packets[i].marker, lost_before));
      }
      const std::size_t behind = packets[first + count].unit;
      std::size_t at = 0;
      bool gap = false;
      for (std::size_t unit = 0; unit < stream.units.size(); ++unit) {
        const bool came = at < feeder.frames.size() &&
                          feeder.frames[at].meta.timestamp == static_cast<std::int64_t>(unit * 3000);
        if (!came) {
          gap = true;
          ck_assert_msg(damaged[unit] || (doubtful && unit == behind), "lost %zu from %zu: %zu is missing",
                        count, first, unit);
          continue;
        }
        const auto& frame = feeder.frames[at++];
        ck_assert_msg(!damaged[unit], "lost %zu from %zu: %zu is damaged", count, first, unit);
        ck_assert(frame.bytes == join_av1(stream.units[unit]));
        if (gap) ck_assert(frame.meta.discontinuity);
        if (frame.meta.discontinuity) ck_assert_uint_eq(frame.meta.packets_lost, count);
        gap = false;
      }
      ck_assert_uint_eq(at, feeder.frames.size());
    }
  }
}

LAW(each_run_of_lost_packets_costs_its_temporal_units_and_marks_the_next_one) {
  for (const bool aggregate : {true, false}) {
    for (const std::size_t most : {10U, 30U, 60U, 2000U})
      lose_every_run(camera_stream({.most_bytes = most, .aggregate = aggregate}), 0, false);
  }
}

LAW(where_frames_are_hidden_a_shown_frame_behind_a_loss_is_not_trusted) {
  for (const std::size_t most : {10U, 30U, 60U}) {
    const Stream stream = reordering_stream({.most_bytes = most, .aggregate = false});
    // From where the stream has shown that it hides frames.
    std::size_t first = 0;
    while (stream.packets[first].unit < 2)
      ++first;
    lose_every_run(stream, first, true);
  }
}

LAW(a_loss_between_temporal_units_leaves_both_whole) {
  struct {
    const char* what;
    Bytes payload;
    bool whole;
  } const cases[] = {
      {"an inter frame", {0x10, 0x30, kInter}, true},
      {"a frame of the lowest layer", {0x10, 0x34, 0x20, kInter}, true},
      {"a frame of a higher layer", {0x10, 0x34, 0x08, kInter}, false},
      {"a key frame without its sequence header", {0x10, 0x30, kKey}, false},
      {"a key frame that begins a new sequence", {0x18, 0x30, kKey}, true},
      {"a key frame behind a delimiter", {0x20, 1, 0x10, 0x30, kKey}, true},
      {"a key frame with its sequence header", {0x20, 3, 0x08, 0, 0, 0x30, kKey}, true},
      {"metadata and a frame", {0x20, 2, 0x28, 1, 0x30, kInter}, true},
      {"tiles", {0x10, 0x20, 1}, false},
      {"a fragment", {0x90, 1}, false},
  };
  for (const auto& c : cases) {
    Av1Feeder feeder;
    feeder.push({0x28, 3, 0x08, 0, 0, 0x30, kKey}, 0, true);
    ck_assert_msg(feeder.push(c.payload, 6000, true, 3), "%s", c.what);
    ck_assert_msg(feeder.frames.size() == (c.whole ? 2 : 1), "%s", c.what);
    feeder.push({0x18, 0x30, kKey}, 9000, true);
    const auto& next = feeder.frames.at(1).meta;
    ck_assert(next.discontinuity);
    ck_assert_uint_eq(next.packets_lost, 3);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), c.whole ? 0 : 1);
  }
}

LAW(key_frames_of_a_stream_without_repeated_sequence_headers_are_trusted) {
  Av1Feeder feeder;
  feeder.push({0x28, 3, 0x08, 0, 0, 0x30, kKey}, 0, true);
  feeder.push({0x10, 0x30, kKey}, 1, true);
  feeder.push({0x10, 0x30, kKey}, 3, true, 1);
  ck_assert_uint_eq(feeder.frames.size(), 3);
}

LAW(joining_in_the_middle_of_a_temporal_unit_waits_for_the_next_one_without_complaint) {
  Av1Feeder feeder;
  ck_assert(feeder.push({0xD0, 1, 2}, 0, false));
  ck_assert(feeder.push({0x90, 1, 2}, 0, false));
  ck_assert(feeder.push({0x10, 0x20, 1, 2}, 0, true));
  ck_assert(feeder.push({0x10, 0x30, kInter}, 1, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(a_missing_start_without_a_loss_is_complained_of_once_a_temporal_unit) {
  Av1Feeder feeder;
  feeder.push({0x10, 0x30, kInter}, 0, true);
  for (std::int64_t timestamp = 1; timestamp < 3; ++timestamp) {
    ck_assert(!feeder.push({0xD0, 1, 2}, timestamp, false));
    ck_assert(feeder.push({0xD0, 1, 2}, timestamp, false));
    ck_assert(feeder.push({0x90, 1, 2}, timestamp, true));
  }
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 2);
}

LAW(an_incomplete_temporal_unit_is_passed_on_without_the_obu_that_was_cut_if_wanted) {
  const Av1Unit header{.type = 3, .payload = {kInter, 1}};
  const auto tiles = [](std::uint8_t seed) { return Av1Unit{.type = 4, .payload = Bytes(40, seed)}; };
  const auto stream =
      packed({{header, tiles(1), tiles(2), tiles(3)}}, {.most_bytes = 25, .aggregate = false});
  for (std::size_t lost = 0; lost + 1 < stream.packets.size(); ++lost) {
    Av1Feeder feeder(true);
    feeder.push({0x18, 0x30, kKey}, 0, true);
    for (std::size_t i = 0; i < stream.packets.size(); ++i) {
      if (i != lost)
        feeder.push(stream.packets[i].payload, 1, stream.packets[i].marker, i == lost + 1 ? 1 : 0);
    }
    // One packet for the frame header and two for each tile group.
    if (lost == 0) {
      ck_assert_uint_eq(feeder.frames.size(), 1);
      ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
      continue;
    }
    ck_assert_uint_eq(feeder.frames.size(), 2);
    std::vector<Av1Unit> left{header};
    for (std::uint8_t group = 1; group <= 3; ++group) {
      if ((lost + 1) / 2 != group) left.push_back(tiles(group));
    }
    ck_assert_msg(feeder.frames[1].bytes == join_av1(left), "packet %zu", lost);
    ck_assert(feeder.frames[1].meta.corrupted && feeder.frames[1].meta.discontinuity);
    ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 1);
  }
}

LAW(no_tiles_are_passed_on_without_their_frame_header) {
  const Av1Unit hidden = frame_obu(kHidden, 9);
  const auto header = Av1Unit{.type = 3, .payload = Bytes(40, kInter)}.bytes(false);
  const auto middle = header.begin() + 20;
  Av1Feeder feeder(true);
  feeder.push(joined({{0x18}, hidden.bytes(false)}), 0, false);
  feeder.push(joined({{0x50}, Bytes(header.begin(), middle)}), 0, false);
  feeder.push({0x10, 0x20, 1, 2}, 0, true, 1);  // tiles; the frame header's end is lost
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].meta.corrupted);
  ck_assert(feeder.frames[0].bytes == hidden.bytes());
}

LAW(nothing_is_passed_on_of_a_frame_that_was_cut) {
  Av1Feeder feeder(true);
  feeder.push({0x50, 0x30, kInter, 1}, 0, false);
  feeder.push({0x90, 2}, 0, true, 1);
  ck_assert_uint_eq(feeder.frames.size(), 0);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
  feeder.push({0x10, 0x30, kInter, 3}, 1, true);
  ck_assert(!feeder.frames.at(0).meta.corrupted);
}

}  // namespace

int main() {
  return retina::test::run_laws("av1_loss", 60);
}
