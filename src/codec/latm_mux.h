#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/audio_specific_config.h"
#include "codec/bit_cursor.h"

/// LATM (ISO/IEC 14496-3 s1.7.3): the multiplex that carries AAC in MP4A-LATM.
namespace retina::codec {

/// What a StreamMuxConfig says. One program of one layer: RFC 6416 s5 knows scalable streams, which nobody
/// sends.
struct StreamMux {
  base::Bytes
      config;  ///< the AudioSpecificConfig in it, from a byte boundary on, the last byte filled with 0
  AudioSpecificConfig parsed;
  unsigned subframes = 1;           ///< in an audioMuxElement: 1 to 64
  std::size_t fixed_bytes = 0;      ///< of each subframe (frameLengthType 1); 0: lengths stand before them
  std::size_t other_data_bits = 0;  ///< behind the subframes
};

/// Longer audioMuxElements aren't taken.
constexpr std::size_t kMaxMuxElementBytes = std::size_t{256} * 1024;

/// StreamMuxConfig (table 1.42), from the cursor on. `mux` is written over, keeping its memory; after an
/// error it is worth nothing. Errors: kTruncated; kMalformed; kUnsupported for several programs or layers,
/// for audioMuxVersionA 1 and for codecs other than AAC.
base::Result<void> parse_stream_mux(BitCursor& bits, StreamMux& mux);

/// StreamMuxConfig as it stands in an SDP. Some senders end it behind the AudioSpecificConfig, or put the
/// signalling of SBR there, which has no place in audioMuxVersion 0 (both of them GStreamer's rtpmp4apay);
/// others send only an AudioSpecificConfig. Errors as above.
base::Result<void> parse_sdp_stream_mux(base::ByteView bytes, StreamMux& mux);

/// One subframe: an access unit, anywhere among the bits.
struct MuxSlot {
  std::size_t bit = 0;
  std::size_t size_bytes = 0;
};

/// PayloadLengthInfo and PayloadMux (tables 1.44, 1.45) of all subframes, and what stands behind them up to
/// the byte boundary. Errors: kTruncated, whose offset is how many bytes there must be at least; kTooLarge.
base::Result<void> parse_mux_payload(BitCursor& bits, const StreamMux& mux, std::vector<MuxSlot>& slots);

}  // namespace retina::codec
