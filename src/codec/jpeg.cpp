#include "codec/jpeg.h"

#include <algorithm>
#include <utility>

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::uint16_t kEndOfImage = 0xFFD9;
constexpr std::size_t kMaxExtensionBytes = std::size_t{1} << 17;

// RFC 2435 s3.1.3, s3.1.4.
constexpr std::uint8_t kFirstRestartType = 64;
constexpr std::uint8_t kFirstDynamicType = 128;
constexpr std::uint8_t kFirstInBandQ = 128;
constexpr std::uint8_t kUncachedQ = 255;

/// RFC 2435 s3.1.8: up to two tables of 64 values; bit i of `precision` is set for values of two bytes. Some
/// servers put more tables there than the types have a use for (v4l2rtspserver sends three).
base::Result<QuantizationTables> read_tables(std::uint8_t precision, base::ByteView bytes) {
  QuantizationTables tables;
  base::ByteReader reader(bytes);
  for (unsigned i = 0; i < 2 && (i == 0 || reader.remaining() > 0); ++i) {
    QuantizationTable table;
    table.two_bytes = (precision >> i & 1) != 0;
    TRY(const base::ByteView values, reader.bytes(table.size_bytes(), "JPEG quantization table"));
    std::copy(values.begin(), values.end(), table.bytes.begin());
    tables[i] = table;
  }
  return tables;
}

/// A size field of the payload header against the true size: 0 says nothing, and larger ones are cut to the
/// field's eight bits.
bool agrees(std::uint8_t field, unsigned pixels) {
  return field == 0 || ((pixels + 7) / 8 & 0xFF) == field;
}

}  // namespace

JpegDepacketizer::JpegDepacketizer(const sdp::Media& media, FrameFormat format, FrameAllocator& allocator)
    : format_(format), writer_(allocator), announced_(sdp::picture_size(media)) {}

void JpegDepacketizer::reset() {
  if (picture_.open) drop_picture();
  finished_.on_gap();
  lost_before_ = true;
}

void JpegDepacketizer::flush() {
  if (picture_.open) finish_unmarked();
}

// --- packets ---

base::Result<void> JpegDepacketizer::push(const MediaPacket& packet) {
  if (packet.packets_lost > 0) on_loss(packet.packets_lost);
  if (picture_.open && packet.timestamp != picture_.timestamp) finish_unmarked();
  if (!picture_.open) open_picture(packet.timestamp);
  auto result = push_payload(packet);
  if (!result) picture_.broken = true;
  picture_.arrival = packet.arrival;
  if (packet.marker) {
    markers_seen_ = true;
    finish_picture();
  }
  return result;
}

void JpegDepacketizer::on_loss(std::uint32_t packets) {
  if (picture_.open && has_end()) finish_picture();  // the loss is behind it
  if (picture_.open) picture_.broken = true;
  finished_.on_lost_packets(packets);
  finished_.on_gap();
  lost_before_ = true;
}

void JpegDepacketizer::open_picture(std::int64_t timestamp) {
  picture_ = Picture();
  picture_.open = true;
  picture_.timestamp = timestamp;
  picture_.lost_before = std::exchange(lost_before_, false);
  picture_.pass_incomplete = format_.pass_incomplete;
  extension_.clear();
}

bool JpegDepacketizer::has_end() const {
  return picture_.tail == kEndOfImage;
}

base::Result<JpegDepacketizer::PayloadHeader> JpegDepacketizer::read_payload_header(
    base::ByteReader& reader) {
  PayloadHeader header;
  TRY(const std::uint32_t start, reader.u32("JPEG payload header"));
  header.offset = start & 0xFFFFFF;
  TRY(header.type, reader.u8("JPEG payload header"));
  TRY(header.q, reader.u8("JPEG payload header"));
  TRY(header.width, reader.u8("JPEG payload header"));
  TRY(header.height, reader.u8("JPEG payload header"));
  if (header.type >= kFirstDynamicType) return fail(ErrorCode::kUnsupported, 4, "dynamic JPEG type");
  if (header.type >= kFirstRestartType) {
    TRY(header.restart_interval, reader.u16("JPEG restart header"));
    CHECK_OK(reader.u16("JPEG restart header"));
  }
  return header;
}

