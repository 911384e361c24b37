#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/time.h"

namespace retina::client {

/// Whether a server that calls itself so (a=tool of its SDP) sends the media of a session whose TCP
/// connection has ended into whatever connection gets that file descriptor next: live555 before 2017.06.04.
/// What a vendor adds behind the date doesn't matter.
bool has_stale_session_bug(std::string_view tool);

/// Sessions of this process that a server with that bug may still be playing to, by host and port: dropped
/// without a confirmed TEARDOWN, or unknown ones whose media came in. Thread-safe.
class StaleSessions {
 public:
  /// An unknown session is gone after so long: live555's session timeout, and some.
  static constexpr base::Duration kUnknownExpiry = std::chrono::seconds(65);
  /// Beyond it, what expires first is forgotten.
  static constexpr std::size_t kMaxSessions = 256;

  using Id = std::uint64_t;

  /// One of our own was dropped; remove() it once the server confirms its end.
  Id add(std::string_view host, std::uint16_t port, base::TimePoint expiry, base::TimePoint now);
  /// Media of an unknown session came in. Recorded unless a session that is known already explains it.
  void add_unknown(std::string_view host, std::uint16_t port, base::TimePoint now);
  void remove(Id id);

  struct Status {
    std::size_t count = 0;
    base::TimePoint latest_expiry{};
  };
  /// Those that may still play; nullopt: none.
  std::optional<Status> status(std::string_view host, std::uint16_t port, base::TimePoint now);

  /// The one that all elements of a process share.
  static std::shared_ptr<StaleSessions> of_process();

 private:
  struct Session {
    Id id = 0;
    std::string server;
    base::TimePoint expiry;
  };
  struct State {
    std::vector<Session> sessions;
    Id last_id = 0;

    void forget_expired(base::TimePoint now);
    Id add(std::string server, base::TimePoint expiry);
  };

  base::Guarded<State> state_;  // a leaf lock
};

}  // namespace retina::client
