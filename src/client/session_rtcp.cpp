// The reports that the session sends of what it receives.

#include "client/session.h"

namespace retina::client {
namespace {

/// A camera that reads nothing gets no more of them.
constexpr std::size_t kMostUnsent = 64 * 1024;

}  // namespace

void Session::send_rtcp(std::size_t stream, base::Bytes packet) {
  const Track& track = dialogue_.tracks()[stream];
  if (track.refused) return;
  if (!track.interleaved()) {
    datagrams_.push_back({stream, true, std::move(packet)});
    return;
  }
  std::string& output = dialogue_.output();
  if (track.rtcp_channel == track.rtp_channel || output.size() > kMostUnsent) return;
  // RFC 2326 s10.12.
  const std::array<std::uint8_t, 4> header = {'$', track.rtcp_channel,
                                              static_cast<std::uint8_t>(packet.size() >> 8),
                                              static_cast<std::uint8_t>(packet.size())};
  output += base::as_text(header);
  output += base::as_text(packet);
}

void Session::start_rtcp() {
  if (options_.send_rtcp && dialogue_.phase() == Dialogue::Phase::kPlaying) rtcp_.start(now_);
}

void Session::on_rtcp_time(base::TimePoint now) {
  const auto due = rtcp_.due();
  if (!due || now < *due) return;
  if (dialogue_.phase() != Dialogue::Phase::kPlaying) return rtcp_.stop();
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    if (auto report = rtcp_.on_time(i, *streams_[i], datagram_streams_[i].window, now))
      send_rtcp(i, std::move(*report));
  }
}

// --- requests for lost packets ---

/// How long those may take; zero: the camera isn't asked for any.
base::Duration Session::retransmission_time(std::size_t stream) const {
  const Track& track = dialogue_.tracks()[stream];
  const sdp::Media& media = description().media[streams_[stream]->media_index()];
  const bool possible = !track.refused && track.transport == Transport::kUdp;
  // Who retransmits wants to be asked, also where that is not said.
  const bool offered = media.retransmission.nack || media.retransmission.payload_type;
  return options_.send_rtcp && possible && offered ? options_.reorder_time : base::Duration();
}

// --- requests for key frames ---

KeyFrameRequest::Kind Session::key_frame_request(std::size_t stream) const {
  const Track& track = dialogue_.tracks()[stream];
  const sdp::Media& media = description().media[streams_[stream]->media_index()];
  // Of a group each member would ask, and all would get what one of them has asked for.
  const bool possible = !track.refused && track.transport != Transport::kMulticast &&
                        !(track.interleaved() && track.rtcp_channel == track.rtp_channel);
  if (!options_.send_rtcp || !options_.request_key_frame || !possible) return KeyFrameRequest::Kind::kNone;
  if (media.kind != sdp::MediaKind::kVideo) return KeyFrameRequest::Kind::kNone;
  if (media.feedback.pli) return KeyFrameRequest::Kind::kPictureLoss;
  return media.feedback.fir ? KeyFrameRequest::Kind::kFullIntra : KeyFrameRequest::Kind::kNone;
}

std::uint64_t Session::key_frame_offers() const {
  static_assert(sdp::kMaxMedia <= 64);
  std::uint64_t offers = 0;
  for (std::size_t i = 0; i < streams_.size(); ++i)
    offers |= std::uint64_t{rtcp_.key_frames(i).offered()} << i;
  return offers;
}

void Session::request_key_frame(std::size_t stream, base::TimePoint now) {
  if (stream < streams_.size() && streams_[stream]->has_media())
    rtcp_.key_frames(stream).want(*streams_[stream], now);
}

// --- leaving ---

void Session::leave_rtcp(base::TimePoint now) {
  if (dialogue_.phase() != Dialogue::Phase::kPlaying) return;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    if (auto farewell = rtcp_.leave(i, *streams_[i], now)) send_rtcp(i, std::move(*farewell));
  }
}

}  // namespace retina::client
