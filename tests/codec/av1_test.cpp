// Temporal units without loss: what RTP Payload Format For AV1 lets a sender do, and what senders do instead.

#include "codec/av1_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

const Av1Unit kDelimiter{.type = 2, .payload = {}};
const Av1Unit kTileList{.type = 8, .payload = {1, 2, 3}};
const Av1Unit kMetadata{.type = 5, .payload = {1, 2, 3, 4}};

LAW(an_obu_gets_its_size_field) {
  Av1Feeder feeder;
  ck_assert(feeder.push({0x10, 0x30, kInter, 1, 2}, 99, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  const auto& frame = feeder.frames[0];
  ck_assert(frame.bytes == Bytes({0x32, 3, kInter, 1, 2}));
  ck_assert_int_eq(frame.meta.timestamp, 99);
  ck_assert(!frame.meta.key_frame && !frame.meta.discontinuity && !frame.meta.corrupted);
  ck_assert(frame.meta.parameters == nullptr);
}

/// Unit i of `units`, without its size field, in the forms that the specification's figures have.
LAW(elements_are_counted_or_have_their_sizes) {
  const Bytes a = sequence_obu().bytes(false);
  const Bytes b = kMetadata.bytes(false);
  const Bytes c = frame_obu(kKey, 200).bytes(false);
  const Bytes expected = join_av1({sequence_obu(), kMetadata, frame_obu(kKey, 200)});
  const Bytes payloads[] = {
      joined({{0x30}, leb128(a.size()), a, leb128(b.size()), b, c}),
      joined({{0x00}, leb128(a.size()), a, leb128(b.size()), b, leb128(c.size()), c}),
      joined({{0x37}, leb128(a.size(), 8), a, leb128(b.size(), 2), b, c}),  // reserved bits, long sizes
      joined({{0x08}, leb128(a.size()), a, leb128(b.size()), b, leb128(c.size(), 3), c}),
  };
  for (const Bytes& payload : payloads) {
    Av1Feeder feeder;
    ck_assert(feeder.push(payload, 0, true));
    ck_assert(feeder.frames.at(0).bytes == expected);
    ck_assert(feeder.frames[0].meta.key_frame);
  }
}

LAW(an_obu_is_joined_wherever_it_is_cut) {
  for (const bool sized : {false, true}) {
    for (const bool extended : {false, true}) {
      Av1Unit unit = frame_obu(kInter, 140);
      if (extended) unit.extension = 0x20;
      const Bytes obu = unit.bytes(sized);
      for (std::size_t first = 1; first < obu.size(); ++first) {
        for (std::size_t second = first; second < obu.size(); second += 1 + second / 8) {
          const auto at = [&](std::size_t i) { return obu.begin() + static_cast<std::ptrdiff_t>(i); };
          Av1Feeder feeder;
          ck_assert(feeder.push(joined({{0x50}, Bytes(at(0), at(first))}), 0, false));
          ck_assert(feeder.push(joined({{0xD0}, Bytes(at(first), at(second))}), 0, false));
          ck_assert_uint_eq(feeder.frames.size(), 0);
          ck_assert(feeder.push(joined({{0x90}, Bytes(at(second), obu.end())}), 0, true));
          ck_assert_uint_eq(feeder.frames.size(), 1);
          ck_assert(feeder.frames[0].bytes == unit.bytes());
        }
      }
    }
  }
}

/// The size field is guessed before the fragments are there.
LAW(size_fields_are_the_shortest_whatever_came_before) {
  Av1Feeder feeder;
  for (const std::size_t size : {100U, 20000U, 300U, 127U, 128U, 3000000U, 16383U, 16384U, 1U, 2U}) {
    const Av1Unit unit = frame_obu(kInter, size);
    const Bytes obu = unit.bytes(false);
    const auto middle = obu.begin() + static_cast<std::ptrdiff_t>(obu.size() / 2);
    feeder.push(joined({{0x50}, Bytes(obu.begin(), middle)}), static_cast<std::int64_t>(size), false);
    feeder.push(joined({{0x90}, Bytes(middle, obu.end())}), static_cast<std::int64_t>(size), true);
    ck_assert_msg(feeder.frames.back().bytes == unit.bytes(), "%zu", size);
  }
  ck_assert_uint_eq(feeder.frames.size(), 10);
}

LAW(everything_that_a_sender_may_pack_comes_out_the_same) {
  const std::vector<Av1Unit> key{sequence_obu(), kMetadata, frame_obu(kKey, 2000)};
  const std::vector<Av1Unit> layers{{.type = 3, .extension = 0x00, .payload = {kInter, 9, 9}},
                                    {.type = 4, .extension = 0x00, .payload = Bytes(700, 3)},
                                    {.type = 4, .extension = 0x00, .payload = Bytes(50, 4)},
                                    {.type = 5, .extension = 0x08, .payload = Bytes(20, 5)},
                                    {.type = 6, .extension = 0x08, .payload = Bytes(900, 0x31)}};
  const std::vector<Av1Unit> small{
      frame_obu(kHidden, 5), {.type = 3, .payload = {0x80}}, {.type = 15, .payload = {}}};
  for (std::size_t most = 4; most < 3200; most = most * 5 / 4 + 1) {
    for (unsigned variant = 0; variant < 8; ++variant) {
      const Av1Packing packing{.most_bytes = most,
                               .count_elements = (variant & 1) != 0,
                               .aggregate = (variant & 2) != 0,
                               .obu_sizes = (variant & 4) != 0};
      Av1Feeder feeder;
      std::int64_t timestamp = 0;
      for (const auto& units : {key, layers, small, key}) {
        timestamp += 3000;
        for (const Av1Payload& payload : packetize_av1(units, &units == &key, packing))
          ck_assert_msg(feeder.push(payload.bytes, timestamp, payload.marker), "%zu bytes, variant %u", most,
                        variant);
      }
      ck_assert_uint_eq(feeder.frames.size(), 4);
      const Bytes expected[] = {join_av1(key), join_av1(layers), join_av1(small), join_av1(key)};
      for (std::size_t i = 0; i < 4; ++i) {
        ck_assert_msg(feeder.frames[i].bytes == expected[i], "%zu bytes, variant %u, unit %zu", most, variant,
                      i);
        ck_assert_int_eq(feeder.frames[i].meta.timestamp, static_cast<std::int64_t>(3000 * (i + 1)));
        ck_assert(feeder.frames[i].meta.key_frame == (i == 0 || i == 3));
        ck_assert(!feeder.frames[i].meta.discontinuity);
      }
    }
  }
}

LAW(temporal_delimiters_and_tile_lists_are_left_out) {
  const std::vector<Av1Unit> sent{kDelimiter, sequence_obu(), kTileList, frame_obu(kKey, 50), kTileList};
  for (const bool sized : {false, true}) {
    Bytes payload{0x00};
    for (const Av1Unit& unit : sent) {
      const Bytes obu = unit.bytes(sized);
      payload = joined({payload, leb128(obu.size()), obu});
    }
    Av1Feeder feeder;
    ck_assert(feeder.push(payload, 0, true));
    ck_assert(feeder.frames.at(0).bytes == join_av1({sequence_obu(), frame_obu(kKey, 50)}));
  }
}

LAW(a_tile_list_in_fragments_is_left_out) {
  Av1Feeder feeder;
  ck_assert(feeder.push({0x50, 0x40, 1, 2}, 0, false));
  ck_assert(feeder.push({0xD0, 3, 4}, 0, false));
  ck_assert(feeder.push({0xA0, 1, 5, 0x30, kInter}, 0, true));
  ck_assert(feeder.frames.at(0).bytes == Bytes({0x32, 1, kInter}));
}

LAW(several_obus_with_sizes_in_one_element_are_taken_apart) {
  const Bytes stream = join_av1({kDelimiter, sequence_obu(), kMetadata, frame_obu(kKey, 300)});
  const Bytes expected = join_av1({sequence_obu(), kMetadata, frame_obu(kKey, 300)});
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    const auto middle = stream.begin() + static_cast<std::ptrdiff_t>(cut);
    Av1Feeder feeder;
    ck_assert(feeder.push(joined({{0x50}, Bytes(stream.begin(), middle)}), 0, false));
    ck_assert(feeder.push(joined({{0x90}, Bytes(middle, stream.end())}), 0, true));
    ck_assert(feeder.frames.at(0).bytes == expected);
  }
}

LAW(malformed_packets_cost_their_temporal_unit_and_nothing_else) {
  struct {
    const char* what;
    Bytes payload;
  } const cases[] = {
      {"no payload", {}},
      {"no element", {0x00}},
      {"no counted element", {0x10}},
      {"fewer elements than counted", {0x20, 2, 0x30, kInter}},
      {"an empty element", {0x00, 0}},
      {"an empty element behind another", {0x00, 2, 0x30, kInter, 0}},
      {"an element beyond the packet", {0x00, 9, 0x30, kInter}},
      {"a size that is none", joined({{0x00}, Bytes(9, 0x80)})},
      {"a size cut", {0x00, 0x80}},
      {"the forbidden bit", {0x10, 0xB0, kInter}},
      {"a header cut", {0x10, 0x34}},
      {"a size field cut", {0x10, 0x32, 0x80}},
      {"an OBU beyond its element", {0x10, 0x32, 9, kInter}},
      {"a tile group alone", {0x10, 0x20, 1, 2}},
      {"a fragment without a start", {0x90, 1, 2}},
  };
  for (const auto& c : cases) {
    Av1Feeder feeder;
    ck_assert(feeder.push({0x10, 0x30, kInter, 7}, 0, true));
    ck_assert_msg(!feeder.push(c.payload, 1, false), "%s", c.what);
    feeder.push({0x10, 0x30, kInter, 8}, 1, true);
    ck_assert_msg(feeder.frames.size() == 1, "%s", c.what);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
    ck_assert(feeder.push({0x10, 0x30, kInter, 9}, 2, true));
    ck_assert_msg(feeder.frames.size() == 2, "%s", c.what);
    ck_assert(feeder.frames[1].bytes == Bytes({0x32, 2, kInter, 9}));
    ck_assert(feeder.frames[1].meta.discontinuity);
  }
}

LAW(a_fragment_that_never_ends_costs_its_temporal_unit) {
  Av1Feeder feeder;
  feeder.push({0x50, 0x30, kInter, 7}, 0, false);
  feeder.push({0x10, 0x30, kInter, 8}, 0, true);  // in the same one
  feeder.push({0x50, 0x30, kInter, 7}, 1, false);
  feeder.push({0x10, 0x30, kInter, 8}, 2, true);  // in the next one
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 2);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 2);
}

