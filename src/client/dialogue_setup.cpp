// What the camera answers to SETUP and PLAY: session, channels, and where each stream begins.

#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "client/dialogue.h"

namespace retina::client {
namespace {

constexpr base::Duration kMediaAfterRefusal = std::chrono::seconds(1);

bool succeeded(const rtsp::Response& response) {
  return response.status >= 200 && response.status < 300;
}

/// What of a URL doesn't depend on where the camera believes to be: "rtsp://cam:554/a/track1" -> "/a/track1".
std::string_view path_of(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return url;
  const std::size_t path = url.find('/', scheme_end + 3);
  return path == std::string_view::npos ? std::string_view() : url.substr(path);
}

/// `path` ends in `tail`, and not in the middle of a name or number: "/a/track1" in "track1", not in "k1".
bool ends_with_name(std::string_view path, std::string_view tail) {
  if (tail.empty() || !path.ends_with(tail)) return false;
  const std::size_t rest = path.size() - tail.size();
  const auto is_name = [](char c) { return base::is_alpha(c) || base::is_digit(c); };
  return rest == 0 || !is_name(path[rest - 1]) || !is_name(tail.front());
}

}  // namespace

/// The camera has given another id than the one in use, which it doesn't know. False: it has given no other.
bool Dialogue::take_other_session() {
  if (other_session_id_.empty()) return false;
  exchange_.set_session_id(std::exchange(other_session_id_, std::string()));
  note("The camera doesn't know its session (454); asked with the other id that it gave.");
  return true;
}

/// 454 Session Not Found: a session that the camera itself gave. Once, it gets the chance to give another.
bool Dialogue::session_forgotten(const rtsp::Response& response, base::TimePoint now) {
  if (response.status != 454) return false;
  if (take_other_session()) {
    output_ += exchange_.resend(answer_deadline(now));
    return true;
  }
  if (!has_session() || std::exchange(started_over_, true)) return false;
  note("The camera has forgotten its session (454); set up anew.");
  start_over(now);
  return true;
}

void Dialogue::on_setup(const rtsp::Response& response, base::TimePoint now) {
  if (!succeeded(response)) {
    if (!retry_setup(response, now) && !session_forgotten(response, now) &&
        !try_next_transport(response, now) && !leave_out_stream(response, now)) {
      fail_with_status(response);
    }
    return;
  }
  assign_session(response);
  if (phase_ == Phase::kEnded) return;
  Track& track = tracks_[next_setup_];
  assign_transport(track, response);
  if (phase_ == Phase::kEnded) return;
  track.ready = true;
  ++next_setup_;
  set_up_next(now);
}

bool Dialogue::any_ready() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const Track& track) { return track.ready; });
}

/// A camera whose sound is switched off, say, refuses that alone. False: there is no other stream to go on
/// with, or the session itself is gone.
bool Dialogue::leave_out_stream(const rtsp::Response& response, base::TimePoint now) {
  const auto left =
      std::count_if(tracks_.begin(), tracks_.end(), [](const Track& track) { return !track.refused; });
  if (left <= 1 || response.status == 454) return false;
  // A transport that is refused may be in use for the sake of another stream alone.
  const std::size_t stream =
      is_about_transport(response.status) ? refuses_first_.value_or(next_setup_) : next_setup_;
  const auto& left_out = options_.left_out;
  if (options_.keep_streams && std::find(left_out.begin(), left_out.end(), stream) == left_out.end()) {
    stream_missed_ = true;
    return false;
  }
  Track& track = tracks_[stream];
  track.refused = true;
  track.transport = Transport::kTcp;
  std::string answer = std::to_string(response.status);
  if (const std::string reason = harmless_reason(response); !reason.empty()) answer += " " + reason;
  note("The camera refused SETUP of stream " + std::to_string(track.media_index) + " with " + answer +
       "; going on without that stream.");
  notify(StreamEnded{stream});
  if (!any_ready()) join_way_ = JoinWay::kAppendToBase;
  if (refuses_first_ != stream) {
    set_up_next(now);
  } else {
    // The others are asked for the first transport first, as ever.
    refuses_first_.reset();
    tried_ = refused_ = Transports::none();
    set_up_over(first_transport(), now);
  }
  return true;
}

/// The answer to SETUP says which session it is.
void Dialogue::assign_session(const rtsp::Response& response) {
  const std::string before = other_session_id_;
  learn_session(response);
  if (phase_ == Phase::kEnded) return;
  if (!has_session()) {
    exchange_.set_session_id(std::exchange(other_session_id_, before));
    if (!has_session())
      note("The camera's answer to SETUP has no Session header; going on without a session id.");
  } else if (other_session_id_ != before) {
    note("The camera changed the session's id; the first one is kept.");
  }
}

/// Any answer may tell an id and a timeout. An id that isn't the one in use may turn out to be the right one:
/// cameras exist that tell it before SETUP, or want the latest back.
void Dialogue::learn_session(const rtsp::Response& response) {
  const auto value = response.headers.get("Session");
  const auto session =
      value ? rtsp::parse_session(*value) : base::fail(base::ErrorCode::kMalformed, 0, "missing");
  if (!session) return;
  if (session->timeout_seconds) {
    // Several answers may tell one; the shortest can do no harm.
    const auto told = std::chrono::seconds(*session->timeout_seconds);
    session_timeout_ = session_timeout_told_ ? std::min(session_timeout_, base::Duration(told)) : told;
    session_timeout_told_ = true;
  }
  if (session->id == exchange_.session_id()) return;
  if (has_session() && options_.session_id == SessionId::kRequireMatch) {
    return fail({Failure::Kind::kProtocol,
                 "The camera changed the session's id, which session-id=require-match forbids.", 0, ""});
  }
  other_session_id_ = session->id;
}

