#pragma once

#include <gio/gio.h>

#include <memory>
#include <string>

#include "base/time.h"
#include "io/connector.h"
#include "io/object_ref.h"
#include "io/record_stream.h"
#include "io/wakeup.h"

namespace retina::io {

/// One attempt to connect, and to speak TLS: GIO's callbacks run on this thread, within run_*(), in a main
/// context of its own. The whole of it ends with the timeout, or when the wakeup is signalled.
class ConnectAttempt {
 public:
  ConnectAttempt(const std::string& host, std::uint16_t port, base::Duration timeout, const Wakeup& wakeup);
  ~ConnectAttempt();
  ConnectAttempt(const ConnectAttempt&) = delete;
  ConnectAttempt& operator=(const ConnectAttempt&) = delete;

  /// False: see error(). `socks_uri`: GIO's name for a SOCKS proxy; empty: none.
  bool connect(const std::string& socks_uri);
  /// Instead of connecting: goes on with the socket of a connection, which may go afterwards.
  bool adopt(const Connection& connected);
  bool shake_hands(const TlsSettings& settings);
  ConnectError error() const;

  /// What has been made, for the caller to keep.
  std::unique_ptr<Connection> take_plain();
  std::unique_ptr<Connection> take_tls();

 private:
  /// What GIO's callbacks find. One that GIO doesn't let go of in time (a user's GTlsInteraction may wait for
  /// a thread that waits for us) is left to it.
  struct Shared;

  bool run();
  GSource* add(GSource* source, gboolean (*callback)(gpointer));

  std::string host_;
  GMainContext* context_;
  GSource* wake_source_;
  GSource* timeout_source_;
  ObjectRef<GSocketConnectable> address_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace retina::io
