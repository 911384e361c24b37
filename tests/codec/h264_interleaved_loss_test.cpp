// The interleaved mode when packets are lost, when the stream ends, and when it wants too much.

#include "codec/h264_interleaved_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::H264Deinterleaver;
using codec::H264Interleaving;

// --- loss ---

LAW(each_lost_packet_of_an_interleaved_stream_is_told_and_costs_only_what_it_held) {
  const auto stream = sample_stream(30, 250, 7);
  const auto decoded = numbered(stream, 65490);
  const auto sent = shuffled(decoded, 6, 2);
  const auto packets = packetize_interleaved(sent, 200);
  std::size_t frames = 0;
  // The loss of the first or of the last one, nothing can tell.
  for (std::size_t lost = 1; lost + 1 < packets.size(); ++lost) {
    auto feeder = feeder_for(depth(depth_of(sent, decoded)));
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i != lost)
        feeder.push(packets[i].bytes, packets[i].timestamp, packets[i].marker, i == lost + 1 ? 1 : 0);
    }
    feeder.flush();
    std::size_t at = 0;
    bool flagged = false;
    for (const Got& frame : feeder.frames) {
      while (at < stream.size() && stream[at].timestamp != frame.meta.timestamp)
        ++at;
      ck_assert_msg(at < stream.size(), "packet %zu: a frame out of order", lost);
      flagged = flagged || frame.meta.packets_lost == 1;
      // What comes out whole has all its slices; only what stands before them may have gone unnoticed.
      const Bytes expected = framed(stream[at], false, false);
      ck_assert_msg(frame.bytes == expected ||
                        (frame.meta.discontinuity && frame.bytes.size() < expected.size() &&
                         std::equal(frame.bytes.rbegin(), frame.bytes.rend(), expected.rbegin())),
                    "packet %zu: a damaged frame", lost);
    }
    ck_assert_msg(flagged, "packet %zu", lost);
    frames += feeder.frames.size();
  }
  // A packet of 200 bytes holds parts of two or three pictures.
  ck_assert_uint_ge(frames, (packets.size() - 2) * (stream.size() - 5));
}

LAW(a_loss_that_numbers_cannot_show_breaks_every_picture_it_can_have_hit) {
  // Both slices of a picture have one number (s5.5), so a gap doesn't show the loss of one of them.
  for (const std::uint32_t slices : {1U, 8U}) {
    auto feeder = feeder_for(depth(slices));
    for (unsigned i = 0; i < 20; ++i) {
      Bytes second = picture(i);
      second[1] = 0x48;
      const auto number = static_cast<std::uint16_t>(i);
      feeder.push(stap_b(number, {picture(i)}), i * 3600, false, i == 11 ? 1 : 0);
      if (i != 10) feeder.push(stap_b(number, {second}), i * 3600, true);
    }
    feeder.flush();
    for (const Got& frame : feeder.frames)
      ck_assert(frame.meta.timestamp != 10 * 3600);
    ck_assert_uint_ge(feeder.frames.size(), 3);
  }
}

LAW(a_nal_unit_cut_by_the_start_of_another_costs_its_picture_and_marks_the_next) {
  auto feeder = feeder_for(depth(0));
  feeder.push(stap_b(0, {picture(0)}), 0, true);
  // The first slice of the second picture never ends; the second one is whole.
  feeder.push(fragments_b(1, picture(1), 16)[0].bytes, 3600, false);
  Bytes second = sample_slice(false, 40, 3);
  second[1] = 0x48;
  const auto fragments = fragments_b(2, second, 30);
  for (const H264Payload& fragment : fragments)
    ck_assert(feeder.push(fragment.bytes, 3600, &fragment == &fragments.back()));
  for (unsigned i = 3; i < 6; ++i)
    feeder.push(stap_b(static_cast<std::uint16_t>(i), {picture(i)}), i * 3600, true);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 4);
  ck_assert(feeder.frames[1].bytes == annexb({picture(3)}) && feeder.frames[1].meta.discontinuity);
  ck_assert(!feeder.frames[2].meta.discontinuity);
}

LAW(a_fragment_that_is_lost_costs_its_picture) {
  for (const bool pass : {false, true}) {
    H264Feeder feeder(start_codes(codec::ParameterSetInsertion::kNever, pass));
    feeder.push(stap_b(0, {picture(0)}), 0, true);
    const auto fragments = fragments_b(1, sample_slice(false, 60, 5), 20);
    for (std::size_t i = 0; i < fragments.size(); ++i) {
      if (i != 1) feeder.push(fragments[i].bytes, 3600, i + 1 == fragments.size(), i == 2 ? 1 : 0);
    }
    feeder.push(stap_b(2, {picture(2)}), 7200, true);
    feeder.push(stap_b(3, {picture(3)}), 10800, true);
    feeder.flush();
    ck_assert_uint_eq(feeder.frames.size(), 3);
    ck_assert(feeder.frames[1].bytes == annexb({picture(2)}));
    ck_assert(feeder.frames[1].meta.discontinuity && feeder.frames[1].meta.packets_lost == 1);
    ck_assert(!feeder.frames[2].meta.discontinuity);
  }
}

