#include "codec/klv.h"

#include <algorithm>

#include "codec/packet_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

using Feeder = PacketFeeder<codec::KlvDepacketizer>;

/// One KLV item: universal label, length in one or three bytes, value.
Bytes item(std::size_t value_size, unsigned seed) {
  Bytes bytes{0x06, 0x0E, 0x2B, 0x34, 2, 0x0B, 1, 1, 0x0E, 1, 3, 1, 1, 0, 0, 0};
  if (value_size < 128) {
    bytes.push_back(static_cast<std::uint8_t>(value_size));
  } else {
    bytes.push_back(0x82);
    bytes.push_back(static_cast<std::uint8_t>(value_size >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(value_size & 0xFF));
  }
  const Bytes value = sample_bytes(value_size, seed);
  bytes.insert(bytes.end(), value.begin(), value.end());
  return bytes;
}

Bytes joined(const Bytes& first, const Bytes& second) {
  Bytes all = first;
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

LAW(klv_is_told_by_its_name) {
  sdp::Media media;
  media.encoding_name = "smpte336m";
  ck_assert(codec::is_klv(media));
  media.encoding_name = "SMPTE336";
  ck_assert(!codec::is_klv(media));
}

LAW(a_unit_comes_out_whole_wherever_it_is_cut) {
  const Bytes unit = joined(item(20, 1), item(200, 2));  // two items of one moment are one unit
  for (std::size_t cut = 4; cut < unit.size(); ++cut) {
    Feeder feeder;
    ck_assert(feeder.push(base::ByteView(unit).first(cut), 90));
    ck_assert(feeder.frames.empty());
    ck_assert(feeder.push(base::ByteView(unit).subspan(cut), 90, true));
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ck_assert(feeder.frames[0].bytes == unit);
    ck_assert_int_eq(feeder.frames[0].meta.timestamp, 90);
    ck_assert(feeder.frames[0].meta.key_frame && !feeder.frames[0].meta.discontinuity);
    ck_assert(feeder.frames[0].meta.arrival == Feeder::arrival_of(2));
  }
}

LAW(another_timestamp_ends_a_unit_without_a_marker) {
  Feeder feeder;
  for (unsigned i = 0; i < 3; ++i) {
    const Bytes unit = item(300, i);
    ck_assert(feeder.push(base::ByteView(unit).first(100), i * 90));
    ck_assert(feeder.push(base::ByteView(unit).subspan(100), i * 90));
  }
  feeder.depacketizer.flush();
  feeder.pull();
  ck_assert_uint_eq(feeder.frames.size(), 3);
  for (unsigned i = 0; i < 3; ++i) {
    ck_assert(feeder.frames[i].bytes == item(300, i));
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, i * 90);
    ck_assert(feeder.frames[i].meta.arrival == Feeder::arrival_of(static_cast<int>(2 * i) + 2));
  }
}

LAW(one_packet_may_end_a_unit_and_be_one) {
  Feeder feeder;
  ck_assert(feeder.push(item(10, 1), 0));
  ck_assert(feeder.push(item(10, 2), 90, true));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == item(10, 1) && feeder.frames[1].bytes == item(10, 2));
}

LAW(a_loss_drops_all_up_to_the_next_unit) {
  // Each unit has two packets, an item each, so that its second one looks like a unit.
  const auto feed = [](Feeder& feeder, int lost, bool markers) {
    std::uint32_t missing = 0;
    for (int packet = 0; packet < 12; ++packet) {
      if (packet == lost) {
        missing = 1;
        continue;
      }
      feeder.push(item(50, static_cast<unsigned>(packet)), packet / 2 * 90, markers && packet % 2 == 1,
                  std::exchange(missing, 0));
    }
    feeder.depacketizer.flush();
    feeder.pull();
  };
  for (const bool markers : {true, false}) {
    for (int lost = 0; lost < 9; ++lost) {
      Feeder feeder;
      feed(feeder, lost, markers);
      // A lost end may have taken the next begin with it; without markers, a lost begin the end before.
      const bool costs_two = lost % 2 == 1 || (!markers && lost > 0);
      ck_assert_uint_eq(feeder.frames.size(), costs_two ? 4 : 5);
      bool marked = false;
      for (const Feeder::Got& got : feeder.frames) {
        const auto number = static_cast<unsigned>(got.meta.timestamp / 90 * 2);
        ck_assert(got.bytes == joined(item(50, number), item(50, number + 1)));
        ck_assert_int_eq(got.meta.discontinuity, !marked && static_cast<int>(number) > lost);
        marked = marked || got.meta.discontinuity;
      }
      ck_assert(marked);
    }
  }
}

LAW(a_stream_that_is_joined_within_a_unit_begins_with_the_next_one) {
  Feeder feeder;
  ck_assert(feeder.push(sample_bytes(100), 0));
  ck_assert(feeder.push(item(10, 0), 0, true));
  ck_assert(feeder.push(item(10, 1), 90, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == item(10, 1));
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
}

LAW(after_a_reset_the_unit_at_hand_is_gone) {
  Feeder feeder;
  ck_assert(feeder.push(item(10, 0), 0));
  feeder.depacketizer.reset();
  ck_assert(feeder.push(item(10, 1), 0, true));
  ck_assert(feeder.push(item(10, 2), 90, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == item(10, 2));
  ck_assert(feeder.frames[0].meta.discontinuity);
}

LAW(progress_tells_what_is_gathered) {
  Feeder feeder;
  ck_assert_uint_eq(feeder.depacketizer.progress().size_bytes, 0);
  const Bytes unit = item(100, 1);
  ck_assert(feeder.push(unit, 0));
  ck_assert_uint_eq(feeder.depacketizer.progress().size_bytes, unit.size());
  ck_assert(feeder.push(Bytes(), 0, true));
  ck_assert_uint_eq(feeder.depacketizer.progress().size_bytes, 0);
}

}  // namespace

int main() {
  return retina::test::run_laws("klv");
}
