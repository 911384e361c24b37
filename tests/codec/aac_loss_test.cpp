// Loss, interleaving and cuts: what they cost, and that they cost nothing else.

#include <algorithm>

#include "codec/aac.h"
#include "codec/aac_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using AacFeeder = AacFeederOf<codec::AacDepacketizer>;

sdp::Media media_with(const std::string& more) {
  return aac_media("mpeg4-generic", 48000, 2, "mode=AAC-hbr;config=1190;" + more);
}

const Bytes kUnit = sample_unit(100, 1);
const Bytes kUnit2 = sample_unit(60, 2);

struct Packet {
  Bytes payload;
  std::int64_t timestamp;
  bool marker;
  std::vector<std::int64_t> units;  // timestamps of those that it has a part of
};

/// Single units, pairs, and units in three fragments, in turn.
std::vector<Packet> mixed_stream(std::vector<Bytes>& units) {
  std::vector<Packet> packets;
  std::int64_t time = 0;
  const auto next_unit = [&units](std::size_t size) {
    units.push_back(sample_unit(size, static_cast<unsigned>(units.size())));
    return units.back();
  };
  for (int round = 0; round < 4; ++round) {
    packets.push_back({hbr_packet({next_unit(90)}), time, true, {time}});
    time += 1024;
    const Bytes a = next_unit(50);
    const Bytes b = next_unit(51);
    packets.push_back({hbr_packet({a, b}), time, true, {time, time + 1024}});
    time += 2048;
    const Bytes large = next_unit(200);
    packets.push_back({hbr_fragment(200, slice(large, 0, 80)), time, false, {time}});
    packets.push_back({hbr_fragment(200, slice(large, 80, 160)), time, false, {time}});
    packets.push_back({hbr_fragment(200, slice(large, 160, 200)), time, true, {time}});
    time += 1024;
  }
  return packets;
}

LAW(each_lost_packet_costs_its_units_and_marks_the_next_one) {
  std::vector<Bytes> units;
  const auto packets = mixed_stream(units);
  for (std::size_t lost = 0; lost < packets.size(); ++lost) {
    AacFeeder feeder(media_with(""));
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i == lost) continue;
      ck_assert(
          feeder.push(packets[i].payload, packets[i].timestamp, packets[i].marker, i == lost + 1 ? 1 : 0));
    }
    const auto& victims = packets[lost].units;
    std::size_t at = 0;
    bool after_victim = false;
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      const auto time = static_cast<std::int64_t>(unit) * 1024;
      if (std::ranges::find(victims, time) != victims.end()) {
        after_victim = true;
        continue;
      }
      ck_assert_msg(at < feeder.frames.size(), "packet %zu: unit %zu is missing", lost, unit);
      const AacGot& got = feeder.frames[at++];
      ck_assert_msg(got.meta.timestamp == time && got.bytes == units[unit], "packet %zu, unit %zu", lost,
                    unit);
      ck_assert_msg(got.meta.discontinuity == after_victim, "packet %zu, unit %zu", lost, unit);
      ck_assert_uint_eq(got.meta.packets_lost, after_victim ? 1 : 0);
      after_victim = false;
    }
    ck_assert_uint_eq(at, feeder.frames.size());
  }
}

LAW(a_loss_between_packets_is_counted_on_the_next_frame) {
  AacFeeder feeder(media_with(""));
  feeder.push(hbr_packet({kUnit}), 0);
  feeder.push(hbr_packet({kUnit, kUnit2}), 8192, true, 7);
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[1].meta.discontinuity && feeder.frames[1].meta.packets_lost == 7);
  ck_assert(!feeder.frames[2].meta.discontinuity && feeder.frames[2].meta.packets_lost == 0);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
}

LAW(losses_add_up_until_a_frame_comes_out) {
  AacFeeder feeder(media_with(""));
  feeder.push(hbr_packet({kUnit}), 0);
  feeder.push(hbr_fragment(100, slice(kUnit, 0, 40)), 1024, false, 2);
  feeder.push(hbr_fragment(100, slice(kUnit, 60, 80)), 1024, false, 3);
  feeder.push(hbr_fragment(100, slice(kUnit, 80, 100)), 1024, true);
  feeder.push(hbr_packet({kUnit2}), 2048);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 5);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

