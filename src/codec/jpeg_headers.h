#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/jpeg_tables.h"

namespace retina::codec {

/// The markers of ITU-T T.81 table B.1 that a receiver of RTP meets, without their 0xFF.
namespace jpeg_marker {
constexpr std::uint8_t kStartOfFrame0 = 0xC0;  ///< baseline
constexpr std::uint8_t kStartOfFrame1 = 0xC1;  ///< extended sequential
constexpr std::uint8_t kHuffmanTables = 0xC4;
constexpr std::uint8_t kStartOfImage = 0xD8;
constexpr std::uint8_t kEndOfImage = 0xD9;
constexpr std::uint8_t kStartOfScan = 0xDA;
constexpr std::uint8_t kQuantizationTables = 0xDB;
constexpr std::uint8_t kRestartInterval = 0xDD;
}  // namespace jpeg_marker

/// The samplings that RFC 2435 has numbers for (s4.1).
enum class JpegSampling {
  k422,  ///< type 0: chrominance has half the width
  k420   ///< type 1: and half the height
};

/// Everything that stands before the entropy-coded data of a picture.
struct JpegHeaders {
  base::Bytes applications;  ///< APPn and COM segments, with their markers
  QuantizationTables quantization;
  HuffmanTables huffman = standard_huffman_tables();
  std::uint16_t restart_interval = 0;
  base::Bytes frame_header;  ///< SOFn segment, with its marker
  base::Bytes scan_header;   ///< SOS segment, with its marker; empty: as `frame_header` asks for
};

/// The frame header of a picture as RFC 2435 describes it (appendix B): three components with the ids 0, 1
/// and 2; SOF0, or SOF1 if one of `tables` has values of two bytes, which baseline decoders need not know.
/// Without a second table all components use the first.
base::Bytes make_frame_header(JpegSampling sampling, std::uint16_t width, std::uint16_t height,
                              const QuantizationTables& tables);

struct JpegComponent {
  std::uint8_t id = 0;
  unsigned horizontal = 1;  ///< sampling factors
  unsigned vertical = 1;
  bool operator==(const JpegComponent&) const = default;
};

/// What a frame header says.
struct JpegFrameInfo {
  std::uint8_t marker = 0;  ///< 0xC0 for SOF0
  unsigned precision_bits = 0;
  unsigned width = 0;
  unsigned height = 0;
  unsigned component_count = 0;
  std::array<JpegComponent, 4> components{};
};

/// `segment`: SOFn with its marker. Errors: kTruncated; kMalformed for sizes of 0 and for component counts
/// other than 1 to 4.
base::Result<JpegFrameInfo> read_frame_header(base::ByteView segment);

/// Appends SOI and all of `headers`; the entropy-coded data follow them.
void append_headers(const JpegHeaders& headers, base::Bytes& out);

}  // namespace retina::codec
