// What the camera says in the dialogue, and what is done about it.

#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "client/dialogue.h"

namespace retina::client {
namespace {

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
    case 503:
      return " The camera is overloaded or still starting.";
    default:
      return "";
  }
}

}  // namespace

/// What the camera says there may repeat the URL, with its password, and needn't be UTF-8.
std::string Dialogue::harmless_reason(const rtsp::Response& response) const {
  const bool plain = response.reason.find('@') == std::string::npos;
  return plain ? base::printable(harmless(response.reason), 80) : "(reason left out)";
}

void Dialogue::fail_with_status(const rtsp::Response& response) {
  std::string text = "The camera answered " + exchange_.method() + " with " + std::to_string(response.status);
  const std::string reason = harmless_reason(response);
  if (!reason.empty()) text += " " + reason;
  const bool about_transport = response.status == 461 || (response.status == 400 && phase_ == Phase::kSetup);
  const std::string advice =
      about_transport ? transport_advice(response.status) : advice_for(response.status);
  fail({kind_of_status(response.status), text + "." + advice, response.status, reason});
}

void Dialogue::on_response(const rtsp::Response& response, base::TimePoint now) {
  // RFC 2326 s11: an interim response (100) says only that the answer will come.
  if (phase_ == Phase::kEnded || response.status < 200) return;
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
  latest_status_ = response.status;
  if (response.status == 401) return on_unauthorized(response, now);
  exchange_.authenticator().on_success();
  if (succeeded(response) && phase_ < Phase::kSetup) learn_session(response);
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
      return on_answer_while_playing(response, now);
    case Phase::kTeardown:
      if (confirms_teardown(response.status)) forget_session();
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
    output_ += exchange_.resend(answer_deadline(now));
    return;
  }
  if (phase_ == Phase::kTeardown) return end();
  if (phase_ == Phase::kPlaying) {
    if (user_asked_) {
      answer_user(response, "");
    } else {
      note("The camera refused " + exchange_.method() + " as unauthorized; playing on.");
    }
    return send_what_is_due(now);
  }
  // Where they were good enough for another stream, the credentials aren't wrong.
  if (phase_ == Phase::kSetup && any_ready() && leave_out_stream(response, now)) return;
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
  fail({Failure::Kind::kNotAuthorized, std::move(text), response.status, harmless_reason(response)});
}

// RFC 2326 s11.3: 301 and 302; servers also use HTTP's others.
bool Dialogue::follow_redirect(const rtsp::Response& response) {
  constexpr int kRedirects[] = {300, 301, 302, 303, 305, 307, 308};
  const bool redirects =
      std::find(std::begin(kRedirects), std::end(kRedirects), response.status) != std::end(kRedirects);
  if (!redirects || phase_ == Phase::kPlaying || phase_ == Phase::kTeardown) return false;
  const auto location = response.headers.get("Location");
  if (!location) return false;
  redirect(std::string(*location), response.status, harmless_reason(response));
  return true;
}

void Dialogue::on_options(const rtsp::Response& response, base::TimePoint now) {
  // Whatever the camera says to OPTIONS, DESCRIBE decides.
  if (succeeded(response)) learn_methods(response);
  send_describe(now);
}

void Dialogue::learn_methods(const rtsp::Response& response) {
  if (const auto methods = response.headers.joined("Public")) keepalive_.learn(rtsp::parse_public(*methods));
}

void Dialogue::on_describe(const rtsp::Response& response, base::TimePoint now) {
  if (!succeeded(response)) {
    if (!session_forgotten(response, now)) fail_with_status(response);
    return;
  }
  if (response.body.empty()) {
    return fail(
        {Failure::Kind::kProtocol,
         "The camera's answer to DESCRIBE has no description (SDP) in it: Content-Length is 0 or missing. "
         "Perhaps there is no stream at this path.",
         response.status, harmless_reason(response)});
  }
  const auto type = response.headers.get("Content-Type");
  if (!type || !base::starts_with_ignore_case(base::trim(*type), "application/sdp")) {
    note("The camera's description is not announced as application/sdp; read as SDP all the same.");
  }
  auto description = sdp::parse(response.body);
  // What is beyond the bounds isn't shown: it costs those who look at it many times its size.
  const bool too_large = !description && description.error().code == base::ErrorCode::kTooLarge;
  if (options_.hooks.on_sdp && !too_large) {
    if (const auto altered = options_.hooks.on_sdp(response.body)) description = sdp::parse(*altered);
  }
  if (!description) {
    return fail(
        {Failure::Kind::kProtocol,
         std::string("The camera's description (SDP) can't be used: ") + description.error().what + ".",
         response.status, harmless_reason(response)});
  }
  description_ = std::move(description).value();
  for (std::string* text : {&description_.session_name, &description_.tool})
    *text = harmless(std::move(*text));
  for (sdp::Media& media : description_.media) {
    for (std::string* text : {&media.encoding_name, &media.kind_text, &media.protocol, &media.unusable})
      *text = harmless(std::move(*text));
  }
  for (const std::string& text : description_.notes)
    note(text);

  learn_urls(response);
  phase_ = Phase::kChoosing;
  notify(Described{});
}

// --- while media flows ---

void Dialogue::on_answer_while_playing(const rtsp::Response& response, base::TimePoint now) {
  if (response.status == 454 && take_other_session()) {
    output_ += exchange_.resend(answer_deadline(now));
    return;
  }
  if (user_asked_) {
    answer_user(response, "");
  } else if (exchange_.method() == "PLAY") {
    // Later than the media. What it refuses flows all the same.
    if (succeeded(response)) assign_rtp_info(response);
  } else {
    on_keepalive(response);
  }
  if (response.status == 454) {
    forget_session();
    fail({Failure::Kind::kClosed, "The camera has ended the session (454 Session Not Found).",
          response.status, harmless_reason(response)});
  }
  send_what_is_due(now);
}

void Dialogue::on_keepalive(const rtsp::Response& response) {
  if (succeeded(response)) return learn_methods(response);
  if (response.status == 454) return;
  if (!keepalive_.on_refused(exchange_.method())) {
    return note("The camera refused " + exchange_.method() +
                " as keep-alive too; playing on, since media flows.");
  }
  note("The camera refused " + exchange_.method() + " as keep-alive (" + std::to_string(response.status) +
       "); trying another method.");
}

}  // namespace retina::client
