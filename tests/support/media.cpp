#include "support/media.h"

namespace retina::test {

namespace {

constexpr std::size_t kRtpHeaderSize = 12;
constexpr std::size_t kSenderReportSize = 28;
constexpr std::uint8_t kSenderReport = 200;

void shift_rtp(base::Bytes& packet, std::uint16_t sequences, std::uint32_t ticks) {
  if (packet.size() < kRtpHeaderSize) return;
  const auto sequence = static_cast<std::uint16_t>(base::load_be16(packet.data() + 2) + sequences);
  base::store_be16(packet.data() + 2, sequence);
  base::store_be32(packet.data() + 4, base::load_be32(packet.data() + 4) + ticks);
}

/// RFC 3550 s6.4.1: the NTP time, in 32.32 seconds, and the RTP time that it belongs to.
void shift_sender_report(base::Bytes& packet, base::Duration by, std::uint32_t ticks) {
  if (packet.size() < kSenderReportSize || packet[1] != kSenderReport) return;
  const std::uint64_t ntp =
      (std::uint64_t{base::load_be32(packet.data() + 8)} << 32) | base::load_be32(packet.data() + 12);
  const auto whole = static_cast<std::uint64_t>(by.count() / 1'000'000'000);
  const auto part = (static_cast<std::uint64_t>(by.count() % 1'000'000'000) << 32) / 1'000'000'000;
  const std::uint64_t shifted = ntp + (whole << 32) + part;
  base::store_be32(packet.data() + 8, static_cast<std::uint32_t>(shifted >> 32));
  base::store_be32(packet.data() + 12, static_cast<std::uint32_t>(shifted));
  base::store_be32(packet.data() + 16, base::load_be32(packet.data() + 16) + ticks);
}

}  // namespace

MediaCursor::MediaCursor(const Media& media, base::TimePoint start) : media_(&media), start_(start) {
  for (const MediaPacket& packet : media.packets) {
    if (packet.stream >= rtp_packets_.size()) rtp_packets_.resize(packet.stream + 1);
    if (!packet.rtcp) ++rtp_packets_[packet.stream];
  }
}

bool MediaCursor::ended() const {
  return media_ == nullptr || position_ >= media_->packets.size();
}

base::TimePoint MediaCursor::due() const {
  return start_ + media_->packets[position_].at + round_ * media_->loop_duration;
}

MediaPacket MediaCursor::next() {
  MediaPacket packet = media_->packets[position_];
  if (round_ > 0) {
    const std::uint32_t per_round =
        packet.stream < media_->loop_ticks.size() ? media_->loop_ticks[packet.stream] : 0;
    const std::uint32_t ticks = round_ * per_round;
    if (packet.rtcp) {
      shift_sender_report(packet.bytes, round_ * media_->loop_duration, ticks);
    } else {
      shift_rtp(packet.bytes, static_cast<std::uint16_t>(round_ * rtp_packets_[packet.stream]), ticks);
    }
  }
  if (++position_ == media_->packets.size() && media_->loop) {
    position_ = 0;
    ++round_;
  }
  return packet;
}

std::vector<FirstPacket> first_packets(const Media& media) {
  std::vector<FirstPacket> first;
  std::vector<bool> known;
  for (const MediaPacket& packet : media.packets) {
    if (packet.rtcp || packet.bytes.size() < kRtpHeaderSize) continue;
    if (packet.stream >= first.size()) {
      first.resize(packet.stream + 1, {0, 0});
      known.resize(packet.stream + 1);
    }
    if (known[packet.stream]) continue;
    known[packet.stream] = true;
    first[packet.stream] = {base::load_be16(packet.bytes.data() + 2),
                            base::load_be32(packet.bytes.data() + 4)};
  }
  return first;
}

}  // namespace retina::test
