// What the camera says in the dialogue, and what is done about it.

#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "client/dialogue.h"

namespace retina::client {
namespace {

/// RFC 2326 s11.3.3 sets no limit; browsers and proxies stop loops after about as many.
constexpr int kMaxRedirects = 5;

/// Answers to the camera's requests that it has not read.
constexpr std::size_t kMaxOutput = std::size_t{64} * 1024;
constexpr std::size_t kMaxEchoedCseq = 20;

bool succeeded(const rtsp::Response& response) {
  return response.status >= 200 && response.status < 300;
}

Failure::Kind kind_of_status(int status) {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return Failure::Kind::kNotAuthorized;
    case 404:
    case 410:
    case 454:
      return Failure::Kind::kNotFound;
    case 405:
    case 415:
    case 461:
    case 501:
    case 505:
    case 551:
      return Failure::Kind::kUnsupported;
    default:
      return Failure::Kind::kProtocol;
  }
}

std::string advice_for(int status) {
  switch (status) {
    case 403:
      return " The user has no right to this stream.";
    case 404:
    case 410:
      return " Check the path in the location.";
    case 453:
      return " The camera's limit of viewers is reached.";
    case 461:
      return " The camera doesn't send media over TCP.";
    case 503:
      return " The camera is overloaded or still starting.";
    default:
      return "";
  }
}

}  // namespace

void Dialogue::fail_with_status(const rtsp::Response& response) {
  std::string text = "The camera answered " + exchange_.method() + " with " + std::to_string(response.status);
  // What the camera says there may repeat the URL, with its password.
  const bool harmless = response.reason.find('@') == std::string::npos;
  const std::string reason = harmless ? base::printable(response.reason, 80) : "(reason left out)";
  if (!reason.empty()) text += " " + reason;
  fail({kind_of_status(response.status), text + "." + advice_for(response.status), response.status, reason});
}

void Dialogue::on_response(const rtsp::Response& response, base::TimePoint now) {
  if (phase_ == Phase::kEnded) return;
  switch (exchange_.match(response)) {
    case Exchange::Match::kUnsolicited:
      return note("The camera sent a response that no request waits for; ignored.");
    case Exchange::Match::kLateAnswer:
      return;
    case Exchange::Match::kOddAnswer:
      note("The camera's response to " + exchange_.method() +
           " has a wrong CSeq or none; taken as the answer.");
      break;
    case Exchange::Match::kAnswer:
      break;
  }
  ++answers_;
  if (response.status == 401) return on_unauthorized(response, now);
  exchange_.authenticator().on_success();
  if (follow_redirect(response)) return;
  switch (phase_) {
    case Phase::kOptions:
      return on_options(response, now);
    case Phase::kDescribe:
      return on_describe(response, now);
    case Phase::kSetup:
      return on_setup(response, now);
    case Phase::kPlay:
      return on_play(response, now);
    case Phase::kPlaying:
      return on_keepalive(response);
    case Phase::kTeardown:
      // 454 and 500 too mean that no session is left (Hikvision DS-2CD2032 answers 500).
      return end();
    case Phase::kConnecting:
    case Phase::kChoosing:
    case Phase::kEnded:
      return;
  }
}

void Dialogue::on_unauthorized(const rtsp::Response& response, base::TimePoint now) {
  using Outcome = rtsp::Authenticator::Outcome;
  const auto outcome = exchange_.authenticator().on_unauthorized(response.headers);
  if (outcome == Outcome::kRetry) {
    output_ += exchange_.resend(now + options_.tcp_timeout);
    return;
  }
  if (phase_ == Phase::kTeardown) return end();
  if (phase_ == Phase::kPlaying) return note("The camera refused a keep-alive as unauthorized; playing on.");
  std::string text;
  switch (outcome) {
    case Outcome::kNoCredentials:
      text =
          "The camera wants a user name and password. Set user-id and user-pw, or put them into the "
          "location.";
      break;
    case Outcome::kUnsupported:
      text = "The camera offers no way of authentication that this client knows (Basic or Digest).";
      break;
    case Outcome::kRejected:
    case Outcome::kRetry:
      text = "The camera refused the user name or the password. Check user-id and user-pw.";
      break;
  }
  fail({Failure::Kind::kNotAuthorized, std::move(text), response.status, response.reason});
}

