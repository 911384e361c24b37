#include "media_ring.h"

#include <time.h>

#include <algorithm>
#include <tuple>

#include "h264_stream.h"

namespace retina::bench {
namespace {

constexpr std::size_t kFramingBytes = 4;  // RFC 2326 s10.12: '$', channel, length
constexpr std::size_t kRtpBytes = 12;     // RFC 3550 s5.1
constexpr std::size_t kReportBytes = 28;  // RFC 3550 s6.4.1, no report blocks
constexpr std::uint64_t kSecondsBetweenReports = 5;
constexpr std::uint64_t kNtpEpochSeconds = 2'208'988'800;  // 1900 to 1970
/// A ring that is shorter would be sent in small pieces.
constexpr std::uint64_t kLeastRingBytes = 1'000'000;

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

std::size_t media_bytes(const TrackShape& track, unsigned number) {
  const double bytes = static_cast<double>(track.bits_per_second) / 8;
  const double key_frame = is_video(track.encoding) ? 6 : 1;
  const double mean = bytes / (track.frames_per_second - 1 + key_frame);
  if (number == 0) return static_cast<std::size_t>(key_frame * mean);
  return static_cast<std::size_t>(mean * (1 + deviation(number, track.frames_per_second)));
}

}  // namespace

MediaRing::MediaRing(const StreamShape& shape)
    : shape_(shape), tracks_(shape.tracks.size()), wall_start_ns_(wall_ns()) {
  std::uint64_t bits = 0;
  bool video = false;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    tracks_[i].rtp_channel = static_cast<std::uint8_t>(2 * i);
    tracks_[i].rtcp_channel = static_cast<std::uint8_t>(2 * i + 1);
    bits += shape.tracks[i].bits_per_second;
    video |= is_video(shape.tracks[i].encoding);
    packet_list_.push_back({bytes_.size(), kFramingBytes + kReportBytes});
    packet_tracks_.push_back(i);
    bytes_.resize(bytes_.size() + kFramingBytes + kReportBytes);
  }
  if (!video) seconds_ = static_cast<std::size_t>(std::max<std::uint64_t>(1, 8 * kLeastRingBytes / bits));
  lay_out();
}

/// The tracks' frames in the order of their times.
void MediaRing::lay_out() {
  std::vector<std::tuple<double, std::size_t, unsigned>> order;
  for (std::size_t track = 0; track < tracks_.size(); ++track) {
    const unsigned rate = shape_.tracks[track].frames_per_second;
    for (unsigned i = 0; i < rate * seconds_; ++i)
      order.emplace_back(static_cast<double>(i) / rate, track, i % rate);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [time, track, number] : order)
    add_frame(track, number);
}

void MediaRing::add_frame(std::size_t track, unsigned number) {
  const std::size_t first = packet_list_.size();
  const TrackShape& shape = shape_.tracks[track];
  const std::vector<base::Bytes> payloads = make_payloads(shape.encoding, number, shape.frames_per_second,
                                                          media_bytes(shape, number), shape_.payload_bytes);
  for (std::size_t i = 0; i < payloads.size(); ++i)
    add_packet(track, payloads[i], i + 1 == payloads.size());
  frame_list_.push_back({track, first, packet_list_.size() - first});
}

void MediaRing::add_packet(std::size_t track, base::ByteView payload, bool marker) {
  const std::size_t length = kRtpBytes + payload.size();
  const std::size_t offset = bytes_.size();
  bytes_.resize(offset + kFramingBytes + kRtpBytes);
  bytes_[offset] = '$';
  bytes_[offset + 1] = tracks_[track].rtp_channel;
  base::store_be16(&bytes_[offset + 2], static_cast<std::uint16_t>(length));
  bytes_[offset + 4] = 0x80;
  const auto type = kFirstPayloadType + static_cast<int>(track);
  bytes_[offset + 5] = static_cast<std::uint8_t>(type | (marker ? 0x80 : 0));
  bytes_.insert(bytes_.end(), payload.begin(), payload.end());
  packet_list_.push_back({offset, kFramingBytes + length});
  packet_tracks_.push_back(track);
}

std::uint32_t MediaRing::first_timestamp(std::size_t track) const {
  return 10 * clock_rate_hz(shape_.tracks[track].encoding);
}

