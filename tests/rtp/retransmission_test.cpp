// Requests for lost packets, byte for byte, and what retransmissions are of.

#include "rtp/retransmission.h"

#include <vector>

#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "support/check.h"

namespace {

using namespace retina;

base::Bytes nack(const std::vector<std::uint16_t>& missing) {
  base::Bytes bytes{1, 2, 3, 4};  // what stood there before
  rtp::append_nack(bytes, 0x11223344, 0xAABBCCDD, missing);
  ck_assert_uint_eq(base::load_be32(bytes.data()), 0x01020304);
  return {bytes.begin() + 4, bytes.end()};
}

LAW(a_nack_has_one_packet_by_its_number_and_the_sixteen_behind_it_as_bits) {
  struct Case {
    std::vector<std::uint16_t> missing;
    std::vector<std::uint32_t> entries;
  };
  const Case cases[] = {
      {{7}, {0x00070000}},
      {{7, 8}, {0x00070001}},
      {{7, 9, 23}, {0x00078002}},
      {{7, 24}, {0x00070000, 0x00180000}},
      {{7, 23, 24, 25}, {0x00078000, 0x00180001}},
      {{0xFFFF, 0, 15}, {0xFFFF8001}},
      {{0xFFFE, 0xFFFF, 16}, {0xFFFE0001, 0x00100000}},
  };
  for (const Case& each : cases) {
    base::Bytes expected{0x81, 205,  0,    static_cast<std::uint8_t>(2 + each.entries.size()),
                         0x11, 0x22, 0x33, 0x44,
                         0xAA, 0xBB, 0xCC, 0xDD};
    for (const std::uint32_t entry : each.entries) {
      expected.resize(expected.size() + 4);
      base::store_be32(expected.data() + expected.size() - 4, entry);
    }
    const base::Bytes made = nack(each.missing);
    ck_assert(made == expected);
    rtp::CompoundReader reader(made);
    const auto packet = reader.next();
    ck_assert(packet.has_value() && packet->has_value() && (*packet)->type == rtp::kTransportFeedbackType);
  }
}

struct Shape {
  unsigned sources;
  unsigned extension_words;
  unsigned padding;
};

/// Of sequence number 0x0102, whose retransmission is number 0x0909 of its own source.
base::Bytes packet(const Shape& shape, bool retransmitted) {
  base::Bytes bytes(12 + 4 * shape.sources, 0x55);
  bytes[0] = static_cast<std::uint8_t>(0x80 | shape.sources | (shape.extension_words > 0 ? 0x10 : 0) |
                                       (retransmitted && shape.padding > 0 ? 0x20 : 0));
  bytes[1] = retransmitted ? 0x80 | 97 : 0x80 | 96;
  base::store_be16(bytes.data() + 2, retransmitted ? 0x0909 : 0x0102);
  base::store_be32(bytes.data() + 4, 3600);
  base::store_be32(bytes.data() + 8, retransmitted ? 0xD00D : 0xCAFE);
  const auto append = [&bytes](std::initializer_list<std::uint8_t> more) { bytes.insert(bytes.end(), more); };
  if (shape.extension_words > 0) {
    append({0xBE, 0xDE, 0, static_cast<std::uint8_t>(shape.extension_words)});
    bytes.resize(bytes.size() + 4 * std::size_t{shape.extension_words}, 0x66);
  }
  if (retransmitted) append({0x01, 0x02});
  append({0x41, 0x88, 0x10, 0x11});
  if (retransmitted && shape.padding > 0) {
    bytes.resize(bytes.size() + shape.padding, 0);
    bytes.back() = static_cast<std::uint8_t>(shape.padding);
  }
  return bytes;
}

LAW(what_is_restored_is_the_packet_that_was_sent_at_first) {
  base::Bytes original;
  for (const Shape& shape : {Shape{0, 0, 0}, {0, 0, 4}, {3, 0, 0}, {15, 2, 1}, {0, 1, 200}}) {
    ck_assert(rtp::restore_original(packet(shape, true), 96, 0xCAFE, original).has_value());
    ck_assert(original == packet(shape, false));
  }
}

LAW(a_retransmission_without_a_payload_restores_a_packet_without_one) {
  base::Bytes bytes = packet({}, true);
  bytes.resize(14);
  base::Bytes original;
  ck_assert(rtp::restore_original(bytes, 96, 0xCAFE, original).has_value());
  ck_assert_uint_eq(original.size(), 12);
}

LAW(whatever_is_cut_before_the_number_is_refused) {
  base::Bytes original;
  for (const Shape& shape : {Shape{0, 0, 0}, {3, 0, 0}, {15, 2, 0}}) {
    const base::Bytes whole = packet(shape, true);
    const std::size_t number = whole.size() - 6;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const base::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      ck_assert_msg(rtp::restore_original(cut, 96, 0xCAFE, original).has_value() == (size >= number + 2),
                    "%zu", size);
    }
  }
  // All of it is padding: what a sender probes the network with.
  base::Bytes padding = packet({0, 0, 4}, true);
  padding.back() = static_cast<std::uint8_t>(padding.size() - 12);
  ck_assert(!rtp::restore_original(padding, 96, 0xCAFE, original).has_value());
}

}  // namespace

int main() {
  return retina::test::run_laws("retransmission");
}