// RFC 2326 s11.3: 301 and 302; servers also use HTTP's 303 and 307.
bool Dialogue::follow_redirect(const rtsp::Response& response) {
  const bool redirect = response.status == 301 || response.status == 302 || response.status == 303 ||
                        response.status == 305 || response.status == 307;
  if (!redirect || phase_ == Phase::kPlaying || phase_ == Phase::kTeardown) return false;
  const auto location = response.headers.get("Location");
  if (!location) return false;
  auto target = rtsp::parse_url(base::trim(*location));
  if (!target || target->scheme != "rtsp" || ++redirects_ > kMaxRedirects) {
    fail({Failure::Kind::kUnsupported,
          redirects_ > kMaxRedirects ? "The camera redirects without end."
                                     : "The camera redirects to a location that can't be used.",
          response.status, response.reason});
    return true;
  }
  // Credentials were given for this host and port; a redirect must not carry them to another.
  const auto port_of = [](const rtsp::Url& url) {
    return url.port != 0 ? url.port : rtsp::default_port(url.scheme);
  };
  if (!base::equals_ignore_case(target->host, url_.host) || port_of(*target) != port_of(url_)) {
    exchange_ = Exchange(options_.user_agent, rtsp::Authenticator(target->user, target->password));
  }
  exchange_.set_session_id("");
  url_ = std::move(*target);
  tracks_.clear();
  phase_ = Phase::kConnecting;
  connections_ = 0;
  notify(ConnectionNeeded{});
  return true;
}

void Dialogue::on_options(const rtsp::Response& response, base::TimePoint now) {
  // Whatever the camera says to OPTIONS, DESCRIBE decides.
  if (succeeded(response)) {
    if (const auto methods = response.headers.get("Public")) keepalive_.learn(rtsp::parse_public(*methods));
  }
  send_describe(now);
}

void Dialogue::on_describe(const rtsp::Response& response, base::TimePoint) {
  if (!succeeded(response)) return fail_with_status(response);
  const auto type = response.headers.get("Content-Type");
  if (!type || !base::starts_with_ignore_case(base::trim(*type), "application/sdp")) {
    note("The camera's description is not announced as application/sdp; read as SDP all the same.");
  }
  auto description = sdp::parse(response.body);
  if (!description) {
    return fail(
        {Failure::Kind::kProtocol,
         std::string("The camera's description (SDP) can't be used: ") + description.error().what + ".",
         response.status, response.reason});
  }
  description_ = std::move(description).value();
  for (const std::string& text : description_.notes)
    note(text);

  const std::string request_uri = url_.request_uri();
  base_url_ = rtsp::resolve_base(response.headers.get("Content-Base"),
                                 response.headers.get("Content-Location"), url_);
  aggregate_url_ = description_.control.empty()
                       ? request_uri
                       : rtsp::join_control(base_url_, description_.control, rtsp::JoinStyle::kAppend);
  phase_ = Phase::kChoosing;
  notify(Described{});
}

// Cameras disagree on how a control URL is joined to its base: what most of them mean is tried first, RFC
// 3986 then.
bool Dialogue::retry_setup(const rtsp::Response& response, base::TimePoint now) {
  constexpr int kWrongUrl[] = {400, 404, 451, 455, 503};
  if (next_setup_ != 0 || join_style_ != rtsp::JoinStyle::kAppend ||
      std::find(std::begin(kWrongUrl), std::end(kWrongUrl), response.status) == std::end(kWrongUrl)) {
    return false;
  }
  const std::size_t index = tracks_[next_setup_].media_index;
  const std::string refused = control_url(index);
  join_style_ = rtsp::JoinStyle::kRfc3986;
  if (control_url(index) == refused) return false;
  note("The camera refused the control URL (" + std::to_string(response.status) +
       "); joined it the other way.");
  send_setup(now);
  return true;
}

