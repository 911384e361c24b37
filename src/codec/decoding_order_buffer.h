#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"

namespace retina::codec {

/// The de-packetization buffer of payload formats whose NAL units are sent in another order than they are
/// decoded in, and have decoding order numbers (DON): RFC 7798 s6.
///
/// A NAL unit waits until nothing can come any more that belongs before it: until its number follows that of
/// the one before, until as many are here as the SDP announces, or until the numbers lie as far apart as it
/// announces. So a sender that announces much and reorders little costs no time. An announcement that proves
/// too small is doubled.
///
/// Loss. A packet may have carried NAL units of any place nearby, so for a while after a loss every gap in
/// the numbers is one; without a loss, gaps are what the sender chose.
class DecodingOrderBuffer {
 public:
  // Bounds of our own; what the SDP asks for above them is not given.
  static constexpr std::size_t kMaxDepth = 256;               ///< NAL units, by announcement
  static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;  ///< of all that wait together

  /// Absent where the SDP says nothing that can be read.
  struct Limits {
    std::optional<std::uint32_t> units;         ///< most that come before one that is decoded earlier
    std::optional<std::uint32_t> max_don_diff;  ///< farthest that one of those is from it
  };
  /// The packet that brought a NAL unit, or its last part.
  struct Source {
    base::TimePoint arrival{};
    std::int64_t timestamp = 0;  ///< extended
    bool marker = false;
  };
  struct Unit {
    base::Bytes nal;
    std::int64_t timestamp = 0;
    base::TimePoint arrival{};
    /// The last one of its timestamp, as the marker says, which stands on the last packet in order of
    /// transmission and so with any of them.
    bool last = false;
    bool after_gap = false;          ///< something before it is missing
    std::uint32_t packets_lost = 0;  ///< that were noticed since the unit before
  };

  explicit DecodingOrderBuffer(const Limits& announced);

  void store(base::Bytes nal, std::uint16_t don, const Source& source);

  /// Something that has come nearby, or should have, is missing.
  void on_loss(std::uint32_t packets);

  /// The next NAL unit in decoding order whose turn has come.
  std::optional<Unit> pop();

  /// Nothing more comes: everything's turn has come, until something is stored.
  void flush() { flushing_ = true; }

  /// Forgets everything that waits; the next NAL unit begins a new order.
  void reset();

  std::size_t size_bytes() const { return bytes_; }

 private:
  struct Stamp {
    std::size_t units = 0;  // that wait
    bool marked = false;
  };

  std::int64_t place(std::uint16_t don);
  bool is_late(std::int64_t order) const { return popped_any_ && order < popped_; }
  void on_late_unit();
  bool has_turn() const;

  std::size_t depth_;
  std::optional<std::int64_t> max_don_diff_;

  std::multimap<std::int64_t, Unit> waiting_;  // by decoding order; equal ones as they came
  std::map<std::int64_t, Stamp> stamps_;       // of the timestamps that wait
  std::size_t bytes_ = 0;
  bool flushing_ = false;

  // Numbers, extended around the latest one stored.
  bool ordered_ = false;
  std::uint16_t don_ = 0;
  std::int64_t order_ = 0;
  bool popped_any_ = false;
  std::int64_t popped_ = 0;  // of the unit that was popped last
  std::size_t late_in_a_row_ = 0;

  std::size_t suspect_ = 0;      // so many units to come, gaps are losses
  bool shares_numbers_ = false;  // several units have had the same number: gaps don't show every loss
  bool late_dropped_ = false;
  std::uint32_t packets_lost_ = 0;
};

}  // namespace retina::codec