LAW(the_marker_ends_a_fragment_whatever_its_bit_says) {
  Av1Feeder feeder;
  ck_assert(feeder.push({0x50, 0x30, kInter, 7}, 0, true));
  ck_assert(feeder.frames.at(0).bytes == Bytes({0x32, 2, kInter, 7}));
}

// --- key frames and parameters ---

LAW(key_frames_are_told_by_their_first_frame_header) {
  struct {
    const char* what;
    std::vector<Av1Unit> units;
    bool key;
  } const cases[] = {
      {"a shown key frame", {sequence_obu(), frame_obu(kKey, 9)}, true},
      {"in a frame header OBU",
       {sequence_obu(), {.type = 3, .payload = {kKey}}, {.type = 4, .payload = {1}}},
       true},
      {"without a sequence header of its own", {frame_obu(kKey, 9)}, true},
      {"an inter frame", {frame_obu(kInter, 9)}, false},
      {"an inter frame with a sequence header", {sequence_obu(), frame_obu(kInter, 9)}, false},
      {"a key frame that isn't shown", {sequence_obu(), frame_obu(0x00, 9)}, false},
      {"a frame shown again", {{.type = 3, .payload = {0x80}}}, false},
      {"a key frame behind another frame", {frame_obu(kInter, 9), frame_obu(kKey, 9)}, false},
      {"a key frame in two layers", {sequence_obu(), frame_obu(kKey, 9), frame_obu(kInter, 9)}, true},
  };
  for (const auto& c : cases) {
    for (const bool new_sequence : {false, true}) {
      Av1Feeder feeder;
      feeder.push({0x18, 0x08, 0, 1, 2}, 0, false);
      feeder.push({0x10, 0x30, kKey, 8}, 0, true);
      for (const auto& payload : packetize_av1(c.units, new_sequence, {.most_bytes = 6}))
        ck_assert(feeder.push(payload.bytes, 1, payload.marker));
      ck_assert_msg(feeder.frames.at(1).meta.key_frame == c.key, "%s", c.what);
    }
  }
}

