#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/depacketizer.h"
#include "sdp/description.h"

namespace retina::codec {

/// What an fmtp says of interleaving (RFC 6184 s8.1); absent where it says nothing that can be read.
struct H264Interleaving {
  std::optional<std::uint32_t> depth;         ///< sprop-interleaving-depth, in slices
  std::optional<std::uint32_t> max_don_diff;  ///< sprop-max-don-diff
  std::optional<std::uint32_t> buffer_bytes;  ///< sprop-deint-buf-req
};
H264Interleaving h264_interleaving(const sdp::Media& media);

/// The interleaved mode of H.264 (RFC 6184, packetization-mode 2): STAP-B, MTAP16, MTAP24 and FU-B in any
/// order of transmission, NAL units in decoding order out (s5.5, s7.2).
///
/// NAL units wait until as many slices are here as the SDP announces, or until the decoding order numbers lie
/// as far apart as it announces. Where it announces neither, it is most likely no interleaved stream at all,
/// only a camera that is fond of these packets: then a NAL unit waits only while its predecessor's number is
/// missing. A depth that proves too small is doubled.
///
/// Packets of the other modes (single NAL units, STAP-A, FU-A without an FU-B) count as the next ones in
/// decoding order.
///
/// Loss. A packet may have carried NAL units of any place nearby, so for a while after a loss every gap in
/// the numbers is one; without a loss, gaps are what the camera chose (s5.5 allows them).
///
/// This mode copies: every NAL unit lies in memory of its own until its turn comes.
class H264Deinterleaver {
 public:
  // Bounds of our own; what the SDP asks for above them is not given.
  static constexpr std::size_t kMaxDepth = 256;               ///< slices
  static constexpr std::size_t kMaxUnits = 4096;              ///< NAL units that wait
  static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;  ///< of them together
  static constexpr std::size_t kMaxUnitsInPacket = 1024;
  static constexpr std::size_t kDefaultDepth = 8;  ///< where the SDP has none

  struct Unit {
    base::Bytes nal;             ///< with its header; not empty
    std::int64_t timestamp = 0;  ///< NALU-time, extended
    base::TimePoint arrival{};   ///< of the packet that completed it
    /// The last NAL unit of its timestamp, as its marker says. The marker stands on the last packet in order
    /// of transmission (s5.1), which can carry any of them.
    bool last = false;
    bool after_gap = false;          ///< something before it is missing
    std::uint32_t packets_lost = 0;  ///< since the unit before
  };

  explicit H264Deinterleaver(const H264Interleaving& announced);

  /// Types 24 to 29 and single NAL units. An error costs what of the packet had not been taken yet.
  base::Result<void> push(const MediaPacket& packet);

  /// The next NAL unit in decoding order whose turn has come.
  std::optional<Unit> pop();

  /// Nothing more comes: everything's turn has come. False when a NAL unit is cut, which is left out.
  bool flush();

  /// Forgets everything that waits; the next NAL unit begins a new order.
  void reset();

  /// Of what waits.
  std::size_t size_bytes() const { return bytes_ + fragments_.size(); }

 private:
  struct Stamp {
    std::size_t units = 0;  // that wait
    bool marked = false;
  };
  /// One packet's part of every unit in it.
  struct Source {
    base::TimePoint arrival{};
    std::int64_t timestamp = 0;
    bool marker = false;
  };

  void on_loss(std::uint32_t packets);
  base::Result<void> push_single_time(base::ByteReader reader, std::int64_t order, const Source& source);
  base::Result<void> push_multi_time(base::ByteReader reader, unsigned offset_bytes, const Source& source);
  base::Result<void> push_fragment(base::ByteReader reader, std::uint8_t indicator, const Source& source);

  std::int64_t place(std::uint16_t number);
  std::int64_t next_place() { return place(static_cast<std::uint16_t>(number_ + 1)); }
  bool is_late(std::int64_t order) const { return popped_any_ && order < popped_; }
  void store(base::Bytes nal, std::int64_t order, const Source& source);
  void on_late_unit();
  bool has_turn() const;

  std::size_t depth_;
  std::optional<std::int64_t> max_don_diff_;
  std::size_t max_bytes_;
  bool announced_;

  std::multimap<std::int64_t, Unit> waiting_;  // by decoding order; equal ones as they came
  std::map<std::int64_t, Stamp> stamps_;       // of the timestamps that wait
  std::size_t slices_ = 0;
  std::size_t bytes_ = 0;
  bool flushing_ = false;

  // Decoding order numbers, extended around the latest one received.
  bool ordered_ = false;
  std::uint16_t number_ = 0;
  std::int64_t order_ = 0;
  bool popped_any_ = false;
  std::int64_t popped_ = 0;  // of the unit that was popped last
  std::size_t late_in_a_row_ = 0;

  bool in_fragments_ = false;
  base::Bytes fragments_;  // the NAL unit so far
  std::int64_t fragments_order_ = 0;

  std::size_t suspect_ = 0;      // so many units to come, gaps are losses
  bool shares_numbers_ = false;  // several units have had the same number: gaps don't show every loss
  bool late_dropped_ = false;
  std::uint32_t packets_lost_ = 0;
};

}  // namespace retina::codec
