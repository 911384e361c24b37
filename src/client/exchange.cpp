#include "client/exchange.h"

#include "base/ascii.h"

namespace retina::client {

Exchange::Exchange(std::string user_agent, rtsp::Authenticator authenticator)
    : user_agent_(user_agent.empty() ? "gst-retina" : std::move(user_agent)),
      authenticator_(std::move(authenticator)) {}

std::string Exchange::send(rtsp::Request request, base::TimePoint deadline) {
  request_ = std::move(request);
  return resend(deadline);
}

std::string Exchange::resend(base::TimePoint deadline) {
  rtsp::Request request = request_;
  request.headers.set("CSeq", std::to_string(++cseq_));
  // Some cameras refuse who doesn't name itself.
  if (!request.headers.get("User-Agent")) request.headers.set("User-Agent", user_agent_);
  if (!session_id_.empty()) request.headers.set("Session", session_id_);
  if (auto value = authenticator_.authorization(request.method, request.uri, request.body)) {
    request.headers.set("Authorization", *value);
  }
  waiting_ = true;
  deadline_ = deadline;
  return rtsp::serialise(request);
}

Exchange::Match Exchange::match(const rtsp::Response& response) {
  const auto cseq_text = response.headers.get("CSeq");
  const auto cseq = cseq_text ? base::parse_number<std::uint32_t>(base::trim(*cseq_text)) : std::nullopt;
  if (!waiting_)
    return cseq && *cseq > answered_cseq_ && *cseq <= cseq_ ? Match::kLateAnswer : Match::kUnsolicited;
  if (cseq == cseq_) {
    waiting_ = false;
    answered_cseq_ = cseq_;
    return Match::kAnswer;
  }
  // A request between the last answer and this one was given up; its answer may still come.
  if (cseq && *cseq > answered_cseq_ && *cseq < cseq_) return Match::kLateAnswer;
  waiting_ = false;
  answered_cseq_ = cseq_;
  return Match::kOddAnswer;
}

}  // namespace retina::client
