#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "codec/frame.h"

namespace retina::codec {

/// The parameter sets of an H.265 stream by their ids (ITU-T H.265 s7.4.2.4.2), out of the SDP or the stream.
/// A set that comes again unchanged changes nothing; sets of several ids stand side by side. Only those of
/// layer 0 are kept: what further layers need stays in the stream.
class H265Parameters {
 public:
  /// Larger ones are none: left in the stream as they are.
  static constexpr std::size_t kMaxBytes = 4096;
  static constexpr std::uint32_t kMaxSpsId = 15;  ///< of VPS too
  static constexpr std::uint32_t kMaxPpsId = 63;

  /// A VPS, SPS or PPS, with its header. False when it isn't taken. Bytes behind the trailing bits (Reolink)
  /// are kept, zeros at the end are not. A set whose id can't be read counts as id 0: the video needs it all
  /// the same.
  bool learn(base::ByteView nal);

  /// Null until an SPS and a PPS are known; a decoder that can do without a VPS isn't kept waiting for one.
  /// The same pointer until something changes.
  std::shared_ptr<const ParameterSets> snapshot();

  /// TemporalId of the highest sub-layer that an SPS allows for; nullopt: none is known.
  std::optional<unsigned> highest_temporal_id() const { return highest_temporal_id_; }

 private:
  using Sets = std::map<std::uint32_t, base::Bytes>;

  void find_highest_temporal_id();

  Sets vps_;
  Sets sps_;
  Sets pps_;
  std::shared_ptr<const ParameterSets> snapshot_;
  std::optional<unsigned> highest_temporal_id_;
  bool changed_ = false;
};

}  // namespace retina::codec
