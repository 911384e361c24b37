#include "client/rtcp_sender.h"

#include <algorithm>

#include "rtp/receiver_report.h"

namespace retina::client {
namespace {

/// A report with one block and a CNAME of ours.
constexpr std::size_t kReportBytes = 60;

/// More are not told apart: by then a report is rare.
constexpr std::size_t kMaxParticipants = 1000;

/// RFC 7022 s4.2 and s5: 96 random bits, in characters of which each has 6.
std::string random_cname(base::Random& random) {
  constexpr char kCharacters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string cname;
  for (int i = 0; i < 16; ++i)
    cname += kCharacters[random.next() >> 58];
  return cname;
}

}  // namespace

RtcpSender::RtcpSender(std::uint64_t seed) : random_(seed), cname_(random_cname(random_)) {}

void RtcpSender::add_stream(std::uint32_t bandwidth_kbps) {
  streams_.push_back(
      {random_.next_32(), rtp::RtcpSchedule(bandwidth_kbps, kReportBytes, random_), {}, {}, {}});
}

void RtcpSender::start(base::TimePoint now) {
  for (Stream& stream : streams_)
    stream.schedule.start(now);
}

void RtcpSender::stop() {
  for (Stream& stream : streams_) {
    stream.schedule.stop();
    stream.key_frames.cancel();
    stream.retransmissions.cancel();
  }
}

/// Requests wait until reports are sent at all.
std::optional<base::TimePoint> RtcpSender::Stream::due() const {
  const auto report = schedule.due();
  return report ? base::sooner(report, base::sooner(key_frames.due(), retransmissions.due())) : std::nullopt;
}

std::optional<base::TimePoint> RtcpSender::due() const {
  std::optional<base::TimePoint> earliest;
  for (const Stream& stream : streams_)
    earliest = base::sooner(earliest, stream.due());
  return earliest;
}

void RtcpSender::on_received(std::size_t stream, std::size_t size_bytes) {
  if (stream < streams_.size()) streams_[stream].schedule.on_received(size_bytes);
}

// RFC 3550 s6.4: SR and RR, one of which begins each compound packet, begin with their sender's SSRC.
void RtcpSender::on_participant(std::size_t stream, base::ByteView compound) {
  if (stream >= streams_.size() || compound.size() < 8) return;
  Stream& own = streams_[stream];
  const std::uint32_t ssrc = base::load_be32(compound.data() + 4);
  if (ssrc == own.ssrc || own.participants.size() >= kMaxParticipants) return;
  if (own.participants.insert(ssrc).second) own.schedule.set_participants(own.participants.size());
}

std::optional<base::Bytes> RtcpSender::on_time(std::size_t stream, MediaStream& media,
                                               const rtp::ReorderWindow& window, base::TimePoint now) {
  Stream& own = streams_[stream];
  if (media.has_media()) own.schedule.set_sender_known();
  const bool asks = own.schedule.due() && own.key_frames.on_time(media, now);
  const bool misses = own.schedule.due() && own.retransmissions.on_time(window, now);
  if (!asks && !misses && !own.schedule.on_time(now)) return std::nullopt;
  base::Bytes report = make(own, media, false, now);
  if (asks) own.key_frames.append(report, own.ssrc, media, now);
  if (misses) own.retransmissions.append(report, own.ssrc, *window.ssrc());
  // A report before its time stands for the one that was due next.
  own.schedule.on_sent(report.size(), now);
  return report;
}

// RFC 3550 s6.3.7: whoever has never sent anything doesn't say BYE either.
std::optional<base::Bytes> RtcpSender::leave(std::size_t stream, MediaStream& media, base::TimePoint now) {
  Stream& own = streams_[stream];
  const bool known = own.schedule.has_sent() && own.schedule.due();
  own.schedule.stop();
  if (!known) return std::nullopt;
  return make(own, media, true, now);
}

base::Bytes RtcpSender::make(Stream& stream, MediaStream& media, bool bye, base::TimePoint now) {
  const auto block = media.report(now);
  // RFC 3550 s8.2: two sources must not have the same SSRC.
  while (block && block->ssrc == stream.ssrc)
    stream.ssrc = random_.next_32();
  return rtp::make_receiver_report(stream.ssrc, block, cname_, bye);
}

}  // namespace retina::client
