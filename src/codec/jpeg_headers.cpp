#include "codec/jpeg_headers.h"

#include <algorithm>

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

void append(base::Bytes& out, base::ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// `length`: of the segment's parameters, which the caller appends.
void begin_segment(base::Bytes& out, std::uint8_t marker, std::size_t length) {
  std::uint8_t bytes[4] = {0xFF, marker};
  base::store_be16(bytes + 2, static_cast<std::uint16_t>(length + 2));
  append(out, bytes);
}

/// ITU-T T.81 sB.2.4.1.
void append_quantization(const QuantizationTables& tables, base::Bytes& out) {
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (!tables[i]) continue;
    begin_segment(out, jpeg_marker::kQuantizationTables, 1 + tables[i]->size_bytes());
    out.push_back(static_cast<std::uint8_t>((tables[i]->two_bytes ? 0x10 : 0) | i));
    append(out, tables[i]->values());
  }
}

/// sB.2.4.2.
void append_huffman(const HuffmanTables& tables, base::Bytes& out) {
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].empty()) continue;
    begin_segment(out, jpeg_marker::kHuffmanTables, 1 + tables[i].size());
    out.push_back(static_cast<std::uint8_t>(((i / 4) << 4) | (i % 4)));
    append(out, tables[i]);
  }
}

/// sB.2.3: all components of the frame in one scan, the first with the tables 0 and the others with 1.
void append_scan_header(base::ByteView frame_header, base::Bytes& out) {
  const auto info = read_frame_header(frame_header);
  if (!info) return;
  begin_segment(out, jpeg_marker::kStartOfScan, 1 + 2 * info->component_count + 3);
  out.push_back(static_cast<std::uint8_t>(info->component_count));
  for (unsigned i = 0; i < info->component_count; ++i) {
    out.push_back(info->components[i].id);
    out.push_back(i == 0 ? 0x00 : 0x11);
  }
  constexpr std::uint8_t kWholeSpectrum[] = {0, 63, 0};
  append(out, kWholeSpectrum);
}

}  // namespace

base::Bytes make_frame_header(JpegSampling sampling, std::uint16_t width, std::uint16_t height,
                              const QuantizationTables& tables) {
  const bool extended =
      std::any_of(tables.begin(), tables.end(), [](const auto& table) { return table && table->two_bytes; });
  const std::uint8_t chrominance_table = tables[1] ? 1 : 0;
  base::Bytes out;
  begin_segment(out, extended ? jpeg_marker::kStartOfFrame1 : jpeg_marker::kStartOfFrame0, 6 + 3 * 3);
  std::uint8_t start[] = {8, 0, 0, 0, 0, 3};
  base::store_be16(start + 1, height);
  base::store_be16(start + 3, width);
  append(out, start);
  const std::uint8_t luminance_sampling = sampling == JpegSampling::k422 ? 0x21 : 0x22;
  const std::uint8_t components[] = {0,
                                     luminance_sampling,
                                     0,  //
                                     1,
                                     0x11,
                                     chrominance_table,  //
                                     2,
                                     0x11,
                                     chrominance_table};
  append(out, components);
  return out;
}

base::Result<JpegFrameInfo> read_frame_header(base::ByteView segment) {
  base::ByteReader reader(segment);
  JpegFrameInfo info;
  TRY(const std::uint16_t marker, reader.u16("JPEG frame header"));
  info.marker = static_cast<std::uint8_t>(marker);
  TRY(const std::uint16_t length, reader.u16("JPEG frame header"));
  TRY(info.precision_bits, reader.u8("JPEG frame header"));
  TRY(info.height, reader.u16("JPEG frame header"));
  TRY(info.width, reader.u16("JPEG frame header"));
  TRY(info.component_count, reader.u8("JPEG frame header"));
  if (info.width == 0 || info.height == 0)
    return fail(ErrorCode::kMalformed, 5, "JPEG picture without a size");
  if (info.component_count == 0 || info.component_count > info.components.size())
    return fail(ErrorCode::kMalformed, 9, "number of JPEG components");
  if (length != 8 + 3 * info.component_count)
    return fail(ErrorCode::kMalformed, 2, "length of a JPEG frame header");
  for (unsigned i = 0; i < info.component_count; ++i) {
    TRY(const base::ByteView bytes, reader.bytes(3, "JPEG component"));
    info.components[i] = {bytes[0], static_cast<unsigned>(bytes[1] >> 4),
                          static_cast<unsigned>(bytes[1] & 15)};
  }
  return info;
}

void append_headers(const JpegHeaders& headers, base::Bytes& out) {
  out.push_back(0xFF);
  out.push_back(jpeg_marker::kStartOfImage);
  append(out, headers.applications);
  append_quantization(headers.quantization, out);
  if (headers.restart_interval != 0) {
    begin_segment(out, jpeg_marker::kRestartInterval, 2);
    out.push_back(static_cast<std::uint8_t>(headers.restart_interval >> 8));
    out.push_back(static_cast<std::uint8_t>(headers.restart_interval));
  }
  append(out, headers.frame_header);
  append_huffman(headers.huffman, out);
  append(out, headers.scan_header);
  if (headers.scan_header.empty()) append_scan_header(headers.frame_header, out);
}

}  // namespace retina::codec
