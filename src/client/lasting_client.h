#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "client/client.h"
#include "client/event_source.h"
#include "client/reconnection.h"
#include "io/wakeup.h"

namespace retina::client {

/// A client that comes back: when a session that has played is lost, it tells so (Reconnecting), waits, and
/// opens another with a new Client, which tells the same events as the first one did; Reconnected comes
/// before the first frame. A Note that an earlier session told isn't told again. Live media that the camera
/// ends (BYE, TEARDOWN) is lost too. Recordings end as with Client.
///
/// Threads as Client's.
class LastingClient final : public EventSource {
 public:
  static base::Result<std::shared_ptr<LastingClient>, Failure> create(
      Options options, const Reconnection::Options& reconnection, base::Log& log, const base::Clock& clock,
      io::Connector& connector);

  std::optional<Event> next() override;
  std::optional<Event> poll() override;
  void interrupt() override;
  void resume() override;

  const sdp::Description& description() const { return client_->description(); }
  void choose(const std::vector<Choice>& choices);
  /// Instead of choose(): nothing of the description is usable. Ends the session as any failure does.
  void refuse(Failure failure) { client_->refuse(std::move(failure)); }
  /// A session has played: from then on failures are outages.
  bool has_played() const { return played_; }
  void submit(UserRequest request);
  bool request_key_frame(std::size_t stream);
  void close(base::Duration limit) { client_->close(limit); }

  const Statistics& statistics() const { return *statistics_; }
  /// For the Hub that shares the client.
  base::Counter& unclaimed_frames() { return statistics_->frames_unclaimed; }

 private:
  LastingClient(Options options, const Reconnection::Options& reconnection, base::Log& log,
                const base::Clock& clock, io::Connector& connector);

  bool is_repeated(const Event& event);
  Event on_event(Event event);
  Event on_ended(Ended ended);
  void mark(FrameReady& ready);
  bool is_recording() const;
  bool wait_for_attempt();
  base::Result<void, Failure> open();

  Options options_;  // and with the transport that has worked
  base::Log& log_;
  const base::Clock& clock_;
  io::Connector& connector_;
  std::shared_ptr<Statistics> statistics_;
  Reconnection reconnection_;
  io::Wakeup wakeup_;
  std::atomic<bool> interrupted_ = false;
  std::shared_ptr<Client> client_;                  // of the driving thread
  base::Guarded<std::shared_ptr<Client>> current_;  // the same, for the others

  std::optional<base::TimePoint> attempt_at_;  // waiting for it
  std::optional<base::TimePoint> lost_at_;     // until media flows again
  std::set<std::string> noted_;                // by all sessions together
  std::optional<Event> pending_;               // behind the one that was returned last
  std::uint64_t fresh_ = 0;                    // a bit for each stream without a frame since it was lost
  bool played_ = false;                        // ever
  unsigned missed_streams_ = 0;                // attempts in a row that one was refused in
  bool recording_ = false;                     // what has played latest
  bool over_ = false;                          // no attempt is left
};

}  // namespace retina::client
