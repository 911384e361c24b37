// What the client asks of the camera, step by step.

#include "client/dialogue.h"

namespace retina::client {
namespace {

constexpr base::Duration kLongestWaitForOptions = std::chrono::seconds(5);

}  // namespace

/// False: the user's hook doesn't want `request` to be sent.
bool Dialogue::allowed(rtsp::Request& request) const {
  if (!options_.hooks.before_send) return true;
  request.headers.set("User-Agent", exchange_.user_agent());
  if (has_session()) request.headers.set("Session", exchange_.session_id());
  const bool wanted = options_.hooks.before_send(request);
  // The exchange adds them as they are when the request goes out, perhaps for the second time.
  request.headers.remove("Session");
  request.headers.remove("CSeq");
  return wanted;
}

/// Queues `request`. False: the user's hook has refused it.
bool Dialogue::ask(rtsp::Request request, base::TimePoint deadline) {
  if (!allowed(request)) return false;
  if (log_.enabled(base::LogLevel::kDebug)) log_.write(base::LogLevel::kDebug, "request " + request.method);
  output_ += exchange_.send(std::move(request), deadline);
  return true;
}

void Dialogue::ask_or_fail(rtsp::Request request, base::TimePoint deadline) {
  const std::string method = request.method;
  if (ask(std::move(request), deadline)) return;
  fail({Failure::Kind::kSettings, "The application (before-send) didn't let " + method + " be sent.", 0, ""});
}

void Dialogue::send_options(base::TimePoint now) {
  phase_ = Phase::kOptions;
  notify(Requesting{"OPTIONS"});
  // DESCRIBE tells as much of a camera that is there; it only comes first with servers that want it so.
  const base::Duration patience = std::min(options_.tcp_timeout / 4, kLongestWaitForOptions);
  if (!ask({"OPTIONS", url_.request_uri(), {}, {}}, now + patience)) return send_describe(now);
  options_sent_ = now;
}

void Dialogue::send_describe(base::TimePoint now, std::optional<base::TimePoint> deadline) {
  phase_ = Phase::kDescribe;
  notify(Requesting{"DESCRIBE"});
  rtsp::Headers headers;
  headers.add("Accept", "application/sdp");
  ask_or_fail({"DESCRIBE", url_.request_uri(), std::move(headers), {}},
              deadline.value_or(now + options_.tcp_timeout));
}

void Dialogue::choose(std::vector<Track> tracks, base::TimePoint now) {
  if (phase_ == Phase::kEnded) return;
  tracks_ = std::move(tracks);
  std::uint8_t channel = 0;
  for (Track& track : tracks_) {
    if (track.refused) continue;
    track.rtp_channel = channel;
    track.rtcp_channel = static_cast<std::uint8_t>(channel + 1);
    channel = static_cast<std::uint8_t>(channel + 2);
  }
  tried_ = refused_ = Transports::none();
  given_up_.reset();
  choose_transport(first_transport());
  if (transport_ == Transport::kTcp) note_stale_sessions(now);
  next_setup_ = 0;
  refuses_first_.reset();
  set_up_next(now);
}

void Dialogue::send_setup(base::TimePoint now) {
  phase_ = Phase::kSetup;
  const Track& track = tracks_[next_setup_];
  if (track.transport == Transport::kUdp && track.client_port == 0) return notify(PortsNeeded{next_setup_});
  notify(Requesting{"SETUP"});
  rtsp::Headers headers;
  headers.add("Transport", transport_header(track));
  ask_or_fail({"SETUP", control_url(track.media_index), std::move(headers), {}}, now + options_.tcp_timeout);
}

/// The first stream from next_setup_ on that hasn't been refused; after the last one, PLAY.
void Dialogue::set_up_next(base::TimePoint now) {
  while (next_setup_ < tracks_.size() && tracks_[next_setup_].refused)
    ++next_setup_;
  next_setup_ < tracks_.size() ? send_setup(now) : send_play(now);
}

/// Every SETUP once more, in a new session.
void Dialogue::start_over(base::TimePoint now) {
  forget_session();
  choose_transport(transport_);
  next_setup_ = 0;
  set_up_next(now);
}

void Dialogue::send_play(base::TimePoint now) {
  phase_ = Phase::kPlay;
  play_sent_ = true;
  notify(Requesting{"PLAY"});
  rtsp::Headers headers;
  if (!without_range_) headers.add("Range", "npt=0.000-");
  refused_play_.reset();
  ask_or_fail({"PLAY", aggregate_url_, std::move(headers), {}}, now + options_.tcp_timeout);
}

void Dialogue::start_playing(base::TimePoint now) {
  phase_ = Phase::kPlaying;
  redirects_ = 0;
  refused_play_.reset();
  if (options_.keep_alive) keepalive_.start(session_timeout_, now);
  notify(Playing{});
  send_what_is_due(now);
}

/// The first keep-alive on a connection: says whether the server still has the session.
void Dialogue::ask_for_sign_of_life(base::TimePoint now) {
  if (keepalive_.running()) ask({keepalive_.take(now), aggregate_url_, {}, {}}, now + options_.tcp_timeout);
}

void Dialogue::on_early_media(base::TimePoint now) {
  media_came_ = true;
  // InitialTimestamp::kRequire can't do without the response.
  if (phase_ != Phase::kPlay || options_.initial_timestamp == InitialTimestamp::kRequire) return;
  // RFC 2326 s10.5 wants the response first. It may still come: the exchange goes on waiting for it.
  if (transport_ == Transport::kTcp) {
    note("The camera's media came before its answer to PLAY; taken as the answer.");
  }
  start_playing(now);
}

void Dialogue::send_what_is_due(base::TimePoint now) {
  if (phase_ != Phase::kPlaying || user_asked_) return;
  if (keepalive_.running() && now >= keepalive_.due()) {
    // One more that can't go out would do no good.
    if (output_is_stuck()) return keepalive_.skip(now);
    // Where keep-alives get no answers, requests of the user must not wait for them without end.
    if (exchange_.waiting() && !user_requests_.empty()) {
      keepalive_.skip(now);
      return send_user_request(now);
    }
    if (ask({keepalive_.take(now), aggregate_url_, {}, {}}, now + options_.tcp_timeout)) return;
  }
  if (!exchange_.waiting()) send_user_request(now);
}

}  // namespace retina::client
