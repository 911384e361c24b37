#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "io/read_arena.h"

namespace retina::io {

/// Cuts what large reads have brought into TLS records (RFC 8446 s5.1), and hands out whole ones only: what a
/// TLS library asks for piece by piece (5 bytes of header, then the rest) costs no system call, and what is
/// left in here is all that there is of an unfinished record. What can't be a record is handed out as it is,
/// for the library to refuse.
class RecordBuffer {
 public:
  /// As ReadArena's.
  std::span<std::uint8_t> prepare(std::size_t room_bytes) { return arena_.prepare(room_bytes); }
  void commit(std::size_t count);

  /// Moves out bytes of the record that has been begun, or of the next if it is there as a whole. 0: it
  /// isn't.
  std::size_t take(std::span<std::uint8_t> to);
  /// Whether take() has something.
  bool has_record() const { return record_left_ > 0 || whole_record() > 0; }
  /// The first byte that ever came isn't that of a record (RFC 8446 s5.1: 20 to 24).
  bool is_foreign() const { return foreign_; }
  /// Bytes in here.
  std::size_t held() const { return arena_.readable().size(); }

 private:
  std::size_t whole_record() const;

  ReadArena arena_;
  std::size_t record_left_ = 0;  // of the one that has been begun
  bool begun_ = false;
  bool foreign_ = false;
};

}  // namespace retina::io