LAW(reduced_still_pictures_are_key_frames_without_saying_so) {
  Av1Feeder feeder;
  const Av1Unit still{.type = 1, .payload = {0x18, 0, 0}};
  for (const auto& payload : packetize_av1({still, frame_obu(0xFF, 20)}, true, {}))
    feeder.push(payload.bytes, 0, payload.marker);
  ck_assert(feeder.frames.at(0).meta.key_frame);
}

LAW(the_sequence_header_is_kept_in_place_and_as_parameters) {
  Av1Feeder feeder;
  ck_assert(feeder.depacketizer().parameters() == nullptr);
  std::int64_t timestamp = 0;
  struct {
    std::optional<std::uint8_t> sequence;
    bool changed;
  } const cases[] = {{1, true}, {1, false}, {std::nullopt, false}, {2, true}, {std::nullopt, false},
                     {1, true}};
  for (const auto& c : cases) {
    std::vector<Av1Unit> units;
    if (c.sequence) units.push_back(sequence_obu(*c.sequence));
    units.push_back(frame_obu(c.sequence ? kKey : kInter, 40));
    for (const auto& payload : packetize_av1(units, c.sequence.has_value(), {.most_bytes = 5}))
      feeder.push(payload.bytes, timestamp, payload.marker);
    ++timestamp;
    const auto& frame = feeder.frames.back();
    ck_assert(frame.bytes == join_av1(units));
    ck_assert((frame.meta.parameters != nullptr) == c.changed);
    if (!c.changed) continue;
    ck_assert(frame.meta.parameters->config == sequence_obu(*c.sequence).bytes());
    ck_assert(frame.meta.parameters == feeder.depacketizer().parameters());
  }
}

