#pragma once

#include <cstdint>

#include <vector>

#include "base/bytes.h"
#include "encodings.h"

namespace retina::bench {

/// Reads one connection's media independently of the project's and of GStreamer's code: '$' framing, RTP
/// sequence numbers, fragments, markers, timestamps, stamps, RTCP. Chunks may be cut anywhere.
class StreamChecker {
 public:
  /// The tracks have the channels 0-1, 2-3, … and the payload types 96, 97, …
  explicit StreamChecker(const std::vector<Encoding>& encodings = {Encoding::kH264});

  void push(base::ByteView chunk);

  std::uint64_t packets = 0;         ///< RTP
  std::uint64_t frames = 0;          ///< ended by a marker
  std::uint64_t reports = 0;         ///< RTCP SR
  std::uint64_t goodbyes = 0;        ///< RTCP BYE
  std::uint64_t framing_errors = 0;  ///< not '$', no track's channel
  std::uint64_t rtp_errors =
      0;  ///< version, payload type, a frame with two timestamps, one timestamp for two frames
  std::uint64_t sequence_gaps = 0;
  std::uint64_t fragment_errors = 0;  ///< FUs without a start, without an end, inside each other
  std::uint64_t stamp_errors = 0;     ///< frames that don't end with a stamp

  /// Also bytes left over from a message that never became complete are an error.
  std::uint64_t errors() const {
    return framing_errors + rtp_errors + sequence_gaps + fragment_errors + stamp_errors +
           (carry_.empty() ? 0 : 1);
  }

 private:
  struct Track {
    Encoding encoding;
    std::uint64_t packets = 0;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    bool in_frame = false;
    bool in_fragments = false;
  };

  std::size_t take_message(base::ByteView bytes);
  void check_rtp(std::size_t number, base::ByteView packet);
  void check_payload(Track& track, base::ByteView payload, bool marker);
  void check_rtcp(base::ByteView packet);

  base::Bytes carry_;
  std::vector<Track> tracks_;
};

}  // namespace retina::bench
