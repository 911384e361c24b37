#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "client/exchange.h"
#include "client/stale_sessions.h"
#include "io/connection.h"

namespace retina::client {

/// A session that has been left, and that its server may not have noticed yet: what it takes to end it on
/// another connection.
struct UnfinishedTeardown {
  std::string host;
  std::uint16_t port = 0;
  /// Its latest request is the TEARDOWN; with the session's id and all that is known of authentication.
  Exchange exchange;
  /// When the server drops the session by itself.
  base::TimePoint expiry;
  /// Where it stands in `stale_sessions`; null: nowhere.
  std::shared_ptr<StaleSessions> stale_sessions;
  StaleSessions::Id stale_id = 0;

  /// The connection that the TEARDOWN went out on, where it lives: the answer may still come.
  std::unique_ptr<io::Connection> connection = {};
  std::string unsent = {};  ///< of it, the TEARDOWN at its end
  base::Bytes unread = {};  ///< from it
};

/// Whether an answer to TEARDOWN means that the session is gone: success, 454 Session Not Found, and 500,
/// which servers give that have forgotten it (Hikvision DS-2CD2032 V5.4.41 ties sessions to connections).
constexpr bool confirms_teardown(int status) {
  return (status >= 200 && status < 300) || status == 454 || status == 500;
}

}  // namespace retina::client