/// Frames are evenly spaced, also those of audio, whose real ones would have 1024 samples.
std::uint32_t MediaRing::next_timestamp(std::size_t track) const {
  const TrackShape& shape = shape_.tracks[track];
  return static_cast<std::uint32_t>(first_timestamp(track) + tracks_[track].frames *
                                                                 clock_rate_hz(shape.encoding) /
                                                                 shape.frames_per_second);
}

void MediaRing::set_channels(std::size_t track, std::uint8_t rtp, std::uint8_t rtcp) {
  tracks_[track].rtp_channel = rtp;
  tracks_[track].rtcp_channel = rtcp;
  for (std::size_t i = tracks_.size(); i < packet_list_.size(); ++i) {
    if (packet_tracks_[i] == track) bytes_[packet_list_[i].offset + 1] = rtp;
  }
}

void MediaRing::set_ssrc(std::uint32_t ssrc) {
  for (std::size_t track = 0; track < tracks_.size(); ++track)
    tracks_[track].ssrc = ssrc + static_cast<std::uint32_t>(track) * 0x01000000;
  for (std::size_t i = tracks_.size(); i < packet_list_.size(); ++i)
    base::store_be32(&bytes_[packet_list_[i].offset + 12], tracks_[packet_tracks_[i]].ssrc);
}

void MediaRing::begin_frame() {
  const Frame& frame = frame_list_[next_frame_];
  const bool report = next_frame_ == 0 && seconds_begun_ >= next_report_;
  if (report) {
    next_report_ = seconds_begun_ + kSecondsBetweenReports;
    for (std::size_t track = 0; track < tracks_.size(); ++track)
      write_sender_report(track);
  }
  if (next_frame_ == 0) seconds_begun_ += seconds_;
  Track& track = tracks_[frame.track];
  const std::uint32_t timestamp = next_timestamp(frame.track);
  packet_begin_ = report ? 0 : frame.first_packet;
  packet_end_ = frame.first_packet + frame.packet_count;
  for (std::size_t i = frame.first_packet; i < packet_end_; ++i) {
    std::uint8_t* rtp = &bytes_[packet_list_[i].offset + kFramingBytes];
    base::store_be16(rtp + 2, static_cast<std::uint16_t>(kFirstSequence + track.packets++));
    base::store_be32(rtp + 4, timestamp);
    track.payload_octets += packet_list_[i].size - kFramingBytes - kRtpBytes;
  }
  packets_ += frame.packet_count;
  ++track.frames;
  ++frames_;
  next_frame_ = (next_frame_ + 1) % frame_list_.size();
}

base::ByteView MediaRing::begin_frames(std::size_t least_bytes) {
  begin_frame();
  const std::size_t begin = packet_list_[packet_begin_].offset;
  const auto end = [this] {
    return packet_list_[packet_end_ - 1].offset + packet_list_[packet_end_ - 1].size;
  };
  while (end() - begin < least_bytes && !at_end())
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
void MediaRing::write_sender_report(std::size_t number) {
  const Track& track = tracks_[number];
  const std::uint64_t now_ns =
      wall_start_ns_ + track.frames * 1'000'000'000 / shape_.tracks[number].frames_per_second;
  std::uint8_t* report = &bytes_[packet_list_[number].offset];
  report[0] = '$';
  report[1] = track.rtcp_channel;
  base::store_be16(report + 2, kReportBytes);
  report[4] = 0x80;
  report[5] = 200;
  base::store_be16(report + 6, kReportBytes / 4 - 1);
  base::store_be32(report + 8, track.ssrc);
  base::store_be32(report + 12, static_cast<std::uint32_t>(now_ns / 1'000'000'000 + kNtpEpochSeconds));
  base::store_be32(report + 16, static_cast<std::uint32_t>(((now_ns % 1'000'000'000) << 32) / 1'000'000'000));
  base::store_be32(report + 20, next_timestamp(number));
  base::store_be32(report + 24, static_cast<std::uint32_t>(track.packets));
  base::store_be32(report + 28, static_cast<std::uint32_t>(track.payload_octets));
}

base::Bytes MediaRing::goodbye() const {
  base::Bytes packets;
  for (const Track& track : tracks_) {
    base::Bytes packet{'$', track.rtcp_channel, 0, 16, 0x80, 201, 0, 1, 0, 0, 0, 0, 0x81, 203, 0, 1, 0, 0, 0,
                       0};
    base::store_be32(&packet[8], track.ssrc);
    base::store_be32(&packet[16], track.ssrc);
    packets.insert(packets.end(), packet.begin(), packet.end());
  }
  return packets;
}

}  // namespace retina::bench
