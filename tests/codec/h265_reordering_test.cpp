// Decoding order numbers (RFC 7798 s4.4, s6): NAL units sent in any order are decoded in theirs.

#include <algorithm>
#include <map>
#include <random>

#include "codec/h265_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

codec::H265Announcement numbered(std::optional<std::uint32_t> units,
                                 std::optional<std::uint32_t> max_don_diff = {}) {
  codec::H265Announcement announcement;
  announcement.has_decoding_order_numbers = true;
  announcement.reordering.units = units;
  announcement.reordering.max_don_diff = max_don_diff;
  return announcement;
}

struct Packet {
  Bytes bytes;
  std::int64_t timestamp = 0;
  bool marker = false;
};

/// A packet of one NAL unit.
Bytes single(const Bytes& nal, std::uint16_t don) {
  HevcUnit unit;
  unit.nals = {nal};
  return packetize(unit, 65536, false, don).at(0).bytes;
}

Bytes picture(std::uint32_t seed, unsigned type = 1) {
  return hevc_nal({.type = type, .size = 60, .seed = seed});
}

void check_frames(const H265Feeder& feeder, const std::vector<HevcUnit>& stream, const char* what) {
  ck_assert_msg(feeder.frames.size() == stream.size(), "%s: %zu frames", what, feeder.frames.size());
  for (std::size_t i = 0; i < stream.size(); ++i) {
    ck_assert_msg(feeder.frames[i].bytes == annexb(stream[i].nals), "%s: picture %zu", what, i);
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, stream[i].timestamp);
    ck_assert_msg(!feeder.frames[i].meta.discontinuity, "%s: picture %zu", what, i);
  }
}

LAW(what_is_sent_in_order_comes_back_at_every_packet_size_and_across_the_wrap) {
  const auto stream = hevc_stream(24, 500);
  for (std::size_t size = 32; size <= 3000; size += size < 100 ? 1 : 97) {
    H265Feeder feeder(hevc_format(), numbered(8, 8));
    std::uint16_t don = 65520;
    for (const HevcUnit& unit : stream) {
      for (const HevcPayload& payload : packetize(unit, size, size % 2 == 0, don))
        ck_assert(feeder.push(payload.bytes, unit.timestamp, payload.marker));
      don = static_cast<std::uint16_t>(don + unit.nals.size());
    }
    feeder.flush();
    check_frames(feeder, stream, std::to_string(size).c_str());
  }
}

LAW(what_comes_in_order_waits_for_nothing_but_the_start) {
  H265Feeder feeder(hevc_format(), numbered(4, 100));
  for (std::uint16_t i = 0; i < 20; ++i) {
    feeder.push(single(picture(i), i), i * 3600, true);
    ck_assert_uint_eq(feeder.frames.size(), i < 4 ? 0 : i + 1);
  }
}

LAW(any_order_within_the_announced_distance_is_mended) {
  const auto stream = hevc_stream(40, 100);
  std::vector<Packet> packets;
  std::uint16_t don = 65500;
  for (const HevcUnit& unit : stream) {
    for (const Bytes& nal : unit.nals)
      packets.push_back({single(nal, don++), unit.timestamp, false});
  }
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    const std::size_t distance = 1 + seed % 9;
    auto sent = packets;
    // Within blocks of `distance` + 1: nobody moves farther.
    for (std::size_t at = 0; at < sent.size(); at += distance + 1) {
      const auto begin = sent.begin() + static_cast<std::ptrdiff_t>(at);
      std::shuffle(begin, begin + static_cast<std::ptrdiff_t>(std::min(distance + 1, sent.size() - at)),
                   random);
    }
    // The marker is on the last packet of a picture in order of transmission.
    std::map<std::int64_t, Packet*> last;
    for (Packet& packet : sent)
      last[packet.timestamp] = &packet;
    for (const auto& [timestamp, packet] : last)
      packet->marker = true;

    const auto limit = static_cast<std::uint32_t>(distance);
    for (const auto& announced : {numbered(limit), numbered({}, limit), numbered(limit, limit)}) {
      H265Feeder feeder(hevc_format(), announced);
      for (const Packet& packet : sent)
        ck_assert(feeder.push(packet.bytes, packet.timestamp, packet.marker));
      feeder.flush();
      check_frames(feeder, stream, "shuffled");
    }
  }
}

LAW(units_in_aggregation_packets_have_numbers_of_their_own) {
  // 0 and 2 in one packet, 1 and 3 in the other: differences less one.
  const Bytes nals[] = {picture(0, 19), picture(1), picture(2), picture(3)};
  const auto packet = [&nals](std::uint8_t first, std::uint8_t second) {
    Bytes bytes{0x60, 0x01, 0, first, 0, 60};
    bytes.insert(bytes.end(), nals[first].begin(), nals[first].end());
    bytes.insert(bytes.end(), {1, 0, 60});
    bytes.insert(bytes.end(), nals[second].begin(), nals[second].end());
    return bytes;
  };
  H265Feeder feeder(hevc_format(), numbered(3, 3));
  feeder.push(packet(0, 2), 0);
  feeder.push(packet(1, 3), 0, true);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 4);
  for (std::size_t i = 0; i < 4; ++i)
    ck_assert(feeder.frames[i].bytes == annexb({nals[i]}));
}

