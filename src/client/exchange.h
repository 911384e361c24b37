#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "rtsp/auth.h"
#include "rtsp/message.h"

namespace retina::client {

/// The request that waits for its response. One at a time: SETUP needs the answer before it (session,
/// channels), and servers of cameras mix up pipelined requests. Thread-bound, no I/O.
class Exchange {
 public:
  Exchange(std::string user_agent, rtsp::Authenticator authenticator);

  /// The wire text of `request`, with CSeq, Session (RFC 2326 s12), Authorization, and User-Agent where it
  /// has none; it waits until `deadline` for its response. Replaces a request that was waiting.
  std::string send(rtsp::Request request, base::TimePoint deadline);
  /// The same request once more, with a new CSeq and what is known of the server's authentication by now.
  std::string resend(base::TimePoint deadline);

  bool waiting() const { return waiting_; }
  base::TimePoint deadline() const { return deadline_; }
  const std::string& method() const { return request_.method; }
  /// No answer is expected any more.
  void abandon() { waiting_ = false; }
  /// It is, all the same, to the latest request.
  void wait_on(base::TimePoint deadline) {
    waiting_ = true;
    deadline_ = deadline;
  }

  enum class Match {
    kAnswer,      ///< to the request that waits
    kOddAnswer,   ///< to it, but the CSeq is missing or wrong: only one request is outstanding, so it must be
    kLateAnswer,  ///< to an earlier request that was given up
    kUnsolicited  ///< nothing waits
  };
  /// Ends the wait for kAnswer and kOddAnswer.
  Match match(const rtsp::Response& response);

  rtsp::Authenticator& authenticator() { return authenticator_; }
  const rtsp::Authenticator& authenticator() const { return authenticator_; }
  const std::string& user_agent() const { return user_agent_; }
  /// Empty: none.
  const std::string& session_id() const { return session_id_; }
  void set_session_id(std::string id) { session_id_ = std::move(id); }

 private:
  std::string user_agent_;
  rtsp::Authenticator authenticator_;
  std::string session_id_;
  rtsp::Request request_;  // without the headers that send() adds
  std::uint32_t cseq_ = 0;
  std::uint32_t answered_cseq_ = 0;  // the latest that had an answer
  bool waiting_ = false;
  base::TimePoint deadline_{};
};

}  // namespace retina::client