LAW(fragments_that_never_end_cost_one_frame) {
  AacFeeder feeder(media_with(""));
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 0, 40)), 0, false));
  ck_assert(feeder.push(hbr_packet({kUnit2}), 1024));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].meta.discontinuity);
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 0, 40)), 2048, false));
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 0, 40)), 3072, false));
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 40, 100)), 3072, true));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].bytes == kUnit);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 2);
}

LAW(fragments_that_are_longer_than_their_unit_cost_it) {
  AacFeeder feeder(media_with(""));
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 0, 40)), 0, false));
  ck_assert(!feeder.push(hbr_fragment(100, slice(kUnit, 0, 61)), 0, true));
  ck_assert(feeder.push(hbr_packet({kUnit2}), 1024));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == kUnit2 && feeder.frames[0].meta.discontinuity);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

LAW(an_old_loss_excuses_nothing) {
  AacFeeder feeder(media_with(""));
  ck_assert(feeder.push(hbr_packet({kUnit}), 0));
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 60, 100)), 4096, true, 3));
  ck_assert(feeder.push(hbr_packet({kUnit2}), 5120));
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 0, 60)), 6144, false));
  ck_assert(!feeder.push(hbr_fragment(100, slice(kUnit, 0, 60)), 6144, true));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 2);
}

LAW(a_size_that_changes_between_fragments_begins_another_unit) {
  AacFeeder feeder(media_with(""));
  ck_assert(feeder.push(hbr_fragment(100, slice(kUnit, 0, 40)), 0, false));
  ck_assert(feeder.push(hbr_fragment(60, slice(kUnit2, 0, 40)), 0, false));
  ck_assert(feeder.push(hbr_fragment(60, slice(kUnit2, 40, 60)), 0, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == kUnit2);
}

LAW(a_unit_above_64_kib_is_refused_before_it_is_gathered) {
  AacFeeder feeder(aac_media("mpeg4-generic", 48000, 2, "mode=generic;sizeLength=32;config=1190"));
  const auto fragment = [](std::size_t whole) {
    return BitWriter().put(32, 16).put(whole, 32).put(Bytes(1000, 7)).bytes();
  };
  ck_assert(!feeder.push(fragment(65537), 0, false));
  ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
  ck_assert(!feeder.push(fragment(0xFFFFFFFF), 1024, false));
  ck_assert(feeder.push(fragment(65536), 2048, false));
  ck_assert(feeder.push(fragment(1000), 3072, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 3);
}

LAW(without_sizes_the_end_of_a_unit_is_never_taken_for_a_whole_one) {
  AacFeeder feeder(media_with("sizelength=0;indexlength=0;indexdeltalength=0"));
  feeder.push(slice(kUnit, 0, 50), 0, false);
  feeder.push(slice(kUnit, 50, 100), 0, true);
  feeder.push(slice(kUnit2, 30, 60), 1024, true, 1);
  feeder.push(kUnit2, 2048, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].bytes == kUnit2 && feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 1);
  // A stream that has never had fragments loses nothing besides.
  AacFeeder whole(media_with("sizelength=0;indexlength=0;indexdeltalength=0"));
  whole.push(kUnit, 0, true);
  whole.push(kUnit2, 2048, true, 1);
  ck_assert_uint_eq(whole.frames.size(), 2);
}

LAW(without_sizes_a_unit_with_a_hole_is_dropped) {
  AacFeeder feeder(media_with("sizelength=0;indexlength=0;indexdeltalength=0"));
  feeder.push(slice(kUnit, 0, 30), 0, false);
  feeder.push(slice(kUnit, 60, 100), 0, true, 1);
  ck_assert(feeder.frames.empty());
  feeder.push(kUnit2, 1024, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == kUnit2 && feeder.frames[0].meta.discontinuity);
  ck_assert_uint_eq(feeder.frames[0].meta.packets_lost, 1);
}

LAW(after_a_reset_the_next_frame_is_a_discontinuity) {
  AacFeeder feeder(media_with(""));
  feeder.push(hbr_packet({kUnit}), 0);
  feeder.push(hbr_fragment(100, slice(kUnit, 0, 40)), 1024, false);
  feeder.depacketizer().reset();
  feeder.push(hbr_fragment(100, slice(kUnit, 40, 100)), 1024, true);
  feeder.push(hbr_packet({kUnit2}), 2048);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].bytes == kUnit2 && feeder.frames[1].meta.discontinuity);
}

