#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace retina::client {

/// Which request keeps a session alive, and when. A method that the server refuses is not asked for again:
/// the next of SET_PARAMETER, GET_PARAMETER, OPTIONS takes its place, and OPTIONS stays (RFC 2326 s12.37;
/// ONVIF Streaming s5.2.2.2 wants SET_PARAMETER; some cameras know only OPTIONS). Before the server has said
/// what it knows it is OPTIONS, because servers exist that close the connection at a method that they don't
/// know; GET_PARAMETER only where that is refused. A method at which the connection ended isn't used again,
/// as long as there is another.
class KeepAlive {
 public:
  /// `methods`: of a Public header; empty when unknown. What isn't in a known list isn't tried, nor what has
  /// been refused.
  void learn(const std::vector<std::string>& methods);
  /// Session timeout of the SETUP reply. Half of it between requests, 30 s at most, because of NAT.
  void start(base::Duration session_timeout, base::TimePoint now);
  void stop() { running_ = false; }

  bool running() const { return running_; }
  base::TimePoint due() const { return due_; }
  base::Duration interval() const { return interval_; }

  /// Another request takes the place of the one that is due.
  void skip(base::TimePoint now) { due_ = now + interval_; }
  /// The method to send now; the next is due one interval later.
  std::string take(base::TimePoint now);
  /// The method was refused (400, 405, 501, …). False: there is no other to try.
  bool on_refused(const std::string& method);
  /// The connection ended when this had been sent. False: it is no method of keep-alives.
  bool on_closed(const std::string& method);
  const std::vector<std::string>& closing() const { return closing_; }

 private:
  void choose();

  std::vector<std::string> known_;    // of those that serve; empty: the server hasn't said
  std::vector<std::string> refused_;  // each once
  std::vector<std::string> closing_;  // each once, and never all
  std::vector<std::string> candidates_{"OPTIONS", "GET_PARAMETER"};
  bool running_ = false;
  base::Duration interval_{};
  base::TimePoint due_{};
};

}  // namespace retina::client