/// No stream that is set up has this channel for its RTP.
bool Dialogue::is_free(std::uint8_t channel) const {
  return std::none_of(tracks_.begin(), tracks_.end(), [channel](const Track& track) {
    return track.ready && track.interleaved() && track.rtp_channel == channel;
  });
}

void Dialogue::assign_transport(Track& track, const rtsp::Response& response) {
  const auto value = response.headers.get("Transport");
  const auto transport =
      value ? rtsp::parse_transport(*value) : base::fail(base::ErrorCode::kMalformed, 0, "missing");
  if (!transport) {
    note("The camera's answer to SETUP has no usable Transport header; took what was asked for.");
    if (track.transport == Transport::kUdp) assign_ports(track, {});
    if (track.transport == Transport::kMulticast) assign_group(track, {});
    return;
  }
  // Some servers write ssrc=0 for "none yet".
  if (transport->ssrc && *transport->ssrc != 0) track.ssrc = transport->ssrc;
  if (!track.interleaved() && transport->tcp) {
    note(std::string("The camera was asked for ") + name_of(track.transport) +
         " and chose TCP; taken over TCP.");
    track.transport = Transport::kTcp;
  }
  if (track.transport == Transport::kUdp) return assign_ports(track, *transport);
  if (track.transport == Transport::kMulticast) return assign_group(track, *transport);
  if (transport->interleaved && is_free(transport->interleaved->first)) {
    track.rtp_channel = transport->interleaved->first;
    track.rtcp_channel = transport->interleaved->second;
  } else if (transport->interleaved) {
    if (!is_free(track.rtp_channel)) {
      return fail(
          {Failure::Kind::kProtocol, "The camera gave two streams the same interleaved channel.", 0, ""});
    }
    note("The camera gave two streams the same interleaved channel; took what was asked for.");
  }
}

void Dialogue::on_play(const rtsp::Response& response, base::TimePoint now) {
  if (!succeeded(response)) {
    if (session_forgotten(response, now) || retry_play(response, now)) return;
    if (response.status < 500) return fail_with_status(response);
    // Cameras exist that send media all the same.
    refused_play_ = response;
    exchange_.wait_on(now + std::min(kMediaAfterRefusal, options_.tcp_timeout));
    return;
  }
  learn_session(response);
  if (phase_ == Phase::kEnded) return;
  if (!assign_rtp_info(response)) {
    return fail(
        {Failure::Kind::kProtocol,
         "The camera's answer to PLAY doesn't tell every stream's first RTP time (RTP-Info, rtptime), as "
         "initial-timestamp=require wants it.",
         0, ""});
  }
  start_playing(now);
}

/// RFC 2326 s12.33. URLs there often name another host, port or path than the description's (GW4089IP).
const rtsp::RtpInfo* Dialogue::find_rtp_info(const std::vector<rtsp::RtpInfo>& items, std::size_t track) {
  const std::size_t media_index = tracks_[track].media_index;
  const std::string url = control_url(media_index);
  const std::string_view control = path_of(description_.media[media_index].control);
  for (const auto& item : items) {
    if (item.url == url) return &item;
  }
  for (const auto& item : items) {
    if (ends_with_name(path_of(item.url), control)) return &item;
  }
  const auto is_ready = [](const Track& other) { return other.ready; };
  const auto begin = tracks_.begin();
  if (std::ssize(items) != std::count_if(begin, tracks_.end(), is_ready)) return nullptr;
  const rtsp::RtpInfo& next = items[static_cast<std::size_t>(
      std::count_if(begin, begin + static_cast<std::ptrdiff_t>(track), is_ready))];
  // One that was refused, say.
  const auto is_named = [&](const Track& other) {
    return ends_with_name(path_of(next.url), path_of(description_.media[other.media_index].control));
  };
  if (std::any_of(begin, tracks_.end(), is_named)) return nullptr;
  note("The URLs in the camera's RTP-Info are none of its streams'; taken by their order.");
  return &next;
}

/// False: InitialTimestamp asks for more than the response says.
bool Dialogue::assign_rtp_info(const rtsp::Response& response) {
  const auto value = response.headers.joined("RTP-Info");
  const auto items = rtsp::parse_rtp_info(value ? *value : "");
  const auto counts = [policy = options_.initial_sequence](std::uint16_t sequence) {
    return policy == InitialSequence::kRespect || (policy == InitialSequence::kDefault && sequence > 1);
  };
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    tracks_[i].first_timestamp.reset();
    if (!tracks_[i].ready) continue;
    const rtsp::RtpInfo* info = find_rtp_info(items, i);
    if (info == nullptr) continue;
    if (info->ssrc && *info->ssrc != 0) tracks_[i].ssrc = info->ssrc;
    if (info->seq && counts(*info->seq)) tracks_[i].first_sequence = info->seq;
    tracks_[i].first_timestamp = info->rtptime;
  }
  return settle_first_timestamps();
}

bool Dialogue::settle_first_timestamps() {
  InitialTimestamp policy = options_.initial_timestamp;
  if (policy == InitialTimestamp::kDefault) {
    policy = tracks_.size() > 1 ? InitialTimestamp::kPermissive : InitialTimestamp::kIgnore;
  }
  const bool all = std::all_of(tracks_.begin(), tracks_.end(), [](const Track& track) {
    return track.refused || track.first_timestamp.has_value();
  });
  if (policy == InitialTimestamp::kRequire) return all;
  if (policy == InitialTimestamp::kIgnore || !all) {
    for (Track& track : tracks_)
      track.first_timestamp.reset();
  }
  return true;
}

}  // namespace retina::client
