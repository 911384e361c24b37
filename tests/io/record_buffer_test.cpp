// TLS records, cut out of whatever the socket has brought.

#include "io/record_buffer.h"

#include <algorithm>
#include <cstring>

#include "support/check.h"

namespace {

using namespace retina;

base::Bytes record(std::size_t payload, std::uint8_t fill) {
  base::Bytes bytes{23, 3, 3, static_cast<std::uint8_t>(payload >> 8),
                    static_cast<std::uint8_t>(payload & 0xFF)};
  bytes.insert(bytes.end(), payload, fill);
  return bytes;
}

void feed(io::RecordBuffer& buffer, base::ByteView bytes) {
  const auto room = buffer.prepare(bytes.size());
  if (!bytes.empty()) std::memcpy(room.data(), bytes.data(), bytes.size());
  buffer.commit(bytes.size());
}

/// As a library reads: the header, and then what it says.
base::Bytes take_record(io::RecordBuffer& buffer) {
  base::Bytes whole(5);
  const std::size_t header = buffer.take(whole);
  if (header == 0) return {};
  ck_assert_uint_eq(header, 5);
  const std::size_t payload = std::size_t{whole[3]} << 8 | whole[4];
  whole.resize(5 + payload);
  if (payload > 0) ck_assert_uint_eq(buffer.take(std::span(whole).subspan(5)), payload);
  return whole;
}

LAW(records_come_out_whole_however_they_were_cut) {
  const base::Bytes first = record(7, 'a');
  const base::Bytes second = record(0, 'b');
  const base::Bytes third = record(300, 'c');
  base::Bytes all = first;
  all.insert(all.end(), second.begin(), second.end());
  all.insert(all.end(), third.begin(), third.end());
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    io::RecordBuffer buffer;
    std::vector<base::Bytes> records;
    for (const base::ByteView part : {base::ByteView(all).first(cut), base::ByteView(all).subspan(cut)}) {
      feed(buffer, part);
      while (buffer.has_record())
        records.push_back(take_record(buffer));
      ck_assert(take_record(buffer).empty());
    }
    ck_assert_uint_eq(records.size(), 3);
    ck_assert(records[0] == first && records[1] == second && records[2] == third);
    ck_assert_uint_eq(buffer.held(), 0);
  }
}

LAW(what_is_held_of_an_unfinished_record_is_counted) {
  io::RecordBuffer buffer;
  const base::Bytes bytes = record(100, 'x');
  feed(buffer, base::ByteView(bytes).first(60));
  ck_assert(!buffer.has_record());
  ck_assert_uint_eq(buffer.held(), 60);
  feed(buffer, base::ByteView(bytes).subspan(60));
  ck_assert(buffer.has_record());
  ck_assert(take_record(buffer) == bytes);
}

LAW(what_cannot_be_a_record_is_not_waited_for) {
  base::Bytes too_long = record(0, 0);
  too_long[3] = 0x48;
  too_long[4] = 0x01;  // 2^14 + 2049
  struct {
    base::Bytes bytes;
    bool foreign;
  } const cases[] = {{too_long, false}, {base::Bytes{'R', 'T', 'S', 'P', '/'}, true}};
  for (const auto& c : cases) {
    io::RecordBuffer buffer;
    feed(buffer, c.bytes);
    ck_assert(buffer.is_foreign() == c.foreign);
    base::Bytes got(64);
    ck_assert_uint_eq(buffer.take(got), c.bytes.size());
    ck_assert(std::equal(c.bytes.begin(), c.bytes.end(), got.begin()));
  }
  io::RecordBuffer longest;
  base::Bytes bytes = record((1 << 14) + 2048, 'y');
  feed(longest, base::ByteView(bytes).first(bytes.size() - 1));
  ck_assert(!longest.has_record());
}

}  // namespace

int main() {
  return retina::test::run_laws("record_buffer");
}
