// How a session ends, and what it may leave behind on the server.

#include <algorithm>

#include "client/dialogue.h"

namespace retina::client {
namespace {

/// What a server says of its session timeout is believed up to here, when a session is given back.
constexpr base::Duration kLongestExpiry = std::chrono::minutes(10);

}  // namespace

void Dialogue::close_dialogue() {
  phase_ = Phase::kEnded;
  keepalive_.stop();
  exchange_.abandon();
  refuse_user_requests();
}

void Dialogue::fail(Failure failure) {
  if (phase_ == Phase::kEnded) return;
  failure.text = harmless(std::move(failure.text));
  // Cameras have few places for viewers: where the connection lives, the session is given back.
  if (phase_ != Phase::kTeardown) ask_for_teardown({});
  close_dialogue();
  notify(Ended{std::move(failure)});
}

void Dialogue::end() {
  if (phase_ == Phase::kEnded) return;
  close_dialogue();
  ended_in_order_ = true;
  notify(Ended{});
}

void Dialogue::end_of_media() {
  if (phase_ == Phase::kTeardown || phase_ == Phase::kEnded) return;
  ask_for_teardown({});
  end();
}

/// False: there is no session, or nobody wants it to be torn down.
bool Dialogue::ask_for_teardown(base::TimePoint deadline) {
  if (!has_session() || options_.teardown == Teardown::kNever) return false;
  teardown_asked_ = ask({"TEARDOWN", aggregate_url_, {}, {}}, deadline);
  return teardown_asked_;
}

void Dialogue::teardown(base::TimePoint now) {
  if (phase_ == Phase::kEnded || phase_ == Phase::kTeardown) return;
  if (user_asked_) answer_user(std::nullopt, "The session is being closed.");
  if (!ask_for_teardown(now + options_.tcp_timeout)) return end();
  phase_ = Phase::kTeardown;
  keepalive_.stop();
  refuse_user_requests();
}

std::optional<UnfinishedTeardown> Dialogue::take_unfinished_teardown(base::TimePoint now) {
  if (phase_ != Phase::kEnded && phase_ != Phase::kTeardown) return std::nullopt;
  if (!has_session() || !teardown_asked_) return std::nullopt;
  UnfinishedTeardown rest{
      url_.host, rtsp::port_of(url_), exchange_, now + std::min(session_timeout_, kLongestExpiry), {}, 0};
  forget_session();
  const bool over_udp = is_datagrams(transport_);
  const bool harmful = serves_stale_sessions() && !over_udp;
  if (harmful && play_sent_ && options_.stale_sessions) {
    rest.stale_sessions = options_.stale_sessions;
    rest.stale_id = options_.stale_sessions->add(rest.host, rest.port, rest.expiry, now);
  }
  // Over UDP the camera goes on sending until its timeout, whether anybody is there or not.
  if (!harmful && !over_udp && options_.teardown != Teardown::kAlways) return std::nullopt;
  // Credentials of a session over TLS must not go out in the clear.
  if (tls()) return std::nullopt;
  // What it takes to get through a tunnel isn't kept.
  if (tunnel() != Endpoint::Tunnel::kNone) return std::nullopt;
  return rest;
}

// --- sessions that others left behind ---

bool Dialogue::serves_stale_sessions() const {
  return has_stale_session_bug(description_.tool);
}

void Dialogue::note_stale_sessions(base::TimePoint now) {
  if (!options_.stale_sessions) return;
  const auto status = options_.stale_sessions->status(url_.host, rtsp::port_of(url_), now);
  if (!status) return;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(status->latest_expiry - now).count();
  note("The server (an old live555) may still play " + std::to_string(status->count) +
       " earlier session(s) into this connection, for " + std::to_string(seconds) + " s at most.");
}

void Dialogue::on_unassigned_data(base::TimePoint now) {
  if (phase_ == Phase::kConnecting || phase_ == Phase::kTeardown || phase_ == Phase::kEnded) return;
  using Policy = UnassignedChannelData;
  Policy policy = options_.unassigned_channel_data;
  if (policy == Policy::kAuto) policy = serves_stale_sessions() ? Policy::kAssumeStale : Policy::kIgnore;
  switch (policy) {
    case Policy::kAuto:
    case Policy::kIgnore:
      if (std::exchange(unassigned_data_noted_, true)) return;
      return note("The camera sends media on a channel that wasn't asked for, or too early; ignored.");
    case Policy::kError:
      return fail({Failure::Kind::kProtocol,
                   "The camera sends media on a channel that wasn't asked for (unassigned-channel-data).", 0,
                   ""});
    case Policy::kAssumeStale:
      if (options_.stale_sessions) options_.stale_sessions->add_unknown(url_.host, rtsp::port_of(url_), now);
      return fail({Failure::Kind::kProtocol,
                   "The server (an old live555) plays an earlier session into this connection. That ends "
                   "within about a minute; until then both may be mixed up (unassigned-channel-data).",
                   0, ""});
  }
}

void Dialogue::on_unknown_rtcp_ssrc(const std::string& stream) {
  if (options_.unknown_rtcp_ssrc == UnknownRtcpSsrc::kAbort) {
    return fail({Failure::Kind::kProtocol,
                 "The camera sends RTCP of another SSRC than " + stream + " has (unknown-rtcp-ssrc).", 0,
                 ""});
  }
  note("The camera sends RTCP of another SSRC than " + stream + " has; ignored.");
}

}  // namespace retina::client
