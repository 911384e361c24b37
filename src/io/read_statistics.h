#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/counter.h"

namespace retina::io {

/// What the reads of a session cost. Written by the thread that reads, readable from any thread.
class ReadStatistics {
 public:
  /// Bucket i counts reads that were given room for [2^i, 2^(i+1)) bytes.
  static constexpr std::size_t kBuckets = 32;

  void on_read(std::size_t room_given, std::size_t bytes_read) {
    const std::size_t bucket = bucket_of(room_given);
    reads.add();
    bytes.add(bytes_read);
    by_room[bucket].add();
    if (bytes_read == room_given) {
      full_reads.add();
      full_by_room[bucket].add();
    }
  }

  /// A call that brought datagrams, into places of so many bytes together. `full`: there was a datagram for
  /// each place that the call could fill.
  void on_batch(std::size_t room_given, std::size_t bytes_read, bool full) {
    const std::size_t bucket = bucket_of(room_given);
    reads.add();
    bytes.add(bytes_read);
    read_size.set(room_given);
    by_room[bucket].add();
    if (!full) return;
    full_reads.add();
    full_by_room[bucket].add();
  }

  static constexpr std::size_t bucket_of(std::size_t room) {
    const auto width = static_cast<std::size_t>(std::bit_width(room));
    return width == 0 ? 0 : (width - 1 < kBuckets ? width - 1 : kBuckets - 1);
  }

  base::Counter reads;       ///< calls that brought bytes
  base::Counter full_reads;  ///< calls that filled the room they were given
  base::Counter bytes;
  base::Counter wakeups;    ///< waits that ended, for whatever reason
  base::Counter read_size;  ///< room of the latest read, in bytes
  std::array<base::Counter, kBuckets> by_room;
  std::array<base::Counter, kBuckets> full_by_room;
};

static_assert(ReadStatistics::bucket_of(1) == 0 && ReadStatistics::bucket_of(65535) == 15 &&
              ReadStatistics::bucket_of(65536) == 16);

}  // namespace retina::io
