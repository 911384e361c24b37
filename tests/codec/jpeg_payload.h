#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "codec/jpeg.h"
#include "support/check.h"

namespace retina::test {

inline base::Bytes joined(std::initializer_list<base::Bytes> parts) {
  base::Bytes all;
  for (const base::Bytes& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// An RTP payload of RFC 2435, written from the RFC.
struct JpegPayload {
  std::uint32_t offset = 0;
  std::uint8_t type = 1;
  std::uint8_t q = 50;
  std::uint8_t width = 4;  ///< in units of 8 pixels
  std::uint8_t height = 2;
  std::uint16_t restart_interval = 0;  ///< for types from 64 on
  std::uint8_t precision = 0;
  std::optional<base::Bytes> tables;  ///< empty: the header without tables
  base::Bytes data;

  base::Bytes bytes() const {
    base::Bytes out{0,
                    static_cast<std::uint8_t>(offset >> 16),
                    static_cast<std::uint8_t>(offset >> 8),
                    static_cast<std::uint8_t>(offset),
                    type,
                    q,
                    width,
                    height};
    if (type >= 64) {
      out.insert(out.end(), {static_cast<std::uint8_t>(restart_interval >> 8),
                             static_cast<std::uint8_t>(restart_interval), 0xFF, 0xFF});
    }
    if (tables) {
      out.insert(out.end(), {0, precision, static_cast<std::uint8_t>(tables->size() >> 8),
                             static_cast<std::uint8_t>(tables->size())});
      out.insert(out.end(), tables->begin(), tables->end());
    }
    out.insert(out.end(), data.begin(), data.end());
    return out;
  }
};

/// The segments of a picture up to SOS, and what follows them.
struct ParsedJpeg {
  struct Segment {
    std::uint8_t marker = 0;
    base::Bytes parameters;
    bool operator==(const Segment&) const = default;
  };
  std::vector<Segment> segments;
  base::Bytes data;  ///< entropy-coded, with EOI

  const base::Bytes* find(std::uint8_t marker) const {
    for (const Segment& segment : segments) {
      if (segment.marker == marker) return &segment.parameters;
    }
    return nullptr;
  }
};

/// Fails the test if the bytes aren't SOI and well-formed segments.
inline ParsedJpeg parse_jpeg(base::ByteView bytes) {
  ParsedJpeg parsed;
  base::ByteReader reader(bytes);
  ck_assert_uint_eq(*reader.u16("SOI"), 0xFFD8);
  for (;;) {
    ck_assert_uint_eq(*reader.u8("FF"), 0xFF);
    const std::uint8_t marker = *reader.u8("marker");
    const std::uint16_t length = *reader.u16("length");
    ck_assert_uint_ge(length, 2);
    const auto parameters = reader.bytes(length - 2U, "segment");
    ck_assert(parameters.has_value());
    parsed.segments.push_back({marker, base::Bytes(parameters->begin(), parameters->end())});
    if (marker == codec::jpeg_marker::kStartOfScan) break;
  }
  parsed.data.assign(reader.rest().begin(), reader.rest().end());
  return parsed;
}

/// A depacketizer, and what comes out of it.
class JpegFeeder {
 public:
  struct Got {
    base::Bytes bytes;
    codec::Frame meta;  // its memory has been given back
  };

  explicit JpegFeeder(const sdp::Media& media = {}, bool pass_incomplete = false)
      : depacketizer_(media, format(pass_incomplete), allocator_) {}

  codec::JpegDepacketizer& depacketizer() { return depacketizer_; }

  /// True when the packet was taken without an error.
  bool push(const base::Bytes& payload, std::int64_t timestamp, bool marker, std::uint32_t lost = 0,
            std::uint16_t profile = 0, const base::Bytes& extension = {}) {
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp;
    packet.marker = marker;
    packet.packets_lost = lost;
    packet.extension_profile = profile;
    packet.extension = extension;
    packet.arrival += std::chrono::milliseconds(++packets_);
    const bool taken = depacketizer_.push(packet).has_value();
    pull();
    return taken;
  }
  void flush() {
    depacketizer_.flush();
    pull();
  }

  std::vector<Got> frames;

 private:
  static codec::FrameFormat format(bool pass_incomplete) {
    codec::FrameFormat format;
    format.pass_incomplete = pass_incomplete;
    return format;
  }
  void pull() {
    while (auto frame = depacketizer_.pull()) {
      Got got;
      got.bytes.assign(frame->bytes().begin(), frame->bytes().end());
      frame->memory = codec::FrameMemory();
      got.meta = std::move(*frame);
      frames.push_back(std::move(got));
    }
  }

  int packets_ = 0;
  codec::HeapAllocator allocator_;
  codec::JpegDepacketizer depacketizer_;
};

}  // namespace retina::test
