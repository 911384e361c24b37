// The streams of a session: what is made for each that is chosen, and where its packets come once it is set
// up.

#include <algorithm>

#include "base/ascii.h"
#include "client/session.h"
#include "codec/registry.h"

namespace retina::client {

std::string obstacle(const sdp::Media& media) {
  if (!media.unusable.empty()) return media.unusable;
  if (media.backchannel) return "it is a back channel, to the camera";
  if (media.clock_rate_hz == 0) return "its clock rate isn't known";
  return {};
}

namespace {

/// A depacketizer's note on the SDP, which doesn't know the section: "SDP: …".
std::string of_section(const std::string& note, std::size_t media_index) {
  constexpr std::string_view kSdp = "SDP:";
  if (!note.starts_with(kSdp)) return note;
  return "SDP, media section " + std::to_string(media_index) + note.substr(kSdp.size() - 1);
}

/// In the place of an absent stream: takes any packets, and gets none.
Choice stand_in(const std::vector<Choice>& choices) {
  const auto present =
      std::find_if(choices.begin(), choices.end(), [](const Choice& choice) { return !choice.absent; });
  Choice choice = *present;
  choice.format.rtp_packets = true;
  return choice;
}

}  // namespace

void Session::choose(const std::vector<Choice>& choices, base::TimePoint now) {
  // After a redirect there are streams of the session before.
  routes_.fill({});
  current_ = nullptr;
  stray_packets_ = 0;
  frame_.reset();
  streams_.clear();
  coalescers_.clear();
  datagram_streams_.clear();
  rtcp_.clear();
  udp_seen_ = false;
  std::vector<Track> tracks;
  std::vector<StreamClock> clocks;
  for (const Choice& choice : choices) {
    if (!add_stream(choice.absent ? stand_in(choices) : choice, clocks)) return;
    Track track;
    track.media_index = choice.media_index;
    track.refused = choice.absent;
    tracks.push_back(track);
  }
  time_.emplace(clocks);
  now_ = now;
  dialogue_.choose(std::move(tracks), now);
}

/// False: the session has failed.
bool Session::add_stream(const Choice& choice, std::vector<StreamClock>& clocks) {
  const sdp::Media& media = description().media[choice.media_index];
  std::vector<std::string> notes;
  auto depacketizer = codec::make_depacketizer(media, choice.format, *choice.allocator, notes);
  for (const std::string& text : notes)
    dialogue_.note(of_section(text, choice.media_index));
  if (!depacketizer) {
    dialogue_.fail({Failure::Kind::kUnsupported,
                    "The encoding " + base::printable(media.encoding_name, 40) +
                        " has no depacketizer here; take its RTP packets.",
                    0, ""});
    return false;
  }
  coalescers_.emplace_back(options_.coalesce_time);
  streams_.push_back(std::make_unique<MediaStream>(choice.media_index, media.payload_type,
                                                   media.clock_rate_hz, std::move(depacketizer).value(),
                                                   statistics_));
  MediaStream& stream = *streams_.back();
  stream.expect_extensions(extension_ids(description(), media));
  clocks.push_back(stream_clock(media, choice.format.rtp_packets));
  if (choice.wait_for_keyframe) stream.wait_for_keyframe();
  // Of packets it isn't known what is in them.
  if (options_.request_key_frame && !choice.format.rtp_packets && media.kind == sdp::MediaKind::kVideo)
    stream.watch_key_frames();
  if (options_.unknown_rtcp_ssrc == UnknownRtcpSsrc::kProcess) stream.take_any_rtcp();
  datagram_streams_.push_back({rtp::ReorderWindow(options_.reorder_time, options_.reorder_packets)});
  datagram_streams_.back().retransmission = media.retransmission;
  rtcp_.add_stream(media.bandwidth_kbps.value_or(0));
  return true;
}

void Session::open_channels() {
  // After the response to the last SETUP media may come at once, even before the one to PLAY.
  if (!dialogue_.expects_media()) return;
  std::bitset<256>& known = known_channels_;
  known.reset();
  routes_.fill({});
  statistics_.transport.set(static_cast<std::uint64_t>(dialogue_.transport()));
  statistics_.tls.set(dialogue_.tls() ? 1 : 0);
  statistics_.tunnel.set(static_cast<std::uint64_t>(dialogue_.tunnel()));
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const Track& track = dialogue_.tracks()[i];
    const auto number = static_cast<std::uint8_t>(i);
    rtcp_.key_frames(i).set_kind(key_frame_request(i));
    rtcp_.retransmissions(i).offer(retransmission_time(i));
    if (track.refused) {
      datagram_streams_[i].ended = true;
      continue;
    }
    if (track.interleaved()) {
      routes_[track.rtp_channel] = {streams_[i].get(), false, number};
      if (track.rtcp_channel != track.rtp_channel)
        routes_[track.rtcp_channel] = {streams_[i].get(), true, number};
      known.set(track.rtp_channel).set(track.rtcp_channel);
    }
    if (track.transport == Transport::kMulticast) streams_[i]->share_rtcp();
    if (streams_[i]->has_media()) continue;
    if (track.ssrc) streams_[i]->expect_ssrc(*track.ssrc);
    if (track.first_sequence) streams_[i]->expect_sequence(*track.first_sequence);
    if (track.first_timestamp) time_->expect_first(i, *track.first_timestamp);
  }
  framer_.set_known_channels(known);
  last_media_ = now_;
}

}  // namespace retina::client
