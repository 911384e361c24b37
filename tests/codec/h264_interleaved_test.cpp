// The interleaved mode: NAL units in any order of transmission, access units in decoding order.

#include "codec/h264_interleaved_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::H264Deinterleaver;
using codec::H264Interleaving;

// --- structures ---

LAW(each_structure_brings_its_nal_units_with_their_times) {
  const Bytes a = picture(1);
  const Bytes b = picture(2);
  const Bytes c = picture(3);
  auto feeder = feeder_for({});
  ck_assert(feeder.push(stap_b(100, {{0x06, 0x05, 1, 2, 0x80}, a}), 1000, true));
  ck_assert(feeder.push(mtap16(102, {{b, 0, 0}, {c, 1, 0xFFFF}}), 2000, true));
  ck_assert(feeder.push(mtap24(104, {{a, 0, 0}, {b, 1, 0x010000}, {c, 2, 0xFFFFFF}}), 100000, true));
  for (const H264Payload& fragment : fragments_b(107, a, 12))
    ck_assert(feeder.push(fragment.bytes, 20000000, false));
  feeder.flush();
  const std::vector<std::pair<Bytes, std::int64_t>> expected = {{annexb({{0x06, 0x05, 1, 2, 0x80}, a}), 1000},
                                                                {annexb({b}), 2000},
                                                                {annexb({c}), 2000 + 0xFFFF},
                                                                {annexb({a}), 100000},
                                                                {annexb({b}), 100000 + 0x010000},
                                                                {annexb({c}), 100000 + 0xFFFFFF},
                                                                {annexb({a}), 20000000}};
  ck_assert_uint_eq(feeder.frames.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ck_assert_msg(feeder.frames[i].bytes == expected[i].first, "frame %zu", i);
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, expected[i].second);
  }
}

LAW(an_mtap_may_hold_its_nal_units_in_any_order) {
  const auto stream = pictures(3);
  auto feeder = feeder_for(depth(2));
  ck_assert(
      feeder.push(mtap16(7, {{picture(2), 2, 7200}, {picture(0), 0, 0}, {picture(1), 1, 3600}}), 0, true));
  feeder.flush();
  check_stream(feeder, stream, "MTAP");
}

LAW(malformed_packets_are_errors_and_cost_nothing_that_is_whole) {
  struct {
    const char* what;
    Bytes payload;
  } const cases[] = {
      {"empty payload", {}},
      {"STAP-B without a number", {0x79, 0}},
      {"empty STAP-B", {0x79, 0, 9}},
      {"empty NAL unit in a STAP-B", {0x79, 0, 9, 0, 0}},
      {"truncated STAP-B", {0x79, 0, 9, 0, 5, 0x41, 0x9A}},
      {"empty MTAP16", {0x7A, 0, 9}},
      {"MTAP16 without a difference", {0x7A, 0, 9, 0, 1}},
      {"MTAP16 without an offset", {0x7A, 0, 9, 0, 1, 0, 0}},
      {"empty NAL unit in an MTAP16", {0x7A, 0, 9, 0, 0, 0, 0, 0}},
      {"truncated MTAP24", {0x7B, 0, 9, 0, 9, 0, 0, 0, 0, 0x41}},
      {"FU-B without its header", {0x7D}},
      {"FU-B without a number", {0x7D, 0x85, 0}},
      {"a fragment without a start", {0x7C, 0x41, 1, 2}},
      {"forbidden bit", {0xF9, 0, 9, 0, 1, 0x41}},
      {"type 31", {0x7F, 0, 9, 0, 1, 0x41}},
      {"type 0", {0x60, 0, 9, 0, 1, 0x41}},
  };
  for (const auto& c : cases) {
    auto feeder = feeder_for({});
    ck_assert(feeder.push(stap_b(8, {picture(0)}), 0, true));
    ck_assert_msg(!feeder.push(c.payload, 3600, true), "%s", c.what);
    ck_assert(feeder.push(stap_b(10, {picture(2)}), 7200, true));
    feeder.flush();
    ck_assert_msg(feeder.frames.size() == 2, "%s: %zu frames", c.what, feeder.frames.size());
    ck_assert(feeder.frames[0].bytes == annexb({picture(0)}));
    ck_assert(feeder.frames[1].bytes == annexb({picture(2)}));
  }
}

LAW(the_nal_units_of_one_packet_are_bounded) {
  auto feeder = feeder_for({});
  ck_assert(!feeder.push(stap_b(0, std::vector<Bytes>(2000, Bytes{0x06})), 0, true));
  auto multi = feeder_for({});
  ck_assert(!multi.push(mtap16(0, std::vector<TimedUnit>(2000, {{0x06}, 0, 0})), 0, true));
}

// --- decoding order ---

