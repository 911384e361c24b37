#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "codec/depacketizer.h"
#include "codec/frame.h"
#include "sdp/description.h"
#include "sdp/fmtp.h"
#include "support/check.h"

namespace retina::test {

/// Bits, most significant first; the last byte is filled with 0.
class BitWriter {
 public:
  BitWriter& put(std::uint64_t value, std::size_t bits) {
    for (std::size_t i = bits; i-- > 0;) {
      if (count_ % 8 == 0) bytes_.push_back(0);
      if (((value >> i) & 1) != 0)
        bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (0x80U >> count_ % 8));
      ++count_;
    }
    return *this;
  }
  BitWriter& put(const base::Bytes& bytes) {
    for (const std::uint8_t byte : bytes)
      put(byte, 8);
    return *this;
  }
  BitWriter& align() { return put(0, (8 - count_ % 8) % 8); }
  const base::Bytes& bytes() const { return bytes_; }
  std::size_t size_bits() const { return count_; }

 private:
  base::Bytes bytes_;
  std::size_t count_ = 0;
};

/// A media section as the SDP parser would make it. `channels` 0: not in the rtpmap.
inline sdp::Media aac_media(std::string_view encoding, std::uint32_t clock_rate_hz, std::uint16_t channels,
                            std::string_view fmtp) {
  sdp::Media media;
  media.kind = sdp::MediaKind::kAudio;
  media.encoding_name = std::string(encoding);
  media.clock_rate_hz = clock_rate_hz;
  media.channels = channels;
  media.format_parameters = sdp::parse_format_parameters(fmtp).parameters;
  return media;
}

/// No raw AAC frame, but as good: it doesn't begin as ADTS does.
inline base::Bytes sample_unit(std::size_t size, unsigned seed) {
  base::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 7 + seed * 31 + (i >> 8));
  if (size > 0) bytes[0] = 0x21;
  if (size > 1) bytes[1] = static_cast<std::uint8_t>(seed);
  return bytes;
}

inline base::Bytes operator+(const base::Bytes& left, const base::Bytes& right) {
  base::Bytes both(left.size() + right.size());
  std::copy(left.begin(), left.end(), both.begin());
  std::copy(right.begin(), right.end(), both.begin() + static_cast<std::ptrdiff_t>(left.size()));
  return both;
}

/// AU headers and units as AAC-hbr has them, one behind the other.
inline base::Bytes hbr_packet(const std::vector<base::Bytes>& units) {
  BitWriter bits;
  bits.put(units.size() * 16, 16);
  for (const base::Bytes& unit : units)
    bits.put(unit.size(), 13).put(0, 3);
  for (const base::Bytes& unit : units)
    bits.put(unit);
  return bits.bytes();
}

/// A fragment of a unit of `whole` bytes.
inline base::Bytes hbr_fragment(std::size_t whole, const base::Bytes& part) {
  return BitWriter().put(16, 16).put(whole, 13).put(0, 3).put(part).bytes();
}

inline base::Bytes slice(const base::Bytes& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

/// A frame that came out, copied.
struct AacGot {
  base::Bytes bytes;
  codec::Frame meta;  // its memory has been given back
};

/// A depacketizer of the type D, and what comes out of it.
template <class D>
class AacFeederOf {
 public:
  explicit AacFeederOf(const sdp::Media& media, codec::AacFraming framing = codec::AacFraming::kRaw) {
    codec::FrameFormat format;
    format.aac = framing;
    auto made = D::create(media, format, allocator_);
    ck_assert_msg(made.has_value(), "no depacketizer: %s", made ? "" : made.error().what);
    depacketizer_ = std::move(*made);
  }

  D& depacketizer() { return *depacketizer_; }

  /// True when the packet was taken without an error.
  bool push(const base::Bytes& payload, std::int64_t timestamp, bool marker = true, std::uint32_t lost = 0) {
    // In memory of exactly its size, so that a sanitizer sees every byte read beyond it.
    const base::Bytes exact(payload.begin(), payload.end());
    codec::MediaPacket packet;
    packet.payload = exact;
    packet.timestamp = timestamp;
    packet.marker = marker;
    packet.packets_lost = lost;
    packet.arrival = base::TimePoint(std::chrono::milliseconds(++packets_));
    const bool taken = depacketizer_->push(packet).has_value();
    pull();
    return taken;
  }
  void flush() {
    depacketizer_->flush();
    pull();
  }
  void pull() {
    while (auto frame = depacketizer_->pull()) {
      AacGot got;
      got.bytes.assign(frame->bytes().begin(), frame->bytes().end());
      frame->memory = codec::FrameMemory();
      got.meta = std::move(*frame);
      ck_assert(got.meta.key_frame && !got.meta.corrupted);
      frames.push_back(std::move(got));
    }
  }

  std::vector<AacGot> frames;

 private:
  codec::HeapAllocator allocator_;
  std::unique_ptr<D> depacketizer_;
  int packets_ = 0;
};

}  // namespace retina::test
