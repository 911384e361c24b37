#include "io/read_arena.h"

#include <numeric>

#include "support/check.h"

namespace {

using retina::base::Bytes;
using retina::io::ReadArena;

/// "Reads" `count` bytes of the sequence 0, 1, 2 … into the arena.
void fill(ReadArena& arena, std::size_t room, std::size_t count, std::uint8_t& next) {
  const auto space = arena.prepare(room);
  ck_assert_uint_eq(space.size(), room);
  for (std::size_t i = 0; i < count; ++i)
    space[i] = next++;
  arena.commit(count);
}

LAW(every_read_gets_its_whole_room_whatever_is_left_unread) {
  ReadArena arena;
  std::uint8_t next = 0;
  for (int i = 0; i < 100; ++i) {
    fill(arena, 64, 64, next);
    // Leave 7 bytes: the start of a packet.
    arena.consume(arena.readable().size() - 7);
  }
}

LAW(bytes_stay_in_order_and_contiguous_over_moves_and_growth) {
  ReadArena arena;
  std::uint8_t next = 0;
  std::uint8_t expected = 0;
  for (std::size_t round = 0; round < 200; ++round) {
    fill(arena, 16 + round % 50, 16 + round % 40, next);
    const auto bytes = arena.readable();
    const std::size_t take = bytes.size() - round % 13 % bytes.size();
    for (std::size_t i = 0; i < take; ++i)
      ck_assert_uint_eq(bytes[i], expected++);
    arena.consume(take);
  }
}

LAW(capacity_settles_at_one_room_and_one_unfinished_packet) {
  ReadArena arena;
  std::uint8_t next = 0;
  for (int i = 0; i < 1000; ++i) {
    fill(arena, 1000, 1000, next);
    arena.consume(arena.readable().size() - 10);
  }
  ck_assert_uint_eq(arena.capacity(), 1010);
}

LAW(clear_forgets_what_is_unread) {
  ReadArena arena;
  std::uint8_t next = 0;
  fill(arena, 10, 5, next);
  arena.clear();
  ck_assert(arena.readable().empty());
}

}  // namespace

int main() {
  return retina::test::run_laws("read_arena");
}