LAW(what_is_left_behind_the_last_unit_is_tolerated_with_numbers_too) {
  for (const Bytes& rest : {Bytes{7}, Bytes{7, 7}, Bytes(9, 0)}) {
    H265Feeder feeder(hevc_format(), numbered(1));
    ck_assert(feeder.push(joined({hevc_aggregate({picture(0, 19), picture(1)}, 5), rest}), 0, true));
    feeder.flush();
    ck_assert_uint_eq(feeder.frames.size(), 2);
  }
}

LAW(a_paci_may_stand_around_numbers) {
  H265Feeder feeder(hevc_format(), numbered(1));
  ck_assert(feeder.push(hevc_paci(single(picture(0, 19), 7), 3), 0, true));
  for (const Bytes& bytes : hevc_fragments(picture(1), 30, 8))
    ck_assert(feeder.push(hevc_paci(bytes, 1), 3600));
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].bytes == annexb({picture(1)}));
}

LAW(a_frame_arrives_with_the_last_of_its_packets_whatever_that_carries) {
  Bytes second = picture(1);
  second[2] &= 0x7F;
  H265Feeder feeder(hevc_format(), numbered(2));
  feeder.push(single(second, 1), 0);
  feeder.push(single(picture(2), 2), 3600, true);
  feeder.push(single(picture(0), 0), 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == annexb({picture(0), second}));
  ck_assert(feeder.frames[0].meta.arrival == H265Feeder::arrival_of(3));
  ck_assert(feeder.frames[1].meta.arrival == H265Feeder::arrival_of(2));
}

LAW(malformed_packets_cost_their_picture_only) {
  const Bytes cases[] = {
      {},
      {0x02},
      {0x02, 0x01, 0},
      {0x82, 0x01, 0, 9, 0x80},
      {0x66, 0x01, 0, 9, 0x80},
      {0x60, 0x01},
      {0x60, 0x01, 0, 9},
      {0x60, 0x01, 0, 9, 0, 9, 1, 2},
      {0x62, 0x01},
      {0x62, 0x01, 0x81, 0},
      {0x62, 0x01, 0x01, 1, 2},
      {0x64, 0x01, 0x26},
  };
  for (const Bytes& bad : cases) {
    H265Feeder feeder(hevc_format(), numbered(2));
    for (std::uint16_t i = 0; i < 9; ++i)
      feeder.push(single(picture(i), i), i * 3600, true);
    ck_assert(!feeder.push(bad, 9 * 3600, true));
    for (std::uint16_t i = 10; i < 20; ++i)
      ck_assert(feeder.push(single(picture(i), i), i * 3600, true));
    feeder.flush();
    ck_assert_uint_eq(feeder.frames.size(), 19);
    ck_assert(feeder.frames[9].meta.discontinuity && feeder.frames[9].bytes == annexb({picture(10)}));
    ck_assert(!feeder.frames[10].meta.discontinuity);
  }
}

LAW(each_lost_packet_costs_its_picture_and_marks_the_next_one) {
  const auto stream = hevc_stream(30, 400, 5);
  std::vector<Packet> packets;
  std::vector<std::size_t> units;
  std::uint16_t don = 0;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    for (HevcPayload& payload : packetize(stream[i], 200, true, don)) {
      packets.push_back({std::move(payload.bytes), stream[i].timestamp, payload.marker});
      units.push_back(i);
    }
    don = static_cast<std::uint16_t>(don + stream[i].nals.size());
  }
  for (std::size_t lost = 1; lost + 1 < packets.size(); ++lost) {
    H265Feeder feeder(hevc_format(), numbered(3, 3));
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i != lost)
        feeder.push(packets[i].bytes, packets[i].timestamp, packets[i].marker, i == lost + 1 ? 1 : 0);
    }
    feeder.flush();
    std::uint64_t told = 0;
    std::size_t at = 0;
    for (std::size_t unit = 0; unit < stream.size(); ++unit) {
      const bool here =
          at < feeder.frames.size() && feeder.frames[at].meta.timestamp == stream[unit].timestamp;
      if (unit != units[lost]) ck_assert_msg(here, "packet %zu: picture %zu is missing", lost, unit);
      if (!here) continue;
      const auto& frame = feeder.frames[at++];
      if (unit != units[lost]) ck_assert_msg(frame.bytes == annexb(stream[unit].nals), "packet %zu", lost);
      told += frame.meta.packets_lost;
    }
    ck_assert_uint_eq(at, feeder.frames.size());
    // After the last picture there is nobody to tell.
    if (units[lost] + 1 < stream.size()) ck_assert_uint_eq(told, 1);
  }
}

LAW(gaps_in_the_numbers_without_a_loss_are_the_senders_choice) {
  H265Feeder feeder(hevc_format(), numbered(2, 10));
  for (std::uint16_t i = 0; i < 12; ++i)
    feeder.push(single(picture(i), static_cast<std::uint16_t>(i * 3)), i * 3600, true);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 12);
  for (const auto& frame : feeder.frames)
    ck_assert(!frame.meta.discontinuity);
}