base::Result<void> JpegDepacketizer::push_payload(const MediaPacket& packet) {
  const auto extension = find_jpeg_extension(packet.extension_profile, packet.extension);
  // A packet that only brings an extension may do without the payload header.
  if (packet.payload.empty() && extension && picture_.started) return push_data(extension, {});

  base::ByteReader reader(packet.payload);
  TRY(const PayloadHeader header, read_payload_header(reader));
  if (header.offset == 0) {
    const bool is_start = !extension || extension->initial;
    const bool start_missing = picture_.broken && !picture_.started;
    if (picture_.received > 0 || (is_start && start_missing)) {
      finish_unmarked();
      open_picture(packet.timestamp);
    }
    CHECK_OK(start(header, extension, reader));
    return push_data(extension, reader.rest());
  }
  if (!picture_.started) return missing_start();
  if (picture_.broken) return {};
  // ONVIF: the offsets of pictures with an extension don't count.
  if (header.offset != picture_.received && !picture_.has_extension)
    return fail(ErrorCode::kMalformed, 1, "JPEG fragment that doesn't follow the one before");
  return push_data(extension, reader.rest());
}

base::Result<void> JpegDepacketizer::missing_start() {
  if (std::exchange(picture_.broken, true) || picture_.lost_before) return {};
  return fail(ErrorCode::kInvalidState, 1, "JPEG fragment of a picture whose first one is missing");
}

/// A picture's first packet; with extensions, any of those before its data.
base::Result<void> JpegDepacketizer::start(const PayloadHeader& header,
                                           const std::optional<JpegExtension>& extension,
                                           base::ByteReader& reader) {
  if (!picture_.started) {
    if (extension && !extension->initial) return missing_start();
    picture_.has_extension = extension.has_value();
  }
  CHECK_OK(choose_quantization(header, reader));
  picture_.started = true;
  picture_.header = header;
  return {};
}

base::Result<void> JpegDepacketizer::choose_quantization(const PayloadHeader& header,
                                                         base::ByteReader& reader) {
  if (header.q < kFirstInBandQ) {
    // ONVIF: 0 keeps the tables of the picture before.
    if (header.q != 0 || !picture_.has_extension || !headers_.quantization[0])
      headers_.quantization = standard_quantization_tables(header.q);
    return {};
  }
  CHECK_OK(reader.u8("JPEG quantization header"));
  TRY(const std::uint8_t precision, reader.u8("JPEG quantization header"));
  TRY(const std::uint16_t length, reader.u16("JPEG quantization header"));
  if (length == 0) {
    const auto known = tables_by_q_.find(header.q);
    if (known == tables_by_q_.end())
      return fail(ErrorCode::kInvalidState, reader.offset(), "JPEG quantization tables that were never sent");
    headers_.quantization = known->second;
    return {};
  }
  TRY(const base::ByteView bytes, reader.bytes(length, "JPEG quantization tables"));
  TRY(headers_.quantization, read_tables(precision, bytes));
  if (header.q != kUncachedQ) tables_by_q_[header.q] = headers_.quantization;
  return {};
}

/// What follows the payload header: the picture's headers are written when its data begin.
base::Result<void> JpegDepacketizer::push_data(const std::optional<JpegExtension>& extension,
                                               base::ByteView data) {
  if (picture_.broken || !picture_.started) return {};
  if (extension) CHECK_OK(push_extension(*extension));
  if (data.empty()) return {};
  if (!picture_.in_data) CHECK_OK(write_headers());
  picture_.received += data.size();
  return append(data);
}

