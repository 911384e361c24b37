#include "packet_streams.h"

#include <algorithm>

#include "h264_stream.h"

namespace retina::bench {
namespace {

constexpr std::size_t kPayloadBytes = 1400;
constexpr std::size_t kStreamBytes = std::size_t{1} << 20;

// A group of pictures as cameras have them: 2 Mbit/s or so.
constexpr unsigned kPictures = 25;
constexpr std::size_t kKeyPictureBytes = 60000;
constexpr std::size_t kPictureBytes = 10000;
constexpr std::uint32_t kPictureTicks = 3600;

class Builder {
 public:
  Builder(const char* name, const std::string& media_lines) {
    stream_.name = name;
    const auto description = sdp::parse("v=0\r\n" + media_lines);
    if (description) stream_.media = description->media.at(0);
  }

  void packet(const base::Bytes& payload, bool marker) {
    stream_.packets.push_back({stream_.bytes.size(), payload.size(), timestamp_, marker});
    stream_.bytes.insert(stream_.bytes.end(), payload.begin(), payload.end());
  }
  void end_frames(std::size_t frames, std::uint32_t ticks) {
    stream_.frames += frames;
    stream_.duration = timestamp_ += ticks;
  }
  bool is_full() const { return stream_.bytes.size() >= kStreamBytes; }
  PacketStream take() { return std::move(stream_); }

