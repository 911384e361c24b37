// Media that comes as datagrams: put into order, one packet at a time between the events.

#include <algorithm>

#include "client/session.h"
#include "rtp/packet.h"

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
  MediaStream* const media = streams_[stream].get();
  const auto number = static_cast<std::uint8_t>(stream);
  if (bytes.size() < rtp::kFixedHeaderBytes) {
    on_rtp(media, number, bytes, now);
    return;
  }

  using Verdict = rtp::ReorderWindow::Verdict;
  switch (datagram_streams_[stream].window.push(bytes, now)) {
    case Verdict::kPass:
      on_rtp(media, number, bytes, now);
      break;
    case Verdict::kHeld:
      break;
    case Verdict::kDuplicate:
      statistics_.packets_duplicate.add();
      media->on_extra_packet();
      return;
    case Verdict::kLate:
      statistics_.packets_late.add();
      media->on_extra_packet();
      return;
  }
  if (!frame_) release();
}

void Session::on_datagram_rtcp(std::size_t stream, base::ByteView bytes) {
  DatagramStream& datagrams = datagram_streams_[stream];
  rtcp_.on_received(stream, bytes.size());
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
  for (const DatagramStream& stream : datagram_streams_) {
    const auto due = stream.window.deadline();
    if (due && (!earliest || *due < *earliest)) earliest = due;
  }
  return earliest;
}

void Session::on_reorder_time(base::TimePoint now) {
  for (DatagramStream& stream : datagram_streams_)
    stream.window.on_time(now);
  if (!frame_) release();
}

}  // namespace retina::client