LAW(a_flush_gives_nothing_that_is_not_whole) {
  AacFeeder feeder(media_with(""));
  feeder.push(hbr_fragment(100, slice(kUnit, 0, 40)), 0, false);
  feeder.flush();
  ck_assert(feeder.frames.empty());
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

// --- interleaving ---

Bytes interleaved_packet(const std::vector<Bytes>& units, unsigned delta) {
  BitWriter bits;
  bits.put(units.size() * 16, 16);
  for (std::size_t i = 0; i < units.size(); ++i)
    bits.put(units[i].size(), 13).put(i == 0 ? 0 : delta, 3);
  for (const Bytes& unit : units)
    bits.put(unit);
  return bits.bytes();
}

/// Groups of nine, three packets each: 0 3 6, 1 4 7, 2 5 8. The last of a group is late by 4 units.
std::vector<Packet> interleaved_stream(std::size_t groups, std::vector<Bytes>& units) {
  for (std::size_t i = 0; i < groups * 9; ++i)
    units.push_back(sample_unit(20 + i, static_cast<unsigned>(i)));
  std::vector<Packet> packets;
  for (std::size_t group = 0; group < groups; ++group) {
    for (std::size_t row = 0; row < 3; ++row) {
      const std::size_t first = group * 9 + row;
      Packet packet{interleaved_packet({units[first], units[first + 3], units[first + 6]}, 2),
                    static_cast<std::int64_t>(first * 1024),
                    true,
                    {}};
      for (const std::size_t unit : {first, first + 3, first + 6})
        packet.units.push_back(static_cast<std::int64_t>(unit * 1024));
      packets.push_back(std::move(packet));
    }
  }
  return packets;
}

LAW(interleaved_units_come_out_in_their_order) {
  for (const char* announced : {"maxDisplacement=5120", "de-interleaveBufferSize=100000",
                                "maxDisplacement=5120;de-interleaveBufferSize=1000"}) {
    std::vector<Bytes> units;
    const auto packets = interleaved_stream(4, units);
    AacFeeder feeder(media_with(announced));
    for (const Packet& packet : packets)
      ck_assert(feeder.push(packet.payload, packet.timestamp));
    feeder.flush();
    ck_assert_uint_eq(feeder.frames.size(), units.size());
    for (std::size_t i = 0; i < units.size(); ++i) {
      ck_assert_msg(feeder.frames[i].bytes == units[i], "%s: unit %zu", announced, i);
      ck_assert_int_eq(feeder.frames[i].meta.timestamp, static_cast<std::int64_t>(i * 1024));
      ck_assert(!feeder.frames[i].meta.discontinuity);
      ck_assert((feeder.frames[i].meta.parameters != nullptr) == (i == 0));
    }
  }
}

LAW(a_unit_is_held_back_no_longer_than_until_those_before_it_are_there) {
  std::vector<Bytes> units;
  const auto packets = interleaved_stream(1, units);
  AacFeeder feeder(media_with("maxDisplacement=5120"));
  const std::size_t out[] = {1, 2, 9};
  for (std::size_t i = 0; i < 3; ++i) {
    feeder.push(packets[i].payload, packets[i].timestamp);
    ck_assert_uint_eq(feeder.frames.size(), out[i]);
  }
  // And where nothing is interleaved after all, no longer than without.
  AacFeeder plain(media_with("maxDisplacement=5120"));
  for (int i = 0; i < 10; ++i) {
    plain.push(hbr_packet({kUnit, kUnit2}), i * 2048);
    ck_assert_uint_eq(plain.frames.size(), static_cast<std::size_t>(i + 1) * 2);
  }
}

LAW(a_lost_interleaved_packet_costs_its_units_and_marks_each_gap) {
  std::vector<Bytes> units;
  const auto packets = interleaved_stream(5, units);
  for (std::size_t lost = 1; lost < packets.size(); ++lost) {
    AacFeeder feeder(media_with("maxDisplacement=5120"));
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i != lost) feeder.push(packets[i].payload, packets[i].timestamp, true, i == lost + 1 ? 1 : 0);
    }
    feeder.flush();
    const auto& victims = packets[lost].units;
    std::size_t at = 0;
    bool gap = false;
    std::uint64_t packets_lost = 0;
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      const auto time = static_cast<std::int64_t>(unit) * 1024;
      if (std::ranges::find(victims, time) != victims.end()) {
        gap = true;
        continue;
      }
      ck_assert(at < feeder.frames.size());
      const AacGot& got = feeder.frames[at++];
      ck_assert_msg(got.bytes == units[unit], "packet %zu, unit %zu", lost, unit);
      if (gap) ck_assert(got.meta.discontinuity);
      packets_lost += got.meta.packets_lost;
      gap = false;
    }
    ck_assert_uint_eq(at, feeder.frames.size());
    ck_assert_uint_eq(packets_lost, lost + 1 < packets.size() ? 1 : 0);
  }
}