 private:
  PacketStream stream_;
  std::uint32_t timestamp_ = 0;
};

base::Bytes joined(base::Bytes head, const base::Bytes& bytes, std::size_t from, std::size_t to) {
  head.insert(head.end(), bytes.begin() + static_cast<std::ptrdiff_t>(from),
              bytes.begin() + static_cast<std::ptrdiff_t>(to));
  return head;
}

void append_be16(base::Bytes& bytes, std::size_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

/// Bytes without zeros: nothing in them looks like a start code.
base::Bytes noise(std::size_t size) {
  base::Bytes bytes = make_slice(1, std::max<std::size_t>(size, 64));
  bytes.resize(size);
  return bytes;
}

std::uint8_t fragment_flags(std::size_t at, std::size_t begin, std::size_t end, std::size_t size) {
  return static_cast<std::uint8_t>((at == begin ? 0x80 : 0) | (end == size ? 0x40 : 0));
}

/// RFC 6184 s5.8. `number`: of the interleaved mode, whose first fragment has it.
void add_h264_fragments(Builder& builder, const base::Bytes& nal, const std::uint16_t* number) {
  for (std::size_t at = 1; at < nal.size();) {
    const bool with_number = at == 1 && number != nullptr;
    base::Bytes head{static_cast<std::uint8_t>((nal[0] & 0xE0) | (with_number ? 29 : 28)), 0};
    if (with_number) append_be16(head, *number);
    const std::size_t end = std::min(nal.size(), at + kPayloadBytes - head.size());
    head[1] = static_cast<std::uint8_t>(fragment_flags(at, 1, end, nal.size()) | (nal[0] & 0x1F));
    builder.packet(joined(std::move(head), nal, at, end), end == nal.size());
    at = end;
  }
}

constexpr const char* kH264 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";

PacketStream h264_fragments(const char* name, bool interleaved) {
  Builder builder(name,
                  std::string(kH264) +
                      (interleaved ? "a=fmtp:96 packetization-mode=2;sprop-interleaving-depth=0\r\n" : ""));
  std::uint16_t number = 0;
  // The numbers of the interleaved mode go around with the stream.
  const unsigned pictures = interleaved ? 128 : 75;
  for (unsigned i = 0; i < pictures; ++i) {
    const unsigned in_group = i % kPictures;
    if (in_group == 0 && !interleaved) {
      builder.packet(make_sps(25), false);
      builder.packet(make_pps(), false);
    }
    add_h264_fragments(builder, make_slice(in_group, in_group == 0 ? kKeyPictureBytes : kPictureBytes),
                       interleaved ? &number : nullptr);
    number = static_cast<std::uint16_t>(number + 0x10000 / 128);
    builder.end_frames(1, kPictureTicks);
  }
  return builder.take();
}

PacketStream h264_single_units() {
  Builder builder("H.264, a packet a picture", kH264);
  for (unsigned i = 0; !builder.is_full() || i % kPictures != 0; ++i) {
    builder.packet(make_slice(i % kPictures, kPayloadBytes), true);
    builder.end_frames(1, kPictureTicks);
  }
  return builder.take();
}

/// RFC 6184 s5.7.1: eight slices of a picture in a packet.
PacketStream h264_aggregates() {
  Builder builder("H.264, STAP-A of 8 slices", kH264);
  for (unsigned i = 0; !builder.is_full() || i % kPictures != 0; ++i) {
    base::Bytes payload{0x78};
    for (unsigned slice = 0; slice < 8; ++slice) {
      base::Bytes nal = make_slice(i % kPictures, 172);
      if (slice > 0) nal[1] = 0x4D;  // first_mb_in_slice 1
      append_be16(payload, nal.size());
      payload = joined(std::move(payload), nal, 0, nal.size());
    }
    builder.packet(payload, true);
    builder.end_frames(1, kPictureTicks);
  }
  return builder.take();
}

/// RFC 7798 s4.4.3.
PacketStream h265_fragments() {
  Builder builder("H.265, FU", "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n");
  for (unsigned i = 0; i < 75; ++i) {
    const bool key = i % kPictures == 0;
    base::Bytes nal = noise(key ? kKeyPictureBytes : kPictureBytes);
    nal[0] = key ? 19 << 1 : 1 << 1;
    nal[1] = 1;
    nal[2] = 0xAF;  // first_slice_segment_in_pic_flag
    for (std::size_t at = 2; at < nal.size();) {
      const std::size_t end = std::min(nal.size(), at + kPayloadBytes - 3);
      const auto flags = fragment_flags(at, 2, end, nal.size());
      builder.packet(joined({49 << 1, 1, static_cast<std::uint8_t>(flags | (nal[0] >> 1))}, nal, at, end),
                     end == nal.size());
      at = end;
    }
    builder.end_frames(1, kPictureTicks);
  }
  return builder.take();
}

/// RFC 2435: 640x480, tables by Q.
PacketStream jpeg_fragments() {
  Builder builder("JPEG", "m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n");
  for (unsigned i = 0; !builder.is_full(); ++i) {
    const base::Bytes scan = noise(40000);
    for (std::size_t at = 0; at < scan.size();) {
      const std::size_t end = std::min(scan.size(), at + kPayloadBytes - 8);
      const base::Bytes head{0,
                             static_cast<std::uint8_t>(at >> 16),
                             static_cast<std::uint8_t>(at >> 8),
                             static_cast<std::uint8_t>(at),
                             1,
                             80,
                             640 / 8,
                             480 / 8};
      builder.packet(joined(head, scan, at, end), end == scan.size());
      at = end;
    }
    builder.end_frames(1, kPictureTicks);
  }
  return builder.take();
}

/// RTP Payload Format For AV1: one OBU a temporal unit, OBU_FRAME, in fragments.
PacketStream av1_fragments() {
  Builder builder("AV1", "m=video 0 RTP/AVP 96\r\na=rtpmap:96 AV1/90000\r\n");
  for (unsigned i = 0; !builder.is_full(); ++i) {
    base::Bytes obu = noise(kPictureBytes);
    obu[0] = 6 << 3;
    obu[1] = 0x10;  // a shown key frame
    for (std::size_t at = 0; at < obu.size();) {
      const std::size_t end = std::min(obu.size(), at + kPayloadBytes - 1);
      const auto more = static_cast<std::uint8_t>((at > 0 ? 0x80 : 0) | (end < obu.size() ? 0x40 : 0) | 0x10);
      builder.packet(joined({more}, obu, at, end), end == obu.size());
      at = end;
    }
    builder.end_frames(1, kPictureTicks);
  }
  return builder.take();
}

/// RFC 3640 s3.3.6: `units` AAC frames a packet.
PacketStream aac(const char* name, unsigned units, std::size_t unit_bytes) {
  Builder builder(
      name,
      "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/48000/2\r\na=fmtp:97 streamtype=5;mode=AAC-hbr;"
      "config=1190;sizelength=13;indexlength=3;indexdeltalength=3\r\n");
  while (!builder.is_full()) {
    base::Bytes payload{0, static_cast<std::uint8_t>(units * 16)};
    for (unsigned i = 0; i < units; ++i)
      append_be16(payload, unit_bytes << 3);
    const base::Bytes data = noise(units * unit_bytes);
    builder.packet(joined(std::move(payload), data, 0, data.size()), true);
    builder.end_frames(units, 1024 * units);
  }
  return builder.take();
}

/// A payload that is a frame as it stands.
PacketStream whole_payloads(const char* name, const std::string& media, std::size_t bytes,
                            std::uint32_t ticks) {
  Builder builder(name, media);
  while (!builder.is_full()) {
    base::Bytes payload = noise(bytes);
    payload[0] = 0x78;  // Opus: one frame of 20 ms
    builder.packet(payload, true);
    builder.end_frames(1, ticks);
  }
  return builder.take();
}

PacketStream onvif() {
  Builder builder("ONVIF metadata", "m=application 0 RTP/AVP 98\r\na=rtpmap:98 vnd.onvif.metadata/90000\r\n");
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><tt:MetadataStream>";
  while (!builder.is_full()) {
    std::string text = head + std::string(3 * kPayloadBytes, 'x') + "</tt:MetadataStream>";
    const base::Bytes document(text.begin(), text.end());
    for (std::size_t at = 0; at < document.size();) {
      const std::size_t end = std::min(document.size(), at + kPayloadBytes);
      builder.packet(joined({}, document, at, end), end == document.size());
      at = end;
    }
    builder.end_frames(1, 9000);
  }
  return builder.take();
}

}  // namespace

std::vector<PacketStream> packet_streams() {
  std::vector<PacketStream> streams;
  streams.push_back(h264_fragments("H.264, FU-A", false));
  streams.push_back(h264_single_units());
  streams.push_back(h264_aggregates());
  streams.push_back(h264_fragments("H.264, interleaved", true));
  streams.push_back(h265_fragments());
  streams.push_back(jpeg_fragments());
  streams.push_back(av1_fragments());
  streams.push_back(aac("AAC, a frame a packet", 1, 340));
  streams.push_back(aac("AAC, 4 frames a packet", 4, 340));
  streams.push_back(whole_payloads("PCMA", "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n", kPayloadBytes,
                                   kPayloadBytes));
  streams.push_back(whole_payloads("Opus", "m=audio 0 RTP/AVP 99\r\na=rtpmap:99 opus/48000/2\r\n", 160, 960));
  streams.push_back(onvif());
  return streams;
}

}  // namespace retina::bench
