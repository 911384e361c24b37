#include "codec/jpeg_extension.h"

#include <algorithm>
#include <numeric>

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::uint16_t kInitial = 0xFFD8;
constexpr std::uint16_t kFurther = 0xFFFF;
constexpr std::uint16_t kReplay = 0xABAC;
constexpr std::size_t kReplayBytes = 12;

/// ITU-T T.81 sB.2.4.1.
base::Result<void> read_quantization(base::ByteView parameters, QuantizationTables& tables) {
  base::ByteReader reader(parameters);
  while (reader.remaining() > 0) {
    TRY(const std::uint8_t header, reader.u8("DQT"));
    const unsigned destination = header & 15;
    if (header >> 4 > 1 || destination >= tables.size())
      return fail(ErrorCode::kMalformed, reader.offset(), "DQT");
    QuantizationTable table;
    table.two_bytes = header >> 4 == 1;
    TRY(const base::ByteView values, reader.bytes(table.size_bytes(), "DQT"));
    std::copy(values.begin(), values.end(), table.bytes.begin());
    tables[destination] = table;
  }
  return {};
}

/// sB.2.4.2.
base::Result<void> read_huffman(base::ByteView parameters, HuffmanTables& tables) {
  base::ByteReader reader(parameters);
  while (reader.remaining() > 0) {
    TRY(const std::uint8_t header, reader.u8("DHT"));
    const unsigned table_class = header >> 4;
    const unsigned destination = header & 15;
    const base::ByteView start = reader.rest();
    TRY(const base::ByteView counts, reader.bytes(16, "DHT"));
    const std::size_t total = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
    if (table_class > 1 || destination > 3 || total > 256)
      return fail(ErrorCode::kMalformed, reader.offset(), "DHT");
    TRY(const base::ByteView values, reader.bytes(total, "DHT"));
    tables[table_class * 4 + destination].assign(start.begin(), values.end());
  }
  return {};
}

bool is_frame_header(std::uint8_t marker) {
  return marker >= jpeg_marker::kStartOfFrame0 && marker <= 0xCF && marker != jpeg_marker::kHuffmanTables &&
         marker != 0xC8 && marker != 0xCC;
}

base::Result<void> read_frame_segment(std::uint8_t marker, base::ByteView segment, JpegHeaders& headers) {
  if (marker > 0xC2) return fail(ErrorCode::kUnsupported, 0, "JPEG coding process");
  CHECK_OK(read_frame_header(segment));
  headers.frame_header.assign(segment.begin(), segment.end());
  return {};
}

/// `segment`: with its marker and its length.
base::Result<void> read_segment(std::uint8_t marker, base::ByteView segment, JpegHeaders& headers,
                                JpegSegments& found) {
  const base::ByteView parameters = segment.subspan(4);
  if (marker == jpeg_marker::kQuantizationTables) return read_quantization(parameters, headers.quantization);
  if (marker == jpeg_marker::kHuffmanTables) return read_huffman(parameters, headers.huffman);
  if (is_frame_header(marker)) {
    found.frame_header = true;
    return read_frame_segment(marker, segment, headers);
  }
  if (marker == jpeg_marker::kRestartInterval) {
    if (parameters.size() != 2) return fail(ErrorCode::kMalformed, 2, "DRI");
    headers.restart_interval = base::load_be16(parameters.data());
    found.restart_interval = true;
  } else if (marker == jpeg_marker::kStartOfScan) {
    headers.scan_header.assign(segment.begin(), segment.end());
  } else if (marker >= 0xE0) {  // APPn, and what else has no bearing on the decoding
    headers.applications.insert(headers.applications.end(), segment.begin(), segment.end());
  }
  return {};
}

}  // namespace

std::optional<JpegExtension> find_jpeg_extension(std::uint16_t profile, base::ByteView extension) {
  if (profile == kReplay && extension.size() >= kReplayBytes + 4) {
    profile = base::load_be16(extension.data() + kReplayBytes);
    const std::size_t bytes = std::size_t{base::load_be16(extension.data() + kReplayBytes + 2)} * 4;
    extension = extension.subspan(kReplayBytes + 4);
    extension = extension.first(std::min(bytes, extension.size()));
  }
  if (profile != kInitial && profile != kFurther) return std::nullopt;
  return JpegExtension{profile == kInitial, extension};
}

base::Result<JpegSegments> read_jpeg_segments(base::ByteView bytes, JpegHeaders& headers) {
  JpegSegments found;
  base::ByteReader reader(bytes);
  while (reader.remaining() > 0) {
    const base::ByteView start = reader.rest();
    TRY(const std::uint8_t fill, reader.u8("JPEG marker"));
    if (fill != 0xFF) return fail(ErrorCode::kMalformed, reader.offset(), "JPEG marker");
    if (reader.remaining() == 0 || reader.rest()[0] == 0xFF) continue;
    TRY(const std::uint8_t marker, reader.u8("JPEG marker"));
    if (marker == jpeg_marker::kStartOfImage) continue;
    TRY(const std::uint16_t length, reader.u16("JPEG segment"));
    if (length < 2) return fail(ErrorCode::kMalformed, reader.offset(), "length of a JPEG segment");
    CHECK_OK(reader.bytes(length - 2U, "JPEG segment"));
    CHECK_OK(read_segment(marker, start.first(std::size_t{length} + 2), headers, found));
    if (marker == jpeg_marker::kStartOfScan) {
      found.scan_data = reader.rest();
      break;
    }
  }
  return found;
}

}  // namespace retina::codec
