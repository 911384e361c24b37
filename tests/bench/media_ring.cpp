#include "media_ring.h"

#include <time.h>

#include <algorithm>

#include "h264_stream.h"

namespace retina::bench {
namespace {

constexpr std::size_t kFramingBytes = 4;  // RFC 2326 s10.12: '$', channel, length
constexpr std::size_t kRtpBytes = 12;     // RFC 3550 s5.1
constexpr std::size_t kReportBytes = 28;  // RFC 3550 s6.4.1, no report blocks
constexpr std::uint8_t kPayloadType = 96;
constexpr std::uint64_t kSecondsBetweenReports = 5;
constexpr std::uint64_t kNtpEpochSeconds = 2'208'988'800;  // 1900 to 1970

std::uint64_t wall_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

/// Deviations from the mean in [-1/4, 1/4] that cancel out pairwise, so that the bit rate is met exactly.
double deviation(unsigned number, unsigned frames) {
  if (number + (number % 2) >= frames) return 0;  // the one without a partner
  const unsigned pair = (number - 1) / 2;
  const double magnitude = 0.25 * static_cast<double>((pair * 7 + 3) % 12) / 11;
  return number % 2 == 1 ? magnitude : -magnitude;
}

}  // namespace

MediaRing::MediaRing(const StreamShape& shape)
    : shape_(shape), sps_(make_sps(shape.frames_per_second)), pps_(make_pps()), wall_start_ns_(wall_ns()) {
  bytes_.resize(kFramingBytes + kReportBytes);
  packet_list_.push_back({0, bytes_.size()});
  const double frame_bytes =
      static_cast<double>(shape.bits_per_second) / 8 / (shape.frames_per_second - 1 + 6);
  add_frame(0, static_cast<std::size_t>(6 * frame_bytes));
  for (unsigned number = 1; number < shape.frames_per_second; ++number) {
    add_frame(number,
              static_cast<std::size_t>(frame_bytes * (1 + deviation(number, shape.frames_per_second))));
  }
}

void MediaRing::add_frame(unsigned number, std::size_t nal_bytes) {
  const std::size_t first = packet_list_.size();
  if (number == 0) {
    add_nal(sps_, false);
    add_nal(pps_, false);
  }
  // The stamp must not straddle two packets: no last fragment that is shorter.
  const std::size_t fragment = shape_.payload_bytes - 2;
  nal_bytes = std::max<std::size_t>(nal_bytes, 64);
  const std::size_t rest = (nal_bytes - 1) % fragment;
  if (rest != 0 && rest < kStampBytes) nal_bytes += kStampBytes;
  add_nal(make_slice(number, nal_bytes), true);
  frame_list_.push_back({first, packet_list_.size() - first});
}

/// RFC 6184 s5.6 (single NAL unit) and s5.8 (FU-A).
void MediaRing::add_nal(const base::Bytes& nal, bool last_of_frame) {
  const base::ByteView whole = nal;
  if (nal.size() <= shape_.payload_bytes) {
    add_packet({}, whole, last_of_frame);
    return;
  }
  const auto indicator = static_cast<std::uint8_t>((nal[0] & 0xe0) | 28);
  const auto type = static_cast<std::uint8_t>(nal[0] & 0x1f);
  for (std::size_t at = 1; at < nal.size();) {
    const std::size_t size = std::min(shape_.payload_bytes - 2, nal.size() - at);
    const bool last = at + size == nal.size();
    const std::uint8_t head[] = {indicator,
                                 static_cast<std::uint8_t>(type | (at == 1 ? 0x80 : 0) | (last ? 0x40 : 0))};
    add_packet(head, whole.subspan(at, size), last && last_of_frame);
    at += size;
  }
}

void MediaRing::add_packet(base::ByteView head, base::ByteView payload, bool marker) {
  const std::size_t length = kRtpBytes + head.size() + payload.size();
  const std::size_t offset = bytes_.size();
  bytes_.resize(offset + kFramingBytes + kRtpBytes);
  bytes_[offset] = '$';
  base::store_be16(&bytes_[offset + 2], static_cast<std::uint16_t>(length));
  bytes_[offset + 4] = 0x80;
  bytes_[offset + 5] = static_cast<std::uint8_t>(kPayloadType | (marker ? 0x80 : 0));
  bytes_.insert(bytes_.end(), head.begin(), head.end());
  bytes_.insert(bytes_.end(), payload.begin(), payload.end());
  packet_list_.push_back({offset, kFramingBytes + length});
}

void MediaRing::set_channels(std::uint8_t rtp, std::uint8_t rtcp) {
  rtp_channel_ = rtp;
  rtcp_channel_ = rtcp;
  for (std::size_t i = 1; i < packet_list_.size(); ++i)
    bytes_[packet_list_[i].offset + 1] = rtp;
}

void MediaRing::set_ssrc(std::uint32_t ssrc) {
  ssrc_ = ssrc;
  for (std::size_t i = 1; i < packet_list_.size(); ++i)
    base::store_be32(&bytes_[packet_list_[i].offset + 12], ssrc);
}

void MediaRing::begin_frame() {
  const Frame& frame = frame_list_[next_frame_];
  const bool report = next_frame_ == 0 && frames_ % (shape_.frames_per_second * kSecondsBetweenReports) == 0;
  if (report) write_sender_report();
  const auto timestamp =
      static_cast<std::uint32_t>(kFirstTimestamp + frames_ * kClockRateHz / shape_.frames_per_second);
  packet_begin_ = report ? 0 : frame.first_packet;
  packet_end_ = frame.first_packet + frame.packet_count;
  for (std::size_t i = frame.first_packet; i < packet_end_; ++i) {
    std::uint8_t* rtp = &bytes_[packet_list_[i].offset + kFramingBytes];
    base::store_be16(rtp + 2, static_cast<std::uint16_t>(kFirstSequence + packets_++));
    base::store_be32(rtp + 4, timestamp);
    payload_octets_ += packet_list_[i].size - kFramingBytes - kRtpBytes;
  }
  ++frames_;
  next_frame_ = (next_frame_ + 1) % frame_list_.size();
}

base::ByteView MediaRing::begin_frames(std::size_t least_bytes) {
  begin_frame();
  const std::size_t begin = packet_list_[packet_begin_].offset;
  const auto end = [this] {
    return packet_list_[packet_end_ - 1].offset + packet_list_[packet_end_ - 1].size;
  };
  while (end() - begin < least_bytes && !ends_gop())
    begin_frame();
  return base::ByteView(bytes_).subspan(begin, end() - begin);
}

base::ByteView MediaRing::packets(std::size_t first, std::size_t count) const {
  const Packet& begin = packet_list_[packet_begin_ + first];
  const Packet& last = packet_list_[packet_begin_ + first + count - 1];
  return base::ByteView(bytes_).subspan(begin.offset, last.offset + last.size - begin.offset);
}

void MediaRing::stamp(std::uint64_t time_ns) {
  const Packet& last = packet_list_[packet_end_ - 1];
  write_stamp(&bytes_[last.offset + last.size - kStampBytes], time_ns);
}

/// RFC 3550 s6.4.1. The camera's clock runs with the stream: in a flood, ahead of real time.
void MediaRing::write_sender_report() {
  const std::uint64_t now_ns = wall_start_ns_ + frames_ * 1'000'000'000 / shape_.frames_per_second;
  std::uint8_t* report = bytes_.data();
  report[0] = '$';
  report[1] = rtcp_channel_;
  base::store_be16(report + 2, kReportBytes);
  report[4] = 0x80;
  report[5] = 200;
  base::store_be16(report + 6, kReportBytes / 4 - 1);
  base::store_be32(report + 8, ssrc_);
  base::store_be32(report + 12, static_cast<std::uint32_t>(now_ns / 1'000'000'000 + kNtpEpochSeconds));
  base::store_be32(report + 16, static_cast<std::uint32_t>(((now_ns % 1'000'000'000) << 32) / 1'000'000'000));
  base::store_be32(report + 20, static_cast<std::uint32_t>(kFirstTimestamp + frames_ * kClockRateHz /
                                                                                 shape_.frames_per_second));
  base::store_be32(report + 24, static_cast<std::uint32_t>(packets_));
  base::store_be32(report + 28, static_cast<std::uint32_t>(payload_octets_));
}

base::Bytes MediaRing::goodbye() const {
  base::Bytes packet{'$', rtcp_channel_, 0, 16, 0x80, 201, 0, 1, 0, 0, 0, 0, 0x81, 203, 0, 1, 0, 0, 0, 0};
  base::store_be32(&packet[8], ssrc_);
  base::store_be32(&packet[16], ssrc_);
  return packet;
}

}  // namespace retina::bench