LAW(a_sequence_header_above_the_bound_is_no_parameter) {
  for (const std::size_t size : {std::size_t{0}, codec::Av1Depacketizer::kMaxSequenceHeaderBytes}) {
    Av1Feeder feeder;
    const std::vector<Av1Unit> units{{.type = 1, .payload = Bytes(size, 0)}, frame_obu(kKey, 9)};
    for (const auto& payload : packetize_av1(units, true, {}))
      feeder.push(payload.bytes, 0, payload.marker);
    ck_assert(feeder.frames.at(0).bytes == join_av1(units));
    ck_assert(feeder.depacketizer().parameters() == nullptr);
  }
}

// --- ends ---

LAW(another_timestamp_ends_a_temporal_unit) {
  Av1Feeder feeder;
  for (std::int64_t timestamp = 0; timestamp < 3; ++timestamp) {
    feeder.push({0x10, 0x30, kInter, 1}, timestamp, false);
    feeder.push({0x10, 0x30, kInter, 2}, timestamp, false);
    ck_assert_uint_eq(feeder.frames.size(), static_cast<std::size_t>(timestamp));
  }
  feeder.flush();
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 3);
  for (std::size_t i = 0; i < 3; ++i) {
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, static_cast<std::int64_t>(i));
    // Of its own last packet, not of the next one's first.
    ck_assert(feeder.frames[i].meta.arrival == base::TimePoint{} + std::chrono::milliseconds(2 * (i + 1)));
  }
}

