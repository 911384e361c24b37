// Requests of the user's own, in the gaps of the dialogue.

#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "client/dialogue.h"

namespace retina::client {
namespace {

constexpr std::size_t kMaxUserRequests = 64;
/// Of the answer to one: parameters are lines of text, and many answers may wait to be read.
constexpr std::size_t kMaxAnswerBytes = std::size_t{16} * 1024;

/// Others would change the session behind the dialogue's back.
bool is_harmless(const std::string& method) {
  constexpr const char* kHarmless[] = {"GET_PARAMETER", "SET_PARAMETER", "OPTIONS"};
  return std::find(std::begin(kHarmless), std::end(kHarmless), method) != std::end(kHarmless);
}

}  // namespace

void Dialogue::submit(UserRequest request, base::TimePoint now) {
  const auto refuse = [&](std::string why) {
    notify(UserResponse{request.id, std::nullopt, std::move(why)});
  };
  // Behind Ended nothing comes any more.
  if (phase_ == Phase::kEnded) return;
  if (phase_ == Phase::kTeardown) return refuse("The session is being closed.");
  if (!is_harmless(request.method)) {
    return refuse("Only GET_PARAMETER, SET_PARAMETER and OPTIONS can be asked for.");
  }
  if (user_requests_.size() >= kMaxUserRequests) return refuse("Too many requests are waiting.");
  user_requests_.push_back(std::move(request));
  send_what_is_due(now);
}

/// The first in the queue that the user's hook lets pass.
void Dialogue::send_user_request(base::TimePoint now) {
  while (!user_requests_.empty()) {
    UserRequest request = std::move(user_requests_.front());
    user_requests_.pop_front();
    user_asked_ = request.id;
    if (output_is_stuck()) {
      answer_user(std::nullopt, "The camera doesn't read what is sent to it.");
      continue;
    }
    if (ask({std::move(request.method), request.uri.empty() ? aggregate_url_ : std::move(request.uri),
             std::move(request.headers), std::move(request.body)},
            answer_deadline(now))) {
      return;
    }
    answer_user(std::nullopt, "The application (before-send) didn't let it be sent.");
  }
}

/// Of the request that goes out now. The next keep-alive waits for the answer to a user's request, so that
/// must not take longer than keep-alives may.
base::TimePoint Dialogue::answer_deadline(base::TimePoint now) const {
  const bool shortened = user_asked_ && keepalive_.running();
  return now + (shortened ? std::min(options_.tcp_timeout, keepalive_.interval()) : options_.tcp_timeout);
}

void Dialogue::answer_user(std::optional<rtsp::Response> response, std::string failure) {
  if (response && response->body.size() > kMaxAnswerBytes) {
    response.reset();
    failure = "The camera's answer is too large (over 16 KiB).";
  }
  notify(UserResponse{*user_asked_, std::move(response), std::move(failure)});
  user_asked_.reset();
}

/// All that have had no answer.
void Dialogue::refuse_user_requests() {
  const std::string why = "The session has ended.";
  if (user_asked_) answer_user(std::nullopt, why);
  for (const UserRequest& request : user_requests_)
    notify(UserResponse{request.id, std::nullopt, why});
  user_requests_.clear();
}

}  // namespace retina::client