LAW(interleaved_units_that_come_too_late_or_twice_are_dropped) {
  AacFeeder feeder(media_with("maxDisplacement=2048"));
  feeder.push(hbr_packet({kUnit}), 10240);
  feeder.push(hbr_packet({kUnit}), 9216);
  feeder.push(hbr_packet({kUnit}), 13312);
  feeder.push(hbr_packet({kUnit2}), 13312);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].bytes == kUnit);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 2);
}

LAW(a_clock_that_jumps_starts_interleaving_anew) {
  for (const std::int64_t jump : {std::int64_t{-1000000}, std::int64_t{1000000}}) {
    AacFeeder feeder(media_with("maxDisplacement=5120"));
    feeder.push(hbr_packet({kUnit}), 2000000);
    feeder.push(hbr_packet({kUnit}), 2003072);  // held: two units are missing
    ck_assert_uint_eq(feeder.frames.size(), 1);
    feeder.push(hbr_packet({kUnit2}), 2000000 + jump);
    feeder.push(hbr_packet({kUnit2}), 2001024 + jump);
    ck_assert_uint_eq(feeder.frames.size(), 4);
    ck_assert_int_eq(feeder.frames[1].meta.timestamp, 2003072);
    ck_assert(feeder.frames[1].meta.discontinuity && feeder.frames[2].meta.discontinuity);
    ck_assert(!feeder.frames[3].meta.discontinuity);
  }
}

LAW(what_interleaving_holds_back_is_bounded) {
  // Announced without bounds, and every second unit never comes.
  AacFeeder feeder(media_with("maxDisplacement=4294967295;de-interleaveBufferSize=4294967295"));
  for (int i = 0; i < 2000; ++i)
    feeder.push(hbr_packet({sample_unit(20, 1)}), std::int64_t{i} * 2048);
  ck_assert_uint_ge(feeder.frames.size(), 2000 - codec::Deinterleaver::kMaxFrames - 1);
  const std::size_t before = feeder.frames.size();
  AacFeeder large(media_with("maxDisplacement=4294967295"));
  for (int i = 0; i < 200; ++i)
    large.push(hbr_packet({sample_unit(8000, 1)}), std::int64_t{i} * 2048);
  ck_assert_uint_ge(large.frames.size() * 8000 + codec::Deinterleaver::kMaxBytes + 8000, 200 * 8000);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 2000);
  ck_assert_uint_lt(before, 2000);
}

LAW(a_reset_lets_out_what_was_held_back) {
  AacFeeder feeder(media_with("maxDisplacement=51200"));
  feeder.push(hbr_packet({kUnit}), 0);
  feeder.push(hbr_packet({kUnit2}), 4096);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  feeder.depacketizer().reset();
  feeder.push(hbr_packet({kUnit}), 50);
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[1].bytes == kUnit2 && feeder.frames[1].meta.discontinuity);
  ck_assert(feeder.frames[2].meta.timestamp == 50 && feeder.frames[2].meta.discontinuity);
}

LAW(an_index_that_is_far_out_costs_its_packet) {
  AacFeeder feeder(
      aac_media("mpeg4-generic", 48000, 2,
                "mode=generic;sizeLength=8;indexDeltaLength=32;maxDisplacement=5120;config=1190"));
  const auto packet =
      BitWriter().put(8 + 8 + 32, 16).put(2, 8).put(2, 8).put(0xFFFFFFFF, 32).put({1, 2, 3, 4}).bytes();
  ck_assert(!feeder.push(packet, 0));
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

}  // namespace

int main() {
  return retina::test::run_laws("aac_loss");
}