LAW(every_order_that_keeps_to_its_announced_depth_comes_out_as_it_was) {
  const auto stream = sample_stream(40, 300, 8);
  // What comes in without any loss is told apart by its timestamps alone.
  for (const std::size_t reach : {0U, 1U, 2U, 3U, 5U, 9U, 20U}) {
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
      const auto decoded = numbered(stream, 65500);  // wraps
      const auto sent = shuffled(decoded, reach, seed);
      for (const std::size_t most : {60U, 300U, 1400U}) {
        auto feeder = feeder_for(depth(depth_of(sent, decoded)));
        push(feeder, packetize_interleaved(sent, most));
        feeder.flush();
        check_stream(feeder, stream, "depth");
      }
    }
  }
}

LAW(the_announced_distance_of_numbers_serves_as_well_as_a_depth) {
  const auto stream = pictures(60);
  const auto decoded = numbered(stream, 65530);
  for (const std::size_t reach : {0U, 1U, 4U, 10U}) {
    H264Interleaving announced;
    announced.max_don_diff = static_cast<std::uint32_t>(reach);
    auto feeder = feeder_for(announced);
    push(feeder, packetize_interleaved(shuffled(decoded, reach, 3), 100));
    ck_assert_uint_ge(feeder.frames.size(), stream.size() - 2 * reach - 3);
    feeder.flush();
    check_stream(feeder, stream, "distance");
  }
}

LAW(a_camera_that_announces_nothing_is_not_made_to_wait) {
  auto feeder = feeder_for({});
  for (unsigned i = 0; i < 20; ++i) {
    feeder.push(stap_b(static_cast<std::uint16_t>(65530 + i), {picture(i)}), i * 3600, true);
    ck_assert_uint_eq(feeder.frames.size(), i + 1);
  }
  check_stream(feeder, pictures(20), "in order");
}

LAW(a_camera_that_announces_nothing_but_interleaves_is_put_in_order) {
  const auto decoded = numbered(pictures(50), 10);
  std::vector<NumberedUnit> sent{decoded.front()};
  const auto rest = shuffled({decoded.begin() + 1, decoded.end()}, 4, 5);
  sent.insert(sent.end(), rest.begin(), rest.end());
  auto feeder = feeder_for({});
  push(feeder, packetize_interleaved(sent, 80));
  feeder.flush();
  check_stream(feeder, pictures(50), "undeclared");
}

LAW(gaps_in_the_numbers_are_no_loss_where_nothing_was_lost) {
  for (const auto& announced : {depth(0), depth(3), H264Interleaving()}) {
    auto feeder = feeder_for(announced);
    for (unsigned i = 0; i < 30; ++i)
      feeder.push(stap_b(static_cast<std::uint16_t>(i * 100), {picture(i)}), i * 3600, true);
    feeder.flush();
    check_stream(feeder, pictures(30), "gaps");
  }
}

LAW(a_depth_that_is_too_small_is_corrected_by_the_stream) {
  const auto stream = pictures(200);
  const auto sent = shuffled(numbered(stream, 0), 12, 9);
  auto feeder = feeder_for(depth(1));
  for (const TimedPayload& packet : packetize_interleaved(sent, 40))
    feeder.push(packet.bytes, packet.timestamp, packet.marker);
  feeder.flush();
  // What was late is gone, but only at the beginning.
  ck_assert_uint_lt(feeder.frames.size(), 200);
  ck_assert_uint_ge(feeder.frames.size(), 180);
  for (std::size_t i = feeder.frames.size() - 100; i < feeder.frames.size(); ++i) {
    const std::size_t number = 200 - (feeder.frames.size() - i);
    ck_assert(feeder.frames[i].bytes == annexb({picture(static_cast<unsigned>(number))}));
    ck_assert(i + 100 == feeder.frames.size() || !feeder.frames[i].meta.discontinuity);
  }
}

LAW(numbers_that_start_anew_do_not_stop_the_stream) {
  for (const std::uint16_t restart : {std::uint16_t{0}, std::uint16_t{19000}, std::uint16_t{19950}}) {
    for (const auto& announced : {depth(0), depth(4), H264Interleaving()}) {
      auto feeder = feeder_for(announced);
      for (unsigned i = 0; i < 200; ++i) {
        const auto number = static_cast<std::uint16_t>(i < 50 ? 20000 + i : restart + i - 50);
        feeder.push(stap_b(number, {picture(i)}), i * 3600, true);
      }
      feeder.flush();
      // Near numbers look late at first; a distant number is known at once.
      ck_assert_uint_ge(feeder.frames.size(), 200 - 33);
      ck_assert(feeder.frames.back().bytes == annexb({picture(199)}));
    }
  }
}

// --- packets of the other modes ---

LAW(a_camera_that_announces_this_mode_but_sends_the_other_is_depacketized_without_delay) {
  const auto stream = sample_stream(24, 900);
  auto feeder = feeder_for(depth(10));
  for (std::size_t i = 0; i < stream.size(); ++i) {
    feeder.push(stream[i], 300);
    ck_assert_uint_eq(feeder.frames.size(), i + 1);
  }
  check_stream(feeder, stream, "mode 1");
}