void Dialogue::on_setup(const rtsp::Response& response, base::TimePoint now) {
  if (!succeeded(response)) {
    if (!retry_setup(response, now)) fail_with_status(response);
    return;
  }
  if (const auto value = response.headers.get("Session")) {
    const auto session = rtsp::parse_session(*value);
    if (session && exchange_.session_id().empty()) {
      exchange_.set_session_id(session->id);
      session_timeout_ = std::chrono::seconds(session->timeout_seconds);
    } else if (session && session->id != exchange_.session_id()) {
      note("The camera changed the session's id; the first one is kept.");
    }
  } else if (exchange_.session_id().empty()) {
    note("The camera's answer to SETUP has no Session header; going on without a session id.");
  }
  Track& track = tracks_[next_setup_];
  assign_transport(track, response);
  if (phase_ == Phase::kEnded) return;
  track.ready = true;
  if (++next_setup_ < tracks_.size()) return send_setup(now);
  send_play(now);
}

void Dialogue::assign_transport(Track& track, const rtsp::Response& response) {
  const auto value = response.headers.get("Transport");
  const auto transport =
      value ? rtsp::parse_transport(*value) : base::fail(base::ErrorCode::kMalformed, 0, "missing");
  if (!transport)
    return note("The camera's answer to SETUP has no usable Transport header; took what was asked for.");
  if (transport->interleaved) {
    track.rtp_channel = transport->interleaved->first;
    track.rtcp_channel = transport->interleaved->second;
  }
  for (const Track& other : tracks_) {
    if (&other != &track && other.ready && other.rtp_channel == track.rtp_channel) {
      return fail(
          {Failure::Kind::kProtocol, "The camera gave two streams the same interleaved channel.", 0, ""});
    }
  }
  // Some servers write ssrc=0 for "none yet".
  if (transport->ssrc && *transport->ssrc != 0) track.ssrc = transport->ssrc;
}

void Dialogue::on_play(const rtsp::Response& response, base::TimePoint now) {
  if (!succeeded(response)) return fail_with_status(response);
  if (const auto value = response.headers.get("RTP-Info")) assign_rtp_info(*value);
  start_playing(now);
}

void Dialogue::assign_rtp_info(std::string_view value) {
  const auto items = rtsp::parse_rtp_info(value);
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    const std::string& control = description_.media[tracks_[i].media_index].control;
    const rtsp::RtpInfo* match = nullptr;
    for (const auto& item : items) {
      if (!control.empty() && std::string_view(item.url).ends_with(control)) match = &item;
    }
    // URLs of RTP-Info often name another host, port or path (GW4089IP): then the order tells.
    if (match == nullptr && items.size() == tracks_.size()) match = &items[i];
    if (match == nullptr) continue;
    if (match->ssrc && *match->ssrc != 0) tracks_[i].ssrc = match->ssrc;
    // 0 and 1 are what cameras write that don't know (Hikvision DS-2CD2032-I, Tapo C320WS).
    if (match->seq && *match->seq > 1) tracks_[i].first_sequence = match->seq;
  }
}

void Dialogue::on_keepalive(const rtsp::Response& response) {
  if (succeeded(response) || exchange_.method() == "PLAY") return;
  if (response.status == 454) {
    return fail({Failure::Kind::kClosed, "The camera has ended the session (454 Session Not Found).",
                 response.status, response.reason});
  }
  keepalive_.on_refused(exchange_.method());
  note("The camera refused " + exchange_.method() + " as keep-alive (" + std::to_string(response.status) +
       "); trying another method.");
}

// --- requests of the server ---

void Dialogue::reply(const rtsp::Request& request, int status, const char* reason) {
  if (output_.size() > kMaxOutput) {
    output_.clear();
    return fail({Failure::Kind::kProtocol, "The camera sends requests and doesn't read the answers.", 0, ""});
  }
  rtsp::Response response;
  response.status = status;
  response.reason = reason;
  if (const auto cseq = request.headers.get("CSeq")) {
    response.headers.add("CSeq", std::string(cseq->substr(0, kMaxEchoedCseq)));
  }
  if (!exchange_.session_id().empty()) response.headers.add("Session", exchange_.session_id());
  output_ += rtsp::serialise(response);
}

void Dialogue::on_request(const rtsp::Request& request) {
  if (phase_ == Phase::kEnded) return;
  const bool known = request.method == "OPTIONS" || request.method == "GET_PARAMETER" ||
                     request.method == "SET_PARAMETER" || request.method == "ANNOUNCE" ||
                     request.method == "TEARDOWN";
  reply(request, known ? 200 : 501, known ? "OK" : "Not Implemented");
  if (request.method == "TEARDOWN") end();
}

}  // namespace retina::client
