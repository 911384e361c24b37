#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "codec/frame.h"

namespace retina::codec {

/// The parameter sets of an H.264 stream by their ids (ITU-T H.264 s7.4.1.2.1), out of the SDP or the stream.
/// A set that comes again unchanged changes nothing; sets of several ids stand side by side.
class H264Parameters {
 public:
  /// Larger ones are none: left in the stream as they are.
  static constexpr std::size_t kMaxBytes = 4096;
  /// Of all sets, which are copied for each snapshot. Over it, all but the newest are forgotten: a stream
  /// that means to use so many sends them again.
  static constexpr std::size_t kMaxBytesInAll = 256 * 1024;
  static constexpr std::uint32_t kMaxSpsId = 31;
  static constexpr std::uint32_t kMaxPpsId = 255;

  /// An SPS, an SPS extension or a PPS, with its header. False when it isn't taken. Bytes behind the trailing
  /// bits (Reolink) are kept, zeros at the end are not. A set whose id can't be read counts as id 0: the
  /// video needs it all the same.
  bool learn(base::ByteView nal);

  /// Null until an SPS and a PPS are known. The same pointer until something changes.
  std::shared_ptr<const ParameterSets> snapshot();

 private:
  using Sets = std::map<std::uint32_t, base::Bytes>;

  Sets sps_;
  Sets sps_extensions_;  // by the id of their SPS
  Sets pps_;
  std::size_t bytes_in_all_ = 0;
  std::shared_ptr<const ParameterSets> snapshot_;
  bool changed_ = false;
};

}  // namespace retina::codec
