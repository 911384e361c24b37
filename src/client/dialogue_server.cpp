// What the camera asks of the client, and where it sends it.

#include "base/ascii.h"
#include "client/dialogue.h"

namespace retina::client {
namespace {

/// RFC 2326 s11.3.3 sets no limit; browsers and proxies stop loops after about as many.
constexpr int kMaxRedirects = 5;

constexpr std::size_t kMaxEchoedCseq = 20;

rtsp::Response standard_answer(const std::string& method) {
  const bool known = method == "OPTIONS" || method == "GET_PARAMETER" || method == "SET_PARAMETER" ||
                     method == "ANNOUNCE" || method == "REDIRECT" || method == "TEARDOWN";
  rtsp::Response response;
  response.status = known ? 200 : 501;
  response.reason = known ? "OK" : "Not Implemented";
  if (method == "OPTIONS") {
    response.headers.add("Public", "OPTIONS, GET_PARAMETER, SET_PARAMETER, ANNOUNCE, REDIRECT, TEARDOWN");
  }
  return response;
}

/// RFC 2326 s12.25 wants an absolute URL; "/stream2" means one on the same server.
std::string absolute_location(std::string_view location, const rtsp::Url& url) {
  const bool relative = !location.empty() && location.find("://") == std::string_view::npos;
  return relative ? rtsp::resolve_base(location, std::nullopt, url) : std::string(location);
}

}  // namespace

void Dialogue::reply(const rtsp::Request& request, rtsp::Response response) {
  if (output_is_stuck()) {
    output_.clear();
    return fail({Failure::Kind::kProtocol, "The camera sends requests and doesn't read the answers.", 0, ""});
  }
  if (const auto cseq = request.headers.get("CSeq")) {
    response.headers.set("CSeq", std::string(cseq->substr(0, kMaxEchoedCseq)));
  } else {
    response.headers.remove("CSeq");
  }
  if (has_session()) response.headers.set("Session", exchange_.session_id());
  output_ += rtsp::serialise(response);
}

void Dialogue::on_request(const rtsp::Request& request) {
  if (phase_ == Phase::kEnded) return;
  std::optional<rtsp::Response> answer;
  if (options_.hooks.handle_request) answer = options_.hooks.handle_request(request);
  if (!answer) answer = standard_answer(request.method);
  const bool agreed = answer->status >= 200 && answer->status < 300;
  reply(request, std::move(*answer));
  if (!agreed || phase_ == Phase::kEnded) return;
  if (request.method == "TEARDOWN") {
    forget_session();
    if (phase_ < Phase::kPlay)
      return fail({Failure::Kind::kClosed, "The camera ended the session before it played.", 0, ""});
    end();
  } else if (request.method == "REDIRECT") {
    obey_redirect(request);
  }
}

// RFC 2326 s10.10.
void Dialogue::obey_redirect(const rtsp::Request& request) {
  if (phase_ == Phase::kConnecting || phase_ == Phase::kTeardown) return;
  // RFC 7826 s13.10: without a Location, the same server once more.
  const auto location = request.headers.get("Location");
  redirect(location ? std::string(*location) : url_.request_uri(), 0, "");
}

/// False: it can't be followed, and the session has failed.
bool Dialogue::redirect(const std::string& location, int status, const std::string& reason) {
  auto target = rtsp::parse_url(absolute_location(base::trim(location), url_));
  if (++redirects_ > kMaxRedirects) {
    fail({Failure::Kind::kUnsupported, "The camera redirects without end.", status, reason});
  } else if (!target) {
    const std::string_view scheme = std::string_view(location).substr(0, location.find("://"));
    const bool named = scheme.size() < location.size();
    fail({Failure::Kind::kUnsupported,
          "The camera redirects to a location that can't be used" +
              (named ? " (" + base::printable(base::trim(scheme), 10) + ")" : std::string()) +
              ". Set location to the address of the stream itself.",
          status, reason});
  } else if (stay_in_tunnel(*target); !narrowed(allowed_, target->scheme).any()) {
    fail({Failure::Kind::kUnsupported,
          "The camera redirects to TLS, which has media over TCP only; allow tcp in protocols.", status,
          reason});
  } else {
    go_to(std::move(*target));
    return true;
  }
  return false;
}

/// The camera doesn't know of the tunnel: what it names is behind it.
void Dialogue::stay_in_tunnel(rtsp::Url& target) const {
  if (!rtsp::is_http_scheme(url_.scheme) || rtsp::is_http_scheme(target.scheme)) return;
  target.scheme = url_.scheme;
  if (base::equals_ignore_case(target.host, url_.host)) target.port = url_.port;
}

/// Credentials were given for this host, which knows them; a redirect must not carry them to another, nor
/// from TLS to clear text.
bool Dialogue::keeps_credentials(const rtsp::Url& target) const {
  if (!base::equals_ignore_case(target.host, url_.host)) return false;
  // Another server of the same host may want others, and the camera tells them.
  if (!target.user.empty() && rtsp::port_of(target) != rtsp::port_of(url_)) return false;
  return rtsp::is_tls_scheme(target.scheme) || !tls();
}

void Dialogue::go_to(rtsp::Url target) {
  ask_for_teardown({});
  exchange_.abandon();
  keepalive_.stop();
  if (user_asked_) answer_user(std::nullopt, "The camera sent the session elsewhere.");
  const bool from_tls = tls();
  if (!keeps_credentials(target)) {
    exchange_ = Exchange(options_.user_agent, rtsp::Authenticator(target.user, target.password));
  }
  forget_session();
  teardown_asked_ = play_sent_ = starts_over_ = started_over_ = false;
  url_ = std::move(target);
  allowed_ = narrowed(allowed_, url_.scheme);
  if (from_tls && !tls())
    note("The camera sends the session from TLS to clear text; followed, without the credentials.");
  release_ports();
  tracks_.clear();
  phase_ = Phase::kConnecting;
  connections_ = 0;
  notify(ConnectionNeeded{});
}

}  // namespace retina::client
