#pragma once

#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "client/exchange.h"
#include "io/connection.h"
#include "rtsp/framer.h"

namespace retina::client {

/// One TEARDOWN on a connection made for it, or the wait for the answer to one: answers challenges, gets over
/// media and whatever else the server says. No I/O; thread-bound.
class FarewellAttempt {
 public:
  /// The latest request of `exchange`, a TEARDOWN, goes out once more. `exchange` must outlive this, and
  /// learns.
  FarewellAttempt(Exchange& exchange, base::TimePoint deadline);
  /// The latest request of `exchange` has gone out, but for `unsent`.
  FarewellAttempt(Exchange& exchange, std::string unsent, base::TimePoint deadline);

  enum class Outcome {
    kOpen,      ///< feed more
    kGone,      ///< the session is no more
    kRefused,   ///< the server wants to hear it once more, later
    kHopeless,  ///< credentials refused, or not an RTSP server
  };
  Outcome outcome() const { return outcome_; }
  void receive(base::ByteView bytes);
  /// Bytes for the server; the caller takes off what it has sent.
  std::string& output() { return output_; }

 private:
  void on_response(const rtsp::Response& response);

  Exchange& exchange_;
  base::TimePoint deadline_;
  rtsp::Framer framer_;
  base::Bytes buffer_;  // what the framer hasn't consumed: at most Framer::kMaxLookahead, and a piece
  std::string output_;
  Outcome outcome_ = Outcome::kOpen;
};

/// Sends and reads until there is an outcome; kRefused also when the deadline passes, the connection ends or
/// `wakeup` is signalled.
FarewellAttempt::Outcome say_farewell(io::Connection& connection, FarewellAttempt& attempt,
                                      base::TimePoint deadline, const base::Clock& clock,
                                      const io::Wakeup& wakeup);

}  // namespace retina::client