base::Result<void> JpegDepacketizer::push_extension(const JpegExtension& extension) {
  if (picture_.in_data) {
    const bool only_fill = std::all_of(extension.bytes.begin(), extension.bytes.end(),
                                       [](std::uint8_t byte) { return byte == 0xFF; });
    return only_fill ? base::Result<void>() : append(extension.bytes);
  }
  if (!picture_.has_extension) return {};
  if (extension.bytes.size() > kMaxExtensionBytes - extension_.size())
    return fail(ErrorCode::kTooLarge, 0, "JPEG header extension above 128 KiB");
  extension_.insert(extension_.end(), extension.bytes.begin(), extension.bytes.end());
  return {};
}

base::Result<void> JpegDepacketizer::append(base::ByteView bytes) {
  if (bytes.empty()) return {};
  if (!writer_.append(bytes)) return fail(ErrorCode::kTooLarge, 0, "JPEG picture above 16 MiB");
  const unsigned before = bytes.size() == 1 ? picture_.tail & 0xFFU : bytes[bytes.size() - 2];
  picture_.tail = static_cast<std::uint16_t>((before << 8) | bytes.back());
  return {};
}

// --- headers ---

base::Result<void> JpegDepacketizer::write_headers() {
  headers_.applications.clear();
  headers_.scan_header.clear();
  headers_.restart_interval = picture_.header.restart_interval;
  JpegSegments segments;
  if (picture_.has_extension) {
    own_huffman_ = true;
    TRY(segments, read_jpeg_segments(extension_, headers_));
  } else if (std::exchange(own_huffman_, false)) {
    headers_.huffman = standard_huffman_tables();
  }
  if (!segments.frame_header) CHECK_OK(choose_frame_header(picture_.has_extension));

  header_bytes_.clear();
  append_headers(headers_, header_bytes_);
  CHECK_OK(append(header_bytes_));
  picture_.in_data = true;
  return append(segments.scan_data);
}

/// `keep_previous`: a picture without a size of its own has that of the one before (ONVIF).
base::Result<void> JpegDepacketizer::choose_frame_header(bool keep_previous) {
  const PayloadHeader& header = picture_.header;
  const bool no_size = header.width == 0 && header.height == 0;
  if (keep_previous && no_size && !headers_.frame_header.empty()) return {};
  sdp::PictureSize size{header.width * 8U, header.height * 8U};
  if (announced_ && agrees(header.width, announced_->width) && agrees(header.height, announced_->height))
    size = *announced_;
  if (size.width == 0 || size.height == 0)
    return fail(ErrorCode::kUnsupported, 6, "JPEG picture whose size is told nowhere");
  const auto sampling = header.type % kFirstRestartType == 0 ? JpegSampling::k422 : JpegSampling::k420;
  headers_.frame_header = make_frame_header(sampling, static_cast<std::uint16_t>(size.width),
                                            static_cast<std::uint16_t>(size.height), headers_.quantization);
  return {};
}

// --- pictures ---

void JpegDepacketizer::drop_picture() {
  finished_.on_dropped();
  writer_.discard();
  picture_ = Picture();
}

void JpegDepacketizer::finish_unmarked() {
  if (markers_seen_ && !has_end()) picture_.broken = true;
  finish_picture();
}

void JpegDepacketizer::finish_picture() {
  if (!picture_.in_data || (picture_.broken && !picture_.pass_incomplete)) return drop_picture();
  constexpr std::uint8_t kEnd[] = {0xFF, jpeg_marker::kEndOfImage};
  if (!has_end() && !writer_.append(kEnd)) return drop_picture();

  Frame frame;
  frame.timestamp = picture_.timestamp;
  frame.arrival = picture_.arrival;
  frame.key_frame = true;
  frame.disposable = true;
  frame.corrupted = picture_.broken;
  if (!parameters_ || parameters_->config != headers_.frame_header) {
    auto parameters = std::make_shared<ParameterSets>();
    parameters->config = headers_.frame_header;
    if (const auto info = read_frame_header(headers_.frame_header)) {
      parameters->width = info->width;
      parameters->height = info->height;
    }
    parameters_ = std::move(parameters);
  }
  writer_.finish(frame);
  finished_.add(std::move(frame), parameters_);
  picture_ = Picture();
}

}  // namespace retina::codec