LAW(a_depth_that_is_too_small_grows_and_what_came_late_is_told) {
  // Every fourth comes three places too late; one is announced.
  H265Feeder feeder(hevc_format(), numbered(1, 1));
  std::size_t lost = 0;
  for (std::uint16_t block = 0; block < 20; ++block) {
    for (const int i : {1, 2, 3, 0}) {
      const auto don = static_cast<std::uint16_t>(block * 4 + i);
      feeder.push(single(picture(don), don), don * 3600, true);
    }
  }
  feeder.flush();
  std::int64_t before = -3600;
  for (const auto& frame : feeder.frames) {
    ck_assert_int_gt(frame.meta.timestamp, before);
    lost += frame.meta.timestamp == before + 3600 ? 0 : 1;
    if (frame.meta.timestamp != before + 3600 && before >= 0) ck_assert(frame.meta.discontinuity);
    before = frame.meta.timestamp;
  }
  ck_assert_uint_le(lost, 3);
  ck_assert_uint_ge(feeder.frames.size(), 77);
}

LAW(an_encoder_that_counts_anew_is_followed) {
  for (const int restart : {0, 1, 3000, 40000}) {
    H265Feeder feeder(hevc_format(), numbered(2, 2));
    for (std::uint16_t i = 0; i < 100; ++i)
      feeder.push(single(picture(i), static_cast<std::uint16_t>(20000 + i)), i * 3600, true);
    for (std::uint16_t i = 0; i < 100; ++i)
      feeder.push(single(picture(i), static_cast<std::uint16_t>(restart + i)), (100 + i) * 3600, true);
    feeder.flush();
    ck_assert_uint_ge(feeder.frames.size(), 190);
    ck_assert_int_eq(feeder.frames.back().meta.timestamp, 199 * 3600);
  }
}

LAW(an_encoder_that_counts_anew_by_little_is_followed_in_time) {
  // Numbers that have just passed may belong to what is late, up to a point.
  H265Feeder feeder(hevc_format(), numbered(2, 2));
  for (std::uint16_t i = 0; i < 100; ++i)
    feeder.push(single(picture(i), static_cast<std::uint16_t>(20000 + i)), i * 3600, true);
  for (std::uint16_t i = 0; i < 100; ++i)
    feeder.push(single(picture(i), static_cast<std::uint16_t>(19500 + i)), (100 + i) * 3600, true);
  feeder.flush();
  ck_assert_uint_ge(feeder.frames.size(), 160);
  ck_assert_int_eq(feeder.frames.back().meta.timestamp, 199 * 3600);
}

LAW(a_loss_that_numbers_cannot_show_breaks_every_picture_it_can_have_hit) {
  // Both slices of a picture have one number, so a gap doesn't show the loss of one of them.
  for (const std::uint32_t units : {2U, 8U}) {
    H265Feeder feeder(hevc_format(), numbered(units));
    for (std::uint16_t i = 0; i < 20; ++i) {
      const Bytes second = hevc_nal({.type = 1, .size = 60, .seed = i, .first_slice = false});
      feeder.push(single(picture(i), i), i * 3600, false, i == 11 ? 1 : 0);
      if (i != 10) feeder.push(single(second, i), i * 3600, true);
    }
    feeder.flush();
    for (const auto& frame : feeder.frames)
      ck_assert_int_ne(frame.meta.timestamp, 10 * 3600);
    ck_assert_uint_ge(feeder.frames.size(), 3);
  }
}

LAW(what_waits_is_bounded) {
  H265Feeder feeder(hevc_format(), numbered(32767, 32767));
  // Larger than any datagram: so many that fit into one would not reach the bound.
  Bytes large = hevc_nal({.type = 1, .size = 250000});
  large.insert(large.begin() + 2, {0, 0});
  std::size_t most = 0;
  for (std::uint16_t i = 0; i < 500; ++i) {
    base::store_be16(large.data() + 2, static_cast<std::uint16_t>(i * 2));
    ck_assert(feeder.push(large, i * 3600, true));
    most = std::max(most, feeder.depacketizer.progress().size_bytes);
    feeder.frames.clear();
  }
  ck_assert_uint_le(most, std::size_t{17} << 20);
  ck_assert_uint_ge(most, std::size_t{8} << 20);
}

LAW(a_reset_forgets_what_waits) {
  H265Feeder feeder(hevc_format(), numbered(4, 4));
  for (std::uint16_t i = 0; i < 3; ++i)
    feeder.push(single(picture(i), i), i * 3600, true);
  feeder.depacketizer.reset();
  for (std::uint16_t i = 0; i < 9; ++i)
    feeder.push(single(picture(i, 19), static_cast<std::uint16_t>(500 + i)), 90000 + i * 3600, true);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 9);
  ck_assert(feeder.frames[0].meta.discontinuity && feeder.frames[0].meta.timestamp == 90000);
}

}  // namespace

int main() {
  return retina::test::run_laws("h265_reordering");
}
