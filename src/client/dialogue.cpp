#include "client/dialogue.h"

#include <algorithm>

namespace retina::client {
namespace {

/// Servers that close the connection at a step they dislike get so many more for the whole start.
constexpr int kMaxConnections = 4;
constexpr std::size_t kMaxNotes = 32;
/// A connection that was made while media came over UDP and ends sooner isn't followed by another.
constexpr base::Duration kShortestConnection = std::chrono::seconds(5);

}  // namespace

Dialogue::Dialogue(const Options& options, rtsp::Url url, base::Log& log)
    : options_(options),
      url_(std::move(url)),
      log_(log),
      exchange_(options.user_agent,
                rtsp::Authenticator(options.user_id.empty() ? url_.user : options.user_id,
                                    options.user_id.empty() ? url_.password : options.user_pw)) {
  allowed_ = narrowed(options_.transports, url_.scheme);
  if (auto websocket = rtsp::parse_websocket_url(options_.websocket_uri)) {
    websocket_ = std::move(websocket).value();
    allowed_.udp = allowed_.multicast = false;
  }
  for (const std::string& method : options_.closing_keepalives)
    keepalive_.on_closed(method);
  notify(ConnectionNeeded{});
}

Endpoint::Tunnel Dialogue::tunnel() const {
  if (websocket_) return Endpoint::Tunnel::kWebSocket;
  return rtsp::is_http_scheme(url_.scheme) ? Endpoint::Tunnel::kHttp : Endpoint::Tunnel::kNone;
}

Endpoint Dialogue::endpoint() const {
  Endpoint endpoint{tunnel(), websocket_.value_or(url_), exchange_.authenticator().fresh(),
                    exchange_.user_agent()};
  if (!endpoint.url.user.empty() && websocket_)
    endpoint.authenticator = rtsp::Authenticator(endpoint.url.user, endpoint.url.password);
  return endpoint;
}

void Dialogue::note(std::string text) {
  if (phase_ == Phase::kEnded) return;  // Ended is the last event
  text = harmless(std::move(text));
  if (noted_.size() >= kMaxNotes || std::find(noted_.begin(), noted_.end(), text) != noted_.end()) return;
  noted_.push_back(text);
  notify(Note{std::move(text)});
}

// --- the connection ---

void Dialogue::connected(base::TimePoint now) {
  ++connections_;
  answers_ = 0;
  latest_status_ = 0;
  options_sent_.reset();
  output_.clear();
  if (phase_ == Phase::kConnecting) {
    send_options(now);
  } else if (std::exchange(starts_over_, false)) {
    start_over(now);
  } else if (phase_ == Phase::kPlaying) {
    ask_for_sign_of_life(now);
  } else if (phase_ == Phase::kOptions && skip_options_) {
    send_describe(now);
  } else {
    output_ += exchange_.resend(now + options_.tcp_timeout);
  }
}

void Dialogue::connection_lost(const std::string& error, base::TimePoint now) {
  if (phase_ == Phase::kEnded) return;
  if (phase_ == Phase::kTeardown) return end();
  if (phase_ == Phase::kPlaying) {
    if (exchange_.waiting() && !user_asked_ && keepalive_.on_closed(exchange_.method())) {
      note("The connection ended at the keep-alive (" + exchange_.method() +
           "); another method is tried from now on.");
    }
    // A recording ends so; a live camera doesn't end at all.
    const bool recording = description_.range && !description_.range->live && description_.range->end;
    if (error.empty() && recording) {
      ask_for_teardown({});
      return end();
    }
    if (plays_without_connection(now)) return;
    return fail({error.empty() ? Failure::Kind::kClosed : Failure::Kind::kRead,
                 error.empty() ? "The camera closed the connection while playing."
                               : "The connection broke while playing: " + error + ".",
                 0, ""});
  }
  if (refused_play_) return fail_with_status(*refused_play_);
  if (reconnects()) {
    note("The camera closed the connection after it had answered; connected again.");
    return notify(ConnectionNeeded{});
  }
  std::string text = "The camera closed the connection";
  if (!error.empty()) text = "The connection broke (" + error + ")";
  fail({error.empty() ? Failure::Kind::kClosed : Failure::Kind::kRead,
        text + " while the answer to " + exchange_.method() + " was waited for.", 0, ""});
}

/// Over UDP the connection is there for keep-alives only: with another one the session goes on, where the
/// server hasn't ended it with the connection.
bool Dialogue::plays_without_connection(base::TimePoint now) {
  const auto over_tcp = [](const Track& track) { return track.transport == Transport::kTcp; };
  if (!media_came_ || std::any_of(tracks_.begin(), tracks_.end(), over_tcp)) return false;
  if (connected_again_ && now - *connected_again_ < kShortestConnection) return false;
  connected_again_ = now;
  exchange_.abandon();
  output_.clear();
  if (user_asked_) answer_user(std::nullopt, "The connection broke.");
  note("The connection broke while media comes over UDP; connected again.");
  notify(ConnectionNeeded{true});
  return true;
}

// Cameras exist that close after a 401, 404 or 454, or after OPTIONS, and go on well with a new connection;
// some answer OPTIONS with nothing but the end of the connection.
bool Dialogue::reconnects() {
  if (connections_ >= kMaxConnections) return false;
  if (phase_ == Phase::kOptions && !skip_options_) {
    skip_options_ = answers_ == 0;
    if (skip_options_) keepalive_.on_closed("OPTIONS");
    return true;
  }
  if (answers_ == 0) return false;
  if (!any_ready()) return true;
  // The interleaved channels of what was set up went with the connection. (After a 454 nothing is set up; any
  // other refusal was that of one stream.)
  starts_over_ = latest_status_ >= 400;
  return starts_over_;
}

// --- time ---

std::optional<base::TimePoint> Dialogue::deadline() const {
  std::optional<base::TimePoint> earliest;
  if (exchange_.waiting()) earliest = exchange_.deadline();
  // While a request of the user waits it is the sign of life, and its deadline is no later.
  const bool keepalive = keepalive_.running() && !user_asked_;
  if (keepalive && (!earliest || keepalive_.due() < *earliest)) earliest = keepalive_.due();
  return earliest;
}

void Dialogue::on_time(base::TimePoint now) {
  if (exchange_.waiting() && now >= exchange_.deadline()) {
    exchange_.abandon();
    if (phase_ == Phase::kTeardown) return end();
    if (refused_play_) return fail_with_status(*refused_play_);
    if (phase_ == Phase::kOptions && now < *options_sent_ + options_.tcp_timeout) {
      note("The camera did not answer OPTIONS; asked on without an answer.");
      return send_describe(now, *options_sent_ + options_.tcp_timeout);
    }
    if (phase_ != Phase::kPlaying) {
      const std::string before =
          answers_ == 0 && phase_ == Phase::kDescribe && options_sent_ ? "OPTIONS and " : "";
      return fail({Failure::Kind::kTimeout,
                   "The camera did not answer " + before + exchange_.method() + " in time.", 0, ""});
    }
    if (user_asked_) {
      answer_user(std::nullopt, "The camera did not answer in time.");
    } else {
      note("The camera did not answer " + exchange_.method() + "; playing on, since media flows.");
    }
  }
  send_what_is_due(now);
}

}  // namespace retina::client
