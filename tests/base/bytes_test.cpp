#include "base/bytes.h"

#include "support/check.h"

namespace {

using namespace retina::base;

LAW(a_reader_reads_big_endian_and_counts) {
  const Bytes bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
  ByteReader reader(bytes);
  ck_assert_uint_eq(reader.u8("a").value(), 0x01);
  ck_assert_uint_eq(reader.u16("b").value(), 0x0203);
  ck_assert_uint_eq(reader.u32("c").value(), 0x04050607);
  ck_assert(reader.u64("d").value() == 0x08090A0B0C0D0E0FULL);
  ck_assert_uint_eq(reader.bytes(2, "e")->size(), 2);
  ck_assert_uint_eq(reader.remaining(), 0);
}

LAW(a_read_past_the_end_fails_and_moves_nothing) {
  const Bytes bytes{1, 2, 3};
  ByteReader reader(bytes);
  ck_assert(reader.u8("skip").has_value());
  ck_assert(!reader.u32("x") && !reader.u64("x") && !reader.bytes(3, "x"));
  const auto failed = reader.u32("length");
  ck_assert(failed.error().code == ErrorCode::kTruncated);
  ck_assert_uint_eq(failed.error().offset, 1);
  ASSERT_TEXT(failed.error().what, "length");
  ck_assert_uint_eq(reader.u16("rest").value(), 0x0203);
}

LAW(stores_are_the_inverse_of_loads) {
  std::uint8_t bytes[4];
  store_be32(bytes, 0xDEADBEEF);
  ck_assert_uint_eq(load_be32(bytes), 0xDEADBEEF);
  store_be16(bytes, 0xCAFE);
  ck_assert_uint_eq(load_be16(bytes), 0xCAFE);
}

}  // namespace

int main() {
  return retina::test::run_laws("bytes");
}
