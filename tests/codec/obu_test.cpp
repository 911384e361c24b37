#include "codec/obu.h"

#include "support/av1_packetizer.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::codec;
using base::Bytes;
using State = obu::HeaderGatherer::State;

LAW(leb128_is_read_in_any_length_up_to_eight_bytes) {
  for (const std::uint32_t value : {0U, 1U, 127U, 128U, 300U, 16383U, 16384U, 0xFFFFFFU, 0xFFFFFFFFU}) {
    for (std::size_t size = obu::leb128_size(value); size <= 8; ++size) {
      const Bytes bytes = test::leb128(value, size);
      ck_assert_uint_eq(bytes.size(), size);
      base::ByteReader reader(bytes);
      const auto read = obu::read_leb128(reader, "value");
      ck_assert_msg(read && *read == value, "%u in %zu bytes", value, size);
      ck_assert_uint_eq(reader.remaining(), 0);

      Bytes written(size);
      obu::store_leb128(written.data(), value, size);
      ck_assert(written == bytes);
      for (std::size_t cut = 0; cut < size; ++cut) {
        base::ByteReader shorter(base::ByteView(bytes).first(cut));
        const auto nothing = obu::read_leb128(shorter, "value");
        ck_assert(!nothing && nothing.error().code == base::ErrorCode::kTruncated);
      }
    }
  }
}

LAW(leb128_above_its_bounds_is_refused) {
  const Bytes cases[] = {
      test::leb128(0x100000000), test::leb128(0xFFFFFFFFFFFF), test::leb128(1, 9), Bytes(20, 0x80),
      Bytes(20, 0xFF),
  };
  for (const Bytes& bytes : cases) {
    base::ByteReader reader(bytes);
    const auto read = obu::read_leb128(reader, "value");
    ck_assert(!read && read.error().code == base::ErrorCode::kMalformed);
  }
}

LAW(leb128_sizes_are_the_shortest) {
  struct {
    std::uint32_t value;
    std::size_t size;
  } const cases[] = {{0, 1},     {127, 1},     {128, 2},     {16383, 2},
                     {16384, 3}, {2097151, 3}, {2097152, 4}, {0xFFFFFFFF, 5}};
  for (const auto& c : cases)
    ck_assert_uint_eq(obu::leb128_size(c.value), c.size);
}

LAW(units_are_taken_off_a_stream) {
  const std::vector<test::Av1Unit> units = {{.type = 2, .payload = {}},
                                            {.type = 1, .payload = {1, 2, 3}},
                                            {.type = 6, .extension = 0x48, .payload = Bytes(300, 7)}};
  const Bytes stream = test::join_av1(units);
  base::ByteReader reader(stream);
  for (const test::Av1Unit& unit : units) {
    const auto read = obu::read_unit(reader);
    ck_assert(read.has_value());
    ck_assert(obu::type(read->header) == static_cast<obu::Type>(unit.type));
    ck_assert(read->extension == unit.extension);
    ck_assert(Bytes(read->payload.begin(), read->payload.end()) == unit.payload);
    ck_assert(Bytes(read->whole.begin(), read->whole.end()) == unit.bytes());
  }
  ck_assert_uint_eq(reader.remaining(), 0);
}

LAW(a_unit_without_a_size_reaches_to_the_end) {
  const Bytes bytes{0x30, 1, 2, 3};
  base::ByteReader reader(bytes);
  const auto unit = obu::read_unit(reader);
  ck_assert(unit && unit->payload.size() == 3);
}

LAW(units_that_are_cut_or_forbidden_are_refused) {
  const Bytes whole = test::Av1Unit{.type = 6, .extension = 8, .payload = Bytes(200, 1)}.bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    base::ByteReader reader(base::ByteView(whole).first(size));
    ck_assert(!obu::read_unit(reader));
  }
  Bytes forbidden = whole;
  forbidden[0] |= 0x80;
  base::ByteReader reader(forbidden);
  ck_assert(!obu::read_unit(reader));
}

LAW(a_header_is_gathered_from_pieces_of_any_size) {
  const Bytes payload(300, 7);
  for (const bool extended : {false, true}) {
    for (const bool sized : {false, true}) {
      test::Av1Unit unit{.type = 6, .payload = payload};
      if (extended) unit.extension = 0x28;
      const Bytes bytes = unit.bytes(sized);
      const std::size_t header_size = bytes.size() - payload.size();
      for (std::size_t piece = 1; piece <= header_size + 1; ++piece) {
        obu::HeaderGatherer gatherer;
        std::size_t at = 0;
        for (;;) {
          base::ByteView next = base::ByteView(bytes).subspan(at, piece);
          const State state = gatherer.take(next);
          at += piece - next.size();
          if (state == State::kComplete) break;
          ck_assert(state == State::kIncomplete);
          ck_assert(next.empty());
        }
        ck_assert_uint_eq(at, header_size);
        ck_assert_uint_eq(gatherer.header(), bytes[0]);
        ck_assert(gatherer.extension() == unit.extension);
        ck_assert(gatherer.payload_size() == (sized ? std::optional<std::uint32_t>(300) : std::nullopt));
        gatherer.clear();
        ck_assert(gatherer.empty());
      }
    }
  }
}

LAW(a_header_that_is_none_is_refused_at_once) {
  const Bytes cases[] = {
      {0x80},
      {0x32, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F},                          // above 2^32 - 1
      {0x32, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00},  // above 8 bytes
  };
  for (const Bytes& bytes : cases) {
    obu::HeaderGatherer gatherer;
    base::ByteView all(bytes);
    ck_assert(gatherer.take(all) == State::kMalformed);
  }
}

/// AV1 s5.9.2: show_existing_frame, frame_type, show_frame.
LAW(the_first_byte_of_a_frame_header_tells_its_kind) {
  struct {
    std::uint8_t first;
    bool existing;
    bool key;
    bool shown;
  } const cases[] = {
      {0b0001'0000, false, true, true},  {0b0000'0000, false, true, false},
      {0b0011'0000, false, false, true}, {0b0010'0000, false, false, false},
      {0b0101'0000, false, false, true}, {0b0111'0000, false, false, true},
      {0b1000'0000, true, false, true},  {0b1001'0000, true, false, true},
  };
  for (const auto& c : cases) {
    const auto start = obu::read_frame_start(c.first, false);
    ck_assert_msg(start.shows_existing == c.existing && start.key_frame == c.key && start.shown == c.shown,
                  "%02x", unsigned{c.first});
    const auto still = obu::read_frame_start(c.first, true);
    ck_assert(still.key_frame && still.shown && !still.shows_existing);
  }
}

LAW(a_sequence_header_tells_reduced_still_pictures) {
  ck_assert(obu::is_reduced_still_picture(Bytes{0b0001'1000}));
  ck_assert(!obu::is_reduced_still_picture(Bytes{0b0001'0111}));
  ck_assert(!obu::is_reduced_still_picture({}));
}

}  // namespace

int main() {
  return retina::test::run_laws("obu");
}
