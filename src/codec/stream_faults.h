#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace retina::codec {

/// What a stream of H.264 or H.265 does against its payload format, and is tolerated. Seen beside the short
/// way that well-formed packets go: looking for them costs these nothing.
enum class StreamFault : std::uint8_t {
  kStartCodes,     ///< a byte stream (Annex B) within NAL units
  kFragmentType,   ///< differs from that of the first fragment
  kWholeFragment,  ///< start and end at once
  kEmptyFragment,
  kReservedBit,       ///< of a fragment
  kNoEnd,             ///< no fragment is the last one, but the marker comes
  kCutFragments,      ///< another NAL unit comes before the last one
  kEarlyMarker,       ///< before the slices
  kForeignTimestamp,  ///< parameter sets have another one than their picture
  kSharedTimestamp,   ///< of two pictures
  kMarkedSlices,      ///< every slice has a marker
  kUnspecifiedUnit,   ///< a NAL unit of a type that means nothing
  kCount
};

/// The sentence that the user is told; `stream`: "stream 0".
std::string sentence_of(StreamFault fault, const std::string& stream);

/// Collects faults, each kind once.
class StreamFaults {
 public:
  void add(StreamFault fault) {
    const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(fault);
    fresh_ |= bit & ~seen_;
    seen_ |= bit;
  }
  bool has_fresh() const { return fresh_ != 0; }
  /// One that has not been taken yet; nullopt: there is none.
  std::optional<StreamFault> take();

 private:
  std::uint32_t seen_ = 0;
  std::uint32_t fresh_ = 0;
};

}  // namespace retina::codec