LAW(at_the_end_everything_comes_but_what_is_cut) {
  auto feeder = feeder_for(depth(100));
  for (unsigned i = 0; i < 5; ++i)
    feeder.push(stap_b(static_cast<std::uint16_t>(i), {picture(i)}), i * 3600, true);
  feeder.push(fragments_b(5, sample_slice(false, 60, 5), 20)[0].bytes, 5 * 3600, false);
  ck_assert(feeder.frames.empty());
  ck_assert_uint_gt(feeder.depacketizer().progress().size_bytes, 5 * 20);
  feeder.flush();
  check_stream(feeder, pictures(5), "end");
  ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
}

LAW(a_reset_forgets_what_waits_and_its_order) {
  auto feeder = feeder_for(depth(3));
  for (unsigned i = 0; i < 3; ++i)
    feeder.push(stap_b(static_cast<std::uint16_t>(40000 + i), {picture(i)}), i * 3600, true);
  feeder.depacketizer().reset();
  for (unsigned i = 0; i < 5; ++i)
    feeder.push(stap_b(static_cast<std::uint16_t>(7 + i), {picture(i)}), 90000 + i * 3600, true);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 5);
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 90000);
  ck_assert(feeder.frames[0].meta.discontinuity && !feeder.frames[1].meta.discontinuity);
}

LAW(after_a_reset_a_loss_is_judged_by_the_new_order_alone) {
  auto feeder = feeder_for(depth(0));
  for (unsigned i = 0; i < 4; ++i)  // all of one number
    feeder.push(stap_b(9, {picture(i)}), i * 3600, true);
  feeder.depacketizer().reset();
  feeder.frames.clear();
  for (unsigned i = 0; i < 10; ++i)
    feeder.push(stap_b(static_cast<std::uint16_t>(i < 3 ? i : i + 1), {picture(i)}), 90000 + i * 3600, true,
                i == 3 ? 1 : 0);
  feeder.flush();
  // The numbers show where the loss was: between two pictures.
  ck_assert_uint_eq(feeder.frames.size(), 10);
  ck_assert(feeder.frames[3].meta.discontinuity && !feeder.frames[4].meta.discontinuity);
}

// --- bounds, and the SDP ---

LAW(what_waits_is_bounded_whatever_the_sdp_asks_for) {
  H264Interleaving absurd;
  absurd.depth = 32767;
  absurd.buffer_bytes = 0xFFFFFFFF;
  H264Deinterleaver slices(absurd);
  H264Deinterleaver bytes(absurd);
  H264Deinterleaver units(absurd);
  const Bytes large = stap_b(0, {Bytes(60000, 0x06)});
  std::size_t popped = 0;
  for (std::size_t i = 0; i < 6000; ++i) {
    const auto feed = [i, &popped](H264Deinterleaver& buffer, Bytes payload) {
      base::store_be16(payload.data() + 1, static_cast<std::uint16_t>(i));
      codec::MediaPacket packet;
      packet.payload = payload;
      ck_assert(buffer.push(packet).has_value());
      while (buffer.pop())
        ++popped;
    };
    feed(slices, stap_b(0, {picture(1)}));
    if (i < 600) feed(bytes, large);
    feed(units, stap_b(0, {{0x06, 1}}));
    ck_assert_uint_le(bytes.size_bytes(), H264Deinterleaver::kMaxBytes);
    ck_assert_uint_le(slices.size_bytes(), 30 * (H264Deinterleaver::kMaxDepth + 1));
    ck_assert_uint_le(units.size_bytes(), 2 * H264Deinterleaver::kMaxUnits);
  }
  ck_assert_uint_gt(popped, 6000);
}

LAW(a_fragmented_nal_unit_is_bounded) {
  H264Deinterleaver deinterleaver({});
  Bytes start{0x7D, 0x85, 0, 0};
  Bytes middle{0x7C, 0x05};
  middle.resize(60000, 7);
  codec::MediaPacket packet;
  packet.payload = start;
  ck_assert(deinterleaver.push(packet).has_value());
  packet.payload = middle;
  int errors = 0;
  for (int i = 0; i < 1000; ++i) {
    errors += deinterleaver.push(packet) ? 0 : 1;
    ck_assert_uint_le(deinterleaver.size_bytes(), H264Deinterleaver::kMaxBytes);
  }
  ck_assert_int_ge(errors, 1);
  ck_assert(!deinterleaver.pop());
}

LAW(the_sdp_is_read_leniently_and_absurd_numbers_are_none) {
  sdp::Media media;
  const auto announced = [&media](const char* name, const char* value) {
    media.format_parameters = {{name, value}};
    return codec::h264_interleaving(media);
  };
  ck_assert(announced("sprop-interleaving-depth", "5").depth == 5U);
  ck_assert(announced("Sprop-Interleaving-Depth", " 0 ").depth == 0U);
  ck_assert(announced("sprop-max-don-diff", "32767").max_don_diff == 32767U);
  ck_assert(announced("sprop-deint-buf-req", "4294967295").buffer_bytes == 4294967295U);
  for (const char* value : {"", "-1", "32768", "x", "99999999999999999999", "1.5"}) {
    ck_assert(!announced("sprop-interleaving-depth", value).depth);
    ck_assert(!announced("sprop-max-don-diff", value).max_don_diff);
  }
  ck_assert(!announced("sprop-deint-buf-req", "4294967296").buffer_bytes);
  const auto none = announced("packetization-mode", "2");
  ck_assert(!none.depth && !none.max_don_diff && !none.buffer_bytes);
}

}  // namespace

int main() {
  return retina::test::run_laws("h264_interleaved_loss");
}