LAW(packets_of_both_modes_may_alternate) {
  const auto stream = pictures(9);
  for (unsigned way = 0; way < 3; ++way) {
    auto feeder = feeder_for({});
    std::uint16_t number = 500;
    for (unsigned i = 0; i < 9; ++i, ++number) {
      const Bytes nal = picture(i);
      const unsigned kind = (i + way) % 4;
      if (kind == 0) feeder.push(stap_b(number, {nal}), i * 3600, true);
      if (kind == 1) feeder.push(nal, i * 3600, true);
      if (kind == 2) {
        Bytes stap{0x78, 0, static_cast<std::uint8_t>(nal.size())};
        stap.insert(stap.end(), nal.begin(), nal.end());
        feeder.push(stap, i * 3600, true);
      }
      if (kind == 3) {
        AccessUnit unit;
        unit.nals = {nal};
        for (const H264Payload& payload : packetize(unit, 12))
          feeder.push(payload.bytes, i * 3600, payload.marker);
      }
    }
    feeder.flush();
    check_stream(feeder, stream, "alternating");
  }
}

LAW(fragments_of_every_make_are_put_together) {
  const Bytes whole{0x41, 0x9A, 1, 2, 3};
  struct {
    const char* what;
    std::vector<Bytes> payloads;
    bool marker;
  } const cases[] = {
      {"FU-B, FU-A", {{0x5D, 0x81, 0, 9, 0x9A, 1}, {0x5C, 0x41, 2, 3}}, true},
      {"FU-Bs throughout", {{0x5D, 0x81, 0, 9, 0x9A, 1}, {0x5D, 0x01, 0, 9, 2}, {0x5D, 0x41, 0, 9, 3}}, true},
      {"one that is all", {{0x5D, 0xC1, 0, 9, 0x9A, 1, 2, 3}}, true},
      {"an empty one", {{0x5D, 0x81, 0, 9}, {0x5C, 0x01, 0x9A, 1, 2}, {0x5C, 0x41, 3}}, true},
      {"a marker instead of an end", {{0x5D, 0x81, 0, 9, 0x9A, 1}, {0x5C, 0x01, 2, 3}}, true},
      {"another type", {{0x5D, 0x81, 0, 9, 0x9A, 1}, {0x5C, 0x45, 2, 3}}, true},
      {"no marker", {{0x5D, 0x81, 0, 9, 0x9A, 1}, {0x5C, 0x41, 2, 3}}, false},
  };
  for (const auto& c : cases) {
    auto feeder = feeder_for({});
    feeder.push(stap_b(8, {picture(0)}), 0, true);
    for (std::size_t i = 0; i < c.payloads.size(); ++i)
      ck_assert_msg(feeder.push(c.payloads[i], 3600, c.marker && i + 1 == c.payloads.size()), "%s", c.what);
    feeder.flush();
    ck_assert_msg(feeder.frames.size() == 2 && feeder.frames[1].bytes == annexb({whole}), "%s", c.what);
  }
}

LAW(a_byte_stream_in_these_packets_is_split_too) {
  Bytes bytes = sample_sps();
  for (const Bytes& nal : {sample_pps(), picture(3)}) {
    bytes.insert(bytes.end(), {0, 0, 1});
    bytes.insert(bytes.end(), nal.begin(), nal.end());
  }
  auto feeder = feeder_for({});
  feeder.push(stap_b(0, {bytes}), 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({picture(3)}) && feeder.frames[0].meta.parameters);
}

// --- access units ---

LAW(a_marker_ends_nothing_that_still_has_slices_to_come) {
  const Bytes first = sample_slice(false, 30, 1);
  Bytes second = sample_slice(false, 30, 2);
  second[1] = 0x48;
  // The last one in order of transmission is the first one in decoding order.
  auto feeder = feeder_for(depth(1));
  feeder.push(stap_b(1, {second}), 0, false);
  feeder.push(stap_b(0, {first}), 0, true);
  feeder.push(stap_b(3, {second}), 3600, false);
  feeder.push(stap_b(2, {first}), 3600, true);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 2);
  for (const Got& frame : feeder.frames)
    ck_assert(frame.bytes == annexb({first, second}));
}

LAW(the_marker_brings_a_frame_without_waiting_for_the_next_one) {
  auto feeder = feeder_for(depth(0));
  feeder.push(stap_b(0, {picture(0)}), 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(a_frame_arrives_with_the_latest_of_its_packets) {
  const Bytes first = sample_slice(false, 30, 1);
  Bytes second = sample_slice(false, 30, 2);
  second[1] = 0x48;
  auto feeder = feeder_for(depth(2));
  feeder.push(stap_b(1, {second}), 0, false);        // 1
  feeder.push(stap_b(0, {first}), 0, true);          // 2
  feeder.push(stap_b(2, {picture(2)}), 3600, true);  // 3
  feeder.push(stap_b(3, {picture(3)}), 7200, true);  // 4
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert_int_eq(last_packet(feeder.frames[0]), 2);
  ck_assert_int_eq(last_packet(feeder.frames[1]), 3);
  ck_assert_int_eq(last_packet(feeder.frames[2]), 4);
}

}  // namespace

int main() {
  return retina::test::run_laws("h264_interleaved");
}