LAW(an_error_in_the_packet_that_ends_a_temporal_unit_leaves_that_whole) {
  for (const Bytes& bad : {Bytes{}, Bytes{0x10}, Bytes{0x20, 9, 0x30}}) {
    Av1Feeder feeder;
    feeder.push({0x10, 0x30, kInter, 1}, 0, false);
    ck_assert(!feeder.push(bad, 1, true));
    ck_assert_msg(feeder.frames.size() == 1, "after %zu bytes", bad.size());
    ck_assert(feeder.frames[0].bytes == Bytes({0x32, 2, kInter, 1}) && !feeder.frames[0].meta.corrupted);
    ck_assert(feeder.push({0x10, 0x30, kInter, 2}, 2, true));
    ck_assert_uint_eq(feeder.frames.size(), 2);
    ck_assert(feeder.frames[1].meta.discontinuity);
  }
}

LAW(what_stands_alone_belongs_to_the_frame_behind_it) {
  Av1Feeder feeder;
  feeder.push(joined({{0x10}, sequence_obu().bytes(false)}), 1, true);
  feeder.push(joined({{0x10}, kMetadata.bytes(false)}), 2, true);
  feeder.push({0x10, 0x30, kKey, 1}, 3, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 3);
  ck_assert(feeder.frames[0].bytes ==
            joined({sequence_obu().bytes(), kMetadata.bytes(), {0x32, 2, kKey, 1}}));
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
}

LAW(the_end_of_the_stream_ends_a_temporal_unit_that_is_not_cut) {
  Av1Feeder cut;
  cut.push({0x50, 0x30, kInter, 1}, 0, false);
  cut.flush();
  ck_assert_uint_eq(cut.frames.size(), 0);
  ck_assert_uint_eq(cut.depacketizer().frames_dropped(), 1);
}

LAW(a_cut_stream_forgets_the_unfinished_temporal_unit) {
  Av1Feeder feeder;
  feeder.push({0x50, 0x30, kInter, 1}, 0, false);
  feeder.depacketizer().reset();
  ck_assert(feeder.push({0x90, 2}, 0, true));
  ck_assert(feeder.push({0x10, 0x30, kInter, 3}, 1, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].meta.discontinuity);
}

LAW(progress_counts_the_temporal_unit_being_gathered) {
  Av1Feeder feeder;
  ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
  feeder.push(joined({{0x58, 0x30, kKey}, Bytes(1000, 1)}), 0, false);
  ck_assert_uint_gt(feeder.depacketizer().progress().size_bytes, 1000);
  ck_assert(feeder.depacketizer().progress().key_frame);
  feeder.push({0x90, 1}, 0, true);
  ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
  ck_assert(!feeder.depacketizer().progress().key_frame);
}

LAW(a_temporal_unit_above_the_bound_is_refused) {
  Av1Feeder feeder;
  const Bytes megabyte(std::size_t{1} << 20, 1);
  unsigned refused = 0;
  for (int i = 0; i < 18; ++i) {
    const Bytes start = i == 0 ? Bytes{0x50, 0x30, kInter} : Bytes{0xD0};
    if (!feeder.push(joined({start, megabyte}), 0, false)) ++refused;
  }
  ck_assert_uint_eq(refused, 1);
  feeder.push({0x90, 1}, 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 0);
  feeder.push({0x10, 0x30, kInter, 9}, 1, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

}  // namespace

int main() {
  return retina::test::run_laws("av1", 60);
}
