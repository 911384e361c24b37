#include "client/farewell_attempt.h"

#include <array>

#include "client/unfinished_teardown.h"

namespace retina::client {

FarewellAttempt::FarewellAttempt(Exchange& exchange, base::TimePoint deadline)
    : exchange_(exchange), deadline_(deadline), output_(exchange.resend(deadline)) {}

FarewellAttempt::FarewellAttempt(Exchange& exchange, std::string unsent, base::TimePoint deadline)
    : exchange_(exchange), deadline_(deadline), output_(std::move(unsent)) {
  exchange.wait_on(deadline);
}

void FarewellAttempt::receive(base::ByteView bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  std::size_t used = 0;
  while (outcome_ == Outcome::kOpen) {
    const auto step = framer_.next(base::ByteView(buffer_).subspan(used));
    if (!step) {
      outcome_ = Outcome::kHopeless;
      return;
    }
    used += step->consumed;
    if (step->kind == rtsp::Framer::Step::Kind::kNeedMore) break;
    if (step->kind != rtsp::Framer::Step::Kind::kMessage) continue;
    const rtsp::Message message = framer_.take_message();
    if (const auto* response = std::get_if<rtsp::Response>(&message)) on_response(*response);
  }
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used));
}

void FarewellAttempt::on_response(const rtsp::Response& response) {
  if (response.status < 200) return;  // RFC 2326 s11: the answer is still to come
  switch (exchange_.match(response)) {
    case Exchange::Match::kAnswer:
    case Exchange::Match::kOddAnswer:
      break;
    case Exchange::Match::kLateAnswer:
    case Exchange::Match::kUnsolicited:
      return;
  }
  if (response.status == 401) {
    using Challenged = rtsp::Authenticator::Outcome;
    if (exchange_.authenticator().on_unauthorized(response.headers) == Challenged::kRetry) {
      output_ += exchange_.resend(deadline_);
    } else {
      outcome_ = Outcome::kHopeless;
    }
    return;
  }
  exchange_.authenticator().on_success();
  outcome_ = confirms_teardown(response.status) ? Outcome::kGone : Outcome::kRefused;
}

FarewellAttempt::Outcome say_farewell(io::Connection& connection, FarewellAttempt& attempt,
                                      base::TimePoint deadline, const base::Clock& clock,
                                      const io::Wakeup& wakeup) {
  using Status = io::Transfer::Status;
  std::array<std::uint8_t, std::size_t{16} * 1024> room{};
  while (attempt.outcome() == FarewellAttempt::Outcome::kOpen) {
    std::string& output = attempt.output();
    const io::Transfer sent = output.empty() ? io::Transfer{} : connection.write(base::as_bytes(output));
    output.erase(0, sent.bytes);
    const io::Transfer got = connection.read(room);
    if (got.status == Status::kDone) {
      attempt.receive(base::ByteView(room).first(got.bytes));
    } else if (got.status != Status::kWouldBlock || sent.status == Status::kFailed) {
      break;
    }
    // A server that sends without end gets no more time than one that is silent.
    const base::TimePoint now = clock.now();
    if (now >= deadline || wakeup.signalled()) break;
    const bool moved = sent.status == Status::kDone || got.status == Status::kDone;
    if (!moved) connection.wait(!output.empty(), deadline, now, wakeup);
  }
  const auto outcome = attempt.outcome();
  return outcome == FarewellAttempt::Outcome::kOpen ? FarewellAttempt::Outcome::kRefused : outcome;
}

}  // namespace retina::client
