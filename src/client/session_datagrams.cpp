// Media that comes as datagrams: put into order, one packet at a time between the events.

#include <algorithm>

#include "client/session.h"
#include "rtp/packet.h"
#include "rtp/retransmission.h"

namespace retina::client {
namespace {

// What goes out first, so that firewalls and NAT let the answers in: an RTP packet without payload, and a
// receiver report without reports. Both are well-formed, and mean nothing to a camera.
constexpr std::array<std::uint8_t, 12> kEmptyRtp = {0x80, 0x00};
constexpr std::array<std::uint8_t, 8> kEmptyReceiverReport = {0x80, 0xC9, 0x00, 0x01};

}  // namespace

void Session::receive_datagram(std::size_t stream, bool rtcp, base::ByteView bytes, base::TimePoint now) {
  now_ = now;
  read_timed_out_ = false;
  // Before PLAY nothing is wanted; what comes then is of an earlier session, or early.
  if (stream >= streams_.size() || !dialogue_.expects_media()) return;
  const Track& track = dialogue_.tracks()[stream];
  if (track.interleaved()) return;
  const bool is_rtcp = rtcp || rtp::is_rtcp(bytes);
  // In a group there is also RTCP of those who receive.
  udp_seen_ = udp_seen_ || !is_rtcp || track.transport == Transport::kUdp;
  if (is_rtcp) return on_datagram_rtcp(stream, bytes);
  const auto retransmission = datagram_streams_[stream].retransmission.payload_type;
  if (!retransmission || bytes.size() < rtp::kFixedHeaderBytes || (bytes[1] & 0x7F) != *retransmission) {
    on_datagram_rtp(stream, bytes, false, now);
  } else if (restore(stream, bytes)) {
    on_datagram_rtp(stream, datagram_streams_[stream].restored, true, now);
  }
}

/// False: it is of no use.
bool Session::restore(std::size_t stream, base::ByteView bytes) {
  DatagramStream& datagrams = datagram_streams_[stream];
  const auto media = datagrams.window.ssrc();
  // Before there is media, none of it is missing.
  if (!media) return false;
  datagrams.retransmission.ssrc = base::load_be32(bytes.data() + 8);
  const std::uint8_t payload_type = description().media[streams_[stream]->media_index()].payload_type;
  if (rtp::restore_original(bytes, payload_type, *media, datagrams.restored)) return true;
  statistics_.packets_invalid.add();
  return false;
}

void Session::on_datagram_rtp(std::size_t stream, base::ByteView bytes, bool retransmitted,
                              base::TimePoint now) {
  MediaStream* const media = streams_[stream].get();
  const auto number = static_cast<std::uint8_t>(stream);
  if (bytes.size() < rtp::kFixedHeaderBytes) {
    on_rtp(media, number, bytes, now);
    return;
  }

  using Verdict = rtp::ReorderWindow::Verdict;
  rtp::ReorderWindow& window = datagram_streams_[stream].window;
  const Verdict verdict = window.push(bytes, now);
  switch (verdict) {
    case Verdict::kPass:
      on_rtp(media, number, bytes, now);
      break;
    case Verdict::kHeld:
      break;
    case Verdict::kDuplicate:
    case Verdict::kLate:
      (verdict == Verdict::kLate ? statistics_.packets_late : statistics_.packets_duplicate).add();
      if (!retransmitted) media->on_extra_packet();
      return;
  }
  if (retransmitted) statistics_.packets_retransmitted.add();
  if (verdict == Verdict::kHeld && !window.has_ready()) rtcp_.retransmissions(stream).on_waiting(window, now);
  if (!frame_) release();
}

void Session::on_datagram_rtcp(std::size_t stream, base::ByteView bytes) {
  DatagramStream& datagrams = datagram_streams_[stream];
  rtcp_.on_received(stream, bytes.size());
  // The source of the retransmissions reports too, of times that aren't the media's.
  const auto& source = datagrams.retransmission.ssrc;
  const bool other = source && source != datagrams.window.ssrc();
  if (other && bytes.size() >= 8 && *source == base::load_be32(bytes.data() + 4)) return;
  if (dialogue_.tracks()[stream].transport == Transport::kMulticast) rtcp_.on_participant(stream, bytes);
  const bool bye = streams_[stream]->on_rtcp(bytes, now_);
  if (streams_[stream]->take_foreign_report()) dialogue_.on_unknown_rtcp_ssrc(name_of(*streams_[stream]));
  if (!bye || datagrams.ended) return;
  datagrams.window.release_all();
  datagrams.ending = true;
  release();
}

/// Uses the held packets whose turn it is, until there is a frame.
void Session::release() {
  for (std::size_t i = 0; i < datagram_streams_.size() && !frame_; ++i) {
    DatagramStream& stream = datagram_streams_[i];
    const auto number = static_cast<std::uint8_t>(i);
    while (!frame_) {
      const auto held = stream.window.pop();
      if (!held) break;
      on_rtp(streams_[i].get(), number, held->bytes, held->arrival);
    }
    if (frame_ || !stream.ending) continue;
    stream.ending = false;
    flush({streams_[i].get(), false, number});
    on_bye(i);
  }
}

void Session::punch_holes() {
  if (!options_.punch_holes) return;
  for (std::size_t i = 0; i < datagram_streams_.size() && i < dialogue_.tracks().size(); ++i) {
    const Track& track = dialogue_.tracks()[i];
    const bool wanted = track.transport == Transport::kUdp && track.ready;
    if (std::exchange(datagram_streams_[i].punched, wanted) == wanted || !wanted) continue;
    datagrams_.push_back({i, false, base::Bytes(kEmptyRtp.begin(), kEmptyRtp.end())});
    datagrams_.push_back({i, true, base::Bytes(kEmptyReceiverReport.begin(), kEmptyReceiverReport.end())});
  }
}

std::optional<base::TimePoint> Session::reorder_deadline() const {
  std::optional<base::TimePoint> earliest;
  for (const DatagramStream& stream : datagram_streams_)
    earliest = base::sooner(earliest, stream.window.deadline());
  return earliest;
}

void Session::on_reorder_time(base::TimePoint now) {
  for (DatagramStream& stream : datagram_streams_)
    stream.window.on_time(now);
  if (!frame_) release();
}

}  // namespace retina::client
