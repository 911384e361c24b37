#include "client/dialogue.h"

#include <algorithm>

#include "base/ascii.h"

namespace retina::client {
namespace {

/// Servers that close the connection at a step they dislike get so many more for the whole start.
constexpr int kMaxConnections = 4;
constexpr std::size_t kMaxNotes = 32;

}  // namespace

Dialogue::Dialogue(const Options& options, rtsp::Url url, base::Log& log)
    : options_(options),
      url_(std::move(url)),
      log_(log),
      exchange_(options.user_agent,
                rtsp::Authenticator(options.user_id.empty() ? url_.user : options.user_id,
                                    options.user_id.empty() ? url_.password : options.user_pw)) {
  notify(ConnectionNeeded{});
}

void Dialogue::note(std::string text) {
  if (noted_.size() >= kMaxNotes || std::find(noted_.begin(), noted_.end(), text) != noted_.end()) return;
  noted_.push_back(text);
  notify(Note{std::move(text)});
}

void Dialogue::fail(Failure failure) {
  if (phase_ == Phase::kEnded) return;
  // Cameras have few places for viewers: where the connection lives, the session is given back.
  if (!exchange_.session_id().empty()) output_ += exchange_.send({"TEARDOWN", aggregate_url_, {}, {}}, {});
  phase_ = Phase::kEnded;
  keepalive_.stop();
  exchange_.abandon();
  notify(Ended{std::move(failure)});
}

void Dialogue::end() {
  if (phase_ == Phase::kEnded) return;
  phase_ = Phase::kEnded;
  keepalive_.stop();
  exchange_.abandon();
  ended_in_order_ = true;
  notify(Ended{});
}

// --- the connection ---

void Dialogue::connected(base::TimePoint now) {
  ++connections_;
  answers_ = 0;
  output_.clear();
  if (phase_ == Phase::kConnecting) {
    send_options(now);
  } else if (phase_ == Phase::kOptions && skip_options_) {
    send_describe(now);
  } else {
    output_ += exchange_.resend(now + options_.tcp_timeout);
  }
}

void Dialogue::connection_lost(const std::string& error, base::TimePoint) {
  if (phase_ == Phase::kEnded) return;
  if (phase_ == Phase::kTeardown) return end();
  if (phase_ == Phase::kPlaying) {
    // A recording ends so; a live camera doesn't end at all.
    const bool recording = description_.range && !description_.range->live && description_.range->end;
    if (error.empty() && recording) return end();
    return fail({error.empty() ? Failure::Kind::kClosed : Failure::Kind::kRead,
                 error.empty() ? "The camera closed the connection while playing."
                               : "The connection broke while playing: " + error + ".",
                 0, ""});
  }
  // Cameras exist that close after a 401, or after OPTIONS, and go on well with a new connection; some answer
  // OPTIONS with nothing but the end of the connection.
  const bool nothing_set_up =
      std::none_of(tracks_.begin(), tracks_.end(), [](const Track& t) { return t.ready; });
  const bool options_unwelcome = phase_ == Phase::kOptions && !skip_options_;
  if (phase_ != Phase::kPlay && nothing_set_up && connections_ < kMaxConnections &&
      (answers_ > 0 || options_unwelcome)) {
    if (options_unwelcome && answers_ == 0) skip_options_ = true;
    note("The camera closed the connection after it had answered; connected again.");
    return notify(ConnectionNeeded{});
  }
  std::string text = "The camera closed the connection";
  if (!error.empty()) text = "The connection broke (" + error + ")";
  fail({error.empty() ? Failure::Kind::kClosed : Failure::Kind::kRead,
        text + " while the answer to " + exchange_.method() + " was waited for.", 0, ""});
}

// --- requests ---

void Dialogue::request(const char* method, std::string uri, rtsp::Headers headers, base::TimePoint now) {
  if (log_.enabled(base::LogLevel::kDebug))
    log_.write(base::LogLevel::kDebug, std::string("request ") + method);
  output_ += exchange_.send({method, std::move(uri), std::move(headers), {}}, now + options_.tcp_timeout);
}

void Dialogue::send_options(base::TimePoint now) {
  phase_ = Phase::kOptions;
  notify(Requesting{"OPTIONS"});
  request("OPTIONS", url_.request_uri(), {}, now);
}

void Dialogue::send_describe(base::TimePoint now) {
  phase_ = Phase::kDescribe;
  notify(Requesting{"DESCRIBE"});
  rtsp::Headers headers;
  headers.add("Accept", "application/sdp");
  request("DESCRIBE", url_.request_uri(), std::move(headers), now);
}

void Dialogue::choose(const std::vector<std::size_t>& media_indices, base::TimePoint now) {
  tracks_.clear();
  std::uint8_t channel = 0;
  for (const std::size_t index : media_indices) {
    Track track;
    track.media_index = index;
    track.rtp_channel = channel;
    track.rtcp_channel = static_cast<std::uint8_t>(channel + 1);
    tracks_.push_back(track);
    channel = static_cast<std::uint8_t>(channel + 2);
  }
  next_setup_ = 0;
  send_setup(now);
}

std::string Dialogue::control_url(std::size_t media_index) const {
  const std::string& control = description_.media[media_index].control;
  return control.empty() ? aggregate_url_ : rtsp::join_control(base_url_, control, join_style_);
}

void Dialogue::send_setup(base::TimePoint now) {
  phase_ = Phase::kSetup;
  const Track& track = tracks_[next_setup_];
  notify(Requesting{"SETUP"});
  rtsp::Headers headers;
  headers.add("Transport", "RTP/AVP/TCP;unicast;interleaved=" + std::to_string(track.rtp_channel) + "-" +
                               std::to_string(track.rtcp_channel));
  request("SETUP", control_url(track.media_index), std::move(headers), now);
}

void Dialogue::send_play(base::TimePoint now) {
  phase_ = Phase::kPlay;
  notify(Requesting{"PLAY"});
  rtsp::Headers headers;
  headers.add("Range", "npt=0.000-");
  request("PLAY", aggregate_url_, std::move(headers), now);
}

void Dialogue::start_playing(base::TimePoint now) {
  phase_ = Phase::kPlaying;
  keepalive_.start(session_timeout_, now);
  notify(Playing{});
}

void Dialogue::on_media(base::TimePoint now) {
  if (phase_ != Phase::kPlay) return;
  // RFC 2326 s10.5 wants the response first. It may still come: the exchange goes on waiting for it.
  start_playing(now);
}

void Dialogue::teardown(base::TimePoint now) {
  if (phase_ == Phase::kEnded || phase_ == Phase::kTeardown) return;
  if (exchange_.session_id().empty()) return end();
  phase_ = Phase::kTeardown;
  keepalive_.stop();
  request("TEARDOWN", aggregate_url_, {}, now);
}

// --- time ---

std::optional<base::TimePoint> Dialogue::deadline() const {
  std::optional<base::TimePoint> earliest;
  if (exchange_.waiting()) earliest = exchange_.deadline();
  if (keepalive_.running() && (!earliest || keepalive_.due() < *earliest)) earliest = keepalive_.due();
  return earliest;
}

void Dialogue::on_time(base::TimePoint now) {
  if (exchange_.waiting() && now >= exchange_.deadline()) {
    exchange_.abandon();
    if (phase_ == Phase::kTeardown) return end();
    if (phase_ != Phase::kPlaying) {
      return fail(
          {Failure::Kind::kTimeout, "The camera did not answer " + exchange_.method() + " in time.", 0, ""});
    }
    note("The camera did not answer " + exchange_.method() + "; playing on, since media flows.");
  }
  if (keepalive_.running() && now >= keepalive_.due()) {
    const std::string method = keepalive_.take(now);
    request(method.c_str(), aggregate_url_, {}, now);
  }
}

}  // namespace retina::client
